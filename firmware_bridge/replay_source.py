"""A recording as a source: ``replay:FILE?speed=1|N|max``."""

import math
from collections.abc import Iterator, Mapping

from firmware_bridge.clock import Clock
from firmware_bridge.frames import Frame
from firmware_bridge.recordings import Recording, RecordingError, open_recording
from firmware_bridge.samples import SampleBlock, SensorInfo, StreamItem
from firmware_bridge.source_contract import RecordingSourceError, SourceContext, SourceUrl, SourceUrlError

LOWEST_SPEED, HIGHEST_SPEED = 0.01, 100_000.0
# A paced recording comes in pieces of so many seconds of the clock, an unpaced one in minutes.
_PACED_BLOCK_S, _LONGEST_BLOCK_S = 0.1, 60.0


class ReplaySource(SourceContext):
    """Reads a recording, at its own pace, faster or slower, or as fast as it goes.

    Args:
        url: The address.
        clock: What the pace is measured on.

    Raises:
        SourceUrlError: the speed is none.
    """

    def __init__(self, url: SourceUrl, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._speed = speed_of(url)
        self._recording: Recording | None = None
        self._items: Iterator[StreamItem] = iter(())
        self._next: StreamItem | None = None
        self._began_s = 0.0
        self._samples = 0
        self._opened = False

    @property
    def url(self) -> str:
        """The address it was made from."""
        return self._url.text

    @property
    def recording(self) -> Recording | None:
        """The recording, once open."""
        return self._recording

    @property
    def finished(self) -> bool:
        """Whether everything has been read."""
        return self._opened and self._next is None

    @property
    def counters(self) -> Mapping[str, int]:
        """How many samples have been read."""
        return {"samples": self._samples}

    def open(self) -> SensorInfo:
        """Open the recording.

        Raises:
            RecordingSourceError: it cannot be read.
        """
        try:
            self._recording = open_recording(self._url.target)
        except RecordingError as error:
            raise RecordingSourceError(str(error)) from error
        block_s = min(_PACED_BLOCK_S * self._speed, _LONGEST_BLOCK_S)
        self._items = iter(self._recording.items(block_s))
        self._began_s = self._clock.mono_s()
        self._step()
        self._opened = True
        return self._recording.info

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what is due, in order; an empty list after ``timeout_s`` (of the clock) without any.

        Raises:
            RecordingSourceError: the file has become unreadable.
        """
        ends_s = self._clock.mono_s() + timeout_s
        due_s = self._due_s()
        if due_s > ends_s:
            self._clock.sleep(timeout_s)
            return []
        self._clock.sleep(due_s - self._clock.mono_s())
        items: list[StreamItem] = []
        while self._next is not None and self._due_s() <= self._clock.mono_s():
            items.append(self._next)
            self._samples += self._next.samples if isinstance(self._next, SampleBlock) else 0
            self._step()
            if math.isinf(self._speed) and isinstance(items[-1], SampleBlock):
                break
        return items

    def send(self, frame: Frame) -> None:
        """Do nothing: a recording has no board."""

    def close(self) -> None:
        """End; may be called twice."""
        self._items, self._next = iter(()), None

    def _step(self) -> None:
        try:
            self._next = next(self._items, None)
        except RecordingError as error:
            self._next = None
            raise RecordingSourceError(str(error)) from error

    def _due_s(self) -> float:
        """Return when the next item is due: a block when its last sample would have come."""
        if self._next is None or self._recording is None:
            return math.inf
        if not isinstance(self._next, SampleBlock):
            return 0.0
        return self._began_s + self._next.end_index / self._recording.info.emg_rate_hz / self._speed


def speed_of(url: SourceUrl) -> float:
    """Return the speed that an address asks for: a number, infinity for ``max``.

    Raises:
        SourceUrlError: it is neither.
    """
    text = url.options.get("speed", "1")
    if text == "max":
        return math.inf
    try:
        return url.number("speed", 1.0, low=LOWEST_SPEED, high=HIGHEST_SPEED)
    except SourceUrlError as error:
        raise SourceUrlError(f"{error}, or max") from error
