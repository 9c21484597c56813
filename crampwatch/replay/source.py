"""A recording as the source of a monitor: in its own time, with the link lost and found again where it was.

What the recording notes of the link (``down``, ``up``) stands at the sample that was next. Where samples are missing
there, the link goes down as they begin to be missing, is back as they come again, and the gap is told then.
"""

from collections.abc import Iterator, Mapping

from crampwatch.replay.items import spanned
from firmware_bridge.clock import Clock
from firmware_bridge.frames import Frame
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, SensorInfo, StreamItem
from firmware_bridge.source_contract import SourceContext

LINK_KIND = "link"
# Blocks as short as a live sensor's or, where the night runs faster than its loop can turn, as this, seconds of life.
LIVE_BLOCK_S, TURN_S = 0.25, 0.05

# An item and the sample at whose time it comes.
_Due = tuple[int, StreamItem]


class RecordedSource(SourceContext):
    """Plays a part of a recording.

    Args:
        recording: What to play.
        first: The sample to begin with; time begins there.
        stop: The sample to end before.
        clock: What its pace is measured on.
    """

    def __init__(self, recording: Recording, first: int, stop: int, clock: Clock) -> None:
        self._recording = recording
        self._first = first
        self._stop = stop
        self._clock = clock
        self._items: Iterator[_Due] = iter(())
        self._next: _Due | None = None
        self._began_s = clock.mono_s()
        self._is_open = False
        self._counters = {"samples": 0, "gaps": 0, "restarts": 0}

    @property
    def url(self) -> str:
        """What is played."""
        return f"replay:{self._recording.path}"

    @property
    def finished(self) -> bool:
        """Whether everything has been played."""
        return self._is_open and self._next is None

    @property
    def counters(self) -> Mapping[str, int]:
        """What has been played."""
        return dict(self._counters)

    @property
    def share(self) -> float:
        """Return how far it is, 0 to 1."""
        at = self._stop if self._next is None else self._next[0]
        return (at - self._first) / max(1, self._stop - self._first) if self._is_open else 0.0

    def open(self) -> SensorInfo:
        """Begin."""
        block_s = self._clock.at_least(LIVE_BLOCK_S, real_s=TURN_S)
        self._items = scheduled(self._recording, self._first, self._stop, block_s)
        self._next = next(self._items, None)
        self._began_s = self._clock.mono_s()
        self._is_open = True
        return self._recording.info

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what is due, in order; an empty list after ``timeout_s`` (of the clock) without any."""
        ends_s = self._clock.mono_s() + timeout_s
        due_s = self._due_s()
        if due_s is None or due_s > ends_s:
            self._clock.sleep(timeout_s)
            return []
        self._clock.sleep(due_s - self._clock.mono_s())
        items: list[StreamItem] = []
        while self._next is not None and (self._due_s() or 0.0) <= self._clock.mono_s():
            items.append(self._next[1])
            self._count(self._next[1])
            self._next = next(self._items, None)
        return items

    def send(self, frame: Frame) -> None:
        """Do nothing: a recording has no board."""

    def close(self) -> None:
        """End; may be called twice."""
        self._items, self._next = iter(()), None

    def _due_s(self) -> float | None:
        if self._next is None:
            return None
        return self._began_s + (self._next[0] - self._first) / self._recording.info.emg_rate_hz

    def _count(self, item: StreamItem) -> None:
        match item:
            case SampleBlock():
                self._counters["samples"] += item.samples
            case Gap():
                self._counters["gaps"] += 1
                self._counters["restarts"] += item.reason == "sensor restarted"


def scheduled(recording: Recording, first: int, stop: int, block_s: float) -> Iterator[_Due]:
    """Yield the items of a part of a recording, in blocks so long, each with the sample at whose time it came."""
    links = [mark for mark in recording.annotations if mark.kind == LINK_KIND and first <= mark.index < stop]
    for item in spanned(recording, first, stop, block_s):
        end = item.end_index if isinstance(item, SampleBlock | Gap) else None
        if end is None:
            # Notices come with the samples around them.
            yield 0, item
            continue
        told = [mark for mark in links if mark.index < end]
        links = links[len(told) :]
        for mark in told:
            yield _link_due(mark, item)
        yield end, item


def _link_due(mark: Mark, item: StreamItem) -> _Due:
    word, _, reason = mark.text.partition(": ")
    is_up = word == "up"
    at = item.end_index if is_up and isinstance(item, Gap) else mark.index
    return at, LinkState(up=is_up, reason=reason or mark.text)
