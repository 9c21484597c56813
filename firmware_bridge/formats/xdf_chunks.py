"""The chunks of an XDF file, found without reading the samples in them, and the samples of one chunk.

By the XDF 1.0 specification: ``XDF:``, then chunks of a length, a tag and content. A chunk of samples is a stream's
number, a count, and for each sample a byte that says whether a time stamp follows, and its values.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.columns import BrokenFileError

MAGIC = b"XDF:"
FILE_HEADER, STREAM_HEADER, SAMPLES, CLOCK_OFFSET, BOUNDARY, STREAM_FOOTER = range(1, 7)
_WITH_STREAM = (STREAM_HEADER, SAMPLES, CLOCK_OFFSET, STREAM_FOOTER)
# Bytes of a length of a chunk, by the byte before it.
_LENGTHS = {1: "<B", 4: "<I", 8: "<Q"}
_STAMP_BYTES = 8
# A chunk is read as a whole; recorders write one for every second or less.
_LARGEST_CHUNK_BYTES = 16 << 20
# What every recorder puts between chunks now and then, to find the way again after damage (XDF 1.0, boundary chunk).
_BOUNDARY = bytes.fromhex("43a546dccbf5410fb30ed5467383cbe4")
_SEARCH_BYTES = 1 << 20

Bytes = npt.NDArray[np.uint8]
Stamps = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its tag, the stream it belongs to (None for none), and where its content lies."""

    tag: int
    stream: int | None
    at: int
    size: int


