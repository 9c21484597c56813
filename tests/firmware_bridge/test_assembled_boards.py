"""The assembler and boards that restart, change, are swapped or tell about themselves."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from firmware_bridge.assembler import Assembler
from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import (
    BATTERY_EMPTY,
    BUTTON_LONG,
    END_OF_RECORDING,
    SAMPLES_HEAD,
    Bye,
    HelloRequest,
    MarkFrame,
    Samples,
    Status,
)
from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorInfo, SensorStatus
from tests.firmware_bridge.assembled import HELLO, INFO, Board, blocks, frames_of, gaps
from tests.firmware_bridge.wire_streams import block


def test_samples_of_another_epoch_wait_for_their_hello() -> None:
    board = Board()
    board.hear(frames_of(0, 10))
    assert board.hear(frames_of(0, 5, epoch=2)) == []
    assert board.assembler.needs_hello
    assert board.assembler.counters.unannounced == 5


def test_a_restart_leaves_a_hole_as_wide_as_the_host_clock_says_and_the_index_goes_on() -> None:
    board = Board()
    for at in range(100):
        board.hear(frames_of(at * 10, 1), 100.0 + (at + 1) / 100)
    again = replace(HELLO, boot_id=2, epoch=2)
    assert board.hear([again], 103.4) == []
    gap, first = board.hear(frames_of(0, 1, epoch=2), 103.5)
    assert gap == Gap(1000, 2490, "sensor restarted")
    assert isinstance(first, SampleBlock)
    assert first.first_index == 3490
    assert blocks(board.hear(frames_of(10, 1, epoch=2), 103.51)) == [(3500, 3510)]
    assert board.assembler.counters.restarts == 1


def test_a_restart_too_short_for_the_clock_is_still_a_hole() -> None:
    board = Board()
    board.hear(frames_of(0, 100), 100.0)
    board.hear([replace(HELLO, boot_id=2, epoch=2)], 99.0)
    [gap, _] = board.hear(frames_of(0, 1, epoch=2), 99.0)
    assert gap == Gap(1000, 10, "sensor restarted")


def test_a_restart_before_the_first_sample_is_no_hole() -> None:
    board = Board()
    board.hear([replace(HELLO, boot_id=2, epoch=2)])
    assert blocks(board.hear(frames_of(0, 1, epoch=2))) == [(0, 10)]
    assert gaps(board.items) == []


def test_after_a_lost_link_nothing_is_believed_before_hello_and_the_hole_says_why() -> None:
    board = Board()
    board.hear(frames_of(0, 10))
    board.assembler.link_lost()
    assert board.hear(frames_of(300, 1)) == []
    assert board.assembler.needs_hello
    gap, _ = board.hear([HELLO, *frames_of(310, 1)])
    assert gap == Gap(100, 210, "link down")
    assert gaps(board.hear(frames_of(330, 1))) == [Gap(320, 10, "lost frames")]


def test_a_board_that_restarted_while_the_link_was_down_was_away_because_of_the_link() -> None:
    board = Board()
    board.hear(frames_of(0, 10), 100.0)
    board.assembler.link_lost()
    gap, _ = board.hear([replace(HELLO, boot_id=2, epoch=2), *frames_of(0, 1, epoch=2)], 101.0)
    assert gap == Gap(100, 990, "link down")


def test_another_board_is_a_stranger_until_the_right_one_is_back() -> None:
    """RELIABILITY.md row A8: the stranger's frames would fit in every other way."""
    board = Board()
    board.hear(frames_of(0, 10))
    assert board.hear([replace(HELLO, hardware_id="ffffffffffffffff"), *frames_of(100, 5)]) == []
    assert board.assembler.counters.strangers == 1
    assert blocks(board.hear([HELLO, *frames_of(100, 1)])) == [(100, 110)]


