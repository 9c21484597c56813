"""A TCP connection to a board as a port: plain bytes both ways, over whatever network there is."""

import select
import socket
import time
from typing import Self
from urllib.parse import urlsplit

from firmware_bridge.port_reader import Port
from firmware_bridge.ports import READ_S, WRITE_S
from firmware_bridge.source_contract import SourceUrl

# A network that is there answers in a fraction of this; one that is back is noticed with the next try, since
# what is sent into nothing is repeated after one second and then ever more rarely.
CONNECT_S = 1.5


def open_socket(url: SourceUrl) -> Port:
    """Connect to ``socket://HOST:PORT``.

    Raises:
        OSError: nobody answers there.
    """
    parts = urlsplit(f"socket:{url.target}")
    return SocketPort.connect(parts.hostname or "", parts.port or 0)


class SocketPort:
    """An open connection.

    pyserial has such a port too, but it leaves a connection that was reset to the garbage collector and takes
    0.3 s to close any, which is time that a lost link is to be back in.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.settimeout(0.0)
        # A command is a few bytes, and is not to wait for more.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @classmethod
    def connect(cls, host: str, port: int) -> Self:
        """Connect.

        Raises:
            OSError: nobody answers there.
        """
        return cls(socket.create_connection((host, port), timeout=CONNECT_S))

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes: what comes within a twentieth of a second.

        Raises:
            OSError: the connection is broken, or the other end has closed it.
        """
        found = b""
        ends_s = time.monotonic() + READ_S
        while len(found) < size and self._ready(ends_s, to_write=False):
            data = self._connection.recv(size - len(found))
            if not data and not found:
                raise ConnectionError("the sensor has closed the connection")
            if not data:
                break
            found += data
        return found

    def write(self, data: bytes, /) -> int:
        """Write all of it.

        Raises:
            OSError: the connection is broken, or takes nothing.
        """
        left = memoryview(data)
        ends_s = time.monotonic() + WRITE_S
        while left:
            if not self._ready(ends_s, to_write=True):
                raise TimeoutError(f"the network has taken {len(data) - len(left)} of {len(data)} bytes")
            left = left[self._connection.send(left) :]
        return len(data)

    def close(self) -> None:
        """Let it go."""
        self._connection.close()

    def _ready(self, until_s: float, *, to_write: bool) -> bool:
        left_s = max(0.0, until_s - time.monotonic())
        watched = [self._connection]
        readable, writable, _ = select.select(
            [] if to_write else watched, watched if to_write else [], [], left_s
        )
        return bool(readable or writable)
