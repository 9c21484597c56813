"""The process of the pages: on this machine alone, on the port asked for, and gone when told."""

import asyncio
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dashboard.listeners import listen
from dashboard.server import serve
from dashboard.settings import DashboardError, DashboardSettings
from detector.broker_address import BrokerAddress

NOWHERE = BrokerAddress("127.0.0.1", 1)
PATIENCE_S = 20.0


def settings(folder: Path, port: int, host: str = "127.0.0.1") -> DashboardSettings:
    return DashboardSettings(folder / "log.sqlite", folder / "nights", NOWHERE, port, host)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(own: DashboardSettings) -> Iterator[threading.Event]:
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=serve, args=(own, stop, ready.set))
    thread.start()
    try:
        assert ready.wait(PATIENCE_S)
        yield stop
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_it_serves_until_told_to_stop(tmp_path: Path) -> None:
    port = free_port()
    with served(settings(tmp_path, port)):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert answer.status == 200
        assert "server" not in {name.lower() for name, _ in answer.getheaders()}
        connection.close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DashboardError, match=rf"port {port} on 127\.0\.0\.1: .*--port") as told:
            serve(settings(tmp_path, port), threading.Event())
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_no_address_but_this_machines_own_is_taken(tmp_path: Path, host: str) -> None:
    with pytest.raises(DashboardError, match="there the pages have no login"):
        settings(tmp_path, 8460, host)


def test_a_damaged_night_log_does_not_stop_the_pages(tmp_path: Path) -> None:
    (tmp_path / "log.sqlite").write_bytes(b"damaged" * 1000)
    with served(settings(tmp_path, free_port())):
        pass
    assert len(list(tmp_path.glob("log.sqlite.bad-*"))) == 1


def test_what_is_small_is_sent_at_once() -> None:
    async def is_at_once() -> bool:
        opened: asyncio.Queue[bool] = asyncio.Queue()

        def connected(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            own = writer.get_extra_info("socket")
            opened.put_nowait(bool(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        listener = listen("127.0.0.1", 0)
        async with await asyncio.start_server(connected, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            writer.close()
            return await opened.get()

    # Or else the last piece of each answer waits 40 ms for word that the one before has come.
    assert asyncio.run(is_at_once())
