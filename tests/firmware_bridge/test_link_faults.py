"""Cables pulled, supplies failing, noise, silence: every loss is placed, and the link comes back."""

from __future__ import annotations

import itertools
import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.board_faults import Corrupt, Drop, Fault, FaultPlan, Reboot, Silence, Unplug
from firmware_bridge.decoder import Decoder
from firmware_bridge.frames import HelloRequest, encode
from firmware_bridge.link_watch import LADDER, Ladder, Remedy, Rung
from firmware_bridge.samples import Gap, LinkState, SampleBlock, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source
from tests.firmware_bridge.assembled import HELLO, frames_of
from tests.firmware_bridge.live_reading import open_files, read_all, read_until, talker
from tests.firmware_bridge.wire_streams import block, flat, sensor

INFO = sensor()


def placed(items: list[StreamItem], *, aligned: bool = True) -> list[Gap]:
    """Return the gaps, having seen that items follow one another and every sample is the one of its index."""
    at = 0
    for item in items:
        if isinstance(item, SampleBlock | Gap):
            assert item.first_index == at
            at = item.end_index
        if aligned and isinstance(item, SampleBlock):
            expected = block(INFO, item.first_index, item.samples)
            assert np.array_equal(item.emg_counts, expected.emg_counts)
            assert np.array_equal(item.acc_counts, expected.acc_counts)
    return [item for item in items if isinstance(item, Gap)]


def links(items: list[StreamItem]) -> list[bool]:
    return [item.up for item in items if isinstance(item, LinkState)]


def test_unplugging_a_board_with_a_battery_leaves_one_hole_of_its_true_width(tmp_path: Path) -> None:
    """RELIABILITY.md row A7."""
    fault = Unplug(2.0, 3.0, reboot=False)
    board = SimulatedBoard([block(INFO, 0, 10_000)], INFO, 4.0, [fault], link=tmp_path / "sensor")
    before = open_files()
    with board, open_source(f"serial:{board.port}") as source:
        source.open()
        items = read_all(source)
        assert source.counters["links_lost"] == 1
    assert open_files() == before
    [gap] = placed(items)
    # What the host had not read yet when the cable came out is lost with it.
    assert gap.reason == "link down"
    assert 1000 <= gap.first_index <= 2000
    assert gap.end_index == 5000
    assert links(items) == [False, True]
    order = [type(item) for item in items if isinstance(item, LinkState | Gap)]
    assert order == [LinkState, LinkState, Gap]


def test_unplugging_a_board_fed_by_the_cable_leaves_a_hole_as_the_host_clock_saw_it(tmp_path: Path) -> None:
    board = SimulatedBoard([block(INFO, 0, 2_000)], INFO, 1.0, [Unplug(0.5, 1.0)], link=tmp_path / "sensor")
    with board, open_source(f"serial:{board.port}") as source:
        source.open()
        items = read_all(source)
    [gap] = placed(items, aligned=False)
    assert gap.reason == "link down"
    assert gap.missing >= 900
    assert gap.missing % INFO.acc_ratio == 0
    assert links(items) == [False, True]


def test_unplugged_again_and_again_and_no_descriptor_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RELIABILITY.md row A7: no leak, one occurrence an outage."""
    monkeypatch.setattr("firmware_bridge.port_reader.REOPEN_EVERY_S", 0.01)
    faults = [Unplug(1.0 + at, 0.2, reboot=at % 2 == 0) for at in range(25)]
    board = SimulatedBoard([block(INFO, 0, 27_000)], INFO, 8.0, faults, link=tmp_path / "sensor")
    with board, open_source(f"serial:{board.port}") as source:
        source.open()
        before = open_files()
        items = read_all(source)
        assert abs(open_files() - before) <= 1
        lost = source.counters["links_lost"]
        assert source.counters["port_faults"] == 0
    # On a busy machine a cable may be out again before anything was read.
    assert 10 <= lost <= 25
    assert links(items) == [False, True] * lost
    placed(items, aligned=False)


def test_a_brown_out_in_the_middle_of_a_frame_is_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY.md row A10."""
    board = SimulatedBoard([block(INFO, 0, 2_000)], INFO, 1.0, [Reboot(0.5, 1.0)])
    with board, open_source(f"serial:{board.port}") as source:
        source.open()
        items = read_all(source)
        assert source.counters["restarts"] == 1
        assert source.counters["bad_frames"] >= 1
    [gap] = placed(items, aligned=False)
    assert gap.reason == "sensor restarted"
    assert gap.missing >= 900
    assert links(items) == []


def test_a_port_opened_afresh_just_as_samples_come_again_is_no_second_loss() -> None:
    board = SimulatedBoard([block(INFO, 0, 3_000)], INFO, 1.0)
    with board, open_source(f"serial:{board.port}") as source:
        source.open()
        items = read_until(source, lambda got: any(isinstance(item, SampleBlock) for item in got))
        source._reader.reopen()  # type: ignore[attr-defined]
        items += read_all(source)
        assert source.counters["links_lost"] == 0
    assert links(items) == []
    placed(items)


