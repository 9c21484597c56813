"""The firmware in a simulated chip: commands, presses, resets, a host that falls silent, and a line full of noise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.frames import (
    BAD_ARGUMENT,
    BUTTON_LONG,
    BUTTON_SHORT,
    CUE_BEGAN,
    DONE,
    PATTERNS,
    SETTING_CHANGED,
    Ack,
    BadFrame,
    Cue,
    HelloRequest,
    Keepalive,
    MarkFrame,
    Samples,
    Set,
    seal,
)
from firmware_bridge.hello import RESET_CAUSES, Hello
from tests.firmware_bridge.device.frame_link import FrameLink, signal_of
from tests.firmware_bridge.device.simavr_board import SimavrBoard

pytestmark = pytest.mark.firmware

StartBoard = Callable[..., SimavrBoard]
STEADY, PULSE, ALONE = map(PATTERNS.index, ("steady", "pulse", "alone"))


def test_a_cue_moves_the_motor_is_acknowledged_and_ends(start_board: StartBoard, firmware_elf: Path) -> None:
    board = start_board(firmware_elf, speed=4)
    with FrameLink(board.port) as link:
        link.run(500)
        link.send(Cue(STEADY, PULSE, 700, token=9))
        ack = link.wait_for(Ack)
        mark = link.wait_for(MarkFrame)
        began = board.wait_for_pin("vibration", on=True)
        link.run(1500)
        ended = board.wait_for_pin("vibration", on=False)
        light = [change for change in board.pin_changes if change.pin == "light"]
    assert (ack.command, ack.token, ack.result) == (0x81, 9, DONE)
    assert (mark.kind, mark.code, mark.value) == (CUE_BEGAN, STEADY | PULSE << 4, 700)
    assert 0 <= ack.counter - mark.counter <= 1
    # The board began to sample within a few milliseconds of its start: samples are milliseconds.
    assert abs(began.at_s * 1000 - mark.counter) < 50
    assert ended.at_s - began.at_s == pytest.approx(0.7, abs=0.005)
    assert light[-1].at_s - light[-2].at_s == pytest.approx(0.2, abs=0.005)


def test_a_mark_stands_before_the_samples_it_belongs_to(start_board: StartBoard, firmware_elf: Path) -> None:
    board = start_board(firmware_elf, speed=4)
    with FrameLink(board.port) as link:
        for token in range(1, 21):
            link.send(Cue(0, STEADY, 20, token=token))
            link.wait_for(MarkFrame, token)
        link.run(100)
        position = {id(frame): i for i, frame in enumerate(link.frames)}
        marks, samples = link.of(MarkFrame), link.of(Samples)
    for mark in marks:
        held_by = next(frame for frame in samples if frame.counter <= mark.counter < frame.counter + 10)
        assert position[id(mark)] < position[id(held_by)]


def test_a_repeated_cue_is_done_once_and_a_wrong_one_not_at_all(
    start_board: StartBoard, firmware_elf: Path
) -> None:
    board = start_board(firmware_elf, speed=4)
    with FrameLink(board.port) as link:
        for _ in range(3):
            link.send(Cue(STEADY, 0, 100, token=5))
            link.run(100)
        link.send(Cue(len(PATTERNS), 0, 100, token=6))
        link.send(Set(0, 101, token=7))
        link.wait_for(Ack, 5)
        link.run(100)
        acks, marks = link.of(Ack), link.of(MarkFrame)
    assert [ack.result for ack in acks] == [DONE, DONE, DONE, BAD_ARGUMENT, BAD_ARGUMENT]
    assert len({ack.counter for ack in acks[:3]}) == 1
    assert len(marks) == 1


def test_a_setting_is_marked(start_board: StartBoard, firmware_elf: Path) -> None:
    board = start_board(firmware_elf)
    with FrameLink(board.port) as link:
        link.send(Set(1, 30, token=8))
        mark = link.wait_for(MarkFrame)
    assert (mark.kind, mark.code, mark.value) == (SETTING_CHANGED, 1, 30)


def test_short_and_long_presses(start_board: StartBoard, firmware_elf: Path) -> None:
    board = start_board(firmware_elf, speed=8)
    with FrameLink(board.port) as link:
        link.run(100)
        board.press(200)
        assert link.wait_for(MarkFrame).kind == BUTTON_SHORT
        board.press(3500)
        assert link.wait_for(MarkFrame, 2).kind == BUTTON_LONG
        link.run(1000)
        assert len(link.of(MarkFrame)) == 2


@pytest.mark.slow
def test_a_host_that_falls_silent_makes_the_board_buzz_until_a_press(
    start_board: StartBoard, firmware_elf: Path
) -> None:
    board = start_board(firmware_elf)
    with FrameLink(board.port) as link:
        link.run(100)
        sent_at = link.of(Samples)[-1].counter
        link.send(Keepalive())
        link.run(200)
        # The board runs on while a busy machine reads: it heard the host somewhere between the two.
        heard_by = link.of(Samples)[-1].counter
        first = link.wait_for(MarkFrame, 1)
        second = link.wait_for(MarkFrame, 2)
        board.wait_for_pin("vibration", on=True)
        board.press(300)
        link.wait(lambda: any(mark.kind == BUTTON_SHORT for mark in link.of(MarkFrame)))
        told = len(link.of(MarkFrame))
        link.run(12_000)
        assert len(link.of(MarkFrame)) == told
    assert (first.kind, first.code, first.value) == (CUE_BEGAN, ALONE | ALONE << 4, 1000)
    assert sent_at + 60_000 <= first.counter <= heard_by + 60_100
    assert second.counter - first.counter == pytest.approx(10_000, abs=10)


@pytest.mark.slow
def test_a_board_that_restarts_while_nobody_watches_over_it_still_buzzes(
    start_board: StartBoard, firmware_elf: Path
) -> None:
    board = start_board(firmware_elf)
    with FrameLink(board.port) as link:
        link.run(100)
        link.send(Keepalive())
        # It writes to its EEPROM at most every five seconds.
        link.run(6000)
        board.reset("brown-out")
        link.wait_for(Hello, 2)
        mark = link.wait_for(MarkFrame)
    assert (mark.kind, mark.value) == (CUE_BEGAN, 1000)
    assert mark.counter == pytest.approx(60_000, abs=100)


@pytest.mark.parametrize(
    ("reset", "cause"),
    [
        (lambda board: board.reset("brown-out"), "brown-out"),
        (lambda board: board.reset("line"), "reset line"),
        (lambda board: board.reset("power"), "power on"),
        (lambda board: board.hang(), "watchdog"),
    ],
    ids=["brown-out", "line", "power", "hang"],
)
def test_a_board_that_restarts_says_why_and_counts_it(
    reset: Callable[[SimavrBoard], None], cause: str, start_board: StartBoard, firmware_elf: Path
) -> None:
    board = start_board(firmware_elf, speed=8)
    with FrameLink(board.port) as link:
        link.run(995)
        reset(board)
        hello = link.wait_for(Hello, 2)
        link.run(500)
        signal = signal_of(link.of(Samples))
    assert RESET_CAUSES[hello.reset_cause] == cause
    assert (hello.boot_id, hello.epoch, hello.next_counter) == (2, 2, 0)
    assert hello.hardware_id == link.of(Hello)[0].hardware_id
    restart = int(np.argmax(signal.epochs == 2))
    assert signal.counters[restart] == 0
    # What the reset cut off of a frame costs at most that frame.
    assert len(link.of(BadFrame)) <= 1


def test_questions_cost_no_sample(start_board: StartBoard, firmware_elf: Path) -> None:
    board = start_board(firmware_elf, speed=8)
    with FrameLink(board.port) as link:
        for _ in range(20):
            link.send(HelloRequest())
            link.run(200)
        counters = signal_of(link.of(Samples)).counters
        assert len(link.of(Hello)) == 21
    assert set(np.diff(counters)) == {10}


def test_a_line_full_of_noise_costs_no_sample_and_moves_nothing(
    start_board: StartBoard, firmware_elf: Path
) -> None:
    rng = np.random.default_rng(5)
    board = start_board(firmware_elf)
    with FrameLink(board.port) as link:
        link.run(100)
        for _ in range(40):
            link.send_bytes(rng.bytes(500))
            link.send_bytes(seal(bytes([0x90, 1, 2])))
            link.run(50)
        link.send_bytes(b"\0")
        link.send(Cue(STEADY, 0, 50, token=3))
        assert link.wait_for(Ack).token == 3
        signal = signal_of(link.of(Samples))
        assert len(link.of(MarkFrame)) == 1
    assert set(np.diff(signal.counters)) == {10}
    assert np.abs(np.diff(signal.device_us.astype(np.int64)) - 10_000).max() <= 20
