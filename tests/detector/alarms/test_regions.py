"""The system region: armed by proof, standby with an end, a mode (I5; RELIABILITY B3, F9)."""

from __future__ import annotations

import time as time_module
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from detector.alarms import self_test
from detector.alarms.engine import AlarmEngine
from detector.alarms.schedule import Schedule, times_of_day
from detector.alarms.values import Act, Mode, Moment, Observation, RefusedActError, SystemChange
from tests.detector.alarms.alarm_world import CRAMP, EVENING, SENSOR, Night, at, in_stage, raised

PASSED = (self_test.Tested("signal", passed=True), self_test.Tested("channel Ada", passed=True))
FAILED = (
    self_test.Tested("signal", passed=True),
    self_test.Tested("channel Ada", passed=False, text="no receipt"),
)


def arm(night: Night, *, override: bool = False) -> None:
    night.act(Act("arm", "Ada", override=override))


def test_armed_is_refused_without_a_self_test() -> None:
    night = Night()
    with pytest.raises(RefusedActError, match="none tonight"):
        arm(night)
    assert night.engine.system == "self_test"


def test_armed_is_refused_when_a_channel_gave_no_receipt() -> None:
    night = Night()
    night.engine.tested(self_test.SelfTest(EVENING, FAILED), night.now)
    with pytest.raises(RefusedActError, match="channel Ada: no receipt"):
        arm(night)


@pytest.mark.parametrize("age", [timedelta(hours=19), timedelta(hours=-1)])
def test_armed_is_refused_on_the_proof_of_another_night(age: timedelta) -> None:
    night = Night()
    night.engine.tested(self_test.SelfTest(EVENING - age, PASSED), night.now)
    with pytest.raises(RefusedActError, match="another night"):
        arm(night)


def test_a_proven_path_arms() -> None:
    night = Night()
    night.engine.tested(self_test.SelfTest(EVENING, PASSED), night.now)
    arm(night)
    assert night.engine.system == "armed"
    arm(night)
    assert len([change for change in night.log if isinstance(change, SystemChange)]) == 1


def test_whoever_arms_without_proof_does_so_knowingly_and_by_name() -> None:
    night = Night()
    arm(night, override=True)
    (change,) = night.log
    assert isinstance(change, SystemChange)
    assert (night.engine.system, change.who, change.why) == ("armed", "Ada", "armed without proof, knowingly")


def test_an_unarmed_engine_alarms_all_the_same() -> None:
    night = Night()
    night.begin("CRAMP", CRAMP)
    assert (night.engine.system, night.engine.signals(night.now).sound) == ("self_test", "soft")


@pytest.mark.parametrize("minutes", [None, 0, -5, float("nan")])
def test_standby_without_an_end_is_refused(minutes: float | None) -> None:
    night = Night()
    with pytest.raises(RefusedActError, match="needs an end"):
        night.act(Act("standby", "Ada", minutes=minutes))


def test_standby_ends_by_itself_in_the_state_before_it() -> None:
    night = Night()
    arm(night, override=True)
    night.act(Act("standby", "Ada", until=EVENING + timedelta(minutes=30)))
    until = night.engine.standby_until
    assert until is not None
    assert until.mono_s - night.now.mono_s == timedelta(minutes=30).total_seconds()
    night.sleep(1799.0, step_s=100.0)
    assert night.engine.system == "standby"
    night.sleep(1.0)
    assert (night.engine.system, night.engine.standby_until) == ("armed", None)


