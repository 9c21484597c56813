"""How a board answers, and that it raises the alarm by itself when its host falls silent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.board_ears import ALONE_AFTER_S, ALONE_EVERY_S, ALONE_MS, BoardEars
from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import (
    BAD_ARGUMENT,
    CUE_BEGAN,
    DONE,
    SETTING_CHANGED,
    Ack,
    Cue,
    Frame,
    HelloRequest,
    Keepalive,
    MarkFrame,
    Set,
    encode,
)
from firmware_bridge.hello import Hello
from tests.firmware_bridge.test_frames import FRAMES
from tests.firmware_bridge.wire_streams import block, sensor


def board() -> BoardEars:
    encoder = Encoder(sensor())
    encoder.feed(block(sensor(), 0, 500))
    return BoardEars(encoder)


def answer(ears: BoardEars, *frames: Frame, now_s: float = 0.0) -> list[object]:
    return list(Decoder().feed(ears.hear(b"".join(map(encode, frames)), now_s)))


def test_it_says_hello_when_asked_with_the_counter_of_the_next_sample() -> None:
    ears = board()
    [hello] = answer(ears, HelloRequest())
    assert isinstance(hello, Hello)
    assert hello.next_counter == 500
    assert ears.greeted


def test_a_cue_is_acknowledged_carried_out_and_marked_at_its_sample() -> None:
    ears = board()
    assert answer(ears, Cue(2, 4, 1500, token=9)) == [
        Ack(500, 0x81, 9, DONE),
        MarkFrame(500, 1, CUE_BEGAN, 0x42, 1500),
    ]
    assert ears.cues == [Cue(2, 4, 1500, token=9)]


def test_a_repeated_cue_is_acknowledged_again_and_not_carried_out_again() -> None:
    ears = board()
    answer(ears, Cue(2, 4, 1500, token=9))
    assert answer(ears, Cue(2, 4, 1500, token=9)) == [Ack(500, 0x81, 9, DONE)]
    assert len(ears.cues) == 1
    assert len(answer(ears, Cue(2, 4, 1500, token=10))) == 2


def test_a_setting_is_changed_and_marked() -> None:
    ears = board()
    assert answer(ears, Set(1, 80, token=3)) == [
        Ack(500, 0x82, 3, DONE),
        MarkFrame(500, 1, SETTING_CHANGED, 1, 80),
    ]
    assert ears.settings == {"light_strength": 80}


@pytest.mark.parametrize(
    "command", [Cue(6, 0, 100, 1), Cue(0, 99, 100, 1), Set(2, 0, 1), Set(0, 101, 1)], ids=str
)
def test_what_it_cannot_do_is_refused_and_nothing_happens(command: Cue | Set) -> None:
    ears = board()
    [ack] = answer(ears, command)
    assert isinstance(ack, Ack)
    assert ack.result == BAD_ARGUMENT
    assert (ears.cues, ears.settings) == ([], {})


def buzzes(ears: BoardEars, until_s: int) -> list[int]:
    return [now_s for now_s in range(until_s) if ears.tend(now_s)]


def test_a_board_whose_host_falls_silent_buzzes_after_a_minute_and_every_ten_seconds() -> None:
    ears = board()
    answer(ears, Keepalive())
    first = int(ALONE_AFTER_S) + 1
    assert buzzes(ears, first) == []
    assert Decoder().feed(ears.tend(first)) == [MarkFrame(500, 1, CUE_BEGAN, 0x55, ALONE_MS)]
    assert buzzes(ears, first + 25) == [first + int(ALONE_EVERY_S), first + 2 * int(ALONE_EVERY_S)]
    answer(ears, Keepalive(), now_s=first + 25)
    assert ears.tend(first + 40) == b""
    assert ears.alone_buzzes == 3


def test_a_board_that_nobody_watches_does_not_buzz() -> None:
    ears = board()
    assert buzzes(ears, 200) == []
    answer(ears, Keepalive())
    answer(ears, Keepalive(watching=False), now_s=10.0)
    assert buzzes(ears, 200) == []


@given(st.lists(FRAMES.map(encode) | st.binary(max_size=40), max_size=8))
def test_whatever_it_hears_it_answers_in_frames_or_not_at_all(heard: list[bytes]) -> None:
    ears, decoder = board(), Decoder()
    decoder.feed(ears.hear(b"".join(heard), 0.0))
    assert decoder.counters.bad_frames == decoder.counters.unknown == 0
