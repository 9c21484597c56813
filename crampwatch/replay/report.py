"""What `crampwatch replay` prints: rows for a person on a terminal, tab-separated ones in a pipe, or JSON.

Of several recordings a summary stands at the end: a line each, what was not replayed and why, and how many there were.

Rows are what a person asks about: tonic and rhythmic contractions. Leg movements, of which a night has hundreds, and
artefacts are counted in the sentence under them, and listed only where they are asked for.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crampwatch.plain_lines import plain
from crampwatch.replay.one import Found, Outcome
from detector.before_cramps import Comparison, compared
from detector.types import Before, Kind

SECONDS_PER_MINUTE, MINUTES_PER_HOUR = 60, 60
COLUMNS = ("onset", "length", "what", "verdict", "peak µV", "why")
RIGHT = frozenset({"onset", "length", "peak µV"})
SUMMARY_COLUMNS = (
    *("recording", "length", "usable", "cramps", "rhythmic", "leg movements", "artefacts"),
    "what became of it",
)
# Counted, not listed.
MANY: frozenset[Kind] = frozenset({"leg_movement", "artefact"})


def write_json(outcomes: Sequence[Outcome], out: TextIO) -> None:
    """Print all of it as one document; of what was not replayed, why."""
    json.dump([_as_json(outcome) for outcome in outcomes], out, indent=1, ensure_ascii=False)
    out.write("\n")


def write_rows(outcomes: Sequence[Outcome], out: TextIO, errors: Console, *, everything: bool) -> None:
    """Print the rows, and beside them a sentence a recording, which never gets into a pipe."""
    if not out.isatty():
        out.write("\t".join(("file", *COLUMNS)) + "\n")
    for entry in (outcome.found for outcome in outcomes if outcome.found):
        rows = list(_rows(entry, everything=everything))
        if not out.isatty():
            out.writelines("\t".join((entry.file, *row)) + "\n" for row in rows)
        elif rows:
            Console(file=out).print(_table(entry, rows))
        out.flush()
        for said in (_sentence(entry, everything=everything), _before_cramps(entry)):
            if said:
                tell(errors, said)
    if len(outcomes) > 1:
        _summarise(outcomes, errors)


def tell(console: Console, text: str, style: str = "") -> None:
    """Print a sentence on one line; what a file put into it neither forges a line nor repaints the terminal."""
    console.print(plain(text), style=style, markup=False, highlight=False, soft_wrap=True)


def _as_json(outcome: Outcome) -> dict[str, object]:
    entry = outcome.found
    if entry is None:
        return {"file": str(outcome.path), "error": outcome.error}
    return {
        "file": entry.file,
        "sensor": entry.sensor,
        "recording": entry.recording,
        "start": entry.start,
        "duration_s": entry.duration_s,
        "monitored_s": entry.monitored_s,
        "was_finished": outcome.was_finished,
        "events_file": entry.events_file,
        "warnings": list(entry.warnings),
        "events": list(entry.events),
        "before_cramps": [
            {
                "what": one.measure.name,
                "unit": one.measure.unit,
                "cramps": one.cramps,
                "ten_minutes_before": one.before,
                "night_before_that": one.earlier,
                "median_difference": one.difference,
                "cramps_with_more": one.more,
                "cramps_with_less": one.less,
            }
            for one in _compared(entry)
        ],
    }


def _compared(entry: Found) -> Sequence[Comparison]:
    before = (event["before"] for event in entry.events)
    return compared(Before(**values) if values else None for values in before)


def _summarise(outcomes: Sequence[Outcome], errors: Console) -> None:
    """Print a line for each recording on a terminal, and one for all of them wherever it goes."""
    if errors.is_terminal:
        errors.print(_summary(outcomes))
    replayed = [outcome for outcome in outcomes if outcome.found]
    failed = len(outcomes) - len(replayed)
    before = sum(outcome.was_finished for outcome in replayed)
    alerts = Counter(event["alert"] for one in replayed if one.found for event in one.found.events)
    seen_s = sum(one.found.monitored_s for one in replayed if one.found)
    parts = [
        f"{len(replayed)} replayed" + (f" ({before} of them finished before)" if before else ""),
        f"{failed} not",
        _counted(alerts["cramp"], "cramp"),
        f"{_rhythmic(alerts)} rhythmic",
        f"usable signal {clock_text(seen_s)}",
    ]
    tell(errors, f"{_counted(len(outcomes), 'recording')}: {', '.join(parts)}")


def _summary(outcomes: Sequence[Outcome]) -> Table:
    table = Table(title="all recordings", title_justify="left", box=None, pad_edge=False)
    for name in SUMMARY_COLUMNS:
        words = name in {"recording", "what became of it"}
        table.add_column(name, justify="left" if words else "right", overflow="fold")
    for outcome in outcomes:
        table.add_row(Text(str(outcome.path)), *map(Text, _summary_row(outcome)))
    return table


def _summary_row(outcome: Outcome) -> tuple[str, ...]:
    entry = outcome.found
    if entry is None:
        return "", "", "", "", "", "", f"not replayed: {outcome.error}"
    alerts = Counter(event["alert"] for event in entry.events)
    kinds = Counter(event["trial_type"] for event in entry.events)
    became = "finished before" if outcome.was_finished else f"replayed in {outcome.took_s:.1f} s"
    counts = (alerts["cramp"], _rhythmic(alerts), kinds["leg_movement"], kinds["artefact"])
    return clock_text(entry.duration_s), clock_text(entry.monitored_s), *map(str, counts), became


def _rhythmic(alerts: Counter[str]) -> int:
    return alerts["clonic"] + alerts["tonic_clonic"]


def _rows(entry: Found, *, everything: bool) -> Iterator[tuple[str, ...]]:
    for event in entry.events:
        if everything or event["trial_type"] not in MANY:
            yield _row(event)


def _row(event: Mapping[str, Any]) -> tuple[str, ...]:
    peak_uv = event["peak_uv"]
    return (
        clock_text(event["onset"]),
        f"{event['duration']:.1f} s",
        event["trial_type"].replace("_", " "),
        event["alert"].replace("_", "-"),
        "n/a" if peak_uv is None else f"{peak_uv:.0f}",
        event["reason"],
    )


def _table(entry: Found, rows: Sequence[tuple[str, ...]]) -> Table:
    # A title would wrap at the width of the rows; a heading of its own would part from them.
    table = Table(title=Path(entry.file).name, title_justify="left", box=None, pad_edge=False)
    for name in COLUMNS:
        # Words wrap where the terminal is narrow; numbers never do.
        table.add_column(name, justify="right" if name in RIGHT else "left", no_wrap=name != "why")
    for row in rows:
        table.add_row(*row)
    return table


def _sentence(entry: Found, *, everything: bool) -> str:
    alerts = Counter(event["alert"] for event in entry.events)
    kinds = Counter(event["trial_type"] for event in entry.events)
    parts = [
        _counted(alerts["cramp"], "cramp"),
        f"{_rhythmic(alerts)} rhythmic",
        _counted(kinds["leg_movement"], "leg movement"),
        _counted(kinds["artefact"], "artefact"),
    ]
    hidden = not everything and any(kinds[kind] for kind in MANY)
    listing = " (--all lists them)" if hidden else ""
    seen = f"usable signal {clock_text(entry.monitored_s)} of {clock_text(entry.duration_s)}"
    where = f"; events in {entry.events_file}" if entry.events_file else ""
    return f"{entry.file}: {', '.join(parts)}{listing}; {seen}{where}"


def _before_cramps(entry: Found) -> str:
    """Return what went before the cramps beside the night before that; nothing where there is nothing to compare."""
    known = [one for one in _compared(entry) if one.cramps]
    parts = [
        f"{one.measure.name} {one.before:.3g}, earlier {one.earlier:.3g} ({one.measure.unit})"
        for one in known
    ]
    if not parts:
        return ""
    return f"{entry.file}: ten minutes before {_counted(known[0].cramps, 'cramp')}: {'; '.join(parts)}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def clock_text(seconds: float) -> str:
    """Return a length as h:mm:ss."""
    whole = round(seconds)
    minutes, whole = divmod(whole, SECONDS_PER_MINUTE)
    return f"{minutes // MINUTES_PER_HOUR}:{minutes % MINUTES_PER_HOUR:02d}:{whole:02d}"
