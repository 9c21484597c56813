"""Text files of numbers: CSV and TSV, comma, semicolon, tab or blanks between them, with or without times.

The rate comes from a column of times (seconds, ms, µs, ns, or dates with times), unless the person gives it; then
times are not looked at. A column is one of times by its label, by ``time = "label"`` in the montage's ``[read]``, or,
in a file without labels, the first one, if it grows by the same fraction of a second from row to row.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from firmware_bridge.formats.columns import (
    BrokenFileError,
    Column,
    OneFile,
    ReadHints,
    Table,
    UnclearFileError,
)
from firmware_bridge.formats.guard import reading
from firmware_bridge.formats.text_layout import HEAD_BYTES, TextLayout, is_dated, is_moment, layout_of
from firmware_bridge.formats.text_rows import ROWS_A_STEP, TextRows, index_rows
from firmware_bridge.formats.time_column import (
    EPOCH_S,
    TIME_LABEL,
    TimeBlock,
    Times,
    Timing,
    seconds_of,
    timing_of,
    usual_step,
)

# What stands in the header of OpenSignals' text files (JSON behind a #).
_OPENSIGNALS_RATE = re.compile(r'^#.*"sampling rate":\s*([1-9][0-9]*)')
_OPENSIGNALS_COLUMNS = re.compile(r'^#.*"column":\s*\[([^\]]*)\]')
# Rows whose steps show unit and jitter of the times.
_FIRST_ROWS = 4096
ISO = "iso"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable(OneFile):
    """An open text file of numbers."""

    rows: TextRows

    def read(self, numbers: Sequence[int], start: int, stop: int) -> Table:
        """Return samples of some columns; see `firmware_bridge.formats.columns.ColumnFile.read`.

        Raises:
            BrokenFileError: the file has become shorter or unreadable meanwhile.
        """
        with reading(self.kind):
            return self.rows.floats([number - 1 for number in numbers], start, stop)


def open_columns(path: Path, hints: ReadHints) -> TextTable:
    """Open a text file of numbers.

    Raises:
        BrokenFileError: there are no rows of numbers in it, or its times run back.
        UnclearFileError: its rate is unknown, or the column of times is not there.
        OSError: it cannot be opened.
    """
    hints.refuse_others("time", "time_unit")
    with reading("CSV"):
        with path.open("rb") as raw:
            layout = _opensignals(layout_of(raw.read(HEAD_BYTES)))
        rate_hz = hints.rate_hz or _header_rate(layout)
        rows = index_rows(path, layout.form)
        place = _time_field(layout, hints, rows)
        if rate_hz is not None or place is None:
            timing: tuple[Timing, datetime | None] = Timing(rate_hz or _no_rate(layout), ()), None
        else:
            timing = timed(rows, layout, place, hints)
        return table_of(rows, layout, place, timing, "CSV")


def table_of(
    rows: TextRows, layout: TextLayout, place: int | None, times: tuple[Timing, datetime | None], kind: str
) -> TextTable:
    """Return rows of a known layout and timing as columns, those of times (one at ``place``) left out.

    Raises:
        BrokenFileError: there are no rows, or no columns but times.
    """
    timing, start = times
    if not rows.rows:
        raise BrokenFileError(f"{kind}: expected rows of numbers, got none")
    warnings = ["the last row is cut off, and left out"] if rows.torn else []
    columns = tuple(
        Column(i + 1, label, unit, timing.rate_hz, rows.rows, timing.runs)
        for i, (label, unit) in enumerate(zip(layout.labels, layout.units, strict=True))
        if i != place and not is_moment(layout.first_row[i])
    )
    if not columns:
        raise BrokenFileError(f"{kind}: expected a column of samples, got times alone")
    return TextTable(rows.path, kind, columns, start, warnings=tuple(warnings), rows=rows)


def _opensignals(layout: TextLayout) -> TextLayout:
    """The layout with the labels that OpenSignals writes into its header instead of above the rows."""
    found = next((match[1] for line in layout.head if (match := _OPENSIGNALS_COLUMNS.search(line))), "")
    labels = tuple(re.findall(r'"([^"]*)"', found))
    # A tab may follow the last column, which reads as one more.
    beyond = layout.form.fields - len(labels)
    return replace(layout, labels=labels + ("",) * beyond) if labels and 0 <= beyond <= 1 else layout


def _header_rate(layout: TextLayout) -> float | None:
    """The rate that an OpenSignals header states."""
    return next((float(match[1]) for line in layout.head if (match := _OPENSIGNALS_RATE.search(line))), None)


def _no_rate(layout: TextLayout) -> float:
    columns = ", ".join(label or str(i + 1) for i, label in enumerate(layout.labels))
    raise UnclearFileError(
        f"the file does not say its sampling rate: expected a column of times out of {columns}; "
        'give the rate with --rate HZ, or name the column in a montage: [read] time = "LABEL"'
    )


def _time_field(layout: TextLayout, hints: ReadHints, rows: TextRows) -> int | None:
    """Which field holds times, if any."""
    said = hints.text("time")
    if said is not None:
        found = [
            i for i, label in enumerate(layout.labels) if label.lower() == said.lower() or str(i + 1) == said
        ]
        if len(found) != 1:
            raise UnclearFileError(
                f"[read] time = {said!r}: expected a label or number out of {layout.labels}"
            )
        return found[0]
    labelled = (i for i, label in enumerate(layout.labels) if TIME_LABEL.match(label))
    moments = (i for i, field in enumerate(layout.first_row) if is_dated(field))
    found_by = next(labelled, None)
    if found_by is None:
        found_by = next(moments, None)
    if found_by is None and not any(layout.labels) and layout.form.fields > 1 and hints.rate_hz is None:
        return 0 if _is_even_time(rows.floats([0], 0, min(_FIRST_ROWS, rows.rows))[:, 0]) else None
    return found_by


def _is_even_time(values: Times) -> bool:
    """Whether numbers grow evenly by a fraction of a second; whole numbers might count samples."""
    steps = np.diff(values)
    return bool(
        len(steps) > 1 and steps.min() > 0 and steps.max() < 1 and np.ptp(steps) < np.median(steps) / 2
    )


def timed(
    rows: TextRows, layout: TextLayout, place: int, hints: ReadHints, rate_hz: float | None = None
) -> tuple[Timing, datetime | None]:
    """Return rate, runs and start as the column of times says; the rate as given where it is.

    Raises:
        BrokenFileError: the times run back, or there are too few.
        UnclearFileError: their unit is unknown.
    """
    times_of, origin = _times(rows, layout, place, hints)
    if rows.rows < 3:  # noqa: PLR2004
        raise BrokenFileError(f"expected three rows or more to tell the rate from, got {rows.rows}")
    blocks: list[TimeBlock] = []
    for first in range(0, rows.rows, ROWS_A_STEP):
        times = times_of(first, min(first + ROWS_A_STEP, rows.rows))
        if not np.isfinite(times).all():
            bad = first + int(np.flatnonzero(~np.isfinite(times))[0])
            raise BrokenFileError(f"time column: expected a time in every row, got none in row {bad + 1}")
        blocks.append(TimeBlock.of(times, blocks[-1].last_s if blocks else None))
    head = times_of(0, min(_FIRST_ROWS, rows.rows))

    def again(block: int) -> Times:
        return times_of(block * ROWS_A_STEP, min((block + 1) * ROWS_A_STEP, rows.rows))

    timing = timing_of(blocks, head, again, rate_hz)
    if origin is not None:
        return timing, origin
    first_s = blocks[0].first_s
    return timing, datetime.fromtimestamp(first_s, UTC) if first_s > EPOCH_S else None


def _times(
    rows: TextRows, layout: TextLayout, place: int, hints: ReadHints
) -> tuple[Callable[[int, int], Times], datetime | None]:
    """How to read times in seconds, and when they began if they are dates."""
    said = hints.text("time_unit") or layout.units[place]
    if said == ISO or is_dated(layout.first_row[place]):
        origin = datetime.fromisoformat(layout.first_row[place])
        return lambda start, stop: _moments(rows.texts(place, start, stop), origin), origin
    step = usual_step(rows.floats([place], 0, min(_FIRST_ROWS, rows.rows))[:, 0])
    seconds = seconds_of(said, step)
    return lambda start, stop: rows.floats([place], start, stop)[:, 0] * seconds, None


def _moments(texts: Sequence[str], origin: datetime) -> Times:
    """Seconds since the first row; NaN where a text is no date with a time."""
    return np.array([_moment(text, origin) for text in texts])


def _moment(text: str, origin: datetime) -> float:
    try:
        return (datetime.fromisoformat(text) - origin) / timedelta(seconds=1)
    except (ValueError, TypeError):
        return float("nan")
