"""The assembler places samples: holes are exact, nothing comes twice, impossible counters are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.assembler import Assembler
from firmware_bridge.frames import SAMPLES_HEAD, MarkFrame, Samples, Status
from firmware_bridge.sample_axis import LATEST_S, LONGEST_GAP_S, STRAY_FRAMES
from firmware_bridge.samples import Gap, SampleBlock
from tests.firmware_bridge.assembled import FRAME, HELLO, INFO, Board, blocks, frames_of, gaps
from tests.firmware_bridge.wire_streams import block, flat


def test_the_first_hello_introduces_the_sensor_and_a_repeated_one_is_no_news() -> None:
    board = Board()
    assert board.items == [HELLO.info()]
    assert board.hear([HELLO, replace(HELLO, next_counter=77)]) == []


def test_frames_that_come_together_are_one_block() -> None:
    board = Board()
    [one] = board.hear(frames_of(0, 25))
    assert isinstance(one, SampleBlock)
    assert (one.first_index, one.end_index, one.info) == (0, 250, board.assembler.info)
    expected = block(INFO, 0, 250)
    assert np.array_equal(one.emg_counts, expected.emg_counts)
    assert np.array_equal(one.acc_counts, expected.acc_counts)


def test_samples_before_any_hello_are_counted_and_hello_is_needed() -> None:
    assembler = Assembler()
    assert assembler.feed([*frames_of(0, 3), Status(0, 1, 0, 0, 0, 0), MarkFrame(0, 1, 1)], 0.0) == []
    assert assembler.needs_hello
    assert assembler.counters.unannounced == 5
    assembler.feed([HELLO], 0.0)
    assert not assembler.needs_hello


def test_index_0_is_the_sample_that_hello_announces() -> None:
    board = Board(replace(HELLO, next_counter=5000))
    assert board.hear(frames_of(5000, 2))[0].first_index == 0  # type: ignore[union-attr]
    late = Board(replace(HELLO, next_counter=5000))
    assert gaps(late.hear(frames_of(5020, 2))) == [Gap(0, 20, "lost frames")]


@given(st.data())
def test_whatever_is_lost_repeated_or_overtaken_every_sample_is_in_its_place(data: st.DataObject) -> None:
    """RELIABILITY.md rows A5 and A6."""
    zero = data.draw(st.integers(0, 2**32 - 1))
    sent = frames_of(0, 60, zero=zero)
    order = data.draw(st.permutations(range(60)) | st.just(list(range(60))))
    kept = [at for at in order if data.draw(st.integers(0, 9))]
    kept += data.draw(st.lists(st.sampled_from(range(60)), max_size=10))
    board = Board(replace(HELLO, next_counter=zero))
    stops = data.draw(st.lists(st.integers(0, len(kept)), max_size=6).map(sorted))
    for begin, end in zip([0, *stops], [*stops, len(kept)], strict=True):
        board.hear([sent[at] for at in kept[begin:end]])
    place = 0
    for item in board.items[1:]:
        assert isinstance(item, SampleBlock | Gap)
        assert item.first_index == place
        place = item.end_index
        if isinstance(item, SampleBlock):
            expected = block(INFO, item.first_index, item.samples)
            assert np.array_equal(item.emg_counts, expected.emg_counts)
            assert np.array_equal(item.acc_counts, expected.acc_counts)
    counters = board.assembler.counters
    assert place == (max(kept, default=-1) + 1) * FRAME
    assert counters.samples + counters.lost_samples == place
    assert counters.samples + counters.late_samples == len(kept) * FRAME


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20))
def test_how_frames_are_grouped_changes_nothing_but_the_cutting_of_blocks(groups: list[int]) -> None:
    sent = [*frames_of(0, 30), *frames_of(400, 30), *frames_of(350, 10), *frames_of(700, 20)]
    together, apart = Board(), Board()
    together.hear(sent)
    at = 0
    while at < len(sent):
        size = groups[at % len(groups)]
        apart.hear(sent[at : at + size])
        at += size
    assert flat(apart.items).same(flat(together.items))
    assert apart.assembler.counters == together.assembler.counters


def test_the_counter_wraps_without_a_hole() -> None:
    zero = 2**32 - 100
    board = Board(replace(HELLO, next_counter=zero))
    board.hear(frames_of(0, 50, zero=zero))
    assert blocks(board.items) == [(0, 500)]
    assert gaps(board.hear(frames_of(700, 1, zero=zero))) == [Gap(500, 200, "lost frames")]


def test_a_frame_that_repeats_half_of_what_came_adds_the_other_half() -> None:
    board = Board(replace(HELLO, frame_samples=40))
    board.hear(frames_of(0, 3))
    two_units = Samples(
        b"".join([frames_of(20, 1)[0].payload, frames_of(30, 1)[0].payload[SAMPLES_HEAD.size :]])
    )
    [one] = board.hear([two_units])
    assert isinstance(one, SampleBlock)
    assert (one.first_index, one.end_index) == (30, 40)
    assert np.array_equal(one.acc_counts, block(INFO, 30, 10).acc_counts)


@pytest.mark.parametrize(
    "counter", [1005, (LONGEST_GAP_S + 1) * 1000 + 1000, 1000 - (LATEST_S + 1) * 1000, 2**31], ids=str
)
def test_a_counter_that_cannot_be_is_a_fault_and_no_hole(counter: int) -> None:
    board = Board(replace(HELLO, next_counter=0))
    board.hear(frames_of(0, 100))
    assert board.hear(frames_of(counter % 2**32, 1)) == []
    assert board.assembler.counters.impossible == 1
    assert blocks(board.hear(frames_of(1000, 1))) == [(1000, 1010)]


def test_the_longest_hole_is_twelve_hours_and_the_oldest_repeat_ten_seconds() -> None:
    board = Board()
    board.hear(frames_of(0, 2000))
    assert board.hear(frames_of(20_000 - LATEST_S * 1000, 1)) == []
    assert board.assembler.counters.late_samples == 10
    [gap, _] = board.hear(frames_of(20_000 + LONGEST_GAP_S * 1000, 1))
    assert gap == Gap(20_000, LONGEST_GAP_S * 1000, "lost frames")


@pytest.mark.parametrize("grouped", [1, 7, 60])
def test_impossible_counters_that_agree_with_one_another_are_a_new_count(grouped: int) -> None:
    board = Board()
    board.hear(frames_of(0, 100), 100.0)
    astray = frames_of(2**30, 60)
    for at in range(0, 60, grouped):
        board.hear(astray[at : at + grouped], 101.0 + min(at + grouped, 60) / 100)
    counters = board.assembler.counters
    assert (counters.impossible, counters.restarts, counters.samples) == (STRAY_FRAMES, 1, 1000 + 400)
    [gap] = gaps(board.items)
    assert gap.reason == "sensor restarted"
    assert gap.first_index == 1000
    # The clock says 1.6 s have gone by, of which 0.4 s came as samples.
    assert abs(gap.missing - 1200) <= 400


def test_a_few_frames_astray_do_not_disturb_those_that_follow() -> None:
    board = Board()
    board.hear(frames_of(0, 10))
    for at in range(5):
        board.hear([*frames_of(2**30 + at * 1000, 3), *frames_of(100 + at * 10, 1)])
    assert gaps(board.items) == []
    assert board.assembler.counters.impossible == 15
