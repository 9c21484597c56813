"""`crampwatch train`: make the model again from its seeds, or check that it is the one that comes with the program."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from crampwatch.errors import BAD_INPUT, DONE

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
    """

    out: Path | None
    check: bool
    share: float
    jobs: int
    force: bool


def train_model(request: TrainRequest) -> int:
    """Train as asked, print what came out, and return the exit code.

    Raises:
        TrainingError: the bundle cannot be written.
        BundleError: there is no shipped bundle to compare with.
    """
    from models.bundle_files import write_bundle
    from models.train import Course

    course = Course(jobs=request.jobs).of_people(request.share)
    trained = _with_progress(course)
    console = Console()
    _print_scores(console, trained)
    if request.out is not None:
        write_bundle(request.out, trained.scores, trained.card, force=request.force)
        console.print(f"written to {request.out}")
    return _compare(console, trained) if request.check else DONE


def _with_progress(course: "Course") -> "Trained":
    from models.train import train

    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        tasks = {name: progress.add_task(name, total=split.people) for name, split in course.splits.items()}
        return train(course, lambda name, done, _of: progress.update(tasks[name], completed=done))


def _print_scores(console: Console, trained: "Trained") -> None:
    """Print the card's scores as a table."""
    from rich.table import Table

    table = Table(title="Moments of synthetic people who were not learnt from", title_justify="left")
    columns = ("found_share", "false_share", "brier", "expected_calibration_error")
    for heading in ("people", "class", *(name.replace("_", " ") for name in columns)):
        table.add_column(heading)
    scores = trained.card["scores"]
    for split, classes in scores.items() if isinstance(scores, dict) else ():
        for name, values in classes.items():
            table.add_row(split, name, *(f"{values[column]:.4f}" for column in columns))
    console.print(table)


def _compare(console: Console, trained: "Trained") -> int:
    """Say whether the shipped bundle is what its seeds give."""
    from detector.bundle import CARD, PARAMETERS, shipped_bundle
    from models.bundle_files import bundle_bytes

    folder = shipped_bundle()
    made = bundle_bytes(trained.scores, trained.card)
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
