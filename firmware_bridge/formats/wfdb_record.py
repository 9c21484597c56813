"""WFDB records, as PhysioNet keeps them: a text header (``.hea``), signal files beside it, and annotations.

Records of one or of many segments, signals of several rates and storage formats in one record, and lost segments
are read; what a segment lacks is missing (NaN). Signal format 8 (differences) can only be read from its beginning
and is refused. Annotations come from the annotator ``atr``, or another named by ``annotator`` in a montage.

The library `wfdb` can fetch records over the network and through chained file systems: it is only given absolute
local paths, names without a folder in them, and no path that such a chain could be read from.
"""

import warnings as python_warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.columns import (
    BrokenFileError,
    Column,
    ReadHints,
    Table,
    TextNote,
    UnclearFileError,
)
from firmware_bridge.formats.guard import reading
from firmware_bridge.formats.wfdb_segments import Header, Segment, Signal, segments_of

_KIND = "WFDB"
# Headers of months of segments stay below a tenth of this.
_LARGEST_HEADER_BYTES = 4 << 20
# Annotations of a whole night, several a second, with texts.
_LARGEST_ANNOTATION_BYTES = 16 << 20
_ANNOTATOR = "atr"


@dataclass(frozen=True, slots=True)
class WfdbRecord:
    """An open WFDB record."""

    path: Path
    parts: tuple[Path, ...]
    columns: tuple[Column, ...]
    start: datetime | None
    notes: tuple[TextNote, ...]
    warnings: tuple[str, ...]
    segments: tuple[Segment, ...]
    per_frame: tuple[int, ...]

    @property
    def kind(self) -> str:
        """Name of the format."""
        return _KIND

    def read(self, numbers: Sequence[int], start: int, stop: int) -> Table:
        """Return samples of some columns; see `firmware_bridge.formats.columns.ColumnFile.read`.

        Raises:
            BrokenFileError: the files have become shorter or unreadable meanwhile, or are damaged here.
        """
        table = np.full((stop - start, len(numbers)), np.nan)
        each = self.per_frame[numbers[0] - 1]
        for segment in self.segments:
            first = max(start, segment.first_frame * each)
            last = min(stop, (segment.first_frame + segment.frames) * each)
            places = [segment.places[number - 1] for number in numbers]
            if first >= last or all(place is None for place in places):
                continue
            held = _samples(segment, places, (first, last), each)
            for column, samples in held.items():
                table[first - start : last - start, column] = samples
        return table


def open_columns(path: Path, hints: ReadHints) -> WfdbRecord:
    """Open a WFDB record by its header, or by a signal file that lies beside a header of its name.

    Raises:
        BrokenFileError: header or signal files are missing, damaged or hostile.
        UnclearFileError: a signal file without its header.
        OSError: it cannot be opened.
    """
    hints.refuse_others("annotator")
    header = path if path.suffix.lower() == ".hea" else path.with_suffix(".hea")
    if not header.is_file():
        raise UnclearFileError(f"WFDB: expected the header {header.name} beside this file, got none")
    place = str(header.absolute())
    if "::" in place or "://" in place:
        raise BrokenFileError(f"WFDB: expected a path without '::' or '://', got {place}; rename the folder")
    with reading(_KIND), quiet():
        signals, segments, record, warnings = segments_of(header, _header)
        notes, annotated = _notes(header, hints, record.fs)
    rate_hz = hints.rate_hz or float(record.fs)
    frames = max((segment.first_frame + segment.frames for segment in segments), default=0)
    return WfdbRecord(
        path,
        tuple(
            dict.fromkeys(
                [path, header, *(part for segment in segments for part in segment.files), *annotated]
            )
        ),
        tuple(_column(i + 1, signal, rate_hz, frames) for i, signal in enumerate(signals)),
        getattr(record, "base_datetime", None),
        notes,
        tuple(warnings),
        tuple(segment for segment in segments if segment.record is not None),
        tuple(signal.per_frame for signal in signals),
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep to itself what the library's use of other libraries makes those deprecate: nobody here can act on it."""
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore", DeprecationWarning)
        python_warnings.simplefilter("ignore", FutureWarning)
        yield


def _library() -> ModuleType:
    with quiet():
        return import_module("wfdb")


def _header(path: Path) -> Header:
    if path.stat().st_size > _LARGEST_HEADER_BYTES:
        raise BrokenFileError(
            f"{path.name}: expected a header below {_LARGEST_HEADER_BYTES >> 20} MiB, got more"
        )
    return _library().rdheader(str(path.absolute().with_suffix("")))


def _column(number: int, signal: Signal, rate_hz: float, frames: int) -> Column:
    return Column(number, signal.label, signal.unit, rate_hz * signal.per_frame, frames * signal.per_frame)


def _samples(
    segment: Segment, places: Sequence[int | None], span: tuple[int, int], each: int
) -> dict[int, npt.NDArray[np.float64]]:
    """Return the samples of a span of a segment by column; only the frames that hold it are read."""
    (first, last), begin = span, segment.first_frame
    frames = first // each - begin, -(-last // each) - begin
    wanted = sorted({place for place in places if place is not None})
    with reading(_KIND), quiet():
        record = _library().rdrecord(
            str(segment.record),
            sampfrom=frames[0],
            sampto=frames[1],
            channels=wanted,
            physical=True,
            smooth_frames=False,
        )
    skip = first - (begin + frames[0]) * each
    return {
        column: record.e_p_signal[wanted.index(place)][skip : skip + last - first]
        for column, place in enumerate(places)
        if place is not None
    }


def _notes(header: Path, hints: ReadHints, rate_hz: float) -> tuple[tuple[TextNote, ...], tuple[Path, ...]]:
    """Return the annotations beside a record: their text, or the symbol of those that have none."""
    annotator = hints.text("annotator") or _ANNOTATOR
    path = header.with_suffix(f".{annotator}")
    if not annotator.isalnum() or not path.is_file():
        if "annotator" in hints.options:
            raise UnclearFileError(f"WFDB: expected annotations in {path.name}, got no such file")
        return (), ()
    if path.stat().st_size > _LARGEST_ANNOTATION_BYTES:
        raise BrokenFileError(f"{path.name}: expected below {_LARGEST_ANNOTATION_BYTES >> 20} MiB, got more")
    read = _library().rdann(str(header.absolute().with_suffix("")), annotator)
    per_s = float(read.fs or rate_hz)
    texts = (aux.strip("\x00 \r\n") or symbol for aux, symbol in zip(read.aux_note, read.symbol, strict=True))
    notes = [TextNote(float(at) / per_s, text) for at, text in zip(read.sample, texts, strict=True)]
    return tuple(sorted(notes, key=lambda note: note.onset_s)), (path,)
