"""State to text and back, at any moment, on the same boot and on another (I7, I8, RELIABILITY F4)."""

from __future__ import annotations

import copy
import json
import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.alarms.engine import AlarmEngine
from detector.alarms.snapshots import MAX_OFF_S, occurrences_of
from detector.alarms.values import Act, Moment, SnapshotError
from tests.detector.alarms.alarm_world import STAGES, Night, at, in_stage, raised
from tests.detector.alarms.any_night import AnyNight
from tests.detector.alarms.eventful import MODES, live


def stored(engine: AlarmEngine) -> dict[str, Any]:
    """The snapshot as a store gives it back."""
    return json.loads(json.dumps(engine.snapshot(), allow_nan=False))  # type: ignore[no-any-return]


@given(seed=st.integers(0, 10_000))
def test_any_state_is_exactly_the_same_after_text_and_back(seed: int) -> None:
    night = AnyNight(random.Random(seed).choice(MODES))
    live(night, seed, 30)
    saved = stored(night.engine)
    again = AlarmEngine.restored(saved, night.now, f"boot-{night.boot}", restarted=False)
    assert again.occurrences == night.engine.occurrences
    assert stored(again) == saved
    assert again.next_due_s == night.engine.next_due_s
    assert occurrences_of(saved) == night.engine.occurrences


@pytest.mark.parametrize("rebooted", [False, True])
@pytest.mark.parametrize("stage", STAGES)
def test_a_restart_in_any_stage_keeps_it_with_what_remained_of_its_time(
    stage: str, *, rebooted: bool
) -> None:
    night = in_stage(stage, "NO_DATA" if stage != "pending" else "CRAMP")
    (before,) = night.engine.occurrences
    saved = stored(night.engine)
    later = Moment(3.0, night.now.wall + timedelta(seconds=3)) if rebooted else at(night.now_s + 3.0)
    engine = AlarmEngine.restored(saved, later, "boot-2" if rebooted else "boot-1")
    if stage == "pending":
        # Whether the run went on, nobody saw.
        assert engine.tick(later)[0].now == "closed"
        return
    (after,) = engine.occurrences
    assert (after.id, after.stage, after.acked_by, after.call) == (
        before.id,
        stage,
        before.acked_by,
        before.call,
    )
    if before.until is not None and after.until is not None:
        remained = before.until.mono_s - night.now_s
        assert after.until.mono_s - later.mono_s == pytest.approx(remained - 3.0, abs=0.001)


@pytest.mark.parametrize("rebooted", [False, True])
def test_what_was_acknowledged_does_not_sound_again_after_a_restart(*, rebooted: bool) -> None:
    night = in_stage("acked")
    saved = stored(night.engine)
    later = Moment(9.0, night.now.wall + timedelta(seconds=9)) if rebooted else at(night.now_s + 9.0)
    engine = AlarmEngine.restored(saved, later, "boot-2" if rebooted else "boot-1")
    for second in range(120):
        now = later.after(float(second))
        engine.conditions(night.holding, now)
        assert engine.signals(now).sound == "off"


def test_a_snooze_that_ran_out_while_the_computer_was_off_ends_at_once() -> None:
    night = in_stage("snoozed", "NO_DATA")
    later = Moment(5.0, night.now.wall + timedelta(seconds=601))
    engine = AlarmEngine.restored(stored(night.engine), later, "boot-2")
    assert [change.now for change in engine.tick(later)] == ["active"]


@pytest.mark.parametrize("wall_s", [-400 * 86_400, -3600, 0])
def test_a_clock_that_went_back_while_the_computer_was_off_makes_no_timer_longer(wall_s: float) -> None:
    night = in_stage("snoozed")
    later = Moment(5.0, night.now.wall + timedelta(seconds=wall_s))
    engine = AlarmEngine.restored(stored(night.engine), later, "boot-2")
    until = engine.occurrences[0].until
    assert until is not None
    assert until.mono_s - later.mono_s == pytest.approx(600.0)


