"""The whole base station dies or hangs at once: every receiver alarms by itself (RELIABILITY F7).

Monitor, alerter and broker are real processes and are killed or stopped together; the board on its pseudo-terminal and
the example subscriber are what is left. The night runs faster than life; the subscriber's patience is set to match.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from crampwatch.broker import PrivateBroker
from crampwatch.plan import SessionPlan
from crampwatch.sensors import SensorPlan
from detector.sign_of_life import read_sign
from firmware_bridge.board_ears import ALONE_AFTER_S
from firmware_bridge.clock import Clock
from firmware_bridge.samples import SampleBlock
from firmware_bridge.simulated_board import SimulatedBoard
from tests.detector.alerter.players import recording_player
from tests.detector.alerter.services import until
from tests.detector.alerter.test_subscriber import subscriber
from tests.detector.played import seconds
from tests.detector.signals import Scene, sensor

PATIENCE_S = 60.0
# Two minutes of a night last six seconds, which is as long as a busy machine may need.
RATE = 20.0
REST = Scene(20.0, info=replace(sensor(), sensor_id="left-calf"))
# Of ALARMS, how long receivers wait at most, s; and in this accelerated night.
RECEIVERS_WAIT_S = 120.0


def resting() -> Iterator[SampleBlock]:
    """A leg at rest for as long as anybody asks."""
    block = REST.block()
    for number in range(100):
        for piece in seconds(block):
            first = number * block.samples + piece.first_index
            yield SampleBlock(piece.info, first, piece.emg_counts, piece.acc_counts)


@contextmanager
def open_line(port: str) -> Iterator[None]:
    """Take what the board says, and never answer: a cable to a computer that is there and does nothing."""
    over = threading.Event()
    line = os.open(port, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)

    def drain() -> None:
        while not over.wait(0.02):
            with suppress(BlockingIOError):
                os.read(line, 65_536)

    thread = threading.Thread(target=drain)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        os.close(line)


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hanging"])
def test_when_the_whole_base_station_dies_board_and_subscriber_alarm_by_themselves(
    tmp_path: Path, how: signal.Signals
) -> None:
    clock = Clock(RATE)
    (tmp_path / "run").mkdir(mode=0o700)
    with ExitStack() as stack:
        broker = stack.enter_context(PrivateBroker(tmp_path / "broker"))
        board = stack.enter_context(SimulatedBoard(resting(), REST.info, clock=clock))
        plan = SessionPlan(
            (SensorPlan(f"serial:{board.port}", "left-calf"),),
            *(str(tmp_path), broker.address.url(), 0, clock.to_text()),
            mode="guarded",
            player=recording_player(tmp_path, tmp_path / "heard"),
        )
        path = tmp_path / "run" / "session.json"
        plan.save(path)

        def start(*words: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "crampwatch.processes", words[0], str(path), *words[1:]]
            process = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE))
            stack.callback(process.kill)
            return process

        processes = [start("monitor", "0"), start("alerter")]

        def signs() -> list[str]:
            found = (tmp_path / "run").glob("*.alive")
            return [file.stem for file in found if read_sign(file, clock.mono_s()) is not None]

        assert until(lambda: len(signs()) == 2, PATIENCE_S)
        lines = stack.enter_context(subscriber(broker.address, RECEIVERS_WAIT_S / RATE))
        clock.sleep(ALONE_AFTER_S / 2)
        assert (board.alone_buzzes, lines) == (0, [])
        assert broker.pid is not None
        for pid in (broker.pid, *(process.pid for process in processes)):
            os.kill(pid, how)
        stack.enter_context(open_line(board.port))
        assert until(lambda: board.alone_buzzes > 0, PATIENCE_S)
        assert until(lambda: any("Nobody watches left-calf" in line for line in lines), PATIENCE_S)
