"""A report as tables: on a terminal with colour, in a pipe as plain text."""

from collections.abc import Callable, Sequence
from typing import TextIO

from rich.table import Table

from crampwatch.table_console import table_console
from detector.scoring import in_order
from detector.scoring_matching import ALARM, LEG_MOVEMENT
from detector.scoring_measures import NEITHER, RHYTHMIC, TONIC
from detector.scoring_statistics import Proportion, Rate, Spread
from detector.scoring_types import Group, Report, TargetScore

SECONDS_PER_MINUTE, SECONDS_PER_HOUR = 60.0, 3600.0
PERCENT = 100.0
# How many of the worst subjects are listed.
MOST_SUBJECTS = 10
UNKNOWN = "–"
# From here on a figure has three digits before the point.
MANY = 100.0


def print_report(report: Report, notes: Sequence[str], *, synthetic: bool, out: TextIO | None = None) -> None:
    """Print a report."""
    console = table_console(out)
    for line in (_title(report, synthetic=synthetic), ""):
        console.print(line, markup=False, highlight=False)
    shown = [target for target in report.targets if _is_worth_showing(target)] or [report.targets[0]]
    for table in _tables(report, shown):
        console.print(table)
        console.print()
    for line in (*_sentences(report), *(f"Note: {note}" for note in notes)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _is_worth_showing(target: TargetScore) -> bool:
    """Tell whether there is something to say. A truth without any leg movement did not look for them."""
    truly = target.sensitivity.of + target.faint
    return bool(truly if target.target == LEG_MOVEMENT.name else truly + target.precision.of)


def _title(report: Report, *, synthetic: bool) -> str:
    count = len(report.recordings)
    text = f"{count} {'synthetic ' if synthetic else ''}recording{'s' * (count != 1)}"
    if report.duration_s is None or report.monitored_s is None:
        return f"{text} of unknown length"
    return f"{text}, {_hours(report.duration_s)} recorded, {_hours(report.monitored_s)} monitored"


def _hours(seconds: float) -> str:
    if seconds < SECONDS_PER_HOUR:
        return f"{seconds / SECONDS_PER_MINUTE:.1f} min"
    return f"{seconds / SECONDS_PER_HOUR:.1f} h"


def percent(proportion: Proportion) -> str:
    """Return a share with its 95 % interval."""
    if proportion.value is None:
        return UNKNOWN
    low, high = proportion.wilson
    return f"{PERCENT * proportion.value:.1f} % ({PERCENT * low:.1f}–{PERCENT * high:.1f})"


def rate(value: Rate | None) -> str:
    """Return a rate with its 95 % interval."""
    if value is None:
        return UNKNOWN
    low, high = value.interval
    return f"{_digits(value.value)} ({_digits(low)}–{_digits(high)})"


def _digits(value: float) -> str:
    """Return a figure with three digits, or more where it has them before the point."""
    return f"{value:.3g}" if value < MANY else f"{value:.0f}"


def seconds(spread: Spread) -> str:
    """Return the median and the range of 90 % of some times."""
    if spread.median is None:
        return UNKNOWN
    missing = f", {spread.known} of {spread.of}" if spread.known < spread.of else ""
    low, middle, high = (
        f"{round(value or 0.0, 1) + 0.0:+.1f}" for value in (spread.p05, spread.median, spread.p95)
    )
    return f"{middle} s ({low}…{high}){missing}"


def number(value: float | None) -> str:
    """Return a share between 0 and 1."""
    return UNKNOWN if value is None else f"{value:.3f}"


def _latency(target: TargetScore) -> str:
    spread = target.latency
    if spread.median is None:
        return UNKNOWN
    missing = f", {spread.known} of {spread.of}" if spread.known < spread.of else ""
    return f"{spread.median:.1f} s, {spread.p95:.1f} s{missing}"


def _szcore(target: TargetScore) -> str:
    score = target.szcore
    if score is None:
        return UNKNOWN
    per_day = "" if score.false_per_day is None else f" ({_digits(score.false_per_day)}/day)"
    return f"{score.sensitivity.hits} of {score.sensitivity.of}, {score.false} false{per_day}"


# What stands in each line of the main table.
LINES: tuple[tuple[str, Callable[[TargetScore], str]], ...] = (
    ("found, of those asked for", lambda t: f"{t.sensitivity.hits} of {t.sensitivity.of}"),
    ("sensitivity (95 %)", lambda t: percent(t.sensitivity)),
    ("true, of those found (95 %)", lambda t: percent(t.precision)),
    ("false alarms", lambda t: str(t.false)),
    ("… per 8-h night (95 %)", lambda t: rate(t.false_per_night)),
    ("… per monitored hour (95 %)", lambda t: rate(t.false_per_hour)),
    ("onset to verdict, median, p95", _latency),
    ("onset error, median (5–95 %)", lambda t: seconds(t.onset_error)),
    ("end error, median (5–95 %)", lambda t: seconds(t.end_error)),
    ("F1 of events", lambda t: number(t.f1)),
    ("F1 of seconds", lambda t: number(t.samples.f1)),
    ("by SzCORE's rule", _szcore),
    ("right, but not asked for", lambda t: str(t.unasked)),
    ("too faint to be asked for", lambda t: str(t.faint)),
)


def _tables(report: Report, shown: Sequence[TargetScore]) -> list[Table]:
    main = _table("", *(target.target for target in shown))
    for name, text in LINES:
        main.add_row(name, *(text(target) for target in shown))
    tables = [main, _confusion(report)]
    tables += [
        _grouped("by strength over the resting level", shown, lambda target: target.by_snr),
        _grouped("by class", shown, lambda target: target.by_class),
        _false(shown),
        _subjects(report),
    ]
    return [table for table in tables if table.row_count]


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for i, name in enumerate(names):
        table.add_column(name, justify="right" if i else "left", overflow="fold")
    return table


def _confusion(report: Report) -> Table:
    table = _table("truth, and what it was called", TONIC, RHYTHMIC, NEITHER)
    counts = report.confusion.counts
    for truth in (TONIC, RHYTHMIC):
        if any(key[0] == truth for key in counts):
            table.add_row(truth, *(str(counts.get((truth, said), 0)) for said in (TONIC, RHYTHMIC, NEITHER)))
    return table


def _grouped(
    title: str, shown: Sequence[TargetScore], groups: Callable[[TargetScore], Sequence[Group]]
) -> Table:
    """Return the sensitivity of groups; empty where there is but one, which would say the same again."""
    table = _table(title, *(target.target for target in shown))
    names = in_order(group.name for target in shown for group in groups(target))
    if len(names) < 2:  # noqa: PLR2004 - fewer than two cannot be compared
        return table
    for name in names:
        found = [{group.name: group for group in groups(target)}.get(name) for target in shown]
        table.add_row(name, *(f"{g.sensitivity.hits} of {g.sensitivity.of}" if g else "" for g in found))
    return table


def _false(shown: Sequence[TargetScore]) -> Table:
    table = _table("false alarms, by what truly lies there", *(target.target for target in shown))
    for name in dict.fromkeys(name for target in shown for name in target.false_by_class):
        table.add_row(name.replace("_", " "), *(str(target.false_by_class.get(name, "")) for target in shown))
    return table


def _subjects(report: Report) -> Table:
    table = _table("subject, worst first", "found", "false alarms", "recorded")
    groups = next((one.by_subject for one in report.targets if one.target == ALARM.name), ())
    if len(groups) > 1:
        for group in groups[:MOST_SUBJECTS]:
            recorded = UNKNOWN if group.duration_s is None else _hours(group.duration_s)
            table.add_row(
                group.name, f"{group.sensitivity.hits} of {group.sensitivity.of}", str(group.false), recorded
            )
    if len(groups) > MOST_SUBJECTS:
        table.add_row(f"… and {len(groups) - MOST_SUBJECTS} more", "", "", "")
    return table


def _sentences(report: Report) -> list[str]:
    lines = []
    confused, warnings = report.confusion.confused, report.warnings
    if confused.of:
        share = percent(confused)
        lines.append(
            f"Taken for the other kind: {confused.hits} of {confused.of} that got a verdict, {share}."
        )
    if warnings.idle.of:
        announced, idle, lead = warnings.announced, warnings.idle, warnings.lead.median
        before = "" if lead is None else f", {lead:.0f} s before (median)"
        lines.append(
            f"Rises in tension (experimental): announced {announced.hits} of {announced.of} cramps{before}; "
            f"{idle.hits} of {idle.of} led to none."
        )
    if all(target.szcore is None for target in report.targets):
        lines.append("SzCORE's rule: not installed (`pip install crampwatch[research]` brings timescoring).")
    return lines
