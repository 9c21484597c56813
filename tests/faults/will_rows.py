"""Rows E9 and E10: last wills, and a broker's damaged store."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crampwatch.broker import PrivateBroker
from detector.broker_address import BrokerAddress
from detector.topics import Topics, every_sensor
from tests.detector.mqtt_world import Ear, until
from tests.faults.conversation import KIND, PATIENCE_S
from tests.faults.rival_rows import TURN_S, Twin, no_mosquitto, plant
from tests.faults.row import Outcome, row


@contextmanager
def monitors(broker: PrivateBroker, folder: Path, names: list[str]) -> Iterator[dict[str, int]]:
    """Start monitors' voices in processes of their own; yield their numbers by name."""
    where = broker.address_of("monitor")
    pids: dict[str, int] = {}
    try:
        for name in names:
            pid = os.fork()
            if pid == 0:
                speak(where, folder, name)
            pids[name] = pid
        yield pids
    finally:
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def speak(where: BrokerAddress, folder: Path, name: str) -> None:
    """Be a monitor's voice until killed."""
    try:
        Twin(where, folder, name, "b").run()
    finally:
        os._exit(1)


# RELIABILITY E9; P6 for a process that hangs: brokers look at keepalives every few seconds.
GONE_S, HANGING_S = 10.0, 15.0
AT_ONCE = 10


@row(
    "E9",
    "a monitor's process is killed, or hangs (SIGSTOP)",
    "the broker says offline <= 10 s, of a hanging one <= 15 s (its keepalive is 5 s), and of nobody else",
    pr=10,
    nightly=200,
)
def last_wills(repetitions: int, kind: str = KIND) -> Outcome:
    chance, silent, wronged = random.Random(9), 0, 0
    delays_s: dict[signal.Signals, list[float]] = {signal.SIGKILL: [0.0], signal.SIGSTOP: [0.0]}
    left = repetitions
    while left > 0:
        count = min(left, AT_ONCE)
        left -= count
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            with PrivateBroker(folder / "broker", prefer=kind) as broker:
                late, more, wrong = one_round(broker, folder, count, chance)
                for how, delay_s in late:
                    delays_s[how].append(delay_s)
                silent += more
                wronged += wrong
    killed_s, hanging_s = max(delays_s[signal.SIGKILL]), max(delays_s[signal.SIGSTOP])
    return Outcome(
        lost=silent,
        wrong=wronged,
        passed=not silent and not wronged and killed_s <= GONE_S and hanging_s <= HANGING_S,
        figures=f"{repetitions} monitors over {kind}; {silent} never said to be offline, {wronged} said so wrongly; "
        f"killed: said within {killed_s:.2f} s, hanging: {hanging_s:.1f} s",
        worst_delay_s=max(killed_s, hanging_s),
    )


def one_round(
    broker: PrivateBroker, folder: Path, count: int, chance: random.Random
) -> tuple[list[tuple[signal.Signals, float]], int, int]:
    """Kill or stop some monitors; return how late it was said, of how many not, and of how many wrongly."""
    names = [f"leg-{number}" for number in range(count)]
    spared = "spared"
    with (
        monitors(broker, folder, [*names, spared]) as pids,
        Ear(broker.address, every_sensor("availability")) as ear,
    ):

        def is_said(name: str, word: bytes) -> bool:
            return ear.payloads(Topics(name).availability)[-1:] == [word]

        until(lambda: all(is_said(name, b"online") for name in pids), patience_s=PATIENCE_S)
        delays_s: list[tuple[signal.Signals, float]] = []
        began: dict[str, tuple[signal.Signals, float]] = {}
        for number, name in enumerate(names):
            how = signal.SIGKILL if number % 2 else signal.SIGSTOP
            os.kill(pids[name], how)
            began[name] = how, time.monotonic()
            time.sleep(chance.uniform(0.0, 0.1))
        waiting = set(names)
        ends_s = time.monotonic() + 2 * GONE_S
        while waiting and time.monotonic() < ends_s:
            for name in [name for name in waiting if is_said(name, b"offline")]:
                waiting.remove(name)
                how, began_s = began[name]
                delays_s.append((how, time.monotonic() - began_s))
            time.sleep(TURN_S)
        return delays_s, len(waiting), not is_said(spared, b"online")


def planted(broker: PrivateBroker) -> bool:
    """Start the broker and leave messages in its store; tell whether it took them."""
    broker.start()
    try:
        plant(broker.address, 0)
    except RuntimeError:
        return False
    return True


@row(
    "E10",
    "the broker's store is damaged",
    "put aside, and the broker answers <= 10 s after its start",
    pr=8,
    nightly=100,
    missing=no_mosquitto,
)
def damaged_stores(repetitions: int) -> Outcome:
    chance, delays_s, refused = random.Random(10), list[float](), 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "broker"
        store = folder / "store" / "mosquitto.db"
        broker = PrivateBroker(folder, prefer="mosquitto")
        for _ in range(repetitions):
            # What a damaged store still gave may have been too much for it in the end.
            until(lambda: planted(broker))
            broker.stop()
            content = store.read_bytes()
            place = chance.randrange(len(content))
            store.write_bytes(
                chance.choice(
                    [
                        b"\0" * len(content),
                        content[:place],
                        chance.randbytes(len(content)),
                        content[:place] + chance.randbytes(64) + content[place + 64 :],
                    ]
                )
            )
            began_s = time.monotonic()
            broker.start()
            delays_s.append(time.monotonic() - began_s)
            refused += not until(broker.alive)
            broker.stop()
        kept = len(list(store.parent.glob("*.bad-*")))
    return Outcome(
        lost=refused,
        wrong=0,
        passed=not refused and kept > 0 and max(delays_s) <= GONE_S,
        figures=f"{repetitions} stores zeroed, cut, of noise, or with 64 bytes of noise; the copies of the "
        f"last {kept} that were put aside are there",
        worst_delay_s=max(delays_s),
    )
