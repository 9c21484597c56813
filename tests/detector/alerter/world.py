"""A household for the alerter's tests: a monitor's real store and sign of life, and real caregivers' servers."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from detector.alarms import store
from detector.alarms.values import Act, Change, Mode, Moment, Observation
from detector.alerter.alerter import Alerter, AlerterWishes
from detector.alerter.proof import JOURNAL
from detector.broker_address import BrokerAddress
from detector.outbox import Outbox
from detector.sign_of_life import SignOfLife, host_boot_id
from firmware_bridge.clock import Clock
from tests.detector.alerter.players import heard_in, recording_player
from tests.detector.alerter.services import PushServer, closed_port

SENSOR = "left-calf"
# So many times faster than life: a ladder's minute takes a second, and a turn a fiftieth of one.
RATE = 60.0


class MonitorStandIn:
    """Writes what a monitor writes, with the monitor's own parts: outbox, engine, store, sign of life."""

    def __init__(self, folder: Path, clock: Clock, mode: Mode = "guarded", sensor: str = SENSOR) -> None:
        self.clock = clock
        self.sensor = sensor
        self.outbox = Outbox(folder / "outbox" / f"{sensor}.sqlite")
        self.engine = store.load(self.outbox, sensor, mode, self.now(), boot_id=host_boot_id())
        self.sign = SignOfLife(folder / "run" / f"{sensor}.alive", clock, "b1")
        self.observed: dict[Any, Observation] = {}
        self.signal_lost = False
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.turn()

    def now(self) -> Moment:
        return Moment(self.clock.mono_s(), self.clock.wall())

    def turn(self) -> None:
        """Judge what holds now, keep it, give a sign of life."""
        with self._lock:
            at = self.now()
            self._keep(self.engine.conditions(self.observed, at, signal_lost=self.signal_lost))
            self.sign.beat(watching=True, last_good_age_ms=10)

    def act(self, name: Any, who: str, **wishes: Any) -> None:
        """Answer the alarm that stands."""
        with self._lock:
            self._keep(self.engine.act(Act(name, who, self.alarm_id, **wishes), self.now()))

    @property
    def alarm_id(self) -> str:
        return self.engine.raised[0].id

    def cramp(self, number: int = 1) -> None:
        """Let a cramp hold from now on."""
        self.observed = {
            "CRAMP": Observation("Left calf tight", event_id=f"event-{number}", site=self.sensor)
        }
        self.turn()

    def over(self) -> None:
        self.observed = {}
        self.turn()

    def _keep(self, changes: Sequence[Change]) -> None:
        if changes:
            with self.outbox.transaction() as transaction:
                store.write(transaction, self.engine, changes)

    def __enter__(self) -> Self:
        def live() -> None:
            while not self._over.wait(0.02):
                self.turn()

        self._thread = threading.Thread(target=live, daemon=True)
        with self.outbox.transaction() as transaction:
            store.write(transaction, self.engine, [])
        # SQLite connections stay with their thread; from here on the living one owns it.
        self.outbox.close()
        self.outbox = _unowned(self.outbox.path)
        self._thread.start()
        return self

    def die(self) -> None:
        """Fall silent, as a killed process does: the sign of life stays behind."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def __exit__(self, *_exception: object) -> None:
        self.die()


def _unowned(path: Path) -> Outbox:
    outbox = Outbox(path)
    outbox._connection.close()
    outbox._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    return outbox


def write_household(folder: Path, people: Mapping[str, Sequence[str]], more: str = "") -> Path:
    """Write the file of caregivers: names and the URLs of their channels."""
    lines = [more]
    for name, urls in people.items():
        lines += ["[[caregiver]]", f"name = {json.dumps(name)}", f"channels = {json.dumps(list(urls))}"]
    path = folder / "caregivers.toml"
    path.write_text("\n".join(lines))
    path.chmod(0o600)
    return path


NO_BROKER = BrokerAddress("127.0.0.1", closed_port())


@contextmanager
def alerting(
    folder: Path, clock: Clock, broker: BrokerAddress = NO_BROKER, **wishes: Any
) -> Iterator[threading.Event]:
    """Run an alerter in a thread until the end of the block."""
    stop, ready = threading.Event(), threading.Event()
    alerter = Alerter(broker, AlerterWishes(folder, **({"tests": False} | wishes)), clock)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            alerter.run(stop, on_ready=ready.set)
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield stop
    finally:
        stop.set()
        thread.join(30)
        assert not failed, failed


def rows(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """Look into the alerter's journal."""
    with closing(sqlite3.connect(folder / JOURNAL)) as connection:
        return connection.execute(statement).fetchall()


class Home:
    """A folder with a player that writes down what it was given."""

    def __init__(self, folder: Path, broker: BrokerAddress) -> None:
        self.folder = folder
        self.broker = broker
        self.heard_file = folder / "heard"
        self.wishes: dict[str, Any] = {
            "broker": broker,
            "expected": (SENSOR,),
            "player": recording_player(folder, self.heard_file),
        }

    @property
    def heard(self) -> list[str]:
        return heard_in(self.heard_file)


def bodies(server: PushServer) -> list[str]:
    return [push["message"] for push in server.received]


def said(text: str, server: PushServer) -> bool:
    """Tell whether something came, however late it was."""
    return any(text in body for body in bodies(server))
