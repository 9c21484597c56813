"""Connections that nobody asks anything by: so many, and nobody else is shut out by them."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http import HTTPStatus
from pathlib import Path

import pytest

from dashboard import bounded_listener
from dashboard.bounded_listener import BoundedListener
from tests.dashboard.test_server import PATIENCE_S, free_port, served, settings
from tests.detector.mqtt_world import until


def test_so_many_at_once_as_the_threat_model_says() -> None:
    assert (bounded_listener.MOST_OPEN, bounded_listener.MOST_OF_ONE_PLACE) == (250, 50)


class Peers:
    """A listener whose connections say that they come from wherever the test wants."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.host = "192.168.1.7"
        self.listener = BoundedListener(socket.AF_INET)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(8)
        accept = socket.socket.accept
        monkeypatch.setattr(socket.socket, "accept", lambda own: (accept(own)[0], (self.host, 1)))

    def come(self, host: str) -> tuple[socket.socket, socket.socket]:
        self.host = host
        asking = socket.create_connection(self.listener.getsockname())
        try:
            return asking, self.listener.accept()[0]
        except ConnectionAbortedError:
            asking.settimeout(PATIENCE_S)
            assert asking.recv(1) == b""
            asking.close()
            raise


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Peers]:
    monkeypatch.setattr(bounded_listener, "MOST_OPEN", 6)
    monkeypatch.setattr(bounded_listener, "MOST_OF_ONE_PLACE", 2)
    made = Peers(monkeypatch)
    yield made
    made.listener.close()


def test_one_place_has_so_many_and_another_comes_in_all_the_same(peers: Peers) -> None:
    with ExitStack() as held:
        for host in ("192.168.1.7", "192.168.1.7", "192.168.1.8", "2001:db8::1", "2001:db8::2%eth0"):
            for one in peers.come(host):
                held.enter_context(one)
        # Of IPv6 the network counts: any machine has as many addresses in it as it likes.
        for host in ("192.168.1.7", "2001:db8::3"):
            with pytest.raises(ConnectionAbortedError):
                peers.come(host)
        assert peers.listener.refused == 2
        for one in peers.come("127.0.0.1"):
            held.enter_context(one)
        with pytest.raises(ConnectionAbortedError):
            peers.come("192.168.1.9")


def test_who_has_gone_no_longer_counts(peers: Peers) -> None:
    for _ in range(20):
        for one in peers.come("192.168.1.7"):
            one.close()
    assert peers.listener.refused == 0


def test_the_pages_of_this_machine_answer_beside_connections_that_ask_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_listener, "MOST_OPEN", 10)
    port = free_port()
    with served(settings(tmp_path, port)), ExitStack() as held:
        idle = [held.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(30)]
        for one in idle[10:]:
            one.settimeout(PATIENCE_S)
            # Closed, or reset where what it says was not read any more.
            with suppress(ConnectionResetError):
                assert one.recv(1) == b""
        idle[0].close()
        assert until(lambda: _answers(port))


def _answers(port: int) -> bool:
    """Tell whether the page is served: the server may not have noticed yet that somebody has gone."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == HTTPStatus.OK
    except (ConnectionError, http.client.HTTPException):
        return False
    finally:
        connection.close()
