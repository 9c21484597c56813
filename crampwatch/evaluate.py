"""`crampwatch evaluate`: the detector's examination on synthetic cohorts, as a table and as JSON."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from crampwatch.errors import DONE
from crampwatch.night_progress import with_progress
from crampwatch.score_json import as_json
from crampwatch.table_console import table_console
from detector.bundle import shipped_bundle
from detector.scoring_matching import CLONIC, CRAMP
from detector.scoring_statistics import Proportion, Rate
from detector.scoring_types import Report, TargetScore
from models.cohorts import EXAMS, GROUPS
from models.evaluate import RULES, Examined, classifier_of, examine
from models.evaluate_recordings import Checked, check_recordings
from models.trusting import as_card as verdicts_as_card

VERSION = 1
# Beside the bundle's card: what the examination found of it.
SCORES = "scores.json"
WARNING = "All of it is synthetic: agreement with a simulator is not evidence about people."


class EvaluateError(ValueError):
    """A cohort that does not exist, or a folder without recordings."""


@dataclass(frozen=True, slots=True)
class EvaluateRequest:
    """What the command line asks for.

    Attributes:
        cohorts: Names of cohorts or of groups of them.
        nights: How many of each; None for as many as each has.
        bundle: Folder of a bundle, or ``rules``; None for the model that comes with the program.
        jobs: Processes.
        json: Print one JSON document.
        recordings: Folder of real recordings, laid out as `models.evaluate_recordings.CLAIMS` says.
        card: Write the document beside the bundle's card, too.
    """

    cohorts: Sequence[str]
    nights: int | None = None
    bundle: str | None = None
    jobs: int = 2
    json: bool = False
    recordings: Path | None = None
    card: bool = False


def evaluate(request: EvaluateRequest) -> int:
    """Examine, print, and return the exit code.

    Raises:
        EvaluateError: there is no such cohort, or nothing to read in the folder of recordings.
        BundleError: the bundle cannot be used.
        RecordingError: a real recording cannot be read.
    """
    names = named_cohorts(request.cohorts)
    if request.card and request.bundle == RULES:
        raise EvaluateError("--card: expected a bundle to write beside, got the rules, which have none")
    checked = _checked(request)
    examined = with_progress(
        sum(request.nights or EXAMS[name].nights for name in names),
        lambda advance: list(
            examine(names, nights=request.nights, bundle=request.bundle, jobs=request.jobs, advance=advance)
        ),
    )
    document = json.dumps(as_document(examined, checked), indent=1, ensure_ascii=False) + "\n"
    if request.card:
        _write_card(Path(request.bundle) if request.bundle else shipped_bundle(), document)
    if request.json:
        sys.stdout.write(document)
    else:
        print_table(examined)
        for one in checked:
            print_claim(one)
    return DONE


def _write_card(bundle: Path, document: str) -> None:
    path = bundle / SCORES
    try:
        path.write_text(document, encoding="utf-8")
    except OSError as error:
        raise EvaluateError(
            f"{path}: cannot be written ({error.strerror}); look who owns the bundle"
        ) from error


def _checked(request: EvaluateRequest) -> list[Checked]:
    if request.recordings is None:
        return []
    checked = list(check_recordings(request.recordings, classifier_of(request.bundle)))
    if not checked:
        raise EvaluateError(f"{request.recordings}: expected folders of real recordings, found none of them")
    return checked


def named_cohorts(cohorts: Iterable[str]) -> list[str]:
    """Return the cohorts of names and of groups, each once.

    Raises:
        EvaluateError: there is none of that name.
    """
    names: list[str] = []
    for asked in cohorts:
        if asked not in GROUPS and asked not in EXAMS:
            known = ", ".join((*GROUPS, *EXAMS))
            raise EvaluateError(f"cohort: expected one of {known}, got {asked!r}")
        names += GROUPS.get(asked, (asked,))
    return list(dict.fromkeys(names))


def as_document(examined: Sequence[Examined], checked: Sequence[Checked] = ()) -> dict[str, object]:
    """Return everything as values that JSON can hold."""
    return {
        "version": VERSION,
        "synthetic": True,
        "warning": WARNING,
        "model": examined[0].model if examined else None,
        "cohorts": {
            one.cohort: {
                "generator": EXAMS[one.cohort].generator,
                "what": EXAMS[one.cohort].what,
                "report": _without_recordings(one.report),
                "yardstick": _without_recordings(one.yardstick),
                "verdicts": verdicts_as_card(one.verdicts),
            }
            for one in examined
        },
        "real_recordings": [
            {
                "claim": one.claim.text,
                "holds": one.holds,
                "of": one.of,
                "seconds": round(one.seconds, 1),
                "failing": list(one.failing),
            }
            for one in checked
        ],
    }


def _without_recordings(report: Report) -> dict[str, object]:
    document = as_json(report, (), synthetic=True)
    document["recordings"] = len(report.recordings)
    return document


def print_table(examined: Sequence[Examined]) -> None:
    """Print the figures that matter, each with its denominator and interval."""
    console = table_console()
    table = Table(title=f"{examined[0].model}: {WARNING}" if examined else WARNING, title_justify="left")
    for column in (
        "cohort",
        "nights",
        "cramps found",
        "false cramps / night",
        "clonic found",
        "false clonic / night",
    ):
        table.add_column(column)
    for column in ("decided after, s", "tonic/clonic confused", "threshold: false / night"):
        table.add_column(column)
    for one in examined:
        table.add_row(one.cohort, *row_of(one))
    console.print(table)


def print_claim(one: Checked) -> None:
    """Print what holds of real recordings, and how much of them there is."""
    failing = f"; not: {', '.join(one.failing)}" if one.failing else ""
    sys.stdout.write(
        f"real recordings, {one.seconds:.0f} s: {one.claim.text}: {one.holds} of {one.of}{failing}\n"
    )


def row_of(one: Examined) -> list[str]:
    """Return the cells about a cohort, without its name."""
    cramp, clonic = target(one.report, CRAMP.name), target(one.report, CLONIC.name)
    return [
        str(len(one.report.recordings)),
        proportion_text(cramp.sensitivity),
        rate_text(cramp.false_per_night),
        proportion_text(clonic.sensitivity),
        rate_text(clonic.false_per_night),
        f"{_figure(cramp.latency.median)} (95 %: {_figure(cramp.latency.p95)})",
        proportion_text(one.report.confusion.confused),
        rate_text(target(one.yardstick, CRAMP.name).false_per_night),
    ]


def target(report: Report, name: str) -> TargetScore:
    """Return the scores of a target."""
    return next(score for score in report.targets if score.target == name)


def proportion_text(share: Proportion) -> str:
    """Return hits of all, the share and its Wilson interval."""
    if not share.of:
        return "none to find"
    low, high = share.wilson
    return (
        f"{share.hits} of {share.of}: {100 * (share.value or 0.0):.1f} % ({100 * low:.1f}–{100 * high:.1f})"
    )


def rate_text(rate: Rate | None) -> str:
    """Return a rate with its count and its exact interval."""
    if rate is None:
        return "–"
    low, high = rate.interval
    return f"{rate.value:.2f} ({rate.count}; {low:.2f}–{high:.2f})"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
