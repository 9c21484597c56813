"""Commands to the board, repeated until acknowledged, and a sign of life while somebody reads."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.decoder import Decoder
from firmware_bridge.downlink import KEEPALIVE_EVERY_S, REPEAT_EVERY_S, REPEATS, Downlink
from firmware_bridge.frames import BAD_ARGUMENT, DONE, Ack, Cue, HelloRequest, Keepalive, Set

CUE, SET = 0x81, 0x82


def sent(data: bytes) -> list[object]:
    return list(Decoder().feed(data))


def test_a_cue_is_repeated_with_the_same_token_until_it_is_acknowledged() -> None:
    downlink = Downlink()
    assert sent(downlink.send(Cue(1, 2, 300), 0.0)) == [Cue(1, 2, 300, token=1)]
    downlink.due(0.0)
    assert downlink.due(0.9 * REPEAT_EVERY_S) == b""
    assert sent(downlink.due(1.1 * REPEAT_EVERY_S)) == [Cue(1, 2, 300, token=1)]
    downlink.heard(Ack(0, CUE, 1, DONE))
    assert downlink.due(3 * REPEAT_EVERY_S) == b""
    assert downlink.counters["commands_acknowledged"] == 1


def test_after_two_seconds_an_unanswered_cue_is_given_up_and_counted() -> None:
    downlink = Downlink()
    downlink.send(Keepalive(), 0.0)
    downlink.send(Cue(1, 0, 300), 0.0)
    repeats = [downlink.due(i * REPEAT_EVERY_S) for i in range(1, 2 * REPEATS)]
    assert sum(map(bool, repeats)) == REPEATS
    assert downlink.counters["commands_unanswered"] == 1


def test_an_accelerated_night_gives_answers_the_time_they_take() -> None:
    downlink = Downlink(repeat_every_s=6.0)
    downlink.send(Keepalive(), 0.0)
    downlink.send(Cue(1, 0, 300), 0.0)
    repeats = [now_s for now_s in range(100) if Cue(1, 0, 300, token=1) in sent(downlink.due(float(now_s)))]
    assert repeats == [6 * (i + 1) for i in range(REPEATS)]


def test_a_newer_cue_replaces_one_that_waits_and_its_ack_is_not_mistaken() -> None:
    downlink = Downlink()
    downlink.send(Cue(4, 4, 9000), 0.0)
    downlink.send(Cue(0, 0, 0), 0.1)
    downlink.heard(Ack(0, CUE, 1, DONE))
    downlink.due(0.0)
    assert sent(downlink.due(1.0)) == [Cue(0, 0, 0, token=2)]


def test_a_cue_and_a_setting_wait_side_by_side() -> None:
    downlink = Downlink()
    downlink.send(Keepalive(), 0.0)
    downlink.send(Cue(1, 1, 100), 0.0)
    downlink.send(Set(0, 80), 0.0)
    assert sent(downlink.due(1.0)) == [Cue(1, 1, 100, token=1), Set(0, 80, token=2)]
    downlink.heard(Ack(0, SET, 2, BAD_ARGUMENT))
    assert downlink.counters["commands_refused"] == 1
    assert sent(downlink.due(2.0)) == [Cue(1, 1, 100, token=1)]


def test_an_ack_of_nothing_is_ignored() -> None:
    downlink = Downlink()
    downlink.heard(Ack(0, CUE, 9, DONE))
    assert downlink.counters["commands_acknowledged"] == 0


def test_a_sign_of_life_goes_out_at_once_and_every_five_seconds() -> None:
    downlink = Downlink()
    times = [i / 10 for i in range(300) if sent(downlink.due(i / 10)) == [Keepalive()]]
    assert times == [i * KEEPALIVE_EVERY_S for i in range(6)]


def test_after_a_goodbye_the_host_no_longer_says_that_it_watches() -> None:
    downlink = Downlink()
    assert sent(downlink.send(Keepalive(watching=False), 0.0)) == [Keepalive(watching=False)]
    assert sent(downlink.due(6.0)) == [Keepalive(watching=False)]
    downlink.send(Keepalive(), 7.0)
    assert sent(downlink.due(13.0)) == [Keepalive()]


def test_what_needs_no_answer_is_sent_once() -> None:
    downlink = Downlink()
    downlink.send(Keepalive(), 0.0)
    assert sent(downlink.send(HelloRequest(), 0.0)) == [HelloRequest()]
    assert downlink.due(1.0) == b""


@given(st.integers(1, 1000))
def test_tokens_are_never_0_and_never_repeat_in_a_row(cues: int) -> None:
    downlink = Downlink()
    frames = [frame for _ in range(cues) for frame in sent(downlink.send(Cue(1, 1, 1), 0.0))]
    tokens = [frame.token for frame in frames if isinstance(frame, Cue)]
    assert len(tokens) == cues
    assert 0 not in tokens
    assert all(a != b for a, b in pairwise(tokens))
