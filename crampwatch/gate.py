"""`crampwatch evaluate --gate`: are the figures of fixed synthetic nights still within their stated bounds?"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.table import Table

from crampwatch.errors import BAD_INPUT, DONE
from crampwatch.night_progress import with_progress
from crampwatch.table_console import table_console
from models.evaluate import Examined, examine
from models.gate import Bounds, Outcome, bounds_file, outcomes, read_bounds

VERSION = 1
SIGNS = {"at_least": "≥", "at_most": "≤"}


@dataclass(frozen=True, slots=True)
class GateRequest:
    """What the command line asks for.

    Attributes:
        bounds: ``quick``, ``full``, or a file of bounds.
        bundle: Folder of a bundle, or ``rules``; None for the model that comes with the program.
        jobs: Processes.
        json: Print one JSON document.
    """

    bounds: str
    bundle: str | None = None
    jobs: int = 2
    json: bool = False


def pass_gate(request: GateRequest) -> int:
    """Examine the nights of a file of bounds, print what came of each bound, and return 1 if one does not hold.

    Raises:
        GateError: the file cannot be used.
        BundleError: the bundle cannot be used.
    """
    path = bounds_file(request.bounds)
    bounds = read_bounds(path)
    examined = with_progress(
        sum(bounds.cohorts.values()), lambda advance: _examined(bounds, request, advance)
    )
    judged = list(outcomes(bounds.bounds, examined))
    if request.json:
        sys.stdout.write(json.dumps(as_document(examined[0].model, str(path), judged), indent=1) + "\n")
    else:
        print_outcomes(examined[0].model, judged)
    broken = [one for one in judged if not one.holds]
    for one in broken:
        sys.stderr.write(f"crampwatch: {sentence(one)}\n")
    return BAD_INPUT if broken else DONE


def _examined(bounds: Bounds, request: GateRequest, advance: Callable[[], None]) -> list[Examined]:
    return [
        one
        for cohort, nights in bounds.cohorts.items()
        for one in examine([cohort], nights=nights, bundle=request.bundle, jobs=request.jobs, advance=advance)
    ]


def sentence(one: Outcome) -> str:
    """Return which bound does not hold: figure, value, denominator, limit, and why the limit is there."""
    value, events, of = one.measured
    found = "unknown" if value is None else f"{value:.3f}"
    return (
        f"{one.bound.cohort}: {one.bound.figure}: expected {SIGNS[one.bound.sense]} {one.bound.limit:g} "
        f"of {one.bound.of_at_least:g} or more, got {found} ({events} of {of:.2f}); {one.bound.reason}"
    )


def as_document(model: str, bounds: str, judged: Sequence[Outcome]) -> dict[str, object]:
    """Return everything as values that JSON can hold."""
    return {
        "version": VERSION,
        "synthetic": True,
        "model": model,
        "bounds_file": bounds,
        "holds": all(one.holds for one in judged),
        "bounds": [
            {
                "cohort": one.bound.cohort,
                "figure": one.bound.figure,
                one.bound.sense: one.bound.limit,
                "of_at_least": one.bound.of_at_least,
                "value": one.measured.value,
                "events": one.measured.events,
                "of": round(one.measured.of, 4),
                "holds": one.holds,
                "reason": one.bound.reason,
            }
            for one in judged
        ],
    }


def print_outcomes(model: str, judged: Sequence[Outcome]) -> None:
    """Print a row for each bound."""
    console = table_console()
    table = Table(title=f"{model}: synthetic nights, within stated bounds?", title_justify="left")
    for column in ("cohort", "figure", "value", "events", "of", "limit", "holds"):
        table.add_column(column)
    for one in judged:
        value, events, of = one.measured
        table.add_row(
            one.bound.cohort,
            one.bound.figure,
            "–" if value is None else f"{value:.3f}",
            str(events),
            f"{of:.2f}",
            f"{SIGNS[one.bound.sense]} {one.bound.limit:g}",
            "yes" if one.holds else "NO",
        )
    console.print(table)
