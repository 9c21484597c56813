"""One recording, one pipeline, one index axis: what is detected is on disk first.

The disk may fail (full, pulled): the samples then go on to the detector unrecorded, and `fault` says why, since
an alarm matters more than its record. The recorder tries again after a while; what it missed is a gap.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from detector.classifier import Classifier
from detector.noon import evening_of
from detector.personal_fit import LIMITS_KIND, limits_text
from detector.pipeline import Pipeline
from detector.reserve import trouble_of
from detector.settings import DetectorSettings
from detector.types import Contraction, DetectorItem
from firmware_bridge.recorder import NightRecorder, RecorderError
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, SensorInfo, SensorStatus, StreamItem

_log = logging.getLogger(__name__)

# A disk that refused is asked again after this long: often enough to lose little, seldom enough that the notes of
# what is missing stay few.
RECORD_AGAIN_S = 60.0


def next_recording(nights: Path, sensor_id: str, when: datetime) -> Path:
    """Return the first free ``signal.edf``, ``signal-2.edf``, … of a sensor's night, its folder made."""
    folder = nights / f"{evening_of(when)}_{sensor_id}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = 1
    path = folder / "signal.edf"
    while path.exists():
        number += 1
        path = folder / f"signal-{number}.edf"
    return path


def rebased(item: StreamItem, origin: int) -> StreamItem:
    """Return the item on an index axis that begins at ``origin``."""
    match item:
        case SampleBlock() | Gap():
            return replace(item, first_index=item.first_index - origin)
        case Mark() | SensorStatus():
            return replace(item, index=item.index - origin)
        case SensorInfo() | LinkState():
            return item


class RecordedPipeline:
    """Records a stream and detects in it.

    Args:
        info: The sensor.
        nights: Folder of all nights.
        origin: Index of the source at which this recording begins; index 0 here.
        when: Wall-clock time of that sample, aware.
        settings: Of the detector.
        classifier: What judges; None for the model that comes with the program.

    Attributes:
        path: The file; None where it could not be made, and nothing is recorded from here on.
        fault: Why nothing is recorded at this moment; None while it is.
    """

    def __init__(
        self,
        info: SensorInfo,
        nights: Path,
        *,
        origin: int,
        when: datetime,
        settings: DetectorSettings,
        classifier: Classifier | None = None,
    ) -> None:
        self.info = info
        self.origin = origin
        self.night = evening_of(when)
        self.recording_id = f"{info.sensor_id}-{when:%Y%m%dT%H%M%S}"
        self.path: Path | None = None
        self.fault: str | None = None
        self._pipeline = Pipeline(info, settings, recording_id=self.recording_id, classifier=classifier)
        self._recorder = self._opened(nights, when)
        if self._recorder and (limits := limits_text(settings)):
            self._recorder.annotate(0, LIMITS_KIND, limits)
        # Samples before this index are not offered to a disk that has just refused some.
        self._again_index = 0

    def feed(self, item: StreamItem) -> list[DetectorItem]:
        """Record the item (its indices are the source's), then return what the detector makes of it."""
        own = rebased(item, self.origin)
        if self._recorder:
            self._record(self._recorder, own)
        return self._annotated(self._pipeline.feed(own))

    def close(self) -> list[DetectorItem]:
        """Return what was still open, and close the file."""
        results = self._annotated(self._pipeline.finish())
        if self._recorder:
            try:
                self._recorder.close()
            except RecorderError as error:
                self._fail(error)
        return results

    def _opened(self, nights: Path, when: datetime) -> NightRecorder | None:
        try:
            _check_room(nights, stopped=False)
            path = next_recording(nights, self.info.sensor_id, when)
            recorder = NightRecorder(path, self.info, recording_id=self.recording_id, start=when)
        except (OSError, RecorderError) as error:
            self._fail(error)
            return None
        self.path = path
        return recorder

    def _record(self, recorder: NightRecorder, own: StreamItem) -> None:
        if not isinstance(own, SampleBlock | Gap):
            self._note(recorder, own)
        elif own.first_index >= self._again_index:
            try:
                _check_room(recorder.path.parent, stopped=self.fault is not None)
                recorder.write(own)
                self.fault = None
            except RecorderError as error:
                self._again_index = own.end_index + round(RECORD_AGAIN_S * self.info.emg_rate_hz)
                self._fail(error)

    def _note(self, recorder: NightRecorder, own: StreamItem) -> None:
        try:
            recorder.write(own)
        except RecorderError as error:
            # A note that fits no recording; the samples are recorded all the same.
            _log.error("recording: %s", error)

    def _fail(self, error: Exception) -> None:
        if self.fault is None:
            _log.error("recording: %s", error)
        self.fault = str(error)

    def _annotated(self, results: Iterable[DetectorItem]) -> list[DetectorItem]:
        results = list(results)
        for result in results:
            if self._recorder and isinstance(result, Contraction):
                _annotate(self._recorder, result)
        return results


def _check_room(folder: Path, *, stopped: bool) -> None:
    """Leave the last of the disk to events and alarms.

    Raises:
        RecorderError: there is no room for a recording.
    """
    trouble = trouble_of(folder, stopped=stopped)
    if trouble:
        raise RecorderError(trouble)


def _annotate(recorder: NightRecorder, contraction: Contraction) -> None:
    verdict = contraction.kind if contraction.alert == "none" else f"{contraction.kind} {contraction.alert}"
    text = f"{verdict} {contraction.phase}: {contraction.reason}"
    duration_s = contraction.duration_s if contraction.phase == "ended" else 0.0
    recorder.annotate(contraction.onset_index, "event", text, duration_s)
