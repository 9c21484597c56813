"""Time itself going wrong: a computer that slept, a board whose clock is off, samples of the future."""

from __future__ import annotations

import pytest

from firmware_bridge.assembler import Assembler
from firmware_bridge.device_clock import DeviceClock
from firmware_bridge.samples import Gap
from firmware_bridge.time_watch import DriftWatch, SleepWatch
from tests.firmware_bridge.assembled import FRAME, HELLO, Board, blocks, frames_of, gaps

RATE_HZ = 1000.0
HOUR = 3_600_000


def drifting(
    ppm: float, minutes: float, clock: DeviceClock | None = None, from_s: float = 0.0
) -> DeviceClock:
    """Return what a clock makes of a board that samples this much faster than it says."""
    clock = clock or DeviceClock(RATE_HZ)
    for tenth in range(round(minutes * 600)):
        at_s = from_s + tenth / 10
        clock.observe(round(at_s * RATE_HZ * (1 + ppm / 1e6)), at_s, 0)
    return clock


def test_a_sleep_is_told_once_and_with_its_length() -> None:
    watch = SleepWatch(100.0)
    assert [watch.woken(at_s) for at_s in (100.0, 100.2, 700.2, 700.2)] == [0.0, 0.0, 600.0, 0.0]


@pytest.mark.parametrize(("ppm", "words"), [(2500.0, "0.25 % faster"), (-5000.0, "0.50 % slower")])
def test_a_clock_that_is_off_is_told_once(ppm: float, words: str) -> None:
    """RELIABILITY.md row A12."""
    watch, clock = DriftWatch(), drifting(ppm, 3.0)
    assert words in watch.judge(clock)
    assert watch.judge(clock) == ""


@pytest.mark.parametrize("ppm", [0.0, 500.0, -1900.0, 9_000_000.0])
def test_a_clock_that_is_well_or_plays_a_recording_is_not_told(ppm: float) -> None:
    assert DriftWatch().judge(drifting(ppm, 3.0)) == ""


def test_an_accelerated_night_is_judged_by_as_much_of_life() -> None:
    clock = drifting(2500.0, 5.0)
    assert DriftWatch(rate=60.0).judge(clock) == ""
    assert DriftWatch(rate=2.0).judge(clock) != ""


def said(count: int, first: int = 0, board: Board | None = None) -> Board:
    """Return a board that has sent so many frames in step with the host's clock."""
    board = board or Board()
    for i in range(count):
        at = first + i * FRAME
        board.hear(frames_of(at, 1), 100.0 + (at + FRAME) / RATE_HZ)
    return board


@pytest.mark.parametrize("ahead", [30_000, HOUR, 11 * HOUR])
def test_a_single_sample_of_the_future_is_dropped(ahead: int) -> None:
    """RELIABILITY.md row B5."""
    board = said(500)
    assert board.hear(frames_of(5000 + ahead, 1)) == []
    said(500, 5000, board)
    assert board.assembler.counters.impossible == 1
    assert (gaps(board.items), blocks(board.items)[-1][1]) == ([], 10_000)


def test_a_board_that_goes_on_in_the_future_begins_a_new_count_in_the_present() -> None:
    board = said(500)
    items = []
    for i in range(100):
        items += board.hear(frames_of(5000 + HOUR + i * FRAME, 1), 105.0 + (i + 1) / 100)
    assert [(gap.reason, gap.first_index, gap.missing) for gap in gaps(items)] == [
        ("sensor restarted", 5000, 200)
    ]
    assert blocks(items)[-1][1] == 6000


def test_a_hole_that_the_hosts_clock_has_seen_as_well_is_believed() -> None:
    board = said(500)
    [gap, _] = board.hear(frames_of(5000 + HOUR, 1), 105.01 + HOUR / RATE_HZ)
    assert gap == Gap(5000, HOUR, "lost frames")


def test_a_stall_before_a_long_hole_does_not_put_the_hole_in_the_future() -> None:
    board = said(500)
    # Two stretches a minute apart, the second read 0.3 s late: a slope of half a per cent, out of nothing.
    for i in range(500):
        board.hear(frames_of(65_000 + i * FRAME, 1), 165.31 + i / 100)
    [gap, _] = board.hear(frames_of(70_000 + 8 * HOUR, 1), 170.01 + 8 * HOUR / RATE_HZ)
    assert gap == Gap(70_000, 8 * HOUR, "lost frames")
    assert DriftWatch().judge(board.assembler.clock or DeviceClock(RATE_HZ)) == ""


def test_a_recording_that_is_played_fast_may_have_holes() -> None:
    board = Board()
    for i in range(500):
        board.hear(frames_of(i * FRAME, 1), 100.0 + i / 200)
    [gap, _] = board.hear(frames_of(5000 + HOUR, 1))
    assert isinstance(gap, Gap)
    assert gap.missing == HOUR


def test_a_pinned_board_is_the_only_one_believed() -> None:
    """RELIABILITY.md row A8."""
    assembler = Assembler(hardware_id="5" * 16)
    assert assembler.feed([HELLO, *frames_of(0, 3)], 1.0) == []
    assert assembler.stranger == HELLO.hardware_id
    assert assembler.counters.strangers == 1
    assert assembler.counters.unannounced == 3