def test_a_clock_that_says_years_have_passed_is_not_believed_beyond_a_day() -> None:
    night = in_stage("active", "NO_DATA")
    later = Moment(5.0, night.now.wall + timedelta(days=4000))
    engine = AlarmEngine.restored(stored(night.engine), later, "boot-2")
    assert later.mono_s - engine.occurrences[0].since.mono_s <= MAX_OFF_S + 1.0


def test_standby_ends_on_time_across_a_reboot() -> None:
    night = Night()
    night.act(Act("standby", "Ada", minutes=60))
    later = Moment(5.0, night.now.wall + timedelta(minutes=59))
    engine = AlarmEngine.restored(stored(night.engine), later, "boot-2")
    before = engine.system
    engine.tick(later.after(61.0))
    assert (before, engine.system) == ("standby", "self_test")


def test_delays_that_ran_before_a_restart_raise_nothing_before_it_is_seen_again() -> None:
    night = Night()
    night.begin("NO_DATA")
    night.sleep(3.0)
    later = at(night.now_s + 10.0)
    engine = AlarmEngine.restored(stored(night.engine), later, "boot-1")
    assert engine.tick(later) == []
    assert [change.now for change in engine.conditions(night.holding, later)] == ["active"]


def test_a_condition_that_is_over_after_a_restart_ends_as_it_would_have() -> None:
    night = in_stage("active")
    engine = AlarmEngine.restored(stored(night.engine), at(night.now_s + 2.0), "boot-1")
    for second in range(2, 14):
        engine.conditions({}, at(night.now_s + second))
    assert [(item.stage, item.unconfirmed) for item in engine.occurrences] == [("latched", True)]


def test_a_call_for_help_is_still_heard_after_hours_without_power() -> None:
    night = Night()
    night.press(long=True)
    later = Moment(1.0, night.now.wall + timedelta(hours=3))
    engine = AlarmEngine.restored(stored(night.engine), later, "boot-2")
    assert engine.signals(later).sound != "off"


def damaged(snapshot: Any, rng: random.Random) -> Any:
    """The same with one thing in it changed."""
    found: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        items = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for name, inner in items:
            found.append((value, name))
            walk(inner)

    changed = copy.deepcopy(snapshot)
    walk(changed)
    holder, name = rng.choice(found)
    if isinstance(holder, dict) and rng.random() < 0.5:
        del holder[name]
    else:
        holder[name] = rng.choice([None, "", "x", -1, 1e300, [], {}, True])
    return changed


@given(seed=st.integers(0, 100_000))
def test_a_damaged_state_is_refused_or_read_but_never_anything_else(seed: int) -> None:
    night = in_stage("snoozed")
    raised(night, "NO_DATA")
    changed = damaged(stored(night.engine), random.Random(seed))
    try:
        engine = AlarmEngine.restored(changed, night.now, "boot-1")
    except SnapshotError:
        return
    engine.tick(night.now.after(4000.0))
    assert all(item.stage not in {"snoozed", "paused"} for item in engine.occurrences), (
        "a silence without end"
    )


@pytest.mark.parametrize("wrong", [{}, {"version": 2}, {"version": 1}, {"version": 1, "machines": 5}])
def test_what_is_no_state_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SnapshotError):
        AlarmEngine.restored(wrong, at(0), "boot-1")


@pytest.mark.parametrize("stage", ["paused", "snoozed"])
@pytest.mark.parametrize("until", [None, {"mono_s": 1e9, "wall": "2026-03-01T21:00:00+00:00"}])
def test_a_silence_that_nobody_could_have_asked_for_is_not_believed(stage: str, until: object) -> None:
    saved = stored(in_stage(stage).engine)
    saved["machines"][0]["occurrence"]["until"] = until
    with pytest.raises(SnapshotError):
        AlarmEngine.restored(saved, at(0), "boot-1")