def test_a_board_that_falls_silent_is_missed_once_and_its_hole_is_exact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RELIABILITY.md row A9, on a shortened ladder."""
    ladder = [rung._replace(silent_s=rung.silent_s / 4) for rung in LADDER]
    monkeypatch.setattr("firmware_bridge.link_watch.CABLE", Ladder(ladder, ladder, 2.5))
    board = SimulatedBoard([block(INFO, 0, 40_000)], INFO, 10.0, [Silence(5.0, 30.0)])
    with board, open_source(f"serial:{board.port}") as source:
        source.open()
        items = read_all(source)
    [gap] = placed(items)
    assert (gap.reason, gap.first_index) == ("link down", 5_000)
    assert gap.end_index >= 35_000
    states = [item for item in items if isinstance(item, LinkState)]
    assert [state.up for state in states] == [False, True]
    assert "no samples come" in states[0].reason


def test_lost_frames_are_holes_and_nothing_else() -> None:
    """RELIABILITY.md row A5."""
    board = SimulatedBoard([block(INFO, 0, 100_000)], INFO, math.inf, [Drop(0.05, start_s=1.0)], seed=3)
    with board, open_source(f"serial:{board.port}") as source:
        source.open()
        items = read_all(source)
        lost = source.counters["lost_samples"]
    holes = placed(items)
    assert sum(gap.missing for gap in holes) == lost
    assert lost == pytest.approx(0.05 * 99_000, rel=0.3)
    assert {gap.reason for gap in holes} == {"lost frames"}


def test_of_a_noisy_line_nothing_wrong_is_believed() -> None:
    """RELIABILITY.md rows A2 and A11."""
    noise = [Corrupt(0.002, start_s=1.0), Corrupt(1.0, 20.0, 1.0)]
    board = SimulatedBoard([block(INFO, 0, 60_000)], INFO, math.inf, noise, seed=4)
    with board, open_source(f"serial:{board.port}") as source:
        source.open()
        items = read_until(source, lambda _: board.finished)
        items += source.read(0.2)
        assert source.counters["bad_frames"] > 300
    holes = placed(items)
    # The second of pure noise is one hole, two frames more at most on either side.
    [longest] = [gap for gap in holes if gap.missing > 500]
    assert 20_000 - 30 <= longest.first_index <= 20_000
    assert 21_000 <= longest.end_index <= 21_000 + 30


def test_every_fault_at_once_and_no_sample_out_of_place(tmp_path: Path) -> None:
    faults: list[Fault] = [
        Drop(0.01),
        Corrupt(0.0005, start_s=0.5),
        Unplug(10.0, 2.0, reboot=False),
        Silence(20.0, 1.0),
        Unplug(30.0, 1.0, reboot=False),
    ]
    board = SimulatedBoard([block(INFO, 0, 45_000)], INFO, 25.0, faults, link=tmp_path / "sensor", seed=5)
    with board, open_source(f"serial:{board.port}") as source:
        source.open()
        items = read_until(source, lambda _: board.finished)
        items += source.read(0.2)
    holes = placed(items)
    assert sum(gap.missing for gap in holes) + len(flat(items).emg) >= 44_000
    assert [gap.reason for gap in holes].count("link down") == 2


def test_a_reader_that_was_stopped_goes_on_where_the_board_is(tmp_path: Path) -> None:
    """The port is gone for good, then another is there under the same name."""
    link = tmp_path / "sensor"
    first = SimulatedBoard([block(INFO, 0, 100_000)], INFO, 10.0, link=link)
    first.start()
    with open_source(f"serial:{link}") as source:
        source.open()
        items = read_until(source, lambda got: any(isinstance(i, SampleBlock) for i in got))
        first.close()
        items += read_until(source, lambda got: links(got) == [False])
        time.sleep(0.1)
        with SimulatedBoard([block(INFO, 0, 2_000)], INFO, math.inf, link=link):
            items += read_all(source)
    placed(items, aligned=False)
    assert links(items) == [False, True]


def test_a_board_whose_hello_was_lost_is_asked_for_it() -> None:
    """It restarts unseen: only the epoch of its samples tells, and none is believed before HELLO."""
    again = replace(HELLO, boot_id=2, epoch=2)
    turns = itertools.count()

    def say(heard: bytes) -> bytes:
        turn = next(turns)
        if HelloRequest() in Decoder().feed(heard):
            return encode(HELLO if turn < 50 else again)
        first, epoch = (turn * 10, 1) if turn < 50 else ((turn - 50) * 10, 2)
        return b"".join(map(encode, frames_of(first, 1, epoch=epoch)))

    with talker(say) as port, open_source(f"serial:{port}") as source:
        source.open()
        items = read_until(
            source, lambda got: any(isinstance(i, Gap) and i.reason != "lost frames" for i in got)
        )
        assert source.counters["unannounced"] >= 1
        assert source.counters["restarts"] == 1
    assert placed(items, aligned=False)[-1].reason == "sensor restarted"


def test_another_sensor_in_the_place_of_ours_is_told_and_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RELIABILITY.md row A8."""
    rungs = [Rung(0.3, Remedy.GIVE_UP)]
    monkeypatch.setattr("firmware_bridge.link_watch.CABLE", Ladder(rungs, rungs, 10.0))
    stranger = replace(HELLO, hardware_id="5" * 16)
    turns = itertools.count()

    def say(_heard: bytes) -> bytes:
        turn = next(turns)
        hello = HELLO if turn < 30 else stranger
        return encode(hello) + b"".join(map(encode, frames_of(turn * 10, 1)))

    with talker(say) as port, open_source(f"serial:{port}") as source:
        source.open()
        items = read_until(source, lambda got: links(got) == [False])
        seen = [item.end_index for item in items if isinstance(item, SampleBlock)]
    assert max(seen) <= 300
    assert "another sensor has taken the place" in items[-1].reason  # type: ignore[union-attr]


def test_faults_repeat_from_their_seed() -> None:
    frames = [bytes([i]) * 20 for i in range(200)]
    damaged = [FaultPlan([Drop(0.1), Corrupt(0.01)], 1000.0, seed).damage(frames, 0) for seed in (1, 1, 2)]
    assert damaged[0] == damaged[1] != damaged[2]
    assert FaultPlan([Drop(0.5, start_s=1.0)], 1000.0).damage(frames, 999) == b"".join(frames)
