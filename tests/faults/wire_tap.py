"""A way between an MQTT client and its broker that delays, stalls, breaks, or keeps answers back: real sockets."""

from __future__ import annotations

import random
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from detector.broker_address import BrokerAddress

LOOK_S = 0.002
READ_BYTES = 65_536
# The kind of a packet is in the high half of its first byte (MQTT 3.1.1, section 2.2.1).
PUBLISH, PUBACK = 3, 4
# Closing then sends a reset.
RESET = struct.pack("ii", 1, 0)


def packets(buffer: bytearray) -> list[bytes]:
    """Take whole MQTT packets from the front of a buffer."""
    whole: list[bytes] = []
    while len(buffer) >= 2:
        length, shift, place = 0, 0, 1
        while place < len(buffer):
            length |= (buffer[place] & 0x7F) << shift
            shift += 7
            place += 1
            if not buffer[place - 1] & 0x80:
                break
        else:
            break
        if len(buffer) < place + length:
            break
        whole.append(bytes(buffer[: place + length]))
        del buffer[: place + length]
    return whole


@dataclass(eq=False)
class Way:
    """One connection and its continuation; what is on its way, with when it is due."""

    client: socket.socket
    broker: socket.socket
    due: dict[socket.socket, deque[tuple[float, bytes]]] = field(default_factory=dict)
    rest: bytearray = field(default_factory=bytearray)

    def other(self, end: socket.socket) -> socket.socket:
        """Where what comes from one end goes."""
        return self.broker if end is self.client else self.client

    def close(self, *, broken: bool) -> None:
        for end in (self.client, self.broker):
            with suppress(OSError):
                if broken:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.close()


class WireTap:
    """Carries MQTT between clients and one broker, with what goes wrong on the way. A context manager.

    Attributes:
        delay_s: How long a packet takes; a span of which each draws its own, and none overtakes.
        lost: Share of packets that are sent again by TCP, which costs 0.2 s or more.
        keep: Which packets of the broker's are kept back.
        kept: How many were.
    """

    def __init__(self, broker: BrokerAddress, seed: int = 1) -> None:
        self._broker = broker
        self._server = socket.create_server(("127.0.0.1", 0))
        self._chance = random.Random(seed)
        self._ways: list[Way] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.delay_s = (0.0, 0.0)
        self.lost = 0.0
        self.keep: Callable[[bytes], bool] = lambda _packet: False
        self.kept = 0
        self._break = threading.Event()

    @property
    def address(self) -> BrokerAddress:
        """Where clients connect."""
        port = self._server.getsockname()[1]
        return BrokerAddress("127.0.0.1", port, self._broker.username, self._broker.password)

    def reset(self) -> None:
        """Break all connections."""
        self._break.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()
        for way in self._ways:
            way.close(broken=False)
        self._server.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            ends = [end for way in self._ways for end in (way.client, way.broker)]
            ready, _, _ = select.select([self._server, *ends], [], [], LOOK_S)
            if self._server in ready:
                self._accept()
            for way in list(self._ways):
                self._carry(way, ready)
            if self._break.is_set():
                self._break.clear()
                for way in self._ways:
                    way.close(broken=True)
                self._ways = []

    def _accept(self) -> None:
        client, _ = self._server.accept()
        try:
            broker = socket.create_connection((self._broker.host, self._broker.port), 1.0)
        except OSError:
            client.close()
            return
        for end in (client, broker):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ways.append(Way(client, broker, {client: deque(), broker: deque()}))

    def _carry(self, way: Way, ready: list[socket.socket]) -> None:
        try:
            for end in (way.client, way.broker):
                if end in ready:
                    self._take(way, end)
                queue = way.due[end]
                while queue and queue[0][0] <= time.monotonic():
                    end.sendall(queue.popleft()[1])
        except OSError:
            way.close(broken=False)
            self._ways.remove(way)

    def _take(self, way: Way, end: socket.socket) -> None:
        data = end.recv(READ_BYTES)
        if not data:
            raise ConnectionResetError
        other = way.other(end)
        if end is way.client:
            self._send(way, other, data)
            return
        way.rest += data
        for packet in packets(way.rest):
            if self.keep(packet):
                self.kept += 1
            else:
                self._send(way, other, packet)

    def _send(self, way: Way, to: socket.socket, data: bytes) -> None:
        delay_s = self._chance.uniform(*self.delay_s)
        if self._chance.random() < self.lost:
            delay_s += 0.2 * 2 ** self._chance.randrange(3)
        queue = way.due[to]
        due_s = time.monotonic() + delay_s
        queue.append((max(due_s, queue[-1][0]) if queue else due_s, data))
