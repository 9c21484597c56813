"""Section 3 of ALARMS, step by step, and who is told in which mode (section 5)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from detector.alarms.ladder import BUZZER, LADDERS, Policy, due_steps, is_cancel_beep
from detector.alarms.values import Act, AlarmCode, Mode, Observation
from tests.detector.alarms.alarm_world import CRAMP, Night, in_stage, raised

THREE = ("Ada", "Ben", "Cem")
GUARDED = Policy("guarded", THREE, rhythmic_to_caregivers=True)


def told(
    night: Night, policy: Policy, seconds: float, code: AlarmCode = "CRAMP"
) -> list[tuple[float, str, str]]:
    """Climb for so long, taking each step as it is due: (seconds, rung, whom)."""
    return [(round(at_s), rung, whom) for at_s, rung, whom in _climb(night, policy, seconds, code)]


def _climb(night: Night, policy: Policy, seconds: float, code: AlarmCode) -> Iterator[tuple[float, str, str]]:
    start_s, done = night.now_s, set[str]()
    while night.now_s - start_s <= seconds:
        for alarm in night.engine.occurrences:
            if alarm.code != code:
                continue
            for step in due_steps(alarm, policy, night.now, done):
                done.add(step.key)
                channel = " (second channel)" if step.second_channel else ""
                yield night.now_s - start_s, step.rung, step.caregiver + channel
        night.sleep(1.0)


def test_a_guarded_cramp_climbs_the_ladder_of_the_table() -> None:
    night = in_stage("active")
    assert told(night, GUARDED, 550.0) == [
        (30, "caregiver-1", "Ada"),
        (120, "caregiver-1-again", "Ada"),
        (120, "caregiver-2", "Ben"),
        (300, "second-channel", "Ada (second channel)"),
        (300, "second-channel", "Ben (second channel)"),
        (300, "second-channel", "Cem (second channel)"),
        (420, "reminder", "Ada"),
        (420, "reminder", "Ben"),
        (420, "reminder", "Cem"),
        (540, "reminder", "Ada"),
        (540, "reminder", "Ben"),
        (540, "reminder", "Cem"),
    ]


def test_reminders_of_a_cramp_end_after_half_an_hour() -> None:
    night = in_stage("active")
    last_s = told(night, GUARDED, 3000.0)[-1][0]
    assert 1800 - 120 <= last_s <= 1800
    assert night.engine.signals(night.now).sound == "off"
    assert night.stage("CRAMP") == "active"


@pytest.mark.parametrize("after_s", [0.0, 29.0, 31.0, 119.0, 121.0, 299.0, 421.0])
def test_an_answer_stops_every_step(after_s: float) -> None:
    night = in_stage("active")
    before = told(night, GUARDED, after_s)
    night.ack(night.of("CRAMP"))
    assert told(night, GUARDED, 2000.0) == []
    assert all(at_s <= after_s for at_s, _, _ in before)


def test_a_caregiver_on_the_way_stops_every_step() -> None:
    night = in_stage("active")
    night.sleep(40.0)
    night.act(Act("going", "Ada", night.of("CRAMP").id, role="caregiver", place="push"))
    assert (night.of("CRAMP").answer, night.of("CRAMP").acked_by) == ("going", "Ada")
    assert told(night, GUARDED, 2000.0) == []


def test_who_cannot_come_is_followed_by_the_next_at_once() -> None:
    night = in_stage("active")
    done = set[str]()
    night.sleep(31.0)
    done |= {step.key for step in due_steps(night.of("CRAMP"), GUARDED, night.now, done)}
    for who, following in (("Ada", ["Ben"]), ("Ben", ["Cem"]), ("Cem", [])):
        night.act(Act("cannot", who, night.of("CRAMP").id))
        steps = due_steps(night.of("CRAMP"), GUARDED, night.now, done)
        assert [(step.rung, step.caregiver) for step in steps] == [("next", name) for name in following]
        done |= {step.key for step in steps}
    # Nobody can: all that is left is to ask them again.
    night.sleep(400.0)
    assert {step.caregiver for step in due_steps(night.of("CRAMP"), GUARDED, night.now, done)} == set(THREE)


def test_an_alarm_that_ended_unanswered_goes_on_being_told_in_guarded_mode_until_it_closes() -> None:
    night = in_stage("active")
    night.end("CRAMP")
    steps = told(night, GUARDED, 1000.0)
    assert (30, "caregiver-1", "Ada") in steps
    assert night.stage("CRAMP") == "inactive"
    assert steps[-1][0] <= 611


def test_a_second_call_begins_a_second_ladder() -> None:
    night = in_stage("snoozed")
    assert told(night, GUARDED, 599.0) == []
    second = told(night, GUARDED, 40.0)
    assert [(rung, whom) for _, rung, whom in second] == [("caregiver-1", "Ada")]
    assert night.of("CRAMP").call == 2


def test_what_was_answered_and_lost_its_signal_in_its_snooze_calls_nobody_again() -> None:
    night = in_stage("snoozed")
    night.signal_lost = True
    night.sleep(601.0)
    assert (night.stage("CRAMP"), night.of("CRAMP").acked_by) == ("latched", "Ada")
    assert told(night, GUARDED, 1000.0) == []


def test_a_late_reader_makes_up_for_the_newest_reminder_only() -> None:
    night = in_stage("active")
    night.sleep(1000.0)
    done: set[str] = set()
    steps = due_steps(night.of("CRAMP"), GUARDED, night.now, done)
    assert [(step.rung, step.caregiver) for step in steps if not step.second_channel] == [
        ("reminder", name) for name in THREE
    ]
    assert [step.caregiver for step in steps if step.second_channel] == list(THREE)
    done.update(step.key for step in steps)
    assert due_steps(night.of("CRAMP"), GUARDED, night.now, done) == []


def test_a_self_managed_cramp_reaches_a_caregiver_only_when_it_goes_on_for_three_minutes() -> None:
    policy = Policy("self-managed", THREE)
    night = Night("self-managed")
    night.begin("CRAMP", CRAMP)
    assert told(night, policy, 185.0) == [(180, "caregiver-1", "Ada")]

    short = Night("self-managed")
    short.begin("CRAMP", CRAMP)
    short.sleep(170.0)
    short.end("CRAMP")
    short.sleep(11.0)
    assert told(short, policy, 1000.0) == []


@pytest.mark.parametrize("mode", ["observe", "awake", "self-managed", "guarded"])
def test_help_reaches_everyone_at_once_in_every_mode(mode: Mode) -> None:
    night = Night(mode)
    night.press(long=True)
    first = told(night, Policy(mode, THREE), 1.0, "HELP")
    assert first == [(0, "everyone", name) for name in THREE]
    assert told(night, Policy(mode, THREE), 3600.0, "HELP")[-1][0] > 3000


@pytest.mark.parametrize("mode", ["observe", "awake"])
@pytest.mark.parametrize("code", ["CRAMP", "RHYTHMIC", "NO_DATA", "DETECTOR_DOWN"])
def test_nobody_elsewhere_is_told_in_observe_and_awake(mode: Mode, code: AlarmCode) -> None:
    night = Night(mode)
    raised(night, code)
    assert told(night, Policy(mode, THREE, rhythmic_to_caregivers=True), 2000.0, code) == []


def test_rhythmic_contractions_reach_caregivers_only_if_they_asked_for_it() -> None:
    night = Night()
    night.begin("RHYTHMIC", Observation(priority="high"))
    assert told(night, Policy("guarded", THREE), 2000.0, "RHYTHMIC") == []
    other = Night()
    other.begin("RHYTHMIC", Observation(priority="high"))
    assert told(other, GUARDED, 1.0, "RHYTHMIC") == [(0, "everyone", name) for name in THREE]


@pytest.mark.parametrize(("code", "first_s"), [("NO_DATA", 120), ("BAD_SIGNAL", 120), ("DETECTOR_DOWN", 60)])
def test_that_nobody_watches_is_told_and_told_again_without_end(code: AlarmCode, first_s: int) -> None:
    night = Night()
    night.begin(code)
    steps = told(night, GUARDED, 2 * 3600.0, code)
    first_told_s, _, whom = steps[0]
    assert (round(first_told_s), whom) == (first_s, "Ada")
    times = sorted({at_s for at_s, _, _ in steps})
    assert all(later - earlier == 600 for earlier, later in itertools.pairwise(times))
    assert times[-1] > 2 * 3600 - 601


def test_that_nobody_watches_is_told_again_half_an_hour_after_it_was_answered() -> None:
    night = Night()
    night.begin("NO_DATA")
    assert told(night, GUARDED, 130.0, "NO_DATA") == [(120, "caregiver-1", "Ada")]
    night.ack(night.of("NO_DATA"))
    steps = told(night, GUARDED, 1900.0, "NO_DATA")
    assert [(at_s, whom) for at_s, _, whom in steps] == [(1800, name) for name in THREE]


def test_a_path_that_is_down_waits_for_its_return_and_the_only_one_does_not() -> None:
    night = Night()
    night.holding["LINK_DOWN", "Anna-1-ntfy"] = Observation("it fails", since_s=0.0)
    assert told(night, GUARDED, 600.0, "LINK_DOWN") == [(120, "second-channel", "Ada (second channel)")]
    other = Night()
    other.holding["LINK_DOWN", "Anna-1-ntfy"] = Observation("it fails", since_s=0.0, priority="medium")
    assert told(other, GUARDED, 30.0, "LINK_DOWN") == [
        (15, "second-channel", f"{name} (second channel)") for name in THREE
    ]


def test_a_sensor_that_cannot_buzz_wakes_nobody_elsewhere() -> None:
    night = Night()
    night.holding["LINK_DOWN", BUZZER] = Observation("this board cannot buzz")
    assert told(night, GUARDED, 3600.0, "LINK_DOWN") == []
    assert night.stage("LINK_DOWN", BUZZER) == "active"


@pytest.mark.parametrize(("code", "times"), [("HOST_SLEPT", 3), ("CLOCK_FAULT", 3)])
def test_a_fault_that_comes_three_times_a_night_is_told(code: AlarmCode, times: int) -> None:
    night = Night()
    steps: list[list[tuple[float, str, str]]] = []
    for _ in range(times):
        night.begin(code)
        steps.append(told(night, GUARDED, 1.0, code))
        night.ack(night.of(code))
        night.end(code)
        night.sleep(61.0)
    assert steps == [[], [], [(0, "caregiver-1", "Ada")]]


@pytest.mark.parametrize("code", ["STORAGE", "ID_CLASH", "CONFIG", "MODEL", "CRAMP_SUSPECT", "TENSION_RISE"])
def test_what_waits_for_the_morning_is_told_to_nobody(code: AlarmCode) -> None:
    night = Night()
    raised(night, code)
    assert told(night, GUARDED, 4000.0, code) == []
    assert night.engine.signals(night.now).sound == "off"


def test_a_beep_leaves_ten_seconds_before_the_first_push() -> None:
    night = in_stage("active")
    beeps = []
    for _ in range(60):
        night.sleep(1.0)
        if is_cancel_beep(night.of("CRAMP"), GUARDED, night.now):
            beeps.append(night.now_s)
    assert beeps == [float(second) for second in range(20, 30)]
    assert not is_cancel_beep(night.of("CRAMP"), Policy("guarded"), night.now)


def test_what_is_told_at_once_has_no_beep_before_it() -> None:
    night = Night()
    night.press(long=True)
    assert not is_cancel_beep(night.of("HELP"), GUARDED, night.now)


@pytest.mark.parametrize("stage", ["pending", "acked", "snoozed"])
def test_no_step_is_due_in_a_stage_that_calls_nobody(stage: str) -> None:
    night = in_stage(stage)
    night.now_s += 5000.0
    assert all(due_steps(item, GUARDED, night.now, set()) == [] for item in night.engine.occurrences)


def test_what_is_only_reported_is_told_to_nobody() -> None:
    night = Night()
    late = night.begin("CRAMP", Observation(since_s=-900.0, told_s=-700.0))
    assert late.stale
    assert told(night, GUARDED, 500.0) == []


def test_every_rung_has_its_own_name_in_its_ladder() -> None:
    for ladder in LADDERS.values():
        names = [rung.name for rung in ladder.rungs]
        assert len(set(names)) == len(names)
        assert [rung.after_s for rung in ladder.rungs] == sorted(rung.after_s for rung in ladder.rungs)
