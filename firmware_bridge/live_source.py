"""What all sources with a live port share: opening, watching, closing, and a word for each lost link."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from firmware_bridge.clock import Clock
from firmware_bridge.link_watch import LinkWatch, Remedy, ladder_of
from firmware_bridge.port_reader import Lost, Port, PortReader
from firmware_bridge.ports import port_error
from firmware_bridge.samples import LinkState, SensorInfo, StreamItem
from firmware_bridge.source_contract import SourceContext, SourceUrl

_log = logging.getLogger(__name__)


class LiveSource(SourceContext, ABC):
    """One port and the watch over it; what comes from it is the subclass's.

    Args:
        url: The address.
        connect: Opens the port; raises OSError.
        clock: Stamps what arrives.
    """

    def __init__(self, url: SourceUrl, connect: Callable[[SourceUrl], Port], clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._reader = PortReader(lambda: connect(url), clock)
        self._watch = LinkWatch(clock.mono_s())
        self._early: list[StreamItem] = []
        self._next_anchor = 0
        self._links_lost = 0

    @property
    def url(self) -> str:
        """The address it was made from."""
        return self._url.text

    def open(self) -> SensorInfo:
        """Open the port, and learn who is there.

        Raises:
            PortError: the port or host cannot be opened.
            NotASensorError: what comes is not what the address says, or nothing.
        """
        try:
            self._reader.start()
        except OSError as error:
            raise port_error(self._url, error) from error
        try:
            return self._meet()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the port go; may be called twice."""
        self._reader.close()

    @abstractmethod
    def _meet(self) -> SensorInfo:
        """Wait until it is clear who is there, and begin to watch."""

    @abstractmethod
    def _ask(self) -> None:
        """Say what may make a silent board speak."""

    @abstractmethod
    def _why_silent(self) -> str:
        """Return what to tell of a port from which no samples come."""

    def _watch_from_now(self, patience: float) -> None:
        """Begin to watch over the link, with so much patience."""
        self._watch = LinkWatch(self._clock.mono_s(), patience, ladder_of(self._url.scheme))

    def _watched(self) -> list[StreamItem]:
        """Do something about silence, if there is any."""
        match self._watch.remedy(self._clock.mono_s()):
            case Remedy.ASK:
                self._ask()
            case Remedy.GIVE_UP:
                self._ask()
                return [*self._note(self._watch.lost(self._why_silent()))]
            case Remedy.REOPEN:
                self._reader.reopen()
        return []

    def _broken(self, lost: Lost) -> Sequence[LinkState]:
        """Return that the link broke, unless that was our own doing: samples may have come while it was done."""
        if lost.asked:
            return ()
        return self._note(self._watch.lost(f"the link to the sensor broke: {lost.reason}"))

    def _note(self, states: Sequence[LinkState]) -> Sequence[LinkState]:
        """Count and log lost links."""
        self._links_lost += len(states)
        for state in states:
            _log.warning("%s: %s", self.url, state.reason)
        return states
