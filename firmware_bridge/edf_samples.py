"""The samples and annotations of an EDF or BDF file, any span of them, without reading the rest.

Spans are memory-mapped anew at each call, after a look at the file's size: a file that is still growing or
has been cut meanwhile is met as it is, no mapping outlives the call, and a long file never counts as memory.
"""

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from firmware_bridge.edf_annotations import RecordNotes, decode_record
from firmware_bridge.edf_header import EdfError, EdfHeader, EdfSignal
from firmware_bridge.samples import Counts

Bytes = npt.NDArray[np.uint8]

# Bytes of a sample of EDF; those of BDF have three.
_EDF_BYTES = 2
# Annotation bytes looked through at once: bounds the memory, while numpy still works on long runs.
_NOTES_CHUNK_BYTES = 1 << 20
# A record whose only TAL is its own time has two of these; one that says more has at least two more.
_END_OF_TEXT = 0x14
_TIMEKEEPING_ENDS = 2


class Span(NamedTuple):
    """Samples ``start`` to ``stop`` of a signal, counted from the beginning of the file."""

    signal: EdfSignal
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class EdfFile:
    """An EDF or BDF file and its whole data records.

    Attributes:
        records: Whole data records that the file held when it was opened.
        torn_bytes: What stood after them: a record that was cut off.
    """

    path: Path
    header: EdfHeader
    records: int
    torn_bytes: int = 0

    def counts(self, *spans: Span) -> list[Counts]:
        """Return the samples of each span: int16 or (from 24 bits) int32, read-only.

        Raises:
            EdfError: the file has become shorter than that.
        """
        first = min(span.start // span.signal.samples for span in spans)
        last = max(-(-span.stop // span.signal.samples) for span in spans)
        # One mapping for all: channels of a record share its pages.
        rows = self._map(first, last)
        return [self._span(rows, first, span) for span in spans]

    def notes(self) -> Iterator[tuple[int, RecordNotes]]:
        """Yield (record number, notes) of records with more than their own time, and of the first and last.

        Of a file with holes every record is yielded: there the times are what counts.

        Raises:
            EdfError: the file has become shorter.
        """
        signals = [signal for signal in self.header.signals if signal.is_annotations and signal.samples]
        if not signals:
            return
        width = self.header.sample_bytes
        step = max(1, _NOTES_CHUNK_BYTES // (width * sum(signal.samples for signal in signals)))
        for first in range(0, self.records, step):
            rows = self._map(first, min(first + step, self.records))
            columns = [rows[:, s.first_byte : s.first_byte + s.samples * width] for s in signals]
            texts = np.concatenate(columns, axis=1)
            for row in self._telling(texts, first):
                yield first + row, decode_record(texts[row].tobytes())

    @property
    def count_range(self) -> tuple[int, int]:
        """The lowest and highest count that a sample of this file can have."""
        half: int = 1 << (8 * self.header.sample_bytes - 1)
        return -half, half - 1

    @property
    def _dtype(self) -> type[np.integer[Any]]:
        return np.int16 if self.header.sample_bytes == _EDF_BYTES else np.int32

    def _telling(self, texts: Bytes, first: int) -> list[int]:
        if self.header.has_holes:
            return list(range(len(texts)))
        telling = (texts == _END_OF_TEXT).sum(axis=1) > _TIMEKEEPING_ENDS
        # The first record's time is the origin of all others; the last one's shows whether time ran on.
        telling[0] |= first == 0
        telling[-1] |= first + len(texts) == self.records
        return [int(row) for row in np.flatnonzero(telling)]

    def _span(self, rows: Bytes, first: int, span: Span) -> Counts:
        each = span.signal.samples
        # Whole records are one strided copy; only the ends of a span can be parts of a record.
        after_head = min(-(-span.start // each) * each, span.stop)
        before_tail = max(span.stop // each * each, after_head)
        edges = (span.start, after_head, before_tail, span.stop)
        pieces = [self._piece(rows, first, Span(span.signal, a, b)) for a, b in pairwise(edges) if a < b]
        counts = pieces[0] if len(pieces) == 1 else np.concatenate([np.empty(0, self._dtype), *pieces])
        counts.flags.writeable = False
        return counts

    def _piece(self, rows: Bytes, first: int, span: Span) -> Counts:
        """Samples of whole records, or of a part of one."""
        width, each = self.header.sample_bytes, span.signal.samples
        record = span.start // each
        begin = span.signal.first_byte + (span.start - record * each) * width
        end = begin + min(span.stop - span.start, each) * width
        # A copy, so that nothing outlives the mapping.
        raw = np.array(rows[record - first : -(-span.stop // each) - first, begin:end]).reshape(-1)
        return raw.view("<i2").astype(np.int16, copy=False) if width == _EDF_BYTES else _from_24_bits(raw)

    def _map(self, first: int, last: int) -> Bytes:
        header = self.header
        offset, needed = (header.size + records * header.record_bytes for records in (first, last))
        begin = offset - offset % mmap.ALLOCATIONGRANULARITY
        try:
            with self.path.open("rb", buffering=0) as raw:
                size = os.fstat(raw.fileno()).st_size
                if size < needed:
                    raise EdfError(
                        f"cut short while being read: expected at least {needed} bytes, got {size}"
                    )
                mapped = mmap.mmap(raw.fileno(), needed - begin, access=mmap.ACCESS_READ, offset=begin)
        except OSError as error:
            raise EdfError(f"cannot be read any more: {error.strerror or error}") from error
        return np.frombuffer(mapped, np.uint8, offset=offset - begin).reshape(-1, header.record_bytes)


def _from_24_bits(raw: Bytes) -> Counts:
    """Widen little-endian 24-bit integers by placing them in the upper bytes and shifting the sign down."""
    wide = np.zeros((len(raw) // 3, 4), np.uint8)
    wide[:, 1:] = raw.reshape(-1, 3)
    counts: npt.NDArray[np.int32] = wide.view("<i4").reshape(-1) >> 8
    return counts.astype(np.int32, copy=False)