def test_standby_reaches_no_further_than_the_next_arm_time() -> None:
    engine = AlarmEngine(SENSOR, "guarded", at(0), schedule=Schedule((time(22, 30), time(13, 0))))
    engine.act(Act("standby", "Ada", minutes=100_000), at(0))
    assert engine.standby_until is not None
    assert engine.standby_until.wall == datetime(2026, 3, 1, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(("step_h", "ends_after_s"), [(1, 1800.0), (-1, 5400.0), (24, 5400.0), (0, 5400.0)])
def test_a_clock_that_is_set_in_standby_makes_it_shorter_and_never_longer(
    step_h: int, ends_after_s: float
) -> None:
    """Standby begins at nine, watching is planned for half past ten."""
    engine = AlarmEngine(SENSOR, "guarded", at(0), schedule=Schedule((time(22, 30),)))
    engine.act(Act("standby", "Ada", minutes=600), at(0))

    def tick(seconds: float) -> None:
        moment = at(seconds)
        engine.tick(Moment(moment.mono_s, moment.wall + timedelta(hours=step_h)))

    for second in range(0, int(ends_after_s), 60):
        tick(float(second))
        assert engine.system == "standby"
    tick(ends_after_s + 1.0)
    assert engine.system != "standby"


def test_an_arm_time_of_the_computers_own_zone_is_by_its_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """By half past ten on the wall in Berlin, also in the night in which the clock goes forward there."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time_module.tzset()
    try:
        schedule = Schedule((time(22, 30),), zone=None)
        winter = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
        assert schedule.next_arm(winter) == datetime(2026, 3, 28, 21, 30, tzinfo=UTC)
        assert schedule.next_arm(winter + timedelta(days=1)) == datetime(2026, 3, 29, 20, 30, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time_module.tzset()


def test_standby_is_at_most_a_day_where_no_arm_time_is_set() -> None:
    night = Night()
    night.act(Act("standby", "Ada", minutes=525_600))
    assert night.engine.standby_until == at(86_400)


def test_standby_is_refused_while_an_alarm_of_the_body_is_unanswered() -> None:
    night = in_stage("active")
    with pytest.raises(RefusedActError, match="answer it first"):
        night.act(Act("standby", "Ada", minutes=60))
    night.ack(night.of("CRAMP"))
    night.act(Act("standby", "Ada", minutes=60))
    assert (night.engine.system, night.stage("CRAMP")) == ("standby", "inactive")


def test_in_standby_nothing_is_raised_and_what_holds_at_its_end_begins_anew() -> None:
    night = Night()
    raised(night, "NO_DATA")
    night.act(Act("standby", "Ada", minutes=10))
    assert night.stage("NO_DATA") == "inactive"
    night.sleep(599.0)
    assert night.stage("NO_DATA") == "inactive"
    night.sleep(6.5, step_s=0.5)
    assert (night.stage("NO_DATA"), night.of("NO_DATA").priority) == ("active", "low")
    night.sleep(25.0)
    assert night.of("NO_DATA").priority == "medium"


@pytest.mark.parametrize(
    ("mode", "quieter"), [("guarded", "observe"), ("guarded", "awake"), ("self-managed", "awake")]
)
def test_a_quieter_mode_is_refused_while_an_alarm_of_the_body_is_unanswered(
    mode: Mode, quieter: Mode
) -> None:
    night = Night(mode)
    night.begin("CRAMP", CRAMP)
    with pytest.raises(RefusedActError, match="answer it first"):
        night.act(Act("mode", "Ada", mode=quieter))
    assert night.engine.mode == mode


def test_a_louder_mode_is_never_refused_and_what_stands_sounds() -> None:
    night = Night("observe")
    night.begin("CRAMP", CRAMP)
    night.act(Act("mode", "Ada", mode="guarded"))
    assert night.engine.signals(night.now).sound == "soft"


def test_a_mode_that_is_none_is_refused() -> None:
    night = Night()
    with pytest.raises(RefusedActError, match="expected one of"):
        night.act(Act("mode", "Ada", mode="off"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("zone", "evening", "hours"),
    [
        ("Europe/Vienna", "2026-03-28T23:00", 23.0),
        ("Europe/Vienna", "2026-10-24T23:00", 25.0),
        ("America/New_York", "2026-03-07T23:00", 23.0),
        ("America/New_York", "2026-10-31T23:00", 25.0),
        ("Australia/Lord_Howe", "2026-10-03T23:00", 23.5),
        ("Australia/Lord_Howe", "2026-04-04T23:00", 24.5),
        ("Europe/Vienna", "2026-06-01T23:00", 24.0),
    ],
)
def test_the_arm_time_is_the_same_on_the_wall_when_clocks_change(
    zone: str, evening: str, hours: float
) -> None:
    here = ZoneInfo(zone)
    now = datetime.fromisoformat(evening).replace(tzinfo=here)
    armed = Schedule((time(23, 0),), here).next_arm(now)
    assert armed is not None
    assert armed.astimezone(here).time() == time(23, 0)
    assert (armed - now.astimezone(UTC)) == timedelta(hours=hours)


def test_an_arm_time_that_a_clock_change_skips_is_not_skipped() -> None:
    here = ZoneInfo("Europe/Vienna")
    armed = Schedule((time(2, 30),), here).next_arm(datetime(2026, 3, 28, 23, 0, tzinfo=here))
    assert armed == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_nothing_planned_is_no_arm_time() -> None:
    assert Schedule().next_arm(EVENING) is None


def test_what_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of"):
        Night().engine.conditions({"EARTHQUAKE": Observation()}, at(0))  # type: ignore[arg-type]


def test_planned_evenings_are_written_as_times_of_day() -> None:
    assert times_of_day("13:00, 22:30") == (time(13, 0), time(22, 30))
    assert times_of_day("") == times_of_day(" , ") == ()
    with pytest.raises(ValueError, match="24:10"):
        times_of_day("24:10")
