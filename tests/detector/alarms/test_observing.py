"""The first nights: nobody is woken, what would have alarmed is counted, and in the end it is offered to arm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from detector.alarms.engine import AlarmEngine
from detector.alarms.observing import LEAST_WATCHED_S, NIGHTS, Observed
from detector.alarms.values import Act, Moment
from tests.detector.alarms.alarm_world import EVENING, SENSOR, Night, at

DAY_S = 86_400.0


def watched(
    engine: AlarmEngine, night: int, seconds: float, *, lost: bool = False, step_s: float = 30.0
) -> None:
    for step in range(int(seconds / step_s) + 1):
        engine.conditions({}, at(night * DAY_S + step * step_s), signal_lost=lost)


def observing() -> AlarmEngine:
    return AlarmEngine(SENSOR, "observe", at(-1.0))


def test_after_five_watched_nights_it_is_enough() -> None:
    engine = observing()
    for night in range(NIGHTS):
        assert engine.observed == Observed(night, {})
        assert not engine.observed.is_enough
        watched(engine, night, LEAST_WATCHED_S)
    assert engine.observed.is_enough


def test_what_would_have_alarmed_is_counted_night_by_night() -> None:
    night = Night("observe")
    for _ in range(3):
        night.begin("CRAMP")
        night.begin("NO_DATA")
        night.sleep(60.0)
        night.end("CRAMP")
        night.end("NO_DATA")
        night.sleep(700.0)
    assert night.engine.observed.would_have == {"CRAMP": 3}


@pytest.mark.parametrize(("seconds", "lost"), [(LEAST_WATCHED_S - 60, False), (8 * 3600.0, True)])
def test_a_try_in_the_afternoon_and_a_sensor_in_a_drawer_are_no_nights(seconds: float, *, lost: bool) -> None:
    engine = observing()
    watched(engine, 0, seconds, lost=lost)
    assert engine.observed.nights == 0


def test_a_night_goes_from_noon_to_noon() -> None:
    engine = observing()
    # From nine in the evening to three in the morning.
    watched(engine, 0, 6 * 3600.0)
    assert engine.observed.nights == 1


def test_hours_in_which_nobody_looked_count_for_nothing() -> None:
    engine = observing()
    watched(engine, 0, 8 * 3600.0, step_s=3600.0)
    assert engine.observed.nights == 0


def test_standby_and_other_modes_are_not_observing() -> None:
    engine = observing()
    engine.act(Act("standby", "Ada", minutes=600), at(0))
    watched(engine, 0, 2 * LEAST_WATCHED_S)
    assert engine.observed.nights == 0
    guarded = AlarmEngine(SENSOR, "guarded", at(-1.0))
    watched(guarded, 0, 2 * LEAST_WATCHED_S)
    assert guarded.observed == Observed(0, {})


def test_it_survives_a_restart_and_whoever_observes_again_begins_anew() -> None:
    engine = observing()
    watched(engine, 0, LEAST_WATCHED_S)
    later = Moment(5.0, EVENING + timedelta(days=1))
    again = AlarmEngine.restored(engine.snapshot(), later, "boot-2")
    assert again.observed.nights == 1
    again.act(Act("mode", "Ada", mode="guarded"), later)
    again.act(Act("mode", "Ada", mode="observe"), later)
    assert again.observed.nights == 0


def test_only_the_newest_month_is_kept() -> None:
    night = Night("observe")
    for day in range(40):
        watched(night.engine, day, LEAST_WATCHED_S)
    assert night.engine.observed.nights == 31
