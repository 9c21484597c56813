"""What people do to an alarm, in any order and more than once (RELIABILITY F6)."""

from __future__ import annotations

import random

import pytest

from detector.alarms.values import Act, ActName, AlarmChange, AlarmCode, RefusedActError
from tests.detector.alarms.alarm_world import CRAMP, Night, in_stage, raised

CODES: tuple[AlarmCode, ...] = ("CRAMP", "RHYTHMIC", "NO_DATA", "BAD_SIGNAL")
NAMES: tuple[ActName, ...] = ("ack", "going", "cannot", "snooze", "pause", "reset")


def test_the_second_of_two_caregivers_changes_nothing() -> None:
    night = in_stage("active")
    alarm = night.of("CRAMP")
    assert night.ack(alarm, "Ada")
    assert night.ack(alarm, "Ben") == []
    assert night.of("CRAMP").acked_by == "Ada"


def test_who_goes_after_somebody_acknowledged_is_noted() -> None:
    night = in_stage("acked")
    night.act(Act("going", "Ben", night.of("CRAMP").id, place="push"))
    assert (night.stage("CRAMP"), night.of("CRAMP").acked_by, night.of("CRAMP").answer) == (
        "acked",
        "Ben",
        "going",
    )


def test_a_replayed_answer_to_an_old_alarm_leaves_the_new_one_alone() -> None:
    night = in_stage("acked")
    old = night.of("CRAMP")
    night.end("CRAMP")
    night.sleep(11.0)
    new = night.begin("CRAMP", CRAMP)
    for name in NAMES:
        with pytest.raises(RefusedActError, match="is over"):
            night.act(Act(name, "Eve", old.id, minutes=5))
    assert night.of("CRAMP") == new


def test_an_answer_before_the_delay_is_over_is_refused() -> None:
    night = in_stage("pending")
    with pytest.raises(RefusedActError, match="no alarm to answer"):
        night.ack(night.of("RHYTHMIC"))


def test_an_answer_to_what_is_over_closes_it() -> None:
    night = in_stage("latched")
    night.ack(night.of("CRAMP"))
    assert night.stage("CRAMP") == "inactive"


def test_who_cannot_come_is_noted_once_and_silences_nothing() -> None:
    night = in_stage("active")
    alarm = night.of("CRAMP")
    assert len(night.act(Act("cannot", "Ada", alarm.id))) == 1
    assert night.act(Act("cannot", "Ada", alarm.id)) == []
    assert (night.of("CRAMP").declined, night.engine.signals(night.now).sound) == (("Ada",), "soft")


@pytest.mark.parametrize("stage", ["paused", "snoozed", "acked", "latched"])
def test_there_is_no_sound_to_pause_where_none_is(stage: str) -> None:
    night = in_stage(stage)
    with pytest.raises(RefusedActError, match="no sound to pause"):
        night.act(Act("pause", "Ada", night.of("CRAMP").id))


@pytest.mark.parametrize("stage", ["snoozed", "latched"])
def test_only_what_stands_is_snoozed_and_never_again_while_it_sleeps(stage: str) -> None:
    night = in_stage(stage)
    with pytest.raises(RefusedActError, match="only an alarm that stands"):
        night.act(Act("snooze", "Ada", night.of("CRAMP").id, minutes=30))


def test_a_call_for_help_cannot_be_snoozed_and_is_closed_by_reset() -> None:
    night = Night()
    night.press(long=True)
    alarm = night.of("HELP")
    with pytest.raises(RefusedActError, match="somebody must look"):
        night.act(Act("snooze", "Ada", alarm.id, minutes=5))
    night.act(Act("reset", "Ada", alarm.id))
    assert night.stage("HELP") == "inactive"


def test_what_still_stands_is_not_reset() -> None:
    night = Night()
    alarm = raised(night, "STORAGE")
    with pytest.raises(RefusedActError, match="RESET is for what is over"):
        night.act(Act("reset", "Ada", alarm.id))


def test_what_is_reset_while_it_still_holds_comes_back_as_another_alarm() -> None:
    night = Night()
    first = raised(night, "CONFIG")
    night.act(Act("reset", "Ada", first.id))
    night.sleep(1.0)
    assert night.of("CONFIG").id != first.id


def test_where_and_by_whom_is_in_the_log() -> None:
    night = in_stage("active")
    night.act(Act("ack", "Ada", night.of("CRAMP").id, role="caregiver", place="kitchen tablet"))
    assert (night.log[-1].who, night.log[-1].why) == ("Ada", "acknowledged (kitchen tablet)")


def test_ten_thousand_races_of_answers_silence_nothing_but_what_they_name() -> None:
    rng = random.Random(6)
    night = Night()
    old: list[str] = ["left-calf.20200101T000000.1", "", "forged"]
    for _ in range(10_000):
        if rng.random() < 0.2:
            code = rng.choice(CODES)
            if night.holding.pop((code, ""), None) is None:
                raised(night, code)
        if rng.random() < 0.3:
            night.sleep(rng.choice((1.0, 12.0, 70.0)), step_s=70.0)
        before = {item.id: item.stage for item in night.engine.occurrences}
        old += [name for name in before if name not in old]
        named = rng.choice(old[-8:] + old[:3])
        act = Act(
            rng.choice(NAMES), rng.choice(("Ada", "Ben", "Eve")), named, minutes=rng.choice((None, 5, 30, 99))
        )
        try:
            changes = night.act(act)
        except RefusedActError:
            changes = []
        people = [item for item in changes if isinstance(item, AlarmChange) and item.who != "engine"]
        assert {item.occurrence.id for item in people} <= {named} & before.keys()
