r"""Rows of a Lab Streaming Layer stream as bytes, on their way from the inlet to the decoder that all dialects have.

``A5 4C``, ``R`` or ``H``, length as 16 bits, content, newline; little endian. A row is the sample's time stamp and
its values as 64-bit floats, a head the names of the channels, parted by 0x1F.

LSL repeats over TCP what the network loses, so rows go missing in whole stretches only: where an inlet fell behind,
or an outlet paused. The time stamps tell how many.
"""

import math
import struct
from collections.abc import Sequence

from firmware_bridge.dialect_rows import BadRow, DialectCounters, Found, Header, Row

MAGIC = b"\xa5L"
ROW, HEAD = b"R", b"H"
_END = b"\n"
_START = struct.Struct("<2scH")
_FLOAT_BYTES = 8
# More than any headset has; and names of a reasonable length for as many.
MOST_CHANNELS = 64
MOST_CONTENT_BYTES = 2048
MOST_PACKET_BYTES = _START.size + MOST_CONTENT_BYTES + len(_END)
_SEPARATOR = "\x1f"
# Time stamps are those of an outlet's program, and jitter with it; a step beyond this is a hole.
HOLE_S = 0.2
# Twelve hours, as for every gap.
_LONGEST_HOLE_S = 12 * 3600.0


def row_bytes(at_s: float, values: Sequence[float]) -> bytes:
    """Return one sample as bytes."""
    return _packet(ROW, struct.pack(f"<d{len(values)}d", at_s, *values))


def head_bytes(labels: Sequence[str]) -> bytes:
    """Return the names of the channels as bytes."""
    return _packet(HEAD, _SEPARATOR.join(labels).encode()[:MOST_CONTENT_BYTES])


def _packet(kind: bytes, content: bytes) -> bytes:
    return _START.pack(MAGIC, kind, len(content)) + content + _END


class LslDecoder:
    """Cuts such bytes into rows.

    >>> LslDecoder(1000.0).feed(row_bytes(10.0, [512.0]) + row_bytes(10.5, [513.0]))
    [Row(values=(512.0,), skipped=0), Row(values=(513.0,), skipped=499)]

    Args:
        rate_hz: Of the stream; None where it is not known, and missing rows cannot be counted.
    """

    cycle = 0

    def __init__(self, rate_hz: float | None = None) -> None:
        self._rate_hz = rate_hz
        self._tail = b""
        self._last_s: float | None = None
        # Bytes lost since the last packet.
        self._losing = 0
        self._received = self._rows = self._bad = self._skipped = self._dropped = 0

    @property
    def counters(self) -> DialectCounters:
        """A snapshot."""
        return DialectCounters(self._received, self._rows, self._bad, self._skipped, self._dropped)

    def restart(self) -> None:
        """Forget the packet under way, and the time stamps: another outlet may have others."""
        lost = len(self._tail)
        self._bad += lost + self._losing > 0
        self._dropped += lost
        self._tail, self._losing, self._last_s = b"", 0, None

    def feed(self, data: bytes) -> list[Found]:
        """Return the packets that ``data`` completes, in order, and what was lost between them."""
        self._received += len(data)
        stream = self._tail + data
        found: list[Found] = []
        at = 0
        while len(stream) - at >= _START.size:
            size = _size(stream, at)
            if size > len(stream) - at:
                break
            if size and stream[at + size - 1 : at + size] == _END:
                found.extend(self._packet(stream[at : at + size]))
                at += size
                continue
            self._losing += 1
            self._dropped += 1
            at += 1
        self._tail = stream[at:]
        return found

    def _packet(self, packet: bytes) -> list[Found]:
        lost: list[Found] = [self._lose()] if self._losing else []
        content = packet[_START.size : -len(_END)]
        if packet[len(MAGIC) :].startswith(HEAD):
            return [*lost, Header(tuple(content.decode("utf-8", "replace").split(_SEPARATOR)))]
        at_s, *values = struct.unpack(f"<{len(content) // _FLOAT_BYTES}d", content)
        return [*lost, self._row(at_s, tuple(values), len(packet))]

    def _row(self, at_s: float, values: tuple[float, ...], size: int) -> Found:
        if not all(map(math.isfinite, (at_s, *values))):
            self._bad += 1
            self._dropped += size
            return BadRow("not a number", size, rows=1)
        skipped = self._missing(at_s)
        self._last_s = at_s
        self._rows += 1
        self._skipped += skipped
        return Row(values, skipped)

    def _missing(self, at_s: float) -> int:
        """Return how many rows are missing before one of this time."""
        step_s = 0.0 if self._last_s is None else at_s - self._last_s
        if self._rate_hz is None or not HOLE_S < step_s <= _LONGEST_HOLE_S:
            return 0
        return max(0, round(step_s * self._rate_hz) - 1)

    def _lose(self) -> BadRow:
        lost, self._losing = self._losing, 0
        self._bad += 1
        return BadRow("no packet", min(lost, MOST_PACKET_BYTES + 1), rows=0)


def _size(stream: bytes, at: int) -> int:
    """Return the length of the packet that begins here; 0 where none does."""
    magic, kind, length = _START.unpack_from(stream, at)
    channels, rest = divmod(length, _FLOAT_BYTES)
    whole_row = kind == ROW and not rest and 1 < channels <= MOST_CHANNELS + 1
    whole = whole_row or (kind == HEAD and length <= MOST_CONTENT_BYTES)
    return _START.size + length + len(_END) if magic == MAGIC and whole else 0