@pytest.mark.parametrize(
    "changed",
    [
        {"emg_rate": Fraction(2000)},
        {"emg_scales": (replace(HELLO.emg_scales[0], physical_max=9.0),)},
        {"sites": ("right-calf",)},
        {"name": "right-calf"},
    ],
    ids=str,
)
def test_another_signal_begins_a_new_axis_at_0(changed: dict[str, object]) -> None:
    board = Board()
    board.hear(frames_of(0, 10))
    new = replace(HELLO, epoch=2, next_counter=500, **changed)  # type: ignore[arg-type]
    info, first = board.hear([new, *frames_of(500, 1, epoch=2)])
    assert info == new.info()
    assert isinstance(first, SampleBlock)
    assert (first.first_index, first.info) == (0, info)


def test_a_frame_of_a_length_that_hello_does_not_allow_is_dropped() -> None:
    board = Board()
    [frame] = frames_of(0, 1)
    double = Samples(frame.payload + frame.payload[SAMPLES_HEAD.size :])
    assert board.hear([Samples(frame.payload[:-1]), Samples(frame.payload + b"\0"), double]) == []
    assert board.assembler.counters.impossible == 3
    assert blocks(board.hear([frame])) == [(0, 10)]


def test_the_board_tells_about_itself_where_it_happened() -> None:
    board = Board()
    board.hear(frames_of(0, 10))
    status, mark = board.hear([Status(90, 1, 1, 3700, 5, 6), MarkFrame(103, 1, BUTTON_LONG)])
    assert status == SensorStatus(90, 3700, (True,), 5, 6)
    assert mark == Mark(103, "button long")
    [unmeasured] = board.hear([Status(90, 1, 0, 0, 0, 0)])
    assert unmeasured == SensorStatus(90, None, (False,), 0, 0)


def test_a_press_of_the_button_is_never_lost_even_where_its_counter_means_nothing() -> None:
    board = Board()
    board.hear(frames_of(0, 10))
    assert board.hear([MarkFrame(2**31, 1, BUTTON_LONG)]) == [Mark(100, "button long")]
    assert board.hear([MarkFrame(3, 2, BUTTON_LONG)]) == [Mark(100, "button long")]
    board.hear([replace(HELLO, boot_id=2, epoch=2)])
    assert board.hear([MarkFrame(3, 2, BUTTON_LONG)]) == [Mark(100, "button long")]


def test_goodbye_closes_the_hole_before_it_and_only_a_recordings_end_is_an_end() -> None:
    board = Board()
    board.hear(frames_of(0, 10))
    assert board.hear([Bye(137, 1, BATTERY_EMPTY)]) == [Gap(100, 30, "lost frames")]
    assert not board.assembler.ended
    encoder = Encoder(INFO)
    ended = Assembler()
    data = encoder.hello() + b"".join([*encoder.feed(block(INFO, 0, 30)), *encoder.finish()])
    ended.feed(Decoder().feed(data), 0.0)
    assert ended.ended


def test_a_goodbye_of_a_board_that_nobody_knows_is_no_end() -> None:
    assembler = Assembler()
    assert assembler.feed([Bye(0, 1, END_OF_RECORDING)], 0.0) == []
    assert not assembler.ended


def test_what_a_host_says_and_comes_back_is_ignored() -> None:
    assert Board().hear([HelloRequest()]) == []


def test_another_name_can_be_given() -> None:
    [info] = Assembler("right-calf").feed([HELLO], 0.0)
    assert isinstance(info, SensorInfo)
    assert info.sensor_id == "right-calf"


def test_the_clock_knows_when_samples_were_taken_and_what_the_board_calls_it() -> None:
    board = Board()
    for at in range(100):
        board.hear(frames_of(at * 10, 1), 100.0 + (at + 1) / 100)
    clock = board.assembler.clock
    assert clock is not None
    assert clock.host_s(500) == pytest.approx(100.5, abs=0.001)
    assert clock.device_us(500) == 500_000
