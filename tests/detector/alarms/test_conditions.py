"""Section 1 of ALARMS, row by row."""

from __future__ import annotations

from typing import get_args

import pytest

from detector.alarms.conditions import CONDITIONS
from detector.alarms.values import AlarmCode, Observation, Priority
from tests.detector.alarms.alarm_world import CRAMP, Night

# Code, seconds that it must hold, priority then.
RAISED_AFTER: tuple[tuple[AlarmCode, float, Priority], ...] = (
    ("CRAMP_SUSPECT", 0.0, "low"),
    ("CRAMP", 0.0, "medium"),
    ("TENSION_RISE", 0.0, "advisory"),
    ("NO_DATA", 5.0, "low"),
    ("NO_DATA", 30.0, "medium"),
    ("BAD_SIGNAL", 10.0, "low"),
    ("BAD_SIGNAL", 60.0, "medium"),
    ("CLOCK_FAULT", 0.0, "low"),
    ("HOST_SLEPT", 0.0, "low"),
    ("DETECTOR_DOWN", 10.0, "medium"),
    ("LINK_DOWN", 15.0, "low"),
    ("STORAGE", 55.0, "low"),
    ("BATTERY", 60.0, "low"),
    ("ID_CLASH", 0.0, "low"),
    ("CONFIG", 0.0, "low"),
    ("MODEL", 0.0, "low"),
)
OVER_AFTER: tuple[tuple[AlarmCode, float], ...] = (
    ("CRAMP", 10.0),
    ("RHYTHMIC", 10.0),
    ("NO_DATA", 5.0),
    ("BAD_SIGNAL", 10.0),
    ("CLOCK_FAULT", 60.0),
    ("HOST_SLEPT", 60.0),
    ("DETECTOR_DOWN", 5.0),
    ("LINK_DOWN", 10.0),
)


def test_every_code_has_a_row() -> None:
    assert set(CONDITIONS) == set(get_args(AlarmCode))


@pytest.mark.parametrize(("code", "after_s", "priority"), RAISED_AFTER)
def test_a_condition_is_raised_after_its_delay_with_its_priority(
    code: AlarmCode, after_s: float, priority: Priority
) -> None:
    night = Night()
    night.begin(code)
    if after_s:
        night.sleep(after_s - 0.1, step_s=after_s - 0.1)
        assert night.of(code).priority != priority or night.stage(code) == "pending"
        night.sleep(0.1)
    assert (night.stage(code), night.of(code).priority) == ("active", priority)


@pytest.mark.parametrize(("code", "after_s"), OVER_AFTER)
def test_a_condition_is_over_after_its_own_delay(code: AlarmCode, after_s: float) -> None:
    night = Night()
    night.begin(code, Observation(since_s=night.now_s - 3000.0))
    assert night.stage(code) == "active"
    night.end(code)
    night.sleep(after_s - 0.1, step_s=after_s - 0.1)
    assert night.stage(code) == "active"
    night.sleep(0.1)
    assert night.stage(code) == "latched"


@pytest.mark.parametrize("code", ["ID_CLASH", "CONFIG", "MODEL", "HELP"])
def test_what_only_reset_ends_is_ended_by_nothing_else(code: AlarmCode) -> None:
    night = Night()
    night.begin(code)
    night.end(code)
    night.sleep(4000.0, step_s=50.0)
    assert night.stage(code) == "active"


def test_a_delay_counts_from_when_the_condition_began_not_from_when_it_was_seen() -> None:
    night = Night()
    night.begin("NO_DATA", Observation(since_s=night.now_s - 31.0))
    assert (night.stage("NO_DATA"), night.of("NO_DATA").priority) == ("active", "medium")


def test_what_is_over_before_its_delay_was_never_raised() -> None:
    night = Night()
    night.begin("NO_DATA")
    night.sleep(4.0)
    night.end("NO_DATA")
    assert night.changes("NO_DATA") == [("inactive", "pending"), ("pending", "closed")]


def test_a_clonic_run_counts_from_ten_seconds_on() -> None:
    night = Night()
    night.begin("RHYTHMIC", Observation(since_s=night.now_s - 9.0, priority="medium"))
    assert night.stage("RHYTHMIC") == "pending"
    night.sleep(1.0)
    assert (night.stage("RHYTHMIC"), night.of("RHYTHMIC").priority) == ("active", "medium")


def test_a_sequence_counts_at_once_and_is_high() -> None:
    night = Night()
    night.begin("RHYTHMIC", Observation(since_s=night.now_s, priority="high"))
    assert (night.stage("RHYTHMIC"), night.of("RHYTHMIC").priority) == ("active", "high")


def test_a_run_that_turns_out_to_be_a_sequence_becomes_high() -> None:
    night = Night()
    night.begin("RHYTHMIC", Observation(since_s=night.now_s - 20.0, priority="medium"))
    night.begin("RHYTHMIC", Observation(priority="high"))
    assert night.of("RHYTHMIC").priority == "high"


def test_a_battery_below_the_lower_limit_is_medium() -> None:
    night = Night()
    night.begin("BATTERY", Observation(priority="low"), key="host")
    night.sleep(61.0)
    assert night.of("BATTERY", "host").priority == "low"
    night.begin("BATTERY", Observation(priority="medium"), key="host")
    assert night.of("BATTERY", "host").priority == "medium"


def test_a_priority_never_falls_while_the_alarm_stands() -> None:
    night = Night()
    night.begin("RHYTHMIC", Observation(since_s=night.now_s - 20.0, priority="high"))
    night.begin("RHYTHMIC", Observation(since_s=night.now_s - 20.0, priority="medium"))
    night.sleep(5.0)
    assert night.of("RHYTHMIC").priority == "high"


def test_sensor_and_host_batteries_are_two_alarms() -> None:
    night = Night()
    night.begin("BATTERY", key="sensor")
    night.begin("BATTERY", key="host")
    night.sleep(61.0)
    night.ack(night.of("BATTERY", "sensor"))
    assert (night.stage("BATTERY", "sensor"), night.stage("BATTERY", "host")) == ("acked", "active")


@pytest.mark.parametrize("code", ["CRAMP_SUSPECT", "TENSION_RISE"])
def test_a_suspicion_ends_with_what_it_was_about(code: AlarmCode) -> None:
    night = Night()
    night.begin(code)
    night.end(code)
    assert night.stage(code) == "inactive"


@pytest.mark.parametrize(("gone_s", "same"), [(11.0, True), (69.0, True), (71.0, False), (300.0, False)])
def test_what_comes_back_within_a_minute_of_having_gone_is_the_same_alarm(
    gone_s: float, *, same: bool
) -> None:
    night = Night()
    first = night.begin("CRAMP", CRAMP)
    night.end("CRAMP")
    night.sleep(gone_s)
    again = night.begin("CRAMP", CRAMP)
    assert again.stage == "active"
    assert (again.id == first.id) is same
    assert again.ordinal == (1 if same else 2)
