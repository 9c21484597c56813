"""What sources share whose items are known beforehand: each comes when it is due on a clock, and nobody hears back."""

from collections.abc import Iterator, Mapping

from firmware_bridge.clock import Clock
from firmware_bridge.frames import Frame
from firmware_bridge.samples import SampleBlock, StreamItem
from firmware_bridge.source_contract import SourceContext

# An item, and when it is due: seconds of the clock since the beginning.
Due = tuple[float, StreamItem]


class PlayedSource(SourceContext):
    """Plays items; how to open it is the subclass's.

    Args:
        clock: What the pace is measured on.
        is_paced: False where everything is due at once; then a read ends with a block, so that memory stays bounded.
    """

    def __init__(self, clock: Clock, *, is_paced: bool = True) -> None:
        self._clock = clock
        self._is_paced = is_paced
        self._items: Iterator[Due] = iter(())
        self._next: Due | None = None
        self._began_s = clock.mono_s()
        self._begun = False
        self._samples = 0

    @property
    def finished(self) -> bool:
        """Whether everything has been read."""
        return self._begun and self._next is None

    @property
    def counters(self) -> Mapping[str, int]:
        """How many samples have been read."""
        return {"samples": self._samples}

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what is due, in order; an empty list after ``timeout_s`` (of the clock) without any."""
        now_s = self._clock.mono_s()
        if self._next is None or self._began_s + self._next[0] > now_s + timeout_s:
            self._clock.sleep(timeout_s)
            return []
        self._clock.sleep(max(0.0, self._began_s + self._next[0] - now_s))
        items: list[StreamItem] = []
        while (item := self._taken()) is not None:
            items.append(item)
            if isinstance(item, SampleBlock):
                self._samples += item.samples
                if not self._is_paced:
                    break
        return items

    def send(self, frame: Frame) -> None:
        """Do nothing: no board is there."""

    def close(self) -> None:
        """End; may be called twice."""
        self._items, self._next = iter(()), None

    def _begin(self, items: Iterator[Due]) -> None:
        """Play ``items`` from now on."""
        self._items = items
        self._began_s = self._clock.mono_s()
        self._step()
        self._begun = True

    def _taken(self) -> StreamItem | None:
        """Return the next item if it is due, and step on."""
        if self._next is None or self._began_s + self._next[0] > self._clock.mono_s():
            return None
        item = self._next[1]
        self._step()
        return item

    def _step(self) -> None:
        # Where the next one cannot be had, there is none.
        self._next = None
        self._next = next(self._items, None)
