"""From a monitor's commit of a cramp to the first sound at the bed, beside the bare start of the player's program.

python tests/benchmarks/bench_alerter.py [CRAMPS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from firmware_bridge.clock import Clock
from tests.detector.alerter.players import heard_in, recording_player
from tests.detector.alerter.world import MonitorStandIn, alerting

# ALARMS: from the verdict to the first signal, p99, ms.
PROMISED_MS = 250.0
_LOOK_S = 0.0005
_PATIENCE_S = 5.0


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        heard = folder / "heard"
        program = recording_player(folder, heard)
        clock = Clock()
        with MonitorStandIn(folder, clock) as monitor, alerting(folder, clock, player=program):
            sounded = [_first_sound_s(monitor, heard, number) for number in range(wanted)]
        bare = [_bare_s(program, folder, heard) for _ in range(wanted)]
    _print("commit → first sound", sounded)
    _print("player's program alone", bare)
    print(f"promised: p99 below {PROMISED_MS:g} ms")


def _first_sound_s(monitor: MonitorStandIn, heard: Path, number: int) -> float:
    before = len(heard_in(heard))
    monitor.cramp(number)
    began_s = time.monotonic()
    _wait(heard, before)
    took_s = time.monotonic() - began_s
    monitor.act("ack", "sleeper")
    monitor.over()
    time.sleep(0.3)
    return took_s


def _bare_s(program: str, folder: Path, heard: Path) -> float:
    before = len(heard_in(heard))
    began_s = time.monotonic()
    subprocess.run([program, str(folder / "x.wav")], check=True)
    _wait(heard, before)
    return time.monotonic() - began_s


def _wait(heard: Path, before: int) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while len(heard_in(heard)) == before and time.monotonic() < end_s:
        time.sleep(_LOOK_S)


def _print(what: str, seconds: Sequence[float]) -> None:
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(
        f"{what}: p50 {statistics.median(ordered) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, n {len(ordered)}"
    )


if __name__ == "__main__":
    main()
