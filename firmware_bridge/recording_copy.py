"""A recording written anew as one of our own: samples and gaps to the bit, and of the rest what is let through.

Nothing of the source's header, and no note that ``keep`` does not return, can be in the copy.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorInfo, SensorStatus

Kept = Callable[[Mark], Mark | None]


def record_anew(
    recording: Recording, target: Path, info: SensorInfo, *, recording_id: str, start: datetime, keep: Kept
) -> None:
    """Write a recording as EDF+; a failed copy leaves nothing.

    Args:
        recording: What is copied; its EMG and acceleration as they are replayed.
        target: The new file.
        info: What the copy says of the sensor; rates, scales and number of channels are the recording's.
        recording_id: What the copy calls itself.
        start: When its first sample was taken, with a zone.
        keep: Returns what is left of a note, None for nothing.

    Raises:
        RecorderError: the file is there already or cannot be written, or samples have more than 16 bits.
        RecordingError: the recording cannot be read to its end.
    """
    recorder = NightRecorder(target, info, recording_id=recording_id, start=start)
    try:
        with recorder:
            for item in recording.items():
                match item:
                    case SampleBlock():
                        recorder.write(replace(item, info=info))
                    case Gap() | SensorStatus():
                        recorder.write(item)
                    case Mark() if (kept := keep(item)) is not None:
                        recorder.write(kept)
                    case _:
                        pass
    except BaseException:
        target.unlink(missing_ok=True)
        raise
