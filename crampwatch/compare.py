"""`crampwatch evaluate --compare`: two models on the same nights, with paired intervals."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from crampwatch.compare_picture import difference_text, draw_comparison
from crampwatch.errors import DONE, complain
from crampwatch.evaluate import EvaluateError, named_cohorts
from crampwatch.night_progress import with_progress
from crampwatch.score_drawing import picture_writer
from crampwatch.table_console import table_console
from detector.scoring_labels import LabelledRecording
from models.cohorts import EXAMS
from models.evaluate import classifier_of, examine
from models.labelled_recordings import OwnRecordings, labelled_in
from models.own_examination import judge_files
from models.paired import Compared, Counted, Discordant, compared, discordant

VERSION = 1
# What stands for the model that comes with the program.
SHIPPED = "shipped"
SYNTHETIC = "synthetic people"
OWN = "own labelled recordings"


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """What the command line asks for.

    Attributes:
        bundles: Folders of two bundles; ``rules`` and ``shipped`` stand for the rules and the shipped model.
        cohorts: Names of synthetic cohorts or of groups of them.
        nights: How many of each; None for as many as each has.
        labelled: Own labelled recordings instead.
        jobs: Processes.
        json: Print one JSON document.
        picture: File to draw into.
        force: Overwrite the picture.
    """

    bundles: tuple[str, str]
    cohorts: Sequence[str] = ()
    nights: int | None = None
    labelled: OwnRecordings | None = None
    jobs: int = 2
    json: bool = False
    picture: Path | None = None
    force: bool = False


def compare(request: CompareRequest) -> int:
    """Let both judge the same nights, print how they differ, and return the exit code.

    Raises:
        EvaluateError: no such cohort, or twice the same bundle.
        BundleError: a bundle cannot be used by this detector.
        TrainingError: there are no labelled recordings.
        PictureError: the picture cannot be drawn there.
    """
    write = None if request.picture is None else picture_writer(request.picture, force=request.force)
    bundles = [None if one == SHIPPED else one for one in request.bundles]
    names = (classifier_of(bundles[0]).name, classifier_of(bundles[1]).name)
    if names[0] == names[1]:
        raise EvaluateError(f"--compare: expected two models, got {names[0]} twice")
    first, second = _judged_by(bundles, request)
    rows, split = list(compared(first, second)), list(discordant(first, second))
    what = SYNTHETIC if request.labelled is None else OWN
    if request.json:
        document = as_document(names, what, len(first), rows, split)
        sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    else:
        print_comparison(names, what, rows, split)
    if write is not None and request.picture is not None:
        write(draw_comparison(names, rows, what), request.picture)
    return DONE


def _judged_by(
    bundles: Sequence[str | None], request: CompareRequest
) -> tuple[Sequence[LabelledRecording], Sequence[LabelledRecording]]:
    """Return the same recordings, each with what one of the two said."""
    if request.labelled is not None:
        return _own(bundles, request.labelled, request.jobs)
    cohorts = named_cohorts(request.cohorts)
    total = len(bundles) * sum(request.nights or EXAMS[name].nights for name in cohorts)

    def both(advance: Callable[[], None]) -> list[list[LabelledRecording]]:
        return [
            [
                recording
                for one in examine(
                    cohorts, nights=request.nights, bundle=bundle, jobs=request.jobs, advance=advance
                )
                for recording in one.report.recordings
            ]
            for bundle in bundles
        ]

    first, second = with_progress(total, both)
    return first, second


def _own(
    bundles: Sequence[str | None], labelled: OwnRecordings, jobs: int
) -> tuple[Sequence[LabelledRecording], Sequence[LabelledRecording]]:
    found = labelled_in(labelled)
    for problem in found.problems:
        complain(problem)
    first, second = with_progress(
        len(bundles) * len(found.files),
        lambda advance: [judge_files(found.files, bundle, jobs=jobs, advance=advance) for bundle in bundles],
    )
    return first, second


def as_document(
    names: tuple[str, str],
    what: str,
    recordings: int,
    rows: Sequence[Compared],
    split: Sequence[Discordant],
) -> dict[str, object]:
    """Return everything as values that JSON can hold."""
    return {
        "version": VERSION,
        "on": what,
        "synthetic": what == SYNTHETIC,
        "models": list(names),
        "recordings": recordings,
        "people": rows[0].people,
        "figures": {
            row.figure: {
                "first": _counted(row.first),
                "second": _counted(row.second),
                "difference": row.difference,
                "interval": row.interval,
            }
            for row in rows
        },
        "one_by_one": {
            one.target: {
                "both": one.both,
                "first_only": one.first_only,
                "second_only": one.second_only,
                "neither": one.neither,
                "p": one.p,
            }
            for one in split
        },
    }


def _counted(one: Counted) -> dict[str, object]:
    return {"events": int(one.events), "of": round(one.of, 4), "value": one.value}


def print_comparison(
    names: tuple[str, str], what: str, rows: Sequence[Compared], split: Sequence[Discordant]
) -> None:
    """Print the figures of both, their differences, and who found what the other missed."""
    console = table_console()
    table = Table(title=f"{what}, {rows[0].people} of them: second less first", title_justify="left")
    for heading in ("figure", names[0], names[1], "difference (95 % over people)"):
        table.add_column(heading)
    for row in rows:
        table.add_row(row.figure.replace("_", " "), _cell(row.first), _cell(row.second), difference_text(row))
    console.print(table)
    for one in split:
        console.print(
            f"{one.target}: found by both {one.both}, by the first alone {one.first_only}, "
            f"by the second alone {one.second_only}, by neither {one.neither}; p = {one.p:.3f} (McNemar, exact)"
        )


def _cell(one: Counted) -> str:
    return "none to find" if one.value is None else f"{one.events:g} of {one.of:.4g}: {one.value:.3f}"
