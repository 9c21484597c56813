"""Rows E1 and E3: a broker that is killed, or hangs, while alarms go from a monitor's outbox to the night log."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crampwatch.broker import PrivateBroker
from dashboard.ingest import Ingest
from dashboard.live import Live
from dashboard.night_log import NightLog
from detector.outbox import Outbox
from detector.publisher import Publisher
from firmware_bridge.clock import Clock
from tests.conftest import find_mosquitto
from tests.detector.mqtt_world import STREAM, TOPICS, contraction, until
from tests.faults.row import Outcome, row

KIND = "mosquitto" if find_mosquitto() else "embedded"
ALARM_EVERY_S = 1.0
TURN_S = 0.02
# What a broker lives, and how long it is gone.
LIVES_S, GONE_S = (0.2, 2.0), (0.0, 0.5)
# RELIABILITY P6.
RECONNECT_S, NOTICED_S = 5.0, 15.0
# For what is still on its way at the end; the night log's patience before a repetition among it.
PATIENCE_S = 60.0


class Voice(threading.Thread):
    """A monitor's voice in its own thread, with an alarm a second."""

    def __init__(self, broker: PrivateBroker, folder: Path) -> None:
        super().__init__(daemon=True)
        self._where = broker.address_of("monitor")
        self._file = folder / "outbox.sqlite"
        self._still = threading.Event()
        self._over = threading.Event()
        self.said: list[str] = []
        self.waiting = 0
        self.connected = False
        self.generation = 0

    def run(self) -> None:
        with (
            Outbox(self._file) as outbox,
            Publisher(self._where, TOPICS, outbox, Clock(), boot_id="b") as voice,
        ):
            due_s = time.monotonic()
            while not self._over.wait(TURN_S):
                if not self._still.is_set() and time.monotonic() >= due_s:
                    due_s += ALARM_EVERY_S
                    event = contraction(len(self.said))
                    self.said.append(event.id)
                    voice.event(event, STREAM)
                voice.pump()
                self.waiting, self.connected = outbox.waiting, voice.connected
                self.generation = voice.counters["connections"]

    def fall_silent(self) -> None:
        """Begin no further alarm; send what waits."""
        self._still.set()

    def end(self) -> None:
        self._over.set()
        self.join(PATIENCE_S)


class House:
    """A broker, a voice and the night log, as real as they come."""

    def __init__(self, folder: Path, broker: PrivateBroker) -> None:
        self.broker = broker
        self.log = NightLog(folder / "night_log.sqlite")
        self.live = Live(Clock())
        self.ingest = Ingest(
            broker.address_of("night-log"), self.log, self.live, broker.address_of("dashboard")
        )
        self.voice = Voice(broker, folder)

    def send(self, number: signal.Signals) -> None:
        assert self.broker.pid is not None
        os.kill(self.broker.pid, number)

    def logged(self) -> Counter[tuple[str, int]]:
        rows = self.log.recent(len(self.voice.said) * 2 + 100)
        return Counter((message["id"], message["revision"]) for message in rows)

    def settle(self) -> None:
        """Wait until nothing is on its way."""
        self.voice.fall_silent()
        until(lambda: self.voice.connected and self.voice.waiting == 0, patience_s=PATIENCE_S)


@contextmanager
def housed() -> Iterator[House]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with PrivateBroker(folder / "broker", prefer=KIND) as broker:
            house = House(folder, broker)
            house.ingest.start()
            house.voice.start()
            try:
                assert until(lambda: house.voice.connected and house.ingest.connected)
                yield house
            finally:
                house.voice.end()
                house.ingest.close()
                house.log.close()


def judged(house: House, delays_s: list[float], limit_s: float, what: str) -> Outcome:
    """Compare what was said with what the night log holds."""
    house.settle()
    logged = house.logged()
    lost = sum((name, 0) not in logged for name in house.voice.said)
    twice = sum(count - 1 for count in logged.values())
    ordered = sorted(delays_s)
    p99_s = ordered[int(0.99 * (len(ordered) - 1))]
    return Outcome(
        lost=lost,
        wrong=twice,
        passed=lost == twice == 0 and p99_s < limit_s,
        figures=f"{len(house.voice.said)} alarms over {KIND}, {lost} lost, {twice} logged twice, "
        f"{house.voice.waiting} still waiting; {what} p50 {ordered[len(ordered) // 2]:.2f}, p99 {p99_s:.2f}, "
        f"worst {ordered[-1]:.2f} s",
        worst_delay_s=ordered[-1],
    )


@row(
    "E1",
    "broker killed at random, an alarm a second",
    "0 lost, 0 logged twice, connected again p99 < 5 s after it is back",
    quick=10,
    pr=30,
    nightly=500,
)
def killed_brokers(repetitions: int) -> Outcome:
    chance = random.Random(5)
    delays_s: list[float] = []
    with housed() as house:
        for _ in range(repetitions):
            time.sleep(chance.uniform(*LIVES_S))
            before = house.voice.generation
            house.send(signal.SIGKILL)
            time.sleep(chance.uniform(*GONE_S))
            house.broker.start()
            back_s = time.monotonic()
            came = until(lambda: house.voice.generation > before, patience_s=PATIENCE_S)  # noqa: B023 - used at once
            delays_s.append(time.monotonic() - back_s if came else PATIENCE_S)
        return judged(house, delays_s, RECONNECT_S, "connected again")


@row(
    "E3",
    "half-open link: the broker hangs (SIGSTOP)",
    "noticed <= 15 s at a keepalive of 5 s; nothing lost when it goes on",
    quick=1,
    pr=3,
    nightly=40,
)
def hung_brokers(repetitions: int) -> Outcome:
    delays_s: list[float] = []
    with housed() as house:
        for _ in range(repetitions):
            assert until(lambda: house.voice.connected, patience_s=PATIENCE_S)
            began_s = time.monotonic()
            house.send(signal.SIGSTOP)
            noticed = until(lambda: not house.voice.connected, patience_s=PATIENCE_S)
            delays_s.append(time.monotonic() - began_s if noticed else PATIENCE_S)
            house.send(signal.SIGCONT)
        assert until(lambda: house.voice.connected, patience_s=PATIENCE_S)
        return judged(house, delays_s, NOTICED_S, "noticed after")
