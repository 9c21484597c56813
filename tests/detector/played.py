"""A source that plays what a test gives it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Self

from firmware_bridge.clock import Clock
from firmware_bridge.frames import Frame
from firmware_bridge.samples import SampleBlock, SensorInfo, StreamItem
from tests.detector.signals import part

RATE = 1000


class Played:
    """A source that gives one item a read, and nothing for a read at each None."""

    url = "played:"

    def __init__(self, info: SensorInfo, items: Iterable[StreamItem | None], clock: Clock) -> None:
        self._info = info
        self._items = list(items)
        self._clock = clock
        self.closed = False

    @property
    def finished(self) -> bool:
        return not self._items

    @property
    def counters(self) -> Mapping[str, int]:
        return {}

    def open(self) -> SensorInfo:
        return self._info

    def read(self, timeout_s: float) -> list[StreamItem]:
        item = self._items.pop(0)
        if item is None:
            self._clock.sleep(timeout_s)
            return []
        return [item]

    def send(self, frame: Frame) -> None:
        """Nobody is there."""

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def seconds(block: SampleBlock, begin_s: int = 0, end_s: int | None = None) -> Iterator[SampleBlock]:
    for begin in range(begin_s * RATE, block.samples if end_s is None else end_s * RATE, RATE):
        yield part(block, begin, begin + RATE)
