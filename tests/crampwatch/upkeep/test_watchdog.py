"""The watchdog is fed by a night that is watched, and by nothing less; word goes to systemd by a real socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from crampwatch.supervisor import START_S
from crampwatch.upkeep.notify import READY, WATCHDOG, notify, watchdog_every_s
from crampwatch.upkeep.watchdog import DECLARED_WITHIN_S, Feeder, Progress
from detector.alarms import store
from detector.alarms.schedule import Schedule
from detector.alarms.values import Moment, Observation
from detector.outbox import Outbox
from detector.sign_of_life import SignOfLife, host_boot_id
from firmware_bridge.clock import Clock

STALE_MS = int(DECLARED_WITHIN_S * 1000) + 1


@pytest.mark.parametrize("name", ["file", "abstract"])
def test_word_reaches_systemd(tmp_path: Path, name: str) -> None:
    address = str(tmp_path / "notify") if name == "file" else f"@crampwatch-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address.replace("@", "\0", 1) if name == "abstract" else address)
        assert notify(READY, {"NOTIFY_SOCKET": address})
        assert systemd.recv(100) == b"READY=1"
    assert not notify(READY, {"NOTIFY_SOCKET": address})
    assert not notify(READY, {})


@pytest.mark.parametrize(
    ("environment", "every_s"),
    [
        ({"WATCHDOG_USEC": "9000000"}, 3.0),
        ({"WATCHDOG_USEC": "9000000", "WATCHDOG_PID": str(os.getpid())}, 3.0),
        ({"WATCHDOG_USEC": "9000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "often"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({}, None),
    ],
)
def test_systemd_says_how_often_it_wants_to_hear(environment: dict[str, str], every_s: float | None) -> None:
    assert watchdog_every_s(environment) == every_s


class Session:
    """A session's folder, as its processes leave it, once the time to start is over."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.clock = Clock()
        self.progress = Progress(folder, ["left-calf"], self.clock)
        monkeypatch.setattr("crampwatch.upkeep.watchdog.START_S", 0.0)

    def sign(self, name: str, *, watching: bool = True, good_ms: int | None = None) -> None:
        sign = SignOfLife(self.folder / "run" / f"{name}.alive", self.clock, "b")
        assert sign.beat(watching=watching, last_good_age_ms=good_ms)

    def declare(self) -> None:
        now = Moment(self.clock.mono_s(), self.clock.wall())
        with Outbox(self.folder / "outbox" / "left-calf.sqlite") as outbox:
            engine = store.load(
                outbox, "left-calf", "guarded", now, boot_id=host_boot_id(), schedule=Schedule()
            )
            changes = engine.conditions({("CONFIG", "limits"): Observation("A setting is wrong")}, now)
            with outbox.transaction() as transaction:
                store.write(transaction, engine, changes)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    return Session(tmp_path, monkeypatch)


def test_samples_that_are_judged_are_progress(session: Session) -> None:
    session.sign("alerter")
    session.sign("left-calf", good_ms=200)
    assert session.progress.is_made()


def test_a_loop_that_turns_without_samples_is_none(session: Session) -> None:
    session.sign("alerter")
    session.sign("left-calf", good_ms=STALE_MS)
    assert not session.progress.is_made()


def test_an_alarm_that_says_why_is_as_good_as_samples(session: Session) -> None:
    session.sign("alerter")
    session.sign("left-calf", good_ms=None)
    assert not session.progress.is_made()
    session.declare()
    assert session.progress.is_made()
    session.progress.close()


def test_who_was_told_to_rest_need_not_judge(session: Session) -> None:
    session.sign("alerter")
    session.sign("left-calf", watching=False, good_ms=STALE_MS)
    assert session.progress.is_made()


def test_no_sign_of_the_alerter_or_of_a_monitor_is_none(session: Session) -> None:
    session.sign("left-calf", good_ms=200)
    assert not session.progress.is_made()
    session.sign("alerter")
    assert session.progress.is_made()
    (session.folder / "run" / "left-calf.alive").unlink()
    assert not session.progress.is_made()


def test_a_session_may_take_its_time_to_start(tmp_path: Path) -> None:
    assert START_S > 0
    assert Progress(tmp_path, ["left-calf"], Clock()).is_made()


def test_the_feeder_feeds_in_time_and_only_upon_progress() -> None:
    made, told, said = [True], list[str](), list[str]()

    def tell(word: str) -> bool:
        told.append(word)
        return True

    feeder = Feeder(lambda: made[0], 0.0, Clock(), said.append, tell)
    feeder.turn()
    assert told == [WATCHDOG]
    made[0] = False
    feeder.turn()
    feeder.turn()
    assert told == [WATCHDOG]
    assert len(said) == 1
    Feeder(lambda: True, None, Clock(), said.append, tell).turn()
    assert told == [WATCHDOG]
