"""The reader thread: bounded, told of every loss, and never brought down by what a port may do."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from firmware_bridge.clock import Clock
from firmware_bridge.port_reader import QUEUE_BYTES, Arrival, Chunk, Lost, Opened, PortReader
from tests.firmware_bridge.live_reading import PATIENCE_S


class FakePort:
    """A port that does what it is told: bytes are read, exceptions raised."""

    def __init__(self) -> None:
        self.script: queue.Queue[bytes | Exception] = queue.Queue()
        self.written = b""
        self.closed = 0
        self.trouble: Exception | None = None

    def read(self, size: int, /) -> bytes:
        try:
            step = self.script.get(timeout=0.01)
        except queue.Empty:
            return b""
        if isinstance(step, Exception):
            raise step
        return step

    def write(self, data: bytes, /) -> int:
        if self.trouble:
            raise self.trouble
        self.written += data
        return len(data)

    def close(self) -> None:
        self.closed += 1
        if self.trouble:
            raise self.trouble


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware_bridge.port_reader.REOPEN_EVERY_S", 0.01)


@contextmanager
def reading(*ports: FakePort | OSError) -> Iterator[PortReader]:
    """Start a reader whose ports, at each opening, are these."""
    coming = list(ports)

    def connect() -> FakePort:
        port = coming.pop(0)
        if isinstance(port, OSError):
            raise port
        return port

    reader = PortReader(connect, Clock())
    reader.start()
    try:
        yield reader
    finally:
        reader.close()


def taken(reader: PortReader, count: int) -> list[Arrival]:
    arrivals: list[Arrival] = []
    ends_s = time.monotonic() + PATIENCE_S
    while len(arrivals) < count and time.monotonic() < ends_s:
        arrivals += reader.take(0.05)
    return arrivals


def test_bytes_come_with_the_time_at_which_they_came() -> None:
    port = FakePort()
    before_s = time.monotonic()
    with reading(port) as reader:
        port.script.put(b"abc")
        [chunk] = taken(reader, 1)
        assert isinstance(chunk, Chunk)
        assert chunk.data == b"abc"
        assert before_s <= chunk.received_at_s <= time.monotonic()
        assert reader.take(0.0) == []
    assert port.closed == 1


@pytest.mark.parametrize("trouble", [OSError("gone"), TypeError("fd is None")], ids=str)
def test_a_port_that_fails_is_lost_and_opened_again(trouble: Exception) -> None:
    first, second = FakePort(), FakePort()
    with reading(first, OSError("not yet"), second) as reader:
        first.script.put(trouble)
        second.script.put(b"back")
        lost, opened, chunk = taken(reader, 3)
        assert isinstance(lost, Lost)
        assert str(trouble) in lost.reason
        assert opened == Opened()
        assert isinstance(chunk, Chunk)
        assert chunk.data == b"back"
        assert reader.faults == isinstance(trouble, TypeError)
    assert (first.closed, second.closed) == (1, 1)


def test_a_port_that_cannot_even_be_closed_is_let_go() -> None:
    first, second = FakePort(), FakePort()
    with reading(first, second) as reader:
        first.trouble = OSError("stuck")
        first.script.put(OSError("gone"))
        assert [type(arrival) for arrival in taken(reader, 2)] == [Lost, Opened]


def test_opening_afresh_closes_first() -> None:
    first, second = FakePort(), FakePort()
    with reading(first, second) as reader:
        reader.reopen()
        assert [type(arrival) for arrival in taken(reader, 2)] == [Lost, Opened]
        assert (first.closed, second.closed) == (1, 0)


def test_what_cannot_be_written_is_counted_and_nothing_is_raised() -> None:
    port = FakePort()
    with reading(port) as reader:
        reader.write(b"")
        reader.write(b"cue")
        assert port.written == b"cue"
        port.trouble = OSError("full")
        reader.write(b"cue")
        port.trouble = None
    reader.write(b"cue")
    assert reader.unsent_writes == 2


def test_a_reader_that_nobody_asks_makes_the_port_wait_and_keeps_what_it_has() -> None:
    port = FakePort()
    piece = bytes(QUEUE_BYTES // 4)
    with reading(port) as reader:
        for _ in range(10):
            port.script.put(piece)
        ends_s = time.monotonic() + PATIENCE_S
        while port.script.qsize() > 5 and time.monotonic() < ends_s:
            time.sleep(0.01)
        time.sleep(0.05)
        # Four fill the queue, and one more has been read and waits for room.
        assert port.script.qsize() == 5
        assert len(taken(reader, 10)) == 10


def test_closing_ends_a_reader_that_waits_for_room() -> None:
    port = FakePort()
    threads = threading.active_count()
    with reading(port):
        for _ in range(6):
            port.script.put(bytes(QUEUE_BYTES // 4))
        time.sleep(0.1)
    assert threading.active_count() == threads
    assert port.closed == 1


def test_a_port_that_cannot_be_opened_at_first_is_the_callers_to_tell() -> None:
    reader = PortReader(lambda: (_ for _ in ()).throw(OSError("absent")), Clock())
    with pytest.raises(OSError, match="absent"):
        reader.start()
    reader.close()
