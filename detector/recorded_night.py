"""The signal of one sensor, recorded in one file after another, and the wall clock beside its samples."""

from datetime import datetime, timedelta
from pathlib import Path

from detector.classifier import Classifier
from detector.messages import Stream
from detector.noon import evening_of
from detector.recorded_pipeline import RECORD_AGAIN_S, RecordedPipeline
from detector.settings import DetectorSettings
from detector.types import DetectorItem
from firmware_bridge.clock import Clock
from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorInfo, StreamItem


class RecordedNight:
    """One index axis of the source, and the recording that is being made of it.

    Args:
        info: The sensor.
        nights: Folder of all nights.
        settings: Of the detector.
        clock: Tells when index 0 was, until the source has said it better, and how long nothing has been recorded.
        classifier: What judges; None for the model that comes with the program.

    Attributes:
        pipeline: The recording under way.
        end_index: Index just after the last sample, on the source's axis.
    """

    def __init__(
        self,
        info: SensorInfo,
        nights: Path,
        settings: DetectorSettings,
        clock: Clock,
        classifier: Classifier | None = None,
    ) -> None:
        self.info = info
        self.end_index = 0
        self._nights = nights
        self._settings = settings
        self._clock = clock
        self._classifier = classifier
        # A sample index of the source and the wall-clock time it was taken at.
        self._anchor = (0, clock.wall())
        self.pipeline = self._begun()

    @property
    def stream(self) -> Stream:
        """What messages about the recording refer to."""
        origin = self.pipeline.origin
        return Stream(self.info, self.pipeline.recording_id, lambda index: self.wall_at(index + origin))

    @property
    def path(self) -> str | None:
        """The file; None where none could be made."""
        return str(self.pipeline.path) if self.pipeline.path else None

    def wall_at(self, index: int) -> datetime:
        """Return the wall-clock time at which a sample of the source was taken."""
        at, when = self._anchor
        return when + timedelta(seconds=(index - at) / self.info.emg_rate_hz)

    def feed(self, item: StreamItem) -> list[DetectorItem]:
        """Record an item of the source and return what the detector makes of it."""
        match item:
            case Mark(kind="clock"):
                when, *_ = item.text.split()
                self._anchor = (item.index, datetime.fromisoformat(when))
            case SampleBlock() | Gap():
                self.end_index = item.end_index
            case _:
                pass
        return self.pipeline.feed(item)

    def note(self, text: str) -> list[DetectorItem]:
        """Record a remark of the host's at the present sample; return what the detector makes of it."""
        return self.feed(Mark(self.end_index, "note", text))

    def wants_new(self) -> bool:
        """Tell whether a new recording is due: a new night at noon; or none could be made, and may be by now."""
        unrecorded_s = 0.0 if self.pipeline.path else self._clock.mono_s() - self._begun_s
        return (
            unrecorded_s >= RECORD_AGAIN_S or evening_of(self.wall_at(self.end_index)) != self.pipeline.night
        )

    def renew(self) -> None:
        """Begin a new recording here; the one before has been closed."""
        self.pipeline = self._begun()

    def close(self) -> list[DetectorItem]:
        """Close the recording, and return what was still open in it."""
        return self.pipeline.close()

    def _begun(self) -> RecordedPipeline:
        self._begun_s = self._clock.mono_s()
        return RecordedPipeline(
            self.info,
            self._nights,
            origin=self.end_index,
            when=self.wall_at(self.end_index),
            settings=self._settings,
            classifier=self._classifier,
        )
