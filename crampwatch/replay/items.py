"""The items of a recording as they are replayed: as fast as it goes, at a pace, or through a board on a terminal."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from crampwatch.replay.span import clipped
from firmware_bridge.clock import Clock
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import SampleBlock, SensorInfo, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source

# Blocks of a file that is only being computed on: big enough to be fast, small enough for flat memory.
BLOCK_S = 1024.0
# Blocks of a file that is played at a pace: short, so that the pace is smooth, seconds of life.
PACED_BLOCK_S = 0.25
# How long to wait for the next bytes of a played file.
READ_S = 0.1


@dataclass(frozen=True, slots=True)
class Played:
    """What `detector.detecting.listen` hears: items that are replayed in a way of their own, once."""

    info: SensorInfo
    recording_id: str
    stream: Iterator[StreamItem]

    def items(self) -> Iterator[StreamItem]:
        """Return the items."""
        return self.stream


def telling(
    items: Iterable[StreamItem], first: int, stop: int, on_progress: Callable[[float], None]
) -> Iterator[StreamItem]:
    """Yield the items, and tell how far they are, 0 to 1, as each block is done with."""
    for item in items:
        yield item
        if isinstance(item, SampleBlock):
            on_progress((item.end_index - first) / max(1, stop - first))


def spanned(recording: Recording, first: int, stop: int, block_s: float) -> Iterator[StreamItem]:
    """Yield the items from one sample up to another, in blocks of at most ``block_s``."""
    items: Iterator[StreamItem] = recording.items(block_s, first / recording.info.emg_rate_hz)
    return items if (first, stop) == (0, recording.samples) else clipped(items, first, stop)


def paced_block_s(pace: float) -> float:
    """Return how long blocks are at a pace, in seconds of the recording."""
    return min(BLOCK_S, PACED_BLOCK_S * max(1.0, pace))


def items_of(recording: Recording, via: str, pace: float, first: int, stop: int) -> Iterator[StreamItem]:
    """Yield the items from one sample up to another, as they are to be replayed.

    Args:
        recording: Whose.
        via: ``file``, or ``pty`` for a simulated board, which plays all of it.
        pace: Times life; infinity for as fast as it goes.
        first: The sample to begin with.
        stop: The sample to end before.
    """
    if via == "pty":
        return _through_pty(recording, pace)
    if math.isinf(pace):
        return spanned(recording, first, stop, BLOCK_S)
    return _paced(spanned(recording, first, stop, paced_block_s(pace)), recording, pace, first)


def _paced(
    items: Iterable[StreamItem], recording: Recording, pace: float, first: int
) -> Iterator[StreamItem]:
    clock = Clock(rate=pace)
    start_s = clock.mono_s()
    for item in items:
        if isinstance(item, SampleBlock):
            at_s = (item.end_index - first) / recording.info.emg_rate_hz
            clock.sleep(max(0.0, start_s + at_s - clock.mono_s()))
        yield item


def _through_pty(recording: Recording, pace: float) -> Iterator[StreamItem]:
    """Play the recording as a board on a real pseudo-terminal and read it back as a sensor's."""
    clock = Clock()
    with (
        SimulatedBoard(recording.items(block_s=1.0), recording.info, speed=pace) as board,
        closing(open_source(f"serial:{board.port}", clock=clock)) as source,
    ):
        source.open()
        while not source.finished:
            yield from source.read(timeout_s=READ_S)
            if board.failure is not None:
                raise board.failure
