"""A recording as a source: ``replay:FILE?speed=1|N|max``."""

import math
from collections.abc import Iterator

from firmware_bridge.clock import Clock
from firmware_bridge.played_source import Due, PlayedSource
from firmware_bridge.recordings import Recording, RecordingError, open_recording
from firmware_bridge.samples import SampleBlock, SensorInfo, StreamItem
from firmware_bridge.source_contract import RecordingSourceError, SourceUrl, SourceUrlError

LOWEST_SPEED, HIGHEST_SPEED = 0.01, 100_000.0
# A paced recording comes in pieces of so many seconds of the clock, an unpaced one in minutes.
_PACED_BLOCK_S, _LONGEST_BLOCK_S = 0.1, 60.0


class ReplaySource(PlayedSource):
    """Reads a recording, at its own pace, faster or slower, or as fast as it goes.

    Args:
        url: The address.
        clock: What the pace is measured on.

    Raises:
        SourceUrlError: the speed is none.
    """

    def __init__(self, url: SourceUrl, clock: Clock) -> None:
        self._url = url
        self._speed = speed_of(url)
        self._recording: Recording | None = None
        super().__init__(clock, is_paced=math.isfinite(self._speed))

    @property
    def url(self) -> str:
        """The address it was made from."""
        return self._url.text

    @property
    def recording(self) -> Recording | None:
        """The recording, once open."""
        return self._recording

    def open(self) -> SensorInfo:
        """Open the recording.

        Raises:
            RecordingSourceError: it cannot be read.
        """
        try:
            self._recording = open_recording(self._url.target)
            self._begin(_timed(self._recording, self._speed))
        except RecordingError as error:
            raise RecordingSourceError(str(error)) from error
        return self._recording.info

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what is due, in order; an empty list after ``timeout_s`` (of the clock) without any.

        Raises:
            RecordingSourceError: the file has become unreadable.
        """
        try:
            return super().read(timeout_s)
        except RecordingError as error:
            raise RecordingSourceError(str(error)) from error


def _timed(recording: Recording, speed: float) -> Iterator[Due]:
    """Yield the items of a recording: a block when its last sample would have come, the others with what is around."""
    for item in recording.items(min(_PACED_BLOCK_S * speed, _LONGEST_BLOCK_S)):
        samples = item.end_index if isinstance(item, SampleBlock) else 0
        yield samples / recording.info.emg_rate_hz / speed, item


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
