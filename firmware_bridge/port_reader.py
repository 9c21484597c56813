"""One thread that keeps a port open and queues what comes, with the time at which it came.

It knows nothing of frames. A lost port is opened again and again; the queue is bounded, and a reader that has
fallen far behind makes the port wait, so that nothing is dropped here.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from firmware_bridge.clock import Clock

_log = logging.getLogger(__name__)

# What is read at once; at 100 times real time a board sends 4 kB in 10 ms.
READ_BYTES = 4096
# What may wait to be taken: four minutes of one channel at 1 kHz.
QUEUE_BYTES = 1 << 20
# How often a lost port is tried, in seconds of life; it has to be back within two.
REOPEN_EVERY_S = 0.5
# How long closing may wait for the thread; it may be connecting to a host that does not answer.
CLOSE_S = 2.0


class Port(Protocol):
    """An open port: ``read`` waits a few milliseconds, for up to so many bytes."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, none after a short while without any."""
        ...

    def write(self, data: bytes, /) -> int | None:
        """Write all of it, or raise OSError."""
        ...

    def close(self) -> None:
        """Let the port go."""
        ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes, and the host's monotonic time at which the last of them had arrived."""

    data: bytes
    received_at_s: float


@dataclass(frozen=True, slots=True)
class Lost:
    """The port is gone.

    Attributes:
        reason: Why.
        asked: Whether somebody asked for it to be opened afresh; bytes may have come again in the meantime.
    """

    reason: str
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The port is open again."""


Arrival = Chunk | Lost | Opened


class PortReader:
    """Reads a port in a thread of its own until it is closed.

    Args:
        connect: Opens the port; raises OSError where that fails.
        clock: Stamps what arrives.
    """

    def __init__(self, connect: Callable[[], Port], clock: Clock) -> None:
        self._connect = connect
        self._clock = clock
        self._port: Port | None = None
        # Nobody may close the port while another thread is writing to it.
        self._port_in_use = threading.Lock()
        self._arrivals: deque[Arrival] = deque()
        self._queued_bytes = 0
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._reopen = threading.Event()
        self._thread = threading.Thread(target=self._run, name="port-reader", daemon=True)
        self._unsent = 0
        self._faults = 0

    @property
    def unsent_writes(self) -> int:
        """How often something could not be written."""
        return self._unsent

    @property
    def faults(self) -> int:
        """How often the port failed in a way that no port should."""
        return self._faults

    def start(self) -> None:
        """Open the port and begin to read.

        Raises:
            OSError: it cannot be opened.
        """
        self._port = self._connect()
        self._thread.start()

    def take(self, timeout_s: float) -> list[Arrival]:
        """Return all that has arrived; wait for it up to ``timeout_s`` seconds of life."""
        with self._changed:
            if not self._arrivals:
                self._changed.wait(timeout_s)
            arrivals = list(self._arrivals)
            self._arrivals.clear()
            self._queued_bytes = 0
            self._changed.notify_all()
        return arrivals

    def write(self, data: bytes) -> None:
        """Write, if the port is there; what cannot be written is counted and gone."""
        if not data:
            return
        with self._port_in_use:
            try:
                if self._port is None:
                    raise ConnectionError("the port is not open")
                self._port.write(data)
            except OSError as error:
                self._unsent += 1
                _log.debug("not sent, %d bytes: %s", len(data), error)

    def reopen(self) -> None:
        """Close the port and open it again: a remedy against silence."""
        self._reopen.set()

    def close(self) -> None:
        """Stop reading and close the port."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while True:
            reason = self._guarded(self._read_on)
            self._drop_port()
            if self._closing.is_set():
                return
            self._put(Lost(reason, asked=self._reopen.is_set()))
            while self._port is None and not self._closing.wait(REOPEN_EVERY_S):
                _log.debug("port: %s", self._guarded(self._connect_again))
            self._put(Opened())

    def _guarded(self, action: Callable[[], str]) -> str:
        """Do something with the port and return how it ended; nothing that goes wrong ends the thread."""
        try:
            return action()
        except OSError as error:
            return str(error)
        # Drivers raise what they like when a port vanishes; the night goes on.
        except Exception as error:  # noqa: BLE001
            self._faults += 1
            _log.exception("port reader")
            return f"{type(error).__name__}: {error}"

    def _connect_again(self) -> str:
        self._port = self._connect()
        return "opened"

    def _read_on(self) -> str:
        self._reopen.clear()
        while self._port is not None and not self._closing.is_set():
            if self._reopen.is_set():
                return "nothing came; opened again"
            data = self._port.read(READ_BYTES)
            if data:
                self._put(Chunk(data, self._clock.mono_s()))
        return "closed"

    def _drop_port(self) -> None:
        with self._port_in_use:
            port, self._port = self._port, None
            try:
                if port is not None:
                    port.close()
            except OSError as error:
                _log.debug("closing a lost port: %s", error)

    def _put(self, arrival: Arrival) -> None:
        size = len(arrival.data) if isinstance(arrival, Chunk) else 0
        with self._changed:
            self._changed.wait_for(lambda: self._queued_bytes < QUEUE_BYTES or self._closing.is_set())
            self._arrivals.append(arrival)
            self._queued_bytes += size
            self._changed.notify_all()
