"""Kills the alerter at random instants of a night: ``python -m tests.detector.alerter.kill_rounds [ROUNDS]``.

In each round a cramp begins and is told to a caregiver; the alerter is killed (SIGKILL) somewhere on the way and
started again; then somebody answers. Prints what was lost, doubled, or sounded after its answer.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from detector.alerter import wording
from firmware_bridge.clock import Clock
from tests.detector.alerter.players import heard_in, recording_player
from tests.detector.alerter.services import PushServer, serving, until
from tests.detector.alerter.world import RATE, MonitorStandIn, write_household

# Long enough after an answer for anything that would still be said to be said, s of the night.
_LISTEN_S = 12.0
# From the cramp to the push and a little beyond, s of life.
_KILLED_WITHIN_S = 0.6
# The news of an answer is there long before, but on a machine with much else to do, s of life.
_NEWS_WITHIN_S = 5.0


@dataclass(frozen=True)
class Figures:
    """What came of it; everything but the first three should be 0."""

    rounds: int
    pushes: int
    repeated_and_said_so: int
    lost: int
    shown_twice: int
    sounded_after_answer: int
    pushed_after_answer: int


class Killable:
    """An alerter that can be killed and started again."""

    def __init__(self, folder: Path, clock: Clock, player: str) -> None:
        arguments = [str(folder), clock.to_text(), "mqtt://127.0.0.1:9", player]
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.detector.alerter.alone", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.pid = 0

    def start(self) -> None:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write("\n")
        self._nursery.stdin.flush()
        self.pid = int(self._nursery.stdout.readline())

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        self.kill()
        self._nursery.communicate()


def kill_rounds(folder: Path, rounds: int, seed: int = 1) -> Figures:
    """Run the rounds and count."""
    chance = random.Random(seed)
    heard = folder / "heard"
    clock = Clock(2 * RATE)
    sounded = pushed = 0
    alarms: list[str] = []
    with serving(PushServer()) as anna, MonitorStandIn(folder, clock) as monitor:
        # Slow enough that kills fall between leaving and arriving, and then it may have arrived or not.
        anna.answers = ["fickle"]
        write_household(folder, {"Anna": [anna.url]})
        killable = Killable(folder, clock, recording_player(folder, heard))
        killable.start()
        for number in range(rounds):
            monitor.cramp(number)
            alarm_id = monitor.alarm_id
            alarms.append(alarm_id)
            time.sleep(chance.uniform(0.0, _KILLED_WITHIN_S))
            killable.kill()
            killable.start()
            until(partial(_of, anna, alarm_id))
            monitor.act("ack", "sleeper")
            monitor.over()
            # What was under way at the answer, and the news of it.
            until(partial(_of, anna, f"{alarm_id}/1/answered-"), _NEWS_WITHIN_S)
            before = len(heard_in(heard)), len(_of(anna, alarm_id))
            clock.sleep(_LISTEN_S)
            sounded += len(heard_in(heard)) - before[0]
            pushed += len(_of(anna, alarm_id)) - before[1]
            assert until(lambda: not monitor.engine.raised)
        killable.close()
        times = Counter(push["crampwatch_id"] for push in anna.received)
        plain = Counter(
            push["crampwatch_id"] for push in anna.received if not push["message"].startswith(wording.AGAIN)
        )
        return Figures(
            rounds,
            len(anna.received),
            sum(times.values()) - sum(plain.values()),
            sum(not any(_tells_of(alarm, key) for key in times) for alarm in alarms),
            sum(count - 1 for count in plain.values()),
            sounded,
            pushed,
        )


def _of(server: PushServer, beginning: str) -> list[object]:
    return [push for push in server.received if push["crampwatch_id"].startswith(beginning)]


def _tells_of(alarm_id: str, key: str) -> bool:
    """Tell whether somebody was called by this push; who is told late is told by a later step, and once."""
    return key.startswith(f"{alarm_id}/1/") and f"{alarm_id}/1/answered-" not in key


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
        json.dump(asdict(kill_rounds(Path(scratch), wanted, seed=time.time_ns())), sys.stdout, indent=1)
