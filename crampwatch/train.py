"""`crampwatch train`: make the model again from its seeds, or check that it is the one that comes with the program."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, TaskID

from crampwatch.errors import BAD_INPUT, DONE

# Of the card: of its moments' scores, and of its events'.
MOMENT_COLUMNS = ("found_share", "false_share", "brier", "expected_calibration_error")
EVENT_COLUMNS = ("events", "true_share", "brier", "expected_calibration_error")

if TYPE_CHECKING:
    from models.train import Course, Trained


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
    """

    out: Path | None
    check: bool
    share: float
    jobs: int
    force: bool
    recordings: Path | None = None


def train_model(request: TrainRequest) -> int:
    """Train as asked, print what came out, and return the exit code.

    Raises:
        TrainingError: the bundle cannot be written, or the folder holds no labelled recordings.
        BundleError: there is no shipped bundle to compare with.
        RecordingError: a recording cannot be read; likewise `EventFileError` and `ScoringError` for its labels.
    """
    from models.bundle_files import TrainingError, write_bundle
    from models.train import Course

    if request.check and request.recordings is not None:
        raise TrainingError("--check: the shipped bundle is learnt from seeds alone; leave out --recordings")
    course = Course(jobs=request.jobs, recordings=request.recordings).of_people(request.share)
    trained = _with_progress(course)
    console = Console()
    _print_scores(console, trained)
    if request.out is not None:
        write_bundle(request.out, trained.scores, trained.trust, trained.card, force=request.force)
        console.print(f"written to {request.out}")
    return _compare(console, trained) if request.check else DONE


def _with_progress(course: "Course") -> "Trained":
    from models.train import train

    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(name: str, done: int, of: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=of)
            progress.update(tasks[name], completed=done)

        return train(course, tell)


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
