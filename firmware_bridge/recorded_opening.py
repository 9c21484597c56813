"""What a recording of any format is once it is open."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from firmware_bridge.recorded_log import PlacedNotice
from firmware_bridge.recorded_stream import SampleReader
from firmware_bridge.recording_timeline import Piece
from firmware_bridge.samples import Mark, SensorInfo


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is open as a recording.

    Attributes:
        path: The file.
        info: Who was recorded, and in what units.
        recording_id: The same whenever it is opened, wherever it lies.
        start: Time of index 0; without a zone where the file gives none, None where unknown.
        marks: Every note in the file, by index.
        notices: What is said in the stream, in its order.
        pieces: Where samples and gaps lie on the index axis.
        channels: The chosen channels.
        warnings: What was wrong and read all the same, and what was chosen where there was a choice.
        is_ours: Our recorder wrote it.
    """

    path: Path
    info: SensorInfo
    recording_id: str
    start: datetime | None
    marks: tuple[Mark, ...]
    notices: tuple[PlacedNotice, ...]
    pieces: tuple[Piece, ...]
    channels: SampleReader
    warnings: tuple[str, ...]
    is_ours: bool = False
