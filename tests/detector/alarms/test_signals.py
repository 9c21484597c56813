"""What is heard, seen and felt at the bed."""

from __future__ import annotations

import pytest

from detector.alarms.signals import Signals, signals
from detector.alarms.values import Act, AlarmCode, Mode, Observation
from tests.detector.alarms.alarm_world import CRAMP, Night, in_stage, raised


def heard(night: Night) -> Signals:
    return night.engine.signals(night.now)


@pytest.mark.parametrize(
    ("after_s", "sound"),
    [
        (0, "soft"),
        (19, "soft"),
        (20, "louder"),
        (39, "louder"),
        (40, "loud"),
        (59, "loud"),
        (60, "full"),
        (1799, "full"),
    ],
)
def test_a_guarded_cramp_begins_softly_and_is_full_after_a_minute(after_s: float, sound: str) -> None:
    night = in_stage("active")
    night.sleep(after_s, step_s=max(1.0, after_s / 10))
    assert (heard(night).sound, heard(night).light, heard(night).cue) == (sound, "full", "alarm")


def test_observe_is_silent_and_counts() -> None:
    night = Night("observe")
    night.begin("CRAMP", CRAMP)
    raised(night, "NO_DATA")
    shown = heard(night)
    assert (shown.sound, shown.light, shown.cue, shown.pip_every_s) == ("off", "off", "none", None)
    assert night.engine.observed.would_have == {"CRAMP": 1}


def test_self_managed_is_a_buzz_a_dim_light_and_a_soft_sound_that_stays_soft() -> None:
    night = Night("self-managed")
    night.begin("CRAMP", CRAMP)
    night.sleep(200.0)
    assert (heard(night).sound, heard(night).light, heard(night).cue) == ("soft", "dim", "alarm")


def test_awake_is_felt_by_the_wearer_alone() -> None:
    night = Night("awake")
    night.begin("CRAMP", CRAMP)
    assert (heard(night).sound, heard(night).light, heard(night).cue) == ("off", "off", "alarm")


def test_an_electrode_that_came_off_gives_a_sleeper_alone_one_gentle_cue() -> None:
    night = Night("self-managed")
    raised(night, "BAD_SIGNAL")
    assert (heard(night).cue, heard(night).sound, heard(night).pip_every_s) == ("gentle", "off", None)


@pytest.mark.parametrize(
    ("mode", "code", "after_s", "every_s"),
    [
        ("guarded", "NO_DATA", 30.0, 60.0),
        ("guarded", "DETECTOR_DOWN", 10.0, 60.0),
        ("guarded", "BAD_SIGNAL", 60.0, 60.0),
        ("self-managed", "NO_DATA", 30.0, 600.0),
    ],
)
def test_that_nobody_watches_is_told_by_soft_pips(
    mode: Mode, code: AlarmCode, after_s: float, every_s: float
) -> None:
    night = Night(mode)
    night.begin(code)
    night.sleep(after_s - 1.0)
    assert heard(night).pip_every_s is None
    night.sleep(1.0)
    assert (heard(night).pip_every_s, heard(night).sound) == (every_s, "off")


@pytest.mark.parametrize("mode", ["observe", "awake", "self-managed", "guarded"])
def test_a_call_for_help_is_heard_in_every_mode(mode: Mode) -> None:
    night = Night(mode)
    night.press(long=True)
    assert (heard(night).sound, heard(night).priority) == ("louder", "high")


def test_a_call_for_help_is_heard_in_standby() -> None:
    night = Night()
    night.act(Act("standby", "Ada", minutes=60))
    night.press(long=True)
    assert (night.engine.system, heard(night).sound) == ("standby", "louder")


@pytest.mark.parametrize("stage", ["paused", "acked", "snoozed", "latched"])
def test_only_an_active_alarm_sounds_but_every_raised_one_is_shown(stage: str) -> None:
    night = in_stage(stage)
    shown = heard(night)
    assert (shown.sound, shown.cue, shown.sounding_id) == ("off", "none", None)
    assert shown.occurrence_id == night.of("CRAMP").id
    assert shown.light != "off"


def test_a_pending_condition_is_perceived_by_nobody() -> None:
    assert heard(in_stage("pending")) == Signals()


def test_a_rise_of_tension_hints_only_where_it_was_asked_for() -> None:
    night = Night("self-managed")
    night.begin("TENSION_RISE", Observation("tension twice the resting level"))
    assert heard(night).cue == "none"
    assert signals(night.engine.occurrences, "self-managed", night.now, tension_cue=True).cue == "hint"


def test_low_priority_makes_no_sound() -> None:
    night = Night()
    night.begin("CRAMP_SUSPECT")
    night.begin("NO_DATA")
    night.sleep(10.0)
    assert (heard(night).priority, heard(night).sound, heard(night).sounding_id) == ("low", "off", None)


def test_the_button_answers_what_sounds_and_is_a_mark_where_nothing_does() -> None:
    night = Night()
    assert night.press() == []
    cramp = night.begin("CRAMP", CRAMP)
    changes = night.press()
    assert [(change.was, change.now, change.who) for change in changes] == [("active", "acked", "sleeper")]
    assert night.of("CRAMP").id == cramp.id
    assert night.press() == []


def test_the_button_is_a_mark_while_an_alarm_is_silent_in_observe() -> None:
    night = Night("observe")
    night.begin("CRAMP", CRAMP)
    assert night.press() == []
    assert night.stage("CRAMP") == "active"


def test_short_presses_never_answer_a_call_for_help() -> None:
    night = Night()
    night.press(long=True)
    for _ in range(5):
        assert night.press() == []
    assert night.stage("HELP") == "active"


def test_a_second_long_press_after_an_answer_calls_again() -> None:
    night = Night()
    night.press(long=True)
    first = night.of("HELP")
    night.ack(first)
    night.sleep(5.0)
    night.press(long=True)
    assert night.stage("HELP") == "active"
    assert night.of("HELP").id != first.id
