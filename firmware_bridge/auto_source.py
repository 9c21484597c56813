"""A source that finds out first who speaks at its port: ``serial:/dev/x?dialect=auto``."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from firmware_bridge.board_source import BoardSource
from firmware_bridge.clock import Clock
from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.dialect_source import DialectSource
from firmware_bridge.frames import Frame
from firmware_bridge.port_reader import Port
from firmware_bridge.ports import port_error
from firmware_bridge.samples import SensorInfo, StreamItem
from firmware_bridge.source_contract import NotASensorError, Source, SourceUrl
from firmware_bridge.speakers import identify
from firmware_bridge.strangers import describe

Connect = Callable[[SourceUrl], Port]


def live_source(url: SourceUrl, connect: Connect, clock: Clock) -> Source:
    """Return the source for a live address: of our own boards, unless ``dialect=`` says otherwise.

    Raises:
        SourceUrlError: the address says what cannot be.
    """
    dialect = DialectOptions.of(url).dialect
    if url.options.get("dialect") == "auto":
        return AutoSource(url, connect, clock)
    if dialect in {"text", "chords"}:
        return DialectSource(url, dialect, connect, clock)
    return BoardSource(url, connect, clock)


class AutoSource:
    """Listens when it is opened, and is from then on the source for whoever speaks there.

    Args:
        url: The address.
        connect: Opens the port; raises OSError.
        clock: Stamps what arrives.
    """

    def __init__(self, url: SourceUrl, connect: Connect, clock: Clock) -> None:
        self._url = url
        self._connect = connect
        self._clock = clock
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
        try:
            speaker = identify(lambda: self._connect(self._url), self._clock)
        except OSError as error:
            raise port_error(self._url, error) from error
        if speaker.dialect is None:
            raise NotASensorError(describe(speaker.seen, (), self._url.text))
        if speaker.dialect == "crampwatch":
            self._source = BoardSource(self._url, self._connect, self._clock)
        else:
            self._source = DialectSource(self._url, speaker.dialect, self._connect, self._clock)
        return self._source.open()

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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
