"""A source that finds out when it is opened what it is, and leaves the rest to that."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from firmware_bridge.board_source import BoardSource
from firmware_bridge.dialect_source import DialectSource
from firmware_bridge.frames import Frame
from firmware_bridge.samples import SensorInfo, StreamItem
from firmware_bridge.source_contract import SourceContext, SourceUrl


class FoundSource(SourceContext, ABC):
    """What all such sources share; how they find out is their own.

    Args:
        url: The address.
    """

    def __init__(self, url: SourceUrl) -> None:
        self._url = url
        self._source: BoardSource | DialectSource | None = None

    @property
    def url(self) -> str:
        """The address it was made from."""
        return self._url.text

    @property
    def finished(self) -> bool:
        """Whether a board has said that the recording it played is over."""
        return self._source is not None and self._source.finished

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on what had to be guessed."""
        return self._source.warnings if isinstance(self._source, DialectSource) else ()

    @property
    def counters(self) -> Mapping[str, int]:
        """What came, was lost and was sent so far, by name."""
        return {} if self._source is None else self._source.counters

    def open(self) -> SensorInfo:
        """Find out who speaks, and open the source for that.

        Raises:
            PortError: the port or host cannot be opened.
            NotASensorError: nobody speaks there that we understand.
        """
        self._source = self._find()
        return self._source.open()

    @abstractmethod
    def _find(self) -> BoardSource | DialectSource:
        """Return the source for whoever speaks."""

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what has come, in order; an empty list after ``timeout_s`` (of the clock) without any."""
        return [] if self._source is None else self._source.read(timeout_s)

    def send(self, frame: Frame) -> None:
        """Send a command, where the board knows commands."""
        if self._source is not None:
            self._source.send(frame)

    def close(self) -> None:
        """Let the port go; may be called twice."""
        if self._source is not None:
            self._source.close()
