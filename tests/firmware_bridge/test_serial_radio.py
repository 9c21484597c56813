"""Bluetooth serial: a port that stays while the radio stalls, and bytes that come late and all at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from firmware_bridge.board_faults import Overrun
from firmware_bridge.clock import Clock
from firmware_bridge.samples import Gap, LinkState, SampleBlock, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import Source, open_source
from tests.firmware_bridge.live_reading import SerialRadio, read_all, read_until
from tests.firmware_bridge.wire_streams import block, flat, sensor

INFO = sensor()
# At four seconds of the clock to one of life the patience with a silent link is still that of real time.
CLOCK = Clock(rate=4.0)
SAMPLES = 20_000


@contextmanager
def on_the_air() -> Iterator[tuple[SerialRadio, Source]]:
    board = SimulatedBoard([block(INFO, 0, SAMPLES)], INFO, 1.0, [Overrun()], clock=CLOCK)
    with board:
        radio = SerialRadio(board.port)
        try:
            with open_source(f"serial:{radio.port}", clock=CLOCK) as source:
                source.open()
                yield radio, source
        finally:
            radio.close()


def stalled(radio: SerialRadio, source: Source, for_s: float) -> list[StreamItem]:
    """Return the whole stream, in which the radio stalls once."""
    items = read_until(source, lambda got: any(isinstance(item, SampleBlock) for item in got))
    radio.stalled.set()
    ends_s = time.monotonic() + for_s / CLOCK.rate
    while time.monotonic() < ends_s:
        items += source.read(0.05)
    radio.stalled.clear()
    return items + read_all(source)


@pytest.mark.slow
def test_a_short_stall_loses_neither_samples_nor_the_link() -> None:
    with on_the_air() as (radio, source):
        items = stalled(radio, source, 2.0)
    assert flat(items).same(flat([block(INFO, 0, SAMPLES)]))
    assert not [item for item in items if isinstance(item, LinkState)]


@pytest.mark.slow
def test_a_long_stall_is_one_lost_link_and_what_came_is_in_its_place_once() -> None:
    with on_the_air() as (radio, source):
        items = stalled(radio, source, 12.0)
        assert source.counters["links_lost"] == 1
    assert [item.up for item in items if isinstance(item, LinkState)] == [False, True]
    got = flat(items)
    assert (got.emg == block(INFO, 0, SAMPLES).emg_counts[got.indices]).all()
    assert len(got.emg) + sum(missing for _, missing in got.gaps) == SAMPLES
    assert len([item for item in items if isinstance(item, Gap)]) >= 1
