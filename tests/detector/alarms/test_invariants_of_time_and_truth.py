"""ALARMS section 4, I7 to I12: each invariant by itself; `test_any_night` keeps them all at once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import timedelta

import pytest

from detector.alarms.conditions import STALE_S
from detector.alarms.engine import AlarmEngine
from detector.alarms.ladder import Policy, due_steps
from detector.alarms.signals import signals
from detector.alarms.values import RAISED, Act, AlarmCode, Moment, Observation
from detector.alarms.wording import full_text, late_words
from tests.detector.alarms.alarm_world import CRAMP, STAGES, Night, in_stage, raised


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("step_s", [-86_400, -3600, -10, -1, 1, 10, 3600, 86_400])
def test_i7_no_timer_and_no_call_to_people_looks_at_the_wall_clock(stage: str, step_s: int) -> None:
    """A clock that is set, in every stage, before and after every step of the ladder (RELIABILITY B1)."""
    policy = Policy("guarded", ("Ada", "Ben"), rhythmic_to_caregivers=True)

    def lived(steps_s: Mapping[int, int]) -> tuple[list[tuple[float, str, str]], list[tuple[float, str]]]:
        night, off_s = in_stage(stage), 0
        called: list[tuple[float, str]] = []
        for second in range(1, 1300):
            off_s += steps_s.get(second, 0)
            night.now_s += 1.0
            moved = Moment(night.now.mono_s, night.now.wall + timedelta(seconds=off_s))
            night._logged(night.engine.conditions(night.holding, moved))
            done = {key for _, key in called}
            steps = [
                step for alarm in night.engine.occurrences for step in due_steps(alarm, policy, moved, done)
            ]
            called += [(night.now_s, step.key) for step in steps]
        return [(change.at.mono_s, change.was, change.now) for change in night.log], called

    # One clock is set at once and again in the middle of the ladder, back in between; the other never.
    assert lived({1: step_s, 25: -step_s, 100: step_s, 700: -2 * step_s}) == lived({})


@pytest.mark.parametrize("stage", STAGES)
def test_i8_what_was_not_followed_for_ten_minutes_is_reported_not_sounded(stage: str) -> None:
    night = in_stage(stage)
    saved = night.engine.snapshot()
    night.now_s += STALE_S + 1.0
    night.engine = AlarmEngine.restored(saved, night.now, "boot-1")
    night.holding = {}
    night.observe()
    assert night.engine.signals(night.now).sound == "off"
    if stage in {"active", "paused"}:
        assert (night.stage("CRAMP"), night.of("CRAMP").stale) == ("latched", True)


def test_i8_a_verdict_that_comes_late_is_reported_not_sounded() -> None:
    night = Night()
    night.sleep(3000.0, step_s=100.0)
    late = night.begin("CRAMP", Observation("late", since_s=night.now_s - 720.0, told_s=night.now_s - 700.0))
    assert (late.stage, late.stale) == ("latched", True)
    assert night.engine.signals(night.now).sound == "off"
    assert "late 12 min" in full_text(late, night.now)


def test_i9_every_occurrence_has_an_id_of_its_own_also_after_a_restart() -> None:
    night, ids = Night(), set()
    for turn in range(20):
        alarm = raised(night, "CRAMP")
        ids.add(alarm.id)
        night.ack(alarm)
        night.end("CRAMP")
        night.sleep(11.0)
        if turn % 5 == 4:
            night.engine = AlarmEngine.restored(night.engine.snapshot(), night.now, "boot-1")
    assert len(ids) == 20


@pytest.mark.parametrize(("late_s", "words"), [(0, ""), (59, ""), (61, "late 1 min"), (600, "late 10 min")])
def test_i9_late_ones_say_how_late(late_s: float, words: str) -> None:
    assert late_words(late_s) == words


def test_i10_signals_follow_from_the_state_alone() -> None:
    night = in_stage("active")
    copy = AlarmEngine.restored(night.engine.snapshot(), night.now, "boot-1", restarted=False)
    for _ in range(100):
        night.now_s += 1.0
        assert copy.signals(night.now) == night.engine.signals(night.now)


def test_i10_the_highest_priority_wins_and_among_equals_the_oldest_unanswered() -> None:
    night = Night()
    old = raised(night, "DETECTOR_DOWN")
    night.sleep(5.0)
    new = raised(night, "NO_DATA")
    assert night.engine.signals(night.now).sounding_id == old.id
    night.ack(old)
    assert night.engine.signals(night.now).occurrence_id == new.id
    urgent = night.begin("RHYTHMIC", Observation(priority="high"))
    shown = night.engine.signals(night.now)
    assert (shown.occurrence_id, shown.priority, shown.sound) == (urgent.id, "high", "louder")


def test_i10_a_fault_of_the_same_priority_does_not_take_the_place_of_a_cramp() -> None:
    night = Night()
    raised(night, "DETECTOR_DOWN")
    night.sleep(5.0)
    cramp = night.begin("CRAMP", CRAMP)
    shown = night.engine.signals(night.now)
    assert (shown.sounding_id, shown.sound, shown.pip_every_s) == (cramp.id, "soft", None)


def test_i10_a_silenced_alarm_does_not_mute_the_next() -> None:
    night = Night()
    urgent = night.begin("RHYTHMIC", Observation(priority="high"))
    cramp = night.begin("CRAMP", CRAMP)
    night.act(Act("pause", "Ada", urgent.id))
    shown = signals(night.engine.occurrences, "guarded", night.now)
    assert (shown.occurrence_id, shown.sounding_id) == (urgent.id, cramp.id)


@pytest.mark.parametrize("stage", STAGES)
def test_i12_every_transition_is_logged_with_who_and_why(stage: str) -> None:
    night = in_stage(stage)
    code: AlarmCode = "RHYTHMIC" if stage == "pending" else "CRAMP"
    path = night.changes(code)
    assert path[0] == ("inactive", "pending")
    assert all(first[1] == second[0] for first, second in itertools.pairwise(path))
    assert path[-1][1] == night.stage(code)
    assert all(change.who and change.why for change in night.log)
    assert {item.stage for item in night.engine.raised} <= RAISED
