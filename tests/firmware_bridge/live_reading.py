"""Reading live sources in tests, and the parts of this machine they are tried on."""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_bridge.pty_line import PtyLine
from firmware_bridge.samples import StreamItem
from firmware_bridge.sources import Source

# After so long a test has failed; on a busy machine everything here takes well under a second.
PATIENCE_S = 30.0
SEND_BUFFER_BYTES = 4096


def read_until(source: Source, done: Callable[[list[StreamItem]], bool]) -> list[StreamItem]:
    """Return what a source gives until that is enough."""
    items: list[StreamItem] = []
    ends_s = time.monotonic() + PATIENCE_S
    while not done(items):
        assert time.monotonic() < ends_s, f"waited in vain; {source.counters}; {items[-3:]}"
        items += source.read(0.05)
    return items


def read_all(source: Source) -> list[StreamItem]:
    """Return everything until the source is finished."""
    return read_until(source, lambda _: source.finished)


def open_files() -> int:
    """Return how many file descriptors this process has."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@contextmanager
def talker(say: Callable[[bytes], bytes]) -> Iterator[str]:
    """Give the port of a device that hears something and says something every 10 ms."""
    line, stop = PtyLine(), threading.Event()
    line.plug()

    def talk() -> None:
        while not stop.wait(0.01):
            if line.listened_to:
                line.write(say(line.read()))

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield line.port
    finally:
        stop.set()
        thread.join()
        line.unplug()


class SerialRadio:
    """Carries a serial port to another, as Bluetooth serial does: the port stays whatever the radio does.

    Attributes:
        stalled: Set while nothing goes over the air; what is under way waits.
    """

    def __init__(self, port: str) -> None:
        self._line = PtyLine()
        self._line.plug()
        self._device = os.open(port, os.O_RDWR | os.O_NOCTTY)
        self._stop = threading.Event()
        self.stalled = threading.Event()
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()

    @property
    def port(self) -> str:
        """What a host opens."""
        return self._line.port

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        os.close(self._device)
        self._line.unplug()

    def _carry(self) -> None:
        pending = b""
        while not self._stop.wait(0.002):
            if self.stalled.is_set() or not self._line.listened_to:
                continue
            os.write(self._device, self._line.read())
            if not pending and select.select([self._device], [], [], 0)[0]:
                pending = os.read(self._device, 4096)
            pending = pending[self._line.write(pending) :] if pending else b""


class TcpBridge:
    """Serves a serial port over TCP on loopback, as ser2net does: the newest client alone, both ways."""

    def __init__(self, port: str) -> None:
        self._port = port
        self._server = socket.create_server(("127.0.0.1", 0))
        # What a small board keeps for the network; what is accepted inherits it.
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._server.settimeout(0.05)
        self._stop = threading.Event()
        self._drop = threading.Event()
        self.stalled = threading.Event()
        self.clients = 0
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        """Address for `open_source`."""
        return f"socket://127.0.0.1:{self.tcp_port}"

    @property
    def tcp_port(self) -> int:
        """Where it listens on loopback."""
        return int(self._server.getsockname()[1])

    def drop(self) -> None:
        """Break the connection that there is."""
        self._drop.set()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._server.accept()
            except TimeoutError:
                continue
            self.clients += 1
            with client:
                self._drop.clear()
                self._carry(client)

    def _carry(self, client: socket.socket) -> None:
        """Carry until it breaks, or until a new client takes the board over from this one."""
        device = os.open(self._port, os.O_RDWR | os.O_NOCTTY)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setblocking(False)
        pending = b""
        try:
            while not (self._stop.is_set() or self._drop.is_set()):
                # What the client does not take makes the board wait.
                incoming: list[socket.socket | int] = [
                    client,
                    self._server,
                    *([] if pending or self.stalled.is_set() else [device]),
                ]
                ready, writable, _ = select.select(incoming, [client] if pending else [], [], 0.02)
                if self._server in ready:
                    return
                if device in ready:
                    pending = os.read(device, 4096)
                if client in ready:
                    data = client.recv(4096)
                    if not data:
                        return
                    os.write(device, data)
                if pending and (writable or device in ready):
                    pending = pending[sent(client, pending) :]
        except OSError:
            # The board or the client has gone; the next connection starts afresh.
            return
        finally:
            os.close(device)


def sent(client: socket.socket, data: bytes) -> int:
    """Return how many bytes a connection has taken at once."""
    try:
        return client.send(data)
    except BlockingIOError:
        return 0
