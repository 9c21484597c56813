"""Row A13: a reader that is stopped for a while, as by a busy machine, while the board goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from firmware_bridge.board_faults import Overrun
from firmware_bridge.simulated_board import SimulatedBoard
from tests.faults.row import Outcome, row
from tests.firmware_bridge.wire_streams import block, sensor

ROOT = Path(__file__).resolve().parents[2]
# Four channels fill a pty's buffer of 20 kB in two seconds, where one channel takes five.
INFO = sensor(channels=4)
RATE_HZ = 1000
STALLS_S = (0.5, 1.0, 2.0, 5.0)
HARMLESS_S = 1.0
BETWEEN_S = 1.0
# Of a machine that is busy, and of the reader's start.
SLACK_S = 1.0


@row(
    "A13",
    "reader stopped for 0.5, 1, 2, 5 s (SIGSTOP)",
    "up to 1 s nothing is lost; beyond, what is lost is a gap and all else is in its place",
    pr=4,
    nightly=200,
)
def stalled(repetitions: int) -> Outcome:
    """Stop the reader's process, with nobody to take what the board sends."""
    stalls_s = [STALLS_S[i % len(STALLS_S)] for i in range(repetitions)]
    whole_s = sum(stalls_s) + BETWEEN_S * (repetitions + 2) + 60.0
    samples = round(whole_s * RATE_HZ) // 10 * 10
    with SimulatedBoard([block(INFO, 0, samples)], INFO, 1.0, [Overrun()]) as board:
        began: list[int] = []
        command = [sys.executable, "-m", "tests.faults.stalled_reader", board.port]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as reader:
            assert reader.stdout is not None
            assert json.loads(reader.stdout.readline()) == ["ready"]
            # Read all along: a full pipe would stall the reader more than is meant.
            told: list[list[int]] = []
            ear = threading.Thread(
                target=lambda lines: told.extend(map(json.loads, lines)), args=(reader.stdout,)
            )
            ear.start()
            for stall_s in stalls_s:
                time.sleep(BETWEEN_S)
                began.append(board._encoder.end_index)
                os.kill(reader.pid, signal.SIGSTOP)
                time.sleep(stall_s)
                os.kill(reader.pid, signal.SIGCONT)
            time.sleep(BETWEEN_S + SLACK_S)
            reader.terminate()
            ear.join()
    return judged(told, stalls_s, began)


def judged(told: list[list[int]], stalls_s: list[float], began: list[int]) -> Outcome:
    """Hold what the reader told against when it was stopped."""
    at, wrong, lost, harmless_lost = 0, 0, 0, 0
    for kind, *numbers in told:
        if str(kind) == "link":
            continue
        first, count, *right = numbers
        wrong += first != at or 0 in right
        at = first + count
        if str(kind) == "gap":
            lost += count
            stall_s = next(s for s, b in zip(reversed(stalls_s), reversed(began), strict=True) if b <= first)
            harmless_lost += count * (stall_s <= HARMLESS_S)
            wrong += count > (stall_s + SLACK_S) * RATE_HZ
    gaps = sum(str(kind) == "gap" for kind, *_ in told)
    reached = at >= began[-1] + stalls_s[-1] * RATE_HZ
    return Outcome(
        lost=harmless_lost,
        wrong=wrong,
        passed=wrong == 0 and harmless_lost == 0 and reached,
        figures=f"{at} samples at {INFO.emg_rate_hz:g} Hz x {len(INFO.sites)}, {lost} lost in {gaps} gaps, "
        f"{harmless_lost} of them in stalls of up to 1 s",
    )
