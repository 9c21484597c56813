"""A recording as the source of a monitor: in its own time, with the link lost and found again where it was.

What the recording notes of the link (``down``, ``up``) stands at the sample that was next. Where samples are missing
there, the link goes down as they begin to be missing, is back as they come again, and the gap is told then.
"""

from collections.abc import Iterator, Mapping

from crampwatch.replay.items import spanned
from firmware_bridge.clock import Clock
from firmware_bridge.played_source import PlayedSource
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, SensorInfo, StreamItem

LINK_KIND = "link"
# Blocks as short as a live sensor's or, where the night runs faster than its loop can turn, as this, seconds of life.
LIVE_BLOCK_S, TURN_S = 0.25, 0.05

# An item and the sample at whose time it comes.
_Due = tuple[int, StreamItem]


class RecordedSource(PlayedSource):
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
        self._counted = {"gaps": 0, "restarts": 0}
        super().__init__(clock)

    @property
    def url(self) -> str:
        """What is played."""
        return f"replay:{self._recording.path}"

    @property
    def counters(self) -> Mapping[str, int]:
        """What has been played."""
        return {**super().counters, **self._counted}

    @property
    def share(self) -> float:
        """Return how far it is, 0 to 1."""
        if self._next is None:
            return float(self._begun)
        return max(0.0, self._next[0]) * self._recording.info.emg_rate_hz / max(1, self._stop - self._first)

    def open(self) -> SensorInfo:
        """Begin."""
        block_s = self._clock.at_least(LIVE_BLOCK_S, real_s=TURN_S)
        rate_hz = self._recording.info.emg_rate_hz
        items = scheduled(self._recording, self._first, self._stop, block_s)
        self._begin(((at - self._first) / rate_hz, item) for at, item in items)
        return self._recording.info

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what is due, in order; an empty list after ``timeout_s`` (of the clock) without any."""
        items = super().read(timeout_s)
        for item in items:
            if isinstance(item, Gap):
                self._counted["gaps"] += 1
                self._counted["restarts"] += item.reason == "sensor restarted"
        return items


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
