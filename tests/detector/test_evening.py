"""What has to be proven before the monitor is armed, and the signs of life that it leaves and looks for."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from detector.alarm_desk import AlarmDesk
from detector.alarms.engine import AlarmEngine
from detector.alarms.observing import LEAST_WATCHED_S, NIGHTS
from detector.alarms.self_test import SelfTest
from detector.alarms.self_test import Tested as Part
from detector.alarms.values import AlarmCode, Mode, Moment, Observation, Occurrence
from detector.alerter.monitors import SIGN_OF_ALERTER, SIGNS
from detector.alerter.proof import JOURNAL
from detector.evening import GOOD_SIGNAL_S, evening_test
from detector.sign_of_life import SIGN_VALID_S, SignOfLife, read_sign
from detector.vigil import Vigil
from firmware_bridge.clock import Clock

AT = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
PROVEN = SelfTest(AT - timedelta(hours=2), (Part("sound", passed=True), Part("phone", passed=True)))
SILENT_PHONE = SelfTest(AT, (Part("sound", passed=True), Part("phone", passed=False, text="refused")))


def tried(
    mode: Mode = "guarded",
    good_run_s: float = GOOD_SIGNAL_S,
    standing: Sequence[Occurrence] = (),
    paths: SelfTest | None = PROVEN,
) -> SelfTest:
    return evening_test(mode=mode, good_run_s=good_run_s, standing=standing, paths=paths, at=AT)


def standing(*codes: AlarmCode) -> tuple[Occurrence, ...]:
    engine = AlarmEngine("test", "guarded", Moment(0.0, AT))
    engine.conditions({code: Observation(f"{code} text", since_s=0.0) for code in codes}, Moment(100.0, AT))
    engine.conditions({code: Observation(f"{code} text", since_s=0.0) for code in codes}, Moment(200.0, AT))
    return engine.raised


def test_a_good_signal_and_proven_paths_are_enough() -> None:
    assert tried().proves(AT)
    # The proof is as old as its oldest part.
    assert tried().at == PROVEN.at


@pytest.mark.parametrize("mode", get_args(Mode))
def test_paths_to_people_matter_where_people_are_woken(mode: Mode) -> None:
    alone = mode in {"observe", "awake"}
    for paths in (None, SILENT_PHONE):
        assert tried(mode, paths=paths).proves(AT) is alone
    assert "phone: refused" in tried("guarded", paths=SILENT_PHONE).failures


def test_a_signal_that_has_not_been_good_for_long_enough_proves_nothing() -> None:
    assert tried("observe", GOOD_SIGNAL_S - 1).failures == "signal: good for 20 s of 30 s"


@pytest.mark.parametrize(
    ("code", "passes"),
    [
        ("STORAGE", False),
        ("BATTERY", False),
        ("CLOCK_FAULT", False),
        ("HOST_SLEPT", False),
        ("LINK_DOWN", True),
    ],
)
def test_what_a_night_should_not_begin_with(code: AlarmCode, passes: bool) -> None:
    test = tried(standing=standing(code))
    assert test.passed is passes
    assert passes or f"{code} text" in test.failures


@dataclass(frozen=True)
class HandClock(Clock):
    """A clock that moves when somebody sleeps, and no other way."""

    slept: list[float] = field(default_factory=list)

    def mono_s(self) -> float:
        return self.origin_mono_s + sum(self.slept)

    def sleep(self, duration_s: float) -> None:
        self.slept.append(duration_s)


class Now:
    """A vigil with a clock that a test moves."""

    def __init__(
        self, folder: Path, *, alerter: bool = True, mode: Mode = "guarded", clock: Clock | None = None
    ) -> None:
        self.clock = clock or Clock(rate=1000.0)
        self.said: list[str] = []
        engine = AlarmEngine("test", mode, Moment(self.clock.mono_s(), self.clock.wall()))
        self.desk = AlarmDesk(engine, self.clock, caregivers=True)
        self.vigil = Vigil(
            *("test", "b00t", self.clock), session=folder, alerter=alerter, say=self.said.append
        )


def test_it_is_armed_once_everything_is_proven_and_says_till_then_what_is_not(tmp_path: Path) -> None:
    now = Now(tmp_path)
    now.clock.sleep(300.0)
    assert now.vigil.self_test(now.desk, GOOD_SIGNAL_S) == []
    [said] = now.said
    assert "Not armed yet: sound: " in said
    prove(tmp_path / JOURNAL, now.clock.wall())
    now.clock.sleep(300.0)
    [armed] = now.vigil.self_test(now.desk, GOOD_SIGNAL_S)
    assert (armed.was, armed.now, now.desk.engine.system) == ("self_test", "armed", "armed")
    # A bad second changes nothing; paths that are no longer proven do, and it watches on.
    now.clock.sleep(300.0)
    assert now.vigil.self_test(now.desk, 0.0) == []
    proven = [now.desk.proven]
    (tmp_path / JOURNAL).unlink()
    now.clock.sleep(300.0)
    assert now.vigil.self_test(now.desk, GOOD_SIGNAL_S) == []
    proven.append(now.desk.proven)
    assert (proven, now.desk.engine.system) == ([True, False], "armed")


def test_after_five_nights_of_observing_it_is_offered_once_to_be_woken(tmp_path: Path) -> None:
    now = Now(tmp_path, mode="observe")
    # A night ends at noon, whatever the time is when this is tried.
    evening = now.clock.wall().astimezone().replace(hour=22) + timedelta(days=1)
    for night in range(NIGHTS):
        now.vigil.self_test(now.desk, 0.0)
        assert now.said == []
        start = Moment(night * 86_400.0 + 1e6, evening + timedelta(days=night))
        for step in range(int(LEAST_WATCHED_S / 60) + 1):
            now.desk.engine.conditions({}, start.after(60.0 * step))
    now.vigil.self_test(now.desk, 0.0)
    now.vigil.self_test(now.desk, 0.0)
    [said] = now.said
    assert said.startswith("5 nights were observed; what would have alarmed: nothing.")


def prove(journal: Path, at: datetime) -> None:
    journal.parent.mkdir(parents=True)
    with closing(sqlite3.connect(journal)) as connection, connection:
        connection.execute("CREATE TABLE fact (name TEXT PRIMARY KEY, value)")
        connection.execute("INSERT INTO fact VALUES ('paths', '[\"sound\"]')")
        connection.execute(
            "CREATE TABLE proof (path TEXT, passed INTEGER, at TEXT, reason TEXT, took_s REAL)"
        )
        row = ("sound", 1, at.astimezone(UTC).isoformat(), "", 0.1)
        connection.execute("INSERT INTO proof VALUES (?, ?, ?, ?, ?)", row)


def test_the_alerters_silence_is_noticed_and_its_return(tmp_path: Path) -> None:
    now = Now(tmp_path)
    now.vigil.beat(now.desk, None)
    assert now.vigil.alerter_trouble.startswith("The alerter has stopped")
    sign = SignOfLife(tmp_path / SIGNS / f"{SIGN_OF_ALERTER}.alive", now.clock, "other")
    now.clock.sleep(300.0)
    sign.beat(watching=True)
    now.vigil.beat(now.desk, None)
    assert now.vigil.alerter_trouble == ""


def test_the_alerters_silence_counts_from_its_last_sign(tmp_path: Path) -> None:
    now = Now(tmp_path, clock=HandClock(rate=1.0))
    sign = SignOfLife(tmp_path / SIGNS / f"{SIGN_OF_ALERTER}.alive", now.clock, "other")
    now.vigil.beat(now.desk, None)
    now.clock.sleep(3.0)
    sign.beat(watching=True)
    beaten_s = now.clock.mono_s()
    for _ in range(int(SIGN_VALID_S) - 1):
        now.clock.sleep(1.0)
        now.vigil.beat(now.desk, None)
        assert not now.vigil.alerter_trouble
    now.clock.sleep(2.0)
    now.vigil.beat(now.desk, None)
    assert now.vigil.alerter_trouble
    assert now.vigil.alerter_seen_s == pytest.approx(beaten_s)


def test_whoever_was_away_itself_counts_nobody_elses_silence(tmp_path: Path) -> None:
    """A monitor that has just begun finds what an earlier session left; one whose host slept, what was before."""
    now = Now(tmp_path, clock=HandClock(rate=1.0))
    SignOfLife(tmp_path / SIGNS / f"{SIGN_OF_ALERTER}.alive", now.clock, "other").beat(watching=True)
    for away_s in (60.0, 8 * 3600.0):
        now.clock.sleep(away_s)
        now.vigil.beat(now.desk, None)
        assert now.vigil.alerter_trouble
        assert now.vigil.alerter_seen_s == now.clock.mono_s()


def test_a_session_without_an_alerter_does_not_miss_one(tmp_path: Path) -> None:
    now = Now(tmp_path, alerter=False)
    now.vigil.beat(now.desk, 40)
    assert now.vigil.alerter_trouble == ""
    sign = read_sign(tmp_path / SIGNS / "test.alive", now.clock.mono_s())
    assert sign is not None
    assert (sign.watching, sign.last_good_age_ms) == (True, 40)
