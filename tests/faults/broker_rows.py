"""Rows E1, E3 and E5: a broker that is killed, hangs, or forgets, while alarms go from an outbox to the night log."""

from __future__ import annotations

import random
import shutil
import signal
import time

from detector.broker_address import BrokerAddress
from tests.detector.mqtt_world import TOPICS, Ear, until
from tests.faults.conversation import KIND, PATIENCE_S, judged, talking
from tests.faults.row import Outcome, row

# What a broker lives, and how long it is gone.
LIVES_S, GONE_S = (0.2, 2.0), (0.0, 0.5)
# RELIABILITY P6, and E5.
RECONNECT_S, NOTICED_S, REPUBLISHED_S = 5.0, 15.0, 2.0


@row(
    "E1",
    "broker killed at random, an alarm a second",
    "0 lost, 0 logged twice, connected again p99 < 5 s after it is back",
    pr=30,
    nightly=500,
)
def killed_brokers(repetitions: int, kind: str = KIND) -> Outcome:
    chance = random.Random(5)
    delays_s: list[float] = []
    with talking(kind=kind) as (talk, _):
        for _ in range(repetitions):
            time.sleep(chance.uniform(*LIVES_S))
            before = talk.voice.generation
            talk.send(signal.SIGKILL)
            time.sleep(chance.uniform(*GONE_S))
            talk.broker.start()
            back_s = time.monotonic()
            came = until(lambda: talk.voice.generation > before, patience_s=PATIENCE_S)  # noqa: B023 - used at once
            delays_s.append(time.monotonic() - back_s if came else PATIENCE_S)
        return judged(talk, delays_s, RECONNECT_S, "connected again")


@row(
    "E3",
    "half-open link: the broker hangs (SIGSTOP)",
    "noticed <= 15 s at a keepalive of 5 s; nothing lost when it goes on",
    pr=3,
    nightly=200,
)
def hung_brokers(repetitions: int, kind: str = KIND) -> Outcome:
    delays_s: list[float] = []
    with talking(kind=kind) as (talk, _):
        for _ in range(repetitions):
            assert until(lambda: talk.voice.connected, patience_s=PATIENCE_S)
            began_s = time.monotonic()
            talk.send(signal.SIGSTOP)
            noticed = until(lambda: not talk.voice.connected, patience_s=PATIENCE_S)
            delays_s.append(time.monotonic() - began_s if noticed else PATIENCE_S)
            talk.send(signal.SIGCONT)
        assert until(lambda: talk.voice.connected, patience_s=PATIENCE_S)
        return judged(talk, delays_s, NOTICED_S, "noticed after")


@row(
    "E5",
    "the broker's memory of retained messages is wiped",
    "state and availability are there again <= 2 s after the connection is",
    pr=5,
    nightly=200,
)
def wiped_brokers(repetitions: int, kind: str = KIND) -> Outcome:
    delays_s: list[float] = []
    with talking(kind=kind) as (talk, _):
        for _ in range(repetitions):
            before = talk.voice.generation
            talk.broker.stop()
            shutil.rmtree(talk.folder / "broker" / "store", ignore_errors=True)
            talk.broker.start()
            until(lambda: talk.voice.generation > before, patience_s=PATIENCE_S)  # noqa: B023 - used at once
            began_s = time.monotonic()
            came = until(lambda: retained(talk.broker.address), patience_s=PATIENCE_S)
            delays_s.append(time.monotonic() - began_s if came else PATIENCE_S)
        return judged(talk, delays_s, REPUBLISHED_S, "there again after")


def retained(address: BrokerAddress) -> bool:
    """Tell whether somebody who comes now is told how things stand."""
    wanted = {TOPICS.state, TOPICS.availability}
    with Ear(address) as ear:
        return until(lambda: wanted <= {topic for topic, _, _ in ear.heard}, patience_s=0.3)
