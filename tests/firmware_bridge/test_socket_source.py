"""A board in the network: the same frames over a real TCP connection, broken and made again."""

from __future__ import annotations

import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from firmware_bridge.frames import Cue
from firmware_bridge.samples import LinkState, SampleBlock
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.source_contract import NotASensorError
from firmware_bridge.sources import open_source
from tests.firmware_bridge.live_reading import TcpBridge, open_files, read_all, read_until
from tests.firmware_bridge.wire_streams import block, flat, sensor

INFO = sensor()


@contextmanager
def networked(samples: int, speed: float) -> Iterator[tuple[SimulatedBoard, TcpBridge]]:
    with SimulatedBoard([block(INFO, 0, samples)], INFO, speed) as board:
        bridge = TcpBridge(board.port)
        try:
            yield board, bridge
        finally:
            bridge.close()


def test_what_comes_over_tcp_is_what_was_played() -> None:
    with networked(100_000, math.inf) as (board, bridge), open_source(bridge.url) as source:
        assert source.open() == board.info
        assert flat(read_all(source)).same(flat([block(INFO, 0, 100_000)]))


def test_commands_go_the_other_way() -> None:
    with networked(50_000, 10.0) as (board, bridge), open_source(bridge.url) as source:
        source.open()
        source.send(Cue(1, 1, 100))
        read_until(source, lambda _: source.counters["commands_acknowledged"] == 1)
        assert len(board.cues) == 1


def test_a_broken_connection_is_made_again_and_the_hole_is_exact() -> None:
    before = open_files()
    with networked(40_000, 25.0) as (_, bridge), open_source(bridge.url) as source:
        source.open()
        items = read_until(source, lambda got: any(isinstance(item, SampleBlock) for item in got))
        bridge.drop()
        items += read_all(source)
        assert bridge.clients == 2
        assert source.counters["links_lost"] == 1
    assert open_files() == before
    got = flat(items)
    assert (got.emg == block(INFO, 0, 40_000).emg_counts[got.indices]).all()
    assert len(got.emg) + sum(missing for _, missing in got.gaps) == 40_000
    assert [item.up for item in items if isinstance(item, LinkState)] == [False, True]


def test_a_connection_that_stalls_loses_nothing_when_it_goes_on() -> None:
    with networked(30_000, math.inf) as (_, bridge), open_source(bridge.url) as source:
        source.open()
        items = read_until(source, lambda got: any(isinstance(item, SampleBlock) for item in got))
        bridge.stalled.set()
        for _ in range(5):
            items += source.read(0.05)
        bridge.stalled.clear()
        items += read_all(source)
    assert flat(items).same(flat([block(INFO, 0, 30_000)]))


def test_a_server_that_is_no_sensor_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware_bridge.board_source.HELLO_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(NotASensorError, match="nothing comes from it"), open_source(url) as source:
            source.open()
