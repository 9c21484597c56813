"""A TCP connection as a port: all bytes, no waiting for more than there is, and an end that is told."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from firmware_bridge.port_reader import Port
from firmware_bridge.socket_port import open_socket
from firmware_bridge.source_contract import SourceUrl
from tests.firmware_bridge.live_reading import open_files


@contextmanager
def connected(family: socket.AddressFamily = socket.AF_INET) -> Iterator[tuple[Port, socket.socket]]:
    host = "127.0.0.1" if family == socket.AF_INET else "[::1]"
    with socket.create_server((host.strip("[]"), 0), family=family) as server:
        port = open_socket(SourceUrl.parse(f"socket://{host}:{server.getsockname()[1]}"))
        board, _ = server.accept()
        with board:
            yield port, board
            port.close()


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_bytes_go_both_ways(family: socket.AddressFamily) -> None:
    if family == socket.AF_INET6 and not socket.has_dualstack_ipv6():
        pytest.skip("needs IPv6")
    with connected(family) as (port, board):
        assert port.write(b"down") == 4
        assert board.recv(100) == b"down"
        board.sendall(b"up")
        assert port.read(100) == b"up"
        assert port.read(100) == b""


def test_no_more_is_read_than_was_asked_for() -> None:
    with connected() as (port, board):
        board.sendall(b"123456")
        assert port.read(4) == b"1234"
        assert port.read(4) == b"56"


def test_a_board_that_closes_is_told_after_its_last_bytes() -> None:
    with connected() as (port, board):
        board.sendall(b"bye")
        board.close()
        assert port.read(100) == b"bye"
        with pytest.raises(OSError, match="closed the connection"):
            port.read(100)


def test_a_reset_is_told_and_leaves_nothing_open() -> None:
    before = open_files()
    with connected() as (port, board):
        board.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        board.close()
        with pytest.raises(ConnectionResetError):
            port.read(100)
    assert open_files() == before


def test_a_network_that_takes_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware_bridge.socket_port.WRITE_S", 0.05)
    with connected() as (port, _), pytest.raises(TimeoutError, match="of 100000000 bytes"):
        port.write(bytes(100_000_000))
