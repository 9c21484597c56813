"""What a session knows of its sensors: whose board is whose, and what an unnamed one has called itself."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from firmware_bridge.frames import Frame
from firmware_bridge.samples import LinkState, SensorInfo, StreamItem
from firmware_bridge.source_contract import NotASensorError, Source, SourceContext

_log = logging.getLogger(__name__)


class IntroducedSource(SourceContext):
    """A source that calls other people's boards by their names, and tells who it is once it is open.

    Args:
        source: What it is.
        names: Of the session's sensors, by hardware id.
        note: Given the sensor's name when it has been opened.
    """

    def __init__(self, source: Source, names: Mapping[str, str], note: Callable[[str], None]) -> None:
        self._source = source
        self._names = names
        self._note = note

    @property
    def url(self) -> str:
        """The address it was made from."""
        return self._source.url

    @property
    def finished(self) -> bool:
        """Whether everything has been read."""
        return self._source.finished

    @property
    def counters(self) -> Mapping[str, int]:
        """What came, was lost and was sent so far, by name."""
        return self._source.counters

    def open(self) -> SensorInfo:
        """Begin, and return who is sending.

        Raises:
            SourceError: nothing can be read from here.
        """
        try:
            info = self._source.open()
        except NotASensorError as error:
            raise NotASensorError(self._with_names(str(error))) from error
        self._note(info.sensor_id)
        return info

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what has come, in order; an empty list after ``timeout_s`` (of the clock) without any."""
        return [
            replace(item, reason=self._with_names(item.reason)) if isinstance(item, LinkState) else item
            for item in self._source.read(timeout_s)
        ]

    def send(self, frame: Frame) -> None:
        """Send a command to the board; where there is no board, nothing happens."""
        self._source.send(frame)

    def close(self) -> None:
        """End; may be called twice."""
        self._source.close()

    def _with_names(self, text: str) -> str:
        for hardware, name in self._names.items():
            text = text.replace(hardware, f"{hardware} ({name})")
        return text


class Introductions:
    """What unnamed sensors of one session have called themselves: a monitor that starts anew knows whom to miss.

    Args:
        folder: Of the session's running state.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, number: int) -> str:
        """Return what a sensor has called itself; empty if it never was there."""
        try:
            return self._file(number).read_text(encoding="ascii")
        except (FileNotFoundError, UnicodeDecodeError):
            return ""

    def note(self, number: int, name: str) -> None:
        """Keep what a sensor calls itself, for as long as the session lasts, if the disk takes it."""
        try:
            self._file(number).write_text(name, encoding="ascii")
        except OSError as error:
            _log.warning("sensor %s: its name cannot be kept: %s", name, error)

    def forget(self) -> None:
        """Begin a session: other boards may be plugged in than in the last one."""
        for file in self._folder.glob("sensor-*.name"):
            file.unlink()

    def _file(self, number: int) -> Path:
        return self._folder / f"sensor-{number}.name"
