"""The packet of the Chords firmware (Upside Down Labs): 0xC7 0x7C, counter, big-endian channels, 0x01.

It has no check sum. A packet is believed when it ends as it should and another begins right behind it, and a
jump of its 8-bit counter when the next packet goes on from there: a damaged counter is no loss of samples.
Such a board is silent until it is told ``START``.
"""

import struct

from firmware_bridge.dialect_rows import BadRow, DialectCounters, Found, Row

SYNC = b"\xc7\x7c"
END = 0x01
START, STOP = b"START\n", b"STOP\n"
# Values of the counter.
CYCLE = 256
# What the published firmwares send: 3 to 16 channels.
MOST_CHANNELS = 16
# So many packets in a row make a stream of them.
_ENOUGH_PACKETS = 3
# Sync and counter before the channels, the end byte behind them.
_HEAD_BYTES = 3
_FRAME_BYTES = _HEAD_BYTES + 1


def packet_bytes(channels: int) -> int:
    """Return the length of a packet."""
    return _FRAME_BYTES + 2 * channels


def chords_channels(seen: bytes) -> int | None:
    """Return how many channels the packets in ``seen`` have; None if there are not three in a row."""
    at = seen.find(SYNC)
    while at >= 0:
        for channels in range(1, MOST_CHANNELS + 1):
            size = packet_bytes(channels)
            starts = range(at, at + _ENOUGH_PACKETS * size, size)
            if all(seen[s : s + 2] == SYNC and seen[s + size - 1 : s + size] == bytes([END]) for s in starts):
                return channels
        at = seen.find(SYNC, at + 1)
    return None


class ChordsDecoder:
    r"""Cuts packets of a known number of channels out of a byte stream.

    >>> packets = [b"\xc7\x7c" + bytes([counter, 2, 0, 1]) for counter in (7, 8, 9)]
    >>> ChordsDecoder(channels=1).feed(b"".join(packets))
    [Row(values=(512.0,), skipped=0), Row(values=(512.0,), skipped=0)]

    Args:
        channels: In every packet.

    Raises:
        ValueError: no packet has so many.
    """

    cycle = CYCLE

    def __init__(self, channels: int) -> None:
        if not 1 <= channels <= MOST_CHANNELS:
            raise ValueError(f"Chords packet: expected 1 to {MOST_CHANNELS} channels, got {channels}")
        self._layout = struct.Struct(f">{channels}H")
        self._size = packet_bytes(channels)
        self._tail = b""
        self._counter: int | None = None
        # A packet whose counter has jumped, until the next one tells what to think of that.
        self._doubtful: tuple[int, tuple[float, ...]] | None = None
        # Bytes lost since the last packet.
        self._losing = 0
        self._received = self._rows = self._bad = self._skipped = self._dropped = 0

    @property
    def counters(self) -> DialectCounters:
        """A snapshot."""
        return DialectCounters(self._received, self._rows, self._bad, self._skipped, self._dropped)

    def restart(self) -> None:
        """Forget the packet under way, and the counter."""
        lost = len(self._tail) + (self._size if self._doubtful else 0)
        self._bad += lost + self._losing > 0
        self._dropped += lost
        self._tail, self._losing, self._counter, self._doubtful = b"", 0, None, None

    def feed(self, data: bytes) -> list[Found]:
        """Return the packets that ``data`` proves to be whole, in order, and what was lost between them."""
        self._received += len(data)
        stream = self._tail + data
        found: list[Found] = []
        at = 0
        # A packet can be judged once the sync of the next one is here.
        while len(stream) - at >= self._size + len(SYNC):
            if self._is_packet(stream, at):
                if self._losing:
                    found.append(self._lose())
                self._take(stream, at, found)
                at += self._size
                continue
            # No further than bytes that can be judged, so that the count is the same for all cuttings.
            furthest = len(stream) - self._size - len(SYNC) + 1
            sync = stream.find(SYNC[:1], at + 1, furthest)
            skipped = (sync if sync >= 0 else furthest) - at
            self._losing += skipped
            self._dropped += skipped
            at += skipped
        self._tail = stream[at:]
        return found

    def _is_packet(self, stream: bytes, at: int) -> bool:
        end = at + self._size
        return stream.startswith(SYNC, at) and stream[end - 1] == END and stream.startswith(SYNC, end)

    def _take(self, stream: bytes, at: int, found: list[Found]) -> None:
        counter = stream[at + 2]
        values = tuple(map(float, self._layout.unpack_from(stream, at + _HEAD_BYTES)))
        expected = counter if self._counter is None else (self._counter + 1) % CYCLE
        if self._doubtful is not None:
            jumped, before = self._doubtful
            self._doubtful = None
            if counter == (jumped + 1) % CYCLE or counter != (expected + 1) % CYCLE:
                # The jump was one, and so is this if it does not go on from there.
                found.append(self._row(before, (jumped - expected) % CYCLE))
                expected = (jumped + 1) % CYCLE
            else:
                found.append(self._row(before, 0))
                expected = counter
        if counter != expected:
            self._doubtful = (counter, values)
            self._counter = (expected - 1) % CYCLE
            return
        found.append(self._row(values, 0))
        self._counter = counter

    def _row(self, values: tuple[float, ...], skipped: int) -> Row:
        self._rows += 1
        self._skipped += skipped
        return Row(values, skipped)

    def _lose(self) -> BadRow:
        lost, self._losing = self._losing, 0
        self._bad += 1
        return BadRow("no packet", min(lost, self._size + 1), rows=0)
