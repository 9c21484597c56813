"""XDF files, as LabRecorder writes them: the streams of the lab streaming layer, each with times of its own.

Streams of numbers at a regular rate become columns, or those that the montage names by ``stream``; what texts and
numbers without a rate say (markers) becomes notes. Time is the recorder's: clock offsets are applied, the jitter of
single time stamps is not; a jump of more than ``gap_s`` (0.5 s unless the montage says otherwise) is a hole.
0 s is the first sample of any column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.columns import (
    BrokenFileError,
    Column,
    ColumnRun,
    OneFile,
    ReadHints,
    Table,
    TextNote,
    UnclearFileError,
)
from firmware_bridge.formats.guard import reading
from firmware_bridge.formats.safe_xml import text_in
from firmware_bridge.formats.xdf_chunks import SAMPLES, Chunk, Stamps, content_of, samples_of
from firmware_bridge.formats.xdf_clock import rate_of, runs_of, synchronised
from firmware_bridge.formats.xdf_index import StreamIndex, XdfIndex, index_of

# Time stamps of packets that come late in a bundle are off by less; a break of a link lasts longer.
_GAP_S = 0.5
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the chunks of a stream lie: their content, its size, and the samples up to the end of each."""

    at: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    sample_bytes: int
    dtype: np.dtype[np.generic]


@dataclass(frozen=True, slots=True, kw_only=True)
class XdfFile(OneFile):
    """An open XDF file: streams by their numbers, and the stream and channel of each column."""

    streams: MappingProxyType[int, _Places]
    lanes: tuple[tuple[int, int], ...]

    def read(self, numbers: Sequence[int], start: int, stop: int) -> Table:
        """Return samples of some columns; see `firmware_bridge.formats.columns.ColumnFile.read`.

        Raises:
            BrokenFileError: the file has become shorter or unreadable meanwhile, or is damaged here.
        """
        table = np.full((stop - start, len(numbers)), np.nan)
        lanes = [self.lanes[number - 1] for number in numbers]
        with reading(self.kind):
            for stream in dict.fromkeys(stream for stream, _ in lanes) if stop > start else ():
                wanted = {i: channel for i, (other, channel) in enumerate(lanes) if other == stream}
                self._fill(table, self.streams[stream], wanted, start)
        return table

    def _fill(self, table: Table, places: _Places, wanted: dict[int, int], start: int) -> None:
        stop = start + len(table)
        first, last = np.searchsorted(places.stops, [start, stop - 1], side="right").tolist()
        with self.path.open("rb") as file:
            for at in range(first, last + 1):
                begin = int(places.stops[at - 1]) if at else 0
                chunk = Chunk(SAMPLES, None, int(places.at[at]), int(places.sizes[at]))
                samples = samples_of(content_of(file, chunk), places.sample_bytes)
                lo, hi = max(start, begin), min(stop, int(places.stops[at]))
                for column, channel in wanted.items():
                    values = samples.channel(channel * places.dtype.itemsize, places.dtype)
                    table[lo - start : hi - start, column] = values[lo - begin : hi - begin]


def open_columns(path: Path, hints: ReadHints) -> XdfFile:
    """Open an XDF file.

    Raises:
        BrokenFileError: damaged, or without samples.
        UnclearFileError: compressed, or it lacks the stream that is named.
        OSError: it cannot be opened.
    """
    hints.refuse_others("stream", "gap_s")
    with path.open("rb") as file:
        if file.read(len(_GZIP)) == _GZIP:
            raise UnclearFileError(
                "XDF: compressed files cannot be read piece by piece; unpack it: gzip -d -S z"
            )
    said = hints.options.get("stream", [])
    named = said if isinstance(said, list) else [str(said)]
    with reading("XDF"):
        gap_s = float(hints.text("gap_s") or _GAP_S)
        found = index_of(path, gap_s, hints.rate_hz, named)
        return _file(path, found, _chosen(found, named))


def _chosen(found: XdfIndex, named: Sequence[str]) -> list[StreamIndex]:
    regular = [
        i for i in found.streams.values() if i.stream.dtype is not None and i.stream.rate_hz and i.samples
    ]
    chosen = [index for index in regular if index.stream.name in named] if named else regular
    missing = sorted(set(named) - {index.stream.name for index in chosen})
    if missing or not chosen:
        streams = [index.stream for index in found.streams.values()]
        there = ", ".join(f"{one.name!r} ({one.kind}, {one.rate_hz:g} Hz)" for one in streams)
        text = f"XDF: expected a stream of numbers {', '.join(missing) or 'at a regular rate'}, got {there or 'none'}"
        raise UnclearFileError(
            f"{text}; name another with stream in the montage's [read], with --rate if it has none"
        )
    return chosen


def _file(path: Path, found: XdfIndex, chosen: Sequence[StreamIndex]) -> XdfFile:
    times = synchronised(found.streams)
    warnings = list(found.warnings)
    placed: list[tuple[StreamIndex, float, list[ColumnRun]]] = []
    for index in chosen:
        rate_hz, off = rate_of(index, times[index.stream.number])
        runs, back = runs_of(index, times[index.stream.number], rate_hz)
        warnings += [text for text in (off, back) if text]
        placed.append((index, rate_hz, runs))
    zero_s = min(runs[0].start_s for _, _, runs in placed)
    columns: list[Column] = []
    lanes: list[tuple[int, int]] = []
    for index, rate_hz, runs in placed:
        shifted = tuple(ColumnRun(run.first_sample, run.samples, run.start_s - zero_s) for run in runs)
        for channel, (label, unit) in enumerate(zip(index.stream.labels, index.stream.units, strict=True)):
            # A label of one stream may be common to several: X of what.
            name = label if len(chosen) == 1 else f"{index.stream.name} {label}"
            columns.append(Column(len(columns) + 1, name, unit, rate_hz, index.samples, shifted))
            lanes.append((index.stream.number, channel))
    return XdfFile(
        path,
        "XDF",
        tuple(columns),
        _start(found),
        _notes(found, times, zero_s),
        tuple(warnings),
        streams=MappingProxyType({index.stream.number: _places(index) for index in chosen}),
        lanes=tuple(lanes),
    )


def _places(index: StreamIndex) -> _Places:
    if index.stream.dtype is None:
        raise BrokenFileError(f"XDF stream {index.stream.name!r}: expected numbers, got texts")
    at, sizes, stops = (np.array(values, np.int64) for values in (index.places, index.sizes, index.counts))
    return _Places(at, sizes, stops, index.stream.sample_bytes, index.stream.dtype)


def _notes(found: XdfIndex, times: dict[int, Stamps], zero_s: float) -> tuple[TextNote, ...]:
    notes = [
        TextNote(float(time_s) - zero_s, text)
        for number, index in found.streams.items()
        for time_s, text in zip(times[number], index.texts, strict=False)
    ]
    return tuple(sorted(notes, key=lambda note: note.onset_s))


def _start(found: XdfIndex) -> datetime | None:
    """Return when the recorder began, which is when the first sample came to within a second or so."""
    try:
        return datetime.fromisoformat(text_in(found.header, "datetime"))
    except ValueError:
        return None
