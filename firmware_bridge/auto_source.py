"""A source that finds out first who speaks at its port: ``serial:/dev/x?dialect=auto``."""

from collections.abc import Callable

from firmware_bridge.board_source import BoardSource
from firmware_bridge.clock import Clock
from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.dialect_source import DialectSource
from firmware_bridge.found_source import FoundSource
from firmware_bridge.port_reader import Port
from firmware_bridge.ports import port_error
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


class AutoSource(FoundSource):
    """Listens when it is opened, and is from then on the source for whoever speaks there.

    Args:
        url: The address.
        connect: Opens the port; raises OSError.
        clock: Stamps what arrives.
    """

    def __init__(self, url: SourceUrl, connect: Connect, clock: Clock) -> None:
        super().__init__(url)
        self._connect = connect
        self._clock = clock

    def _find(self) -> BoardSource | DialectSource:
        try:
            speaker = identify(lambda: self._connect(self._url), self._clock)
        except OSError as error:
            raise port_error(self._url, error) from error
        if speaker.dialect is None:
            raise NotASensorError(describe(speaker.seen, (), self._url.text))
        if speaker.dialect == "crampwatch":
            return BoardSource(self._url, self._connect, self._clock)
        return DialectSource(self._url, speaker.dialect, self._connect, self._clock)
