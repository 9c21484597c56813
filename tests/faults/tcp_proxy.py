"""A way between a host and a board in the network that can stall, break, fall silent and trickle: real sockets."""

from __future__ import annotations

import select
import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

LOOK_S = 0.005
# What a router keeps for a station that does not answer.
BUFFER_BYTES = 4096
READ_BYTES = 4096
# The state of a connection whose other end has closed it (netinet/tcp.h).
CLOSE_WAIT = 8
# Closing then sends a reset.
RESET = struct.pack("ii", 1, 0)


class Way:
    """One connection of the host's, and its continuation to the board."""

    def __init__(self, host: socket.socket, board_port: int) -> None:
        self.host = host
        self.board = socket.socket()
        # Small from the beginning, so that a way that is held makes the board wait, as a radio does.
        self.board.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self.board.connect(("127.0.0.1", board_port))
        self.host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def ends(self) -> tuple[socket.socket, socket.socket]:
        """Both sockets."""
        return self.host, self.board

    def other(self, end: socket.socket) -> socket.socket:
        """Where what comes from one end goes."""
        return self.board if end is self.host else self.host


class FaultProxy:
    """Carries bytes between hosts and one board, with what goes wrong on the way.

    Attributes:
        connections: How many hosts have connected so far.

    Args:
        board_port: TCP port of the board on loopback.
    """

    def __init__(self, board_port: int) -> None:
        self._board_port = board_port
        self._server = socket.create_server(("127.0.0.1", 0))
        self._ways: list[Way] = []
        # Connections over which nothing will ever come again, and whose ends do not know.
        self._silent: list[socket.socket] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._held = self._dark = self._refusing = False
        self._most_bytes = READ_BYTES
        self.connections = 0
        self._thread = threading.Thread(target=self._run)

    @property
    def url(self) -> str:
        """Address for `open_source`."""
        return f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._silence()
        for end in (*self._silent, self._server):
            end.close()

    def hold(self) -> None:
        """Stall: nothing moves, and nothing is lost that fits the buffers on the way."""
        self._held = True

    def darken(self) -> None:
        """Fall silent half-open: the connections there are never carry anything again, nor do new ones for now."""
        with self._lock:
            self._dark = True
            self._silence()

    def roam(self) -> None:
        """Give up the connections there are without a word; new ones work."""
        with self._lock:
            self._silence()

    def reset(self) -> None:
        """Break all connections with a reset."""
        with self._lock:
            self._drop_all()

    def refuse(self) -> None:
        """Break every connection as soon as it is made."""
        with self._lock:
            self._refusing = True
            self._drop_all()

    def trickle(self, most_bytes: int) -> None:
        """Carry so many bytes at a time and no more."""
        self._most_bytes = most_bytes

    def mend(self) -> None:
        """End what has been going on; connections that were given up stay so."""
        with self._lock:
            self._held = self._dark = self._refusing = False
            self._most_bytes = READ_BYTES

    def _silence(self) -> None:
        self._silent += [end for way in self._ways for end in way.ends]
        self._ways = []

    def _drop_all(self) -> None:
        for way in self._ways:
            for end in way.ends:
                reset(end)
        self._ways = []

    def _run(self) -> None:
        while not self._stop.wait(LOOK_S):
            with self._lock:
                while select.select([self._server], [], [], 0)[0]:
                    self._accept()
                if not self._held:
                    for way in list(self._ways):
                        self._carry(way)

    def _accept(self) -> None:
        host, _ = self._server.accept()
        self.connections += 1
        if self._refusing:
            reset(host)
        elif host.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == CLOSE_WAIT:
            # Given up while the way was held: in a real network it had never come about.
            host.close()
        elif self._dark:
            # Of this one the board does not hear.
            self._silent.append(host)
        else:
            self._ways.append(Way(host, self._board_port))

    def _carry(self, way: Way) -> None:
        ready, _, _ = select.select(way.ends, [], [], 0)
        for end in ready:
            if not select.select([], [way.other(end)], [], 0)[1]:
                continue
            data = b""
            with suppress(ConnectionError):
                data = end.recv(self._most_bytes)
                way.other(end).sendall(data)
            if not data:
                for one in way.ends:
                    one.close()
                self._ways.remove(way)
                return


def reset(end: socket.socket) -> None:
    """Close a connection so that its other end is told of a fault."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    end.close()