def chunks_of(file: BinaryIO, size: int) -> Iterator[Chunk | str]:
    """Yield the chunks of a file, and what was wrong where it is damaged or cut off.

    Raises:
        BrokenFileError: it is no XDF file.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise BrokenFileError("XDF: expected XDF: at the beginning, got something else")
    at = len(MAGIC)
    while at < size:
        file.seek(at)
        chunk = _chunk(file.read(_STAMP_BYTES + 1 + 2 + 4), at)
        if chunk is None or chunk.at + chunk.size > size:
            after = _next_boundary(file, at)
            yield f"damaged or cut off after {at} of {size} bytes: nothing is read from there to {after or 'the end'}"
            at = after or size
        else:
            yield chunk
            at = chunk.at + chunk.size


def content_of(file: BinaryIO, chunk: Chunk) -> bytes:
    """Return what a chunk holds.

    Raises:
        BrokenFileError: it is cut off, or larger than we take.
    """
    if chunk.size > _LARGEST_CHUNK_BYTES:
        raise BrokenFileError(
            f"XDF: expected chunks below {_LARGEST_CHUNK_BYTES >> 20} MiB, got {chunk.size} bytes"
        )
    file.seek(chunk.at)
    content = file.read(chunk.size)
    if len(content) < chunk.size:
        raise BrokenFileError(f"XDF: expected {chunk.size} bytes at {chunk.at}, got {len(content)}")
    return content


def length_at(content: bytes, at: int) -> tuple[int, int]:
    """Return a length of variable size, and where what follows begins.

    Raises:
        BrokenFileError: it is none.
    """
    layout = _LENGTHS.get(content[at]) if at < len(content) else None
    if layout is None or at + 1 + struct.calcsize(layout) > len(content):
        raise BrokenFileError(f"XDF: expected a length of 1, 4 or 8 bytes at {at} of a chunk, got none")
    return struct.unpack_from(layout, content, at + 1)[0], at + 1 + struct.calcsize(layout)


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one chunk of numbers."""

    raw: Bytes
    starts: npt.NDArray[np.int64]
    stamped: npt.NDArray[np.bool_]

    def stamps(self) -> Stamps:
        """Return a time stamp a sample, NaN where none is given."""
        stamps = np.full(len(self.starts), np.nan)
        if self.stamped.any():
            places = self.starts[self.stamped][:, None] + np.arange(1, 1 + _STAMP_BYTES)
            stamps[self.stamped] = self.raw[places].view("<f8")[:, 0]
        return stamps

    def channel(self, at: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        """Return the values ``at`` bytes into each sample."""
        first = self.starts + 1 + _STAMP_BYTES * self.stamped + at
        found: npt.NDArray[Any] = self.raw[first[:, None] + np.arange(dtype.itemsize)].view(dtype)[:, 0]
        return found


def samples_of(content: bytes, sample_bytes: int) -> Samples:
    """Return the samples of a chunk of numbers, each of ``sample_bytes``.

    Raises:
        BrokenFileError: the content does not hold the samples it counts.
    """
    count, begin = length_at(content, 0)
    raw = np.frombuffer(content, np.uint8)[begin:]
    if count * (1 + sample_bytes) > len(raw):
        raise BrokenFileError(
            f"XDF: expected {count} samples of {sample_bytes} bytes in a chunk, got {len(raw)} bytes"
        )
    if count == 0:
        return Samples(raw, np.zeros(0, np.int64), np.zeros(0, np.bool_))
    return Samples(raw, *_places(raw, count, sample_bytes))


def texts_of(content: bytes, channels: int) -> list[tuple[float, str]]:
    """Return the time stamps (NaN for none) and texts of a chunk of texts, those of a sample joined.

    Raises:
        BrokenFileError: the content does not hold the samples it counts.
    """
    count, at = length_at(content, 0)
    found = []
    for _ in range(min(count, len(content))):
        stamped = content[at : at + 1] not in (b"", b"\x00")
        at += 1
        (stamp,) = struct.unpack_from("<d", content.ljust(at + _STAMP_BYTES), at) if stamped else (np.nan,)
        at += _STAMP_BYTES if stamped else 0
        words = []
        for _ in range(channels):
            length, at = length_at(content, at)
            words.append(content[at : at + length].decode("utf-8", "replace"))
            at += length
        if at > len(content):
            raise BrokenFileError(f"XDF: expected {count} texts in a chunk, got fewer")
        found.append((float(stamp), ", ".join(words)))
    return found


def _chunk(head: bytes, at: int) -> Chunk | None:
    """Return the chunk whose first bytes these are; None where they are not a chunk's."""
    layout = _LENGTHS.get(head[0])
    if layout is None:
        return None
    begin = 1 + struct.calcsize(layout)
    if len(head) < begin + 2:
        return None
    length: int = struct.unpack_from(layout, head, 1)[0]
    tag: int = struct.unpack_from("<H", head, begin)[0]
    used = 2 + (4 if tag in _WITH_STREAM else 0)
    if length < used or len(head) < begin + used or not FILE_HEADER <= tag <= STREAM_FOOTER:
        return None
    stream = struct.unpack_from("<I", head, begin + 2)[0] if tag in _WITH_STREAM else None
    return Chunk(tag, stream, at + begin + used, length - used)


def _next_boundary(file: BinaryIO, at: int) -> int | None:
    """Return where chunks begin again behind a place; None where they do not."""
    at += 1
    while True:
        file.seek(at)
        block = file.read(_SEARCH_BYTES)
        found = block.find(_BOUNDARY)
        if found >= 0:
            return at + found + len(_BOUNDARY)
        if len(block) < _SEARCH_BYTES:
            return None
        at += _SEARCH_BYTES - len(_BOUNDARY)


def _places(raw: Bytes, count: int, sample_bytes: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return where each sample begins, and which have a time stamp."""
    # All of them stamped alike is what recorders write nearly always; then the places need not be walked.
    for first, rest in ((True, True), (True, False), (False, False)):
        stamped = np.full(count, rest)
        stamped[0] = first
        steps = 1 + sample_bytes + _STAMP_BYTES * stamped
        starts = np.concatenate([[0], np.cumsum(steps)[:-1]])
        if starts[-1] + steps[-1] == len(raw) and ((raw[starts] != 0) == stamped).all():
            return starts, stamped
    return _walked(raw, count, sample_bytes)


def _walked(raw: Bytes, count: int, sample_bytes: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    starts, stamped = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    at, content = 0, raw.tobytes()
    for i in range(count):
        if at >= len(content):
            raise BrokenFileError(f"XDF: expected {count} samples in a chunk, got {i}")
        starts[i], stamped[i] = at, content[at] != 0
        at += 1 + sample_bytes + (_STAMP_BYTES if content[at] else 0)
    if at > len(content):
        raise BrokenFileError(f"XDF: expected {count} whole samples in a chunk, got {count - 1}")
    return starts, stamped
