"""Parquet tables: a column of numbers each, read by row groups.

The rate comes from the person, from the file's own metadata (a number called ``rate_hz``, ``fs`` or ``sfreq``), or from
a column of times: dates with times, or seconds and their parts called as in text files. A field's metadata may
hold its ``unit``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from firmware_bridge.formats.text_layout import name_and_unit
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

if TYPE_CHECKING:
    # pyarrow has no annotations.
    Schema = Any
    Field = Any
    Array = Any

_RATE_NAMES = ("rate_hz", "fs", "sfreq", "sampling_rate")
# Rows of a row group taken from it in one go.
_ROWS_AT_ONCE = 1 << 16
_FIRST_ROWS = 4096
_NANOSECOND = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetFile(OneFile):
    """An open Parquet file.

    Attributes:
        names: Of all its columns, those of times and texts included.
        ends: Row after the last one of every row group.
    """

    names: tuple[str, ...]
    ends: tuple[int, ...]

    def read(self, numbers: Sequence[int], start: int, stop: int) -> Table:
        """Return samples of some columns; see `firmware_bridge.formats.columns.ColumnFile.read`.

        Raises:
            BrokenFileError: the file has become shorter or unreadable meanwhile.
        """
        names = [self.names[number - 1] for number in numbers]
        with reading(self.kind):
            return _rows(self.path, names, self.ends, start, stop)


def open_columns(path: Path, hints: ReadHints) -> ParquetFile:
    """Open a Parquet file.

    Raises:
        BrokenFileError: damaged, or without a column of numbers.
        UnclearFileError: its rate is unknown.
        ModuleNotFoundError: pyarrow is not installed.
        OSError: it cannot be opened.
    """
    import pyarrow.parquet as pq

    hints.refuse_others("time", "time_unit")
    with reading("Parquet"), pq.ParquetFile(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
        groups = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
        ends = tuple(int(end) for end in np.cumsum(groups))
        if not ends or not ends[-1]:
            raise BrokenFileError("Parquet: expected rows, got none")
        names = tuple(str(name) for name in schema.names)
        timing, start, place = _timing(path, schema, ends, hints)
        columns = tuple(
            _column(i, schema.field(i), timing, ends[-1])
            for i in range(len(names))
            if i != place and _is_numeric(schema.field(i))
        )
    if not columns:
        raise BrokenFileError(f"Parquet: expected columns of numbers, got {', '.join(names) or 'none'}")
    return ParquetFile(path, "Parquet", columns, start, names=names, ends=ends)


def _column(place: int, field: "Field", timing: Timing, rows: int) -> Column:
    label, unit = name_and_unit(str(field.name))
    said = _texts(field.metadata).get("unit")
    if said is not None:
        label, unit = str(field.name), said
    return Column(place + 1, label, unit, timing.rate_hz, rows, timing.runs)


def _is_numeric(field: "Field") -> bool:
    import pyarrow.types as kinds

    return bool(kinds.is_integer(field.type) or kinds.is_floating(field.type))


def _texts(metadata: Mapping[bytes, bytes] | None) -> dict[str, str]:
    return {k.decode("utf-8", "replace"): v.decode("utf-8", "replace") for k, v in (metadata or {}).items()}


def _timing(
    path: Path,
    schema: "Schema",
    ends: tuple[int, ...],
    hints: ReadHints,
) -> tuple[Timing, datetime | None, int | None]:
    place = _time_field(schema, hints)
    said = _texts(schema.metadata)
    rates = (_number(said.get(name, "")) for name in _RATE_NAMES)
    rate_hz = hints.rate_hz or next((rate for rate in rates if rate), None)
    if rate_hz is not None:
        return Timing(rate_hz, ()), None, place
    if place is None:
        raise UnclearFileError(
            f"the file does not say its sampling rate: expected a column of times out of {', '.join(schema.names)}; "
            'give the rate with --rate HZ, or name the column in a montage: [read] time = "LABEL"'
        )
    times_of = _times(path, schema, place, ends, hints)
    step, rows = _FIRST_ROWS, ends[-1]
    blocks: list[TimeBlock] = []
    for first in range(0, rows, step):
        before = blocks[-1].last_s if blocks else None
        blocks.append(TimeBlock.of(times_of(first, min(first + step, rows)), before))
    timing = timing_of(
        blocks,
        times_of(0, min(step, rows)),
        lambda block: times_of(block * step, min((block + 1) * step, rows)),
    )
    first_s = blocks[0].first_s
    return timing, datetime.fromtimestamp(first_s, UTC) if first_s > EPOCH_S else None, place


def _time_field(schema: "Schema", hints: ReadHints) -> int | None:
    import pyarrow.types as kinds

    said, names = hints.text("time"), list(schema.names)
    if said is not None:
        if said not in names:
            raise UnclearFileError(f"[read] time = {said!r}: expected one of {', '.join(names)}")
        return names.index(said)
    dates = (i for i, field in enumerate(schema) if kinds.is_timestamp(field.type))
    labelled = (i for i, name in enumerate(names) if TIME_LABEL.match(name_and_unit(name)[0]))
    found = next(dates, None)
    return next(labelled, None) if found is None else found


def _times(
    path: Path,
    schema: "Schema",
    place: int,
    ends: tuple[int, ...],
    hints: ReadHints,
) -> Callable[[int, int], Times]:
    """How to read times in seconds."""
    import pyarrow.types as kinds

    field = schema.field(place)
    name = str(field.name)
    if kinds.is_timestamp(field.type):
        return lambda start, stop: _rows(path, [name], ends, start, stop)[:, 0] * _NANOSECOND
    unit = hints.text("time_unit") or _texts(field.metadata).get("unit") or name_and_unit(name)[1]
    step = usual_step(_rows(path, [name], ends, 0, min(_FIRST_ROWS, ends[-1]))[:, 0])
    seconds = seconds_of(unit, step)
    return lambda start, stop: _rows(path, [name], ends, start, stop)[:, 0] * seconds


def _rows(path: Path, names: Sequence[str], ends: tuple[int, ...], start: int, stop: int) -> Table:
    """Some rows of some columns; only the row groups that they lie in are touched, batch by batch."""
    import pyarrow.parquet as pq

    table = np.full((stop - start, len(names)), np.nan)
    if stop == start:
        return table
    first = int(np.searchsorted(ends, start, side="right"))
    last = int(np.searchsorted(ends, stop, side="left"))
    at = ends[first - 1] if first else 0
    with pq.ParquetFile(path) as file:
        if file.metadata.num_rows != ends[-1]:
            raise BrokenFileError(f"Parquet: expected {ends[-1]} rows, got {file.metadata.num_rows}")
        wanted = list(range(first, last + 1))
        for batch in file.iter_batches(_ROWS_AT_ONCE, wanted, list(dict.fromkeys(names)), use_threads=False):
            begin, end = max(start, at), min(stop, at + batch.num_rows)
            if begin < end:
                for place, name in enumerate(names):
                    part = batch.column(name).slice(begin - at, end - begin)
                    table[begin - start : end - start, place] = _numbers(part)
            at += batch.num_rows
            if at >= stop:
                break
    return table


def _numbers(part: "Array") -> Table:
    """An Arrow array as numbers, NaN where it holds none; dates as nanoseconds since 1970."""
    import pyarrow as pa
    import pyarrow.types as kinds

    if kinds.is_timestamp(part.type):
        part = part.cast(pa.timestamp("ns")).cast(pa.int64())
    return np.asarray(part.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
