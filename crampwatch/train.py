"""`crampwatch train`: make the model again from its seeds, or check that it is the one that comes with the program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import Progress, TaskID

from crampwatch.errors import BAD_INPUT, DONE, complain

# Of the card: of its moments' scores, and of its events'.
MOMENT_COLUMNS = ("found_share", "false_share", "brier", "expected_calibration_error")
EVENT_COLUMNS = ("events", "true_share", "brier", "expected_calibration_error")

if TYPE_CHECKING:
    from models.labelled_recordings import OwnRecordings
    from models.train import Course, Tell, Trained

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What the command line asks for.

    Attributes:
        out: Folder for the bundle; None: only say how good it is.
        check: Compare with the bundle that comes with the program.
        share: Of the people; less than all for a trial.
        jobs: Processes.
        force: Replace a bundle that is there.
        recordings: Folder of labelled recordings to learn from, too; None: from the seeds alone.
        night_log: Data folder whose nights, labelled on the pages, to learn from instead.
        labels_map: What words in labels mean, ``text=meaning``.
        people: Table of whose recording is whose.
        leave: ``person`` or ``night``: see how good it is on those who are left out in turn.
        scores: File for what came of that.
    """

    out: Path | None
    check: bool
    share: float
    jobs: int
    force: bool
    recordings: Path | None = None
    night_log: Path | None = None
    labels_map: tuple[str, ...] = ()
    people: Path | None = None
    leave: str | None = None
    scores: Path | None = None

    @property
    def is_own(self) -> bool:
        """Whether somebody's recordings are learnt from."""
        return self.recordings is not None or self.night_log is not None


def train_model(request: TrainRequest) -> int:
    """Train as asked, print what came out, and return the exit code.

    Raises:
        TrainingError: the bundle cannot be written, or the folder holds no labelled recordings.
        BundleError: there is no shipped bundle to compare with.
        NightLogError: the night log cannot be read.
    """
    from models.bundle_files import TrainingError, write_bundle
    from models.train import Course, train

    if request.check and request.is_own:
        raise TrainingError("--check: the shipped bundle is learnt from seeds alone; leave out --recordings")
    course = Course(jobs=request.jobs, recordings=_own(request)).of_people(request.share)
    if request.leave is not None:
        _leave_out(course, request)
        if request.out is None:
            return DONE
    trained = _with_progress(partial(train, course))
    _tell_problems(trained.problems if request.leave is None else ())
    console = Console()
    _print_scores(console, trained)
    if request.out is not None:
        write_bundle(request.out, trained.scores, trained.trust, trained.card, force=request.force)
        console.print(f"written to {request.out}")
    return _compare(console, trained) if request.check else DONE


def _own(request: TrainRequest) -> "OwnRecordings | None":
    """Return the recordings that were named, with where their labels are."""
    from models.bundle_files import TrainingError
    from models.labelled_recordings import OwnRecordings

    if request.recordings is not None and request.night_log is not None:
        raise TrainingError(
            "--recordings, --night-log: expected one of them, got both; train on one at a time"
        )
    if request.night_log is not None:
        from crampwatch.night_log_labels import NIGHTS, labels_of_home

        handed = labels_of_home(request.night_log)
        return OwnRecordings(request.night_log / NIGHTS, request.labels_map, request.people, handed)
    if request.recordings is not None:
        return OwnRecordings(request.recordings, request.labels_map, request.people)
    return None


def _leave_out(course: "Course", request: TrainRequest) -> None:
    """Leave everybody out in turn, print what came of it, and keep it."""
    from crampwatch.train_scores import as_document, print_folds, write_scores
    from models.bundle_files import TrainingError
    from models.cross_validation import LEAVE, cross_validate

    if request.leave not in LEAVE:
        raise TrainingError(f"--leave: expected {' or '.join(LEAVE)}, got {request.leave!r}")
    if request.scores is not None and request.scores.exists() and not request.force:
        raise TrainingError(
            f"{request.scores}: is there already; choose another name, or --force to replace it"
        )
    found = _with_progress(partial(cross_validate, course, request.leave))
    _tell_problems(found.problems)
    document = as_document(request.leave, found)
    print_folds(document)
    if request.scores is not None:
        write_scores(request.scores, document, force=request.force)


def _tell_problems(problems: Sequence[str]) -> None:
    """Say what of own recordings could not be used as it was."""
    for problem in problems:
        complain(problem)


def _with_progress(work: "Callable[[Tell], Result]") -> Result:
    """Return what some work gives, which tells of steps, how much of them is done, and of how much."""
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(name: str, done: int, of: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=of)
            progress.update(tasks[name], completed=done)

        return work(tell)


def _print_scores(console: Console, trained: "Trained") -> None:
    """Print the card's scores as tables."""
    shown = (
        ("Moments of synthetic people who were not learnt from", "scores", MOMENT_COLUMNS),
        ("Events of synthetic people who were not learnt from", "events", EVENT_COLUMNS),
    )
    for title, key, columns in shown:
        _print_table(console, title, trained.card[key], columns)
    if recorded := trained.card.get("scores_of_recordings"):
        title = "Moments of recorded people who were not learnt from"
        _print_table(console, title, {"recorded": recorded}, MOMENT_COLUMNS)


def _print_table(console: Console, title: str, rows: object, columns: tuple[str, ...]) -> None:
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for heading in ("of", "what", *(name.replace("_", " ") for name in columns)):
        table.add_column(heading)
    for group, by_name in rows.items() if isinstance(rows, dict) else ():
        for name, values in by_name.items():
            cells = (values[column] for column in columns)
            table.add_row(group, name, *(str(one) if isinstance(one, int) else f"{one:.4f}" for one in cells))
    console.print(table)


def _compare(console: Console, trained: "Trained") -> int:
    """Say whether the shipped bundle is what its seeds give."""
    from detector.bundle import CARD, PARAMETERS, shipped_bundle
    from models.bundle_files import bundle_bytes

    folder = shipped_bundle()
    made = bundle_bytes(trained.scores, trained.trust, trained.card)
    different = [
        name
        for name in (PARAMETERS, CARD)
        if not (folder / name).is_file() or (folder / name).read_bytes() != made[name]
    ]
    if different:
        console.print(
            f"{folder}: {' and '.join(different)} differ from what these seeds give; other versions of the libraries "
            "on its card, or a change to the detector, explain that: `crampwatch train --out FOLDER` makes it anew"
        )
        return BAD_INPUT
    console.print(f"{folder}: the same to the byte")
    return DONE
