"""What `crampwatch replay` prints: rows for a person on a terminal, tab-separated ones in a pipe, or JSON.

Rows are what a person asks about: tonic and rhythmic contractions. Leg movements, of which a night has hundreds, and
artefacts are counted in the sentence under them, and listed only where they are asked for.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.table import Table

from detector.before_cramps import compared
from detector.event_files import event_row
from detector.types import Contraction, Kind
from firmware_bridge.samples import SensorInfo

SECONDS_PER_MINUTE, MINUTES_PER_HOUR = 60, 60
COLUMNS = ("onset", "length", "what", "verdict", "peak µV", "why")
RIGHT = frozenset({"onset", "length", "peak µV"})
# Counted, not listed.
MANY: frozenset[Kind] = frozenset({"leg_movement", "artefact"})


@dataclass(frozen=True, slots=True)
class Found:
    """What a recording held.

    Attributes:
        events_file: Where the events were written, if they were.
    """

    path: Path
    info: SensorInfo
    duration_s: float
    monitored_s: float
    contractions: tuple[Contraction, ...]
    events_file: Path | None = None


def write_json(found: Sequence[Found], out: TextIO) -> None:
    """Print all of it as one document."""
    json.dump([_as_json(entry) for entry in found], out, indent=1, ensure_ascii=False)
    out.write("\n")


def write_rows(found: Sequence[Found], out: TextIO, errors: Console, *, everything: bool) -> None:
    """Print the rows, and beside them a sentence a recording, which never gets into a pipe."""
    if not out.isatty():
        out.write("\t".join(("file", *COLUMNS)) + "\n")
    for entry in found:
        rows = list(_rows(entry, everything=everything))
        if not out.isatty():
            out.writelines("\t".join((str(entry.path), *row)) + "\n" for row in rows)
        elif rows:
            Console(file=out).print(_table(entry, rows))
        out.flush()
        for said in (_sentence(entry, everything=everything), _before_cramps(entry)):
            if said:
                errors.print(said, markup=False, highlight=False, soft_wrap=True)


def _as_json(entry: Found) -> dict[str, object]:
    return {
        "file": str(entry.path),
        "sensor": entry.info.sensor_id,
        "duration_s": entry.duration_s,
        "monitored_s": entry.monitored_s,
        "events": [
            event_row(c, entry.info) | {"before": asdict(c.before) if c.before else None}
            for c in entry.contractions
        ],
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
            for one in compared(c.before for c in entry.contractions)
        ],
    }


def _rows(entry: Found, *, everything: bool) -> Iterator[tuple[str, ...]]:
    for c in entry.contractions:
        if everything or c.kind not in MANY:
            yield (
                clock_text(c.onset_index / entry.info.emg_rate_hz),
                f"{c.duration_s:.1f} s",
                c.kind.replace("_", " "),
                c.alert.replace("_", "-"),
                "n/a" if c.peak_uv is None else f"{c.peak_uv:.0f}",
                c.reason,
            )


def _table(entry: Found, rows: Sequence[tuple[str, ...]]) -> Table:
    # A title would wrap at the width of the rows; a heading of its own would part from them.
    table = Table(title=entry.path.name, title_justify="left", box=None, pad_edge=False)
    for name in COLUMNS:
        # Words wrap where the terminal is narrow; numbers never do.
        table.add_column(name, justify="right" if name in RIGHT else "left", no_wrap=name != "why")
    for row in rows:
        table.add_row(*row)
    return table


def _sentence(entry: Found, *, everything: bool) -> str:
    alerts = Counter(c.alert for c in entry.contractions)
    kinds = Counter(c.kind for c in entry.contractions)
    rhythmic = alerts["clonic"] + alerts["tonic_clonic"]
    parts = [
        _counted(alerts["cramp"], "cramp"),
        f"{rhythmic} rhythmic",
        _counted(kinds["leg_movement"], "leg movement"),
        _counted(kinds["artefact"], "artefact"),
    ]
    hidden = not everything and any(kinds[kind] for kind in MANY)
    listing = " (--all lists them)" if hidden else ""
    seen = f"usable signal {clock_text(entry.monitored_s)} of {clock_text(entry.duration_s)}"
    where = f"; events in {entry.events_file}" if entry.events_file else ""
    return f"{entry.path}: {', '.join(parts)}{listing}; {seen}{where}"


def _before_cramps(entry: Found) -> str:
    """Return what went before the cramps beside the night before that; nothing where there is nothing to compare."""
    known = [one for one in compared(c.before for c in entry.contractions) if one.cramps]
    parts = [
        f"{one.measure.name} {one.before:.3g}, earlier {one.earlier:.3g} ({one.measure.unit})"
        for one in known
    ]
    if not parts:
        return ""
    return f"{entry.path}: ten minutes before {_counted(known[0].cramps, 'cramp')}: {'; '.join(parts)}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def clock_text(seconds: float) -> str:
    """Return a length as h:mm:ss."""
    whole = round(seconds)
    minutes, whole = divmod(whole, SECONDS_PER_MINUTE)
    return f"{minutes // MINUTES_PER_HOUR}:{minutes % MINUTES_PER_HOUR:02d}:{whole:02d}"
