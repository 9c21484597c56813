"""Contractions on two limbs at once are one paired alarm, high when rhythmic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector.alarms.ladder import Policy, due_steps
from detector.alarms.pairing import Pair, answer_for, is_waiting, paired
from detector.alarms.signals import signals
from detector.alarms.values import Act, AlarmCode, Occurrence, Priority
from tests.detector.alarms.alarm_world import Night, at, in_stage, raised

GUARDED = Policy("guarded", ("Ada", "Ben"), rhythmic_to_caregivers=True)


def on(sensor: str, code: AlarmCode = "CRAMP", stage: str = "active", *, later_s: float = 0.0) -> Occurrence:
    """An alarm of another limb."""
    alarm = in_stage(stage, code).of(code)
    moved = {
        name: getattr(alarm, name) and getattr(alarm, name).after(later_s)
        for name in ("began", "raised", "called")
    }
    return replace(alarm, id=f"{sensor}.1", sensor=sensor, site=sensor, **moved)


def pair_of(*alarms: Occurrence) -> Pair:
    pair, _ = paired(alarms)
    assert pair is not None
    return pair


def test_two_cramps_on_two_limbs_are_one_alarm() -> None:
    left, right = on("left-calf"), on("right-calf", later_s=5.0)
    fault = raised(Night(), "NO_DATA")
    pair, rest = paired([right, fault, left])
    assert pair is not None
    assert pair.members == (left, right)
    assert rest == (fault,)
    assert (pair.occurrence.priority, pair.occurrence.sensor) == ("medium", "left-calf+right-calf")
    assert pair.occurrence.site == "left-calf and right-calf"
    assert pair.occurrence.text.startswith("On 2 limbs at once")


@pytest.mark.parametrize("codes", [("RHYTHMIC", "RHYTHMIC"), ("CRAMP", "RHYTHMIC")])
def test_a_rhythmic_pair_is_high(codes: tuple[AlarmCode, AlarmCode]) -> None:
    pair = pair_of(on("left-calf", codes[0]), on("right-calf", codes[1]))
    assert (pair.occurrence.code, pair.occurrence.priority) == ("RHYTHMIC", "high")
    assert signals([pair.occurrence], "guarded", at(0)).sound == "louder"


def test_one_limb_is_no_pair() -> None:
    left = on("left-calf")
    assert paired([left]) == (None, (left,))
    assert paired([left, replace(left, id="x", key="again")])[0] is None


@pytest.mark.parametrize("stage", ["latched"])
def test_a_contraction_that_has_ended_pairs_with_nothing(stage: str) -> None:
    assert paired([on("left-calf"), on("right-calf", stage=stage)])[0] is None


@pytest.mark.parametrize(
    ("stages", "expected", "answered"),
    [
        (("active", "acked"), "active", False),
        (("paused", "active"), "active", False),
        (("acked", "snoozed"), "acked", True),
        (("paused", "acked"), "paused", False),
    ],
)
def test_a_pair_is_as_far_as_the_limb_that_needs_people_most(
    stages: tuple[str, str], expected: str, *, answered: bool
) -> None:
    pair = pair_of(on("left-calf", stage=stages[0]), on("right-calf", stage=stages[1]))
    assert pair.occurrence.stage == expected
    assert (pair.occurrence.acked_by is not None) is answered


def test_an_answer_to_a_pair_answers_each_of_its_limbs() -> None:
    left, right = on("left-calf"), on("right-calf")
    assert set(pair_of(left, right).member_ids) == {left.id, right.id}


def answered(alarm: Occurrence, after_s: float, by: str = "Ada", answer: str = "ack") -> Occurrence:
    said = {"acked_by": by, "acked_priority": alarm.priority, "answer": answer}
    return replace(alarm, stage="acked", since=at(after_s), **said)  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", ["ack", "going"])
def test_an_answer_to_one_limb_answers_the_other_while_both_stand(answer: str) -> None:
    left, right = on("left-calf"), on("right-calf", later_s=5.0)
    act = answer_for(right, [right, answered(left, 6.0, answer=answer)])
    assert act == Act(answer, "Ada", right.id, place="with left-calf")  # type: ignore[arg-type]


def test_an_answer_answers_no_limb_that_called_only_later() -> None:
    left, right = on("left-calf"), on("right-calf", later_s=5.0)
    assert answer_for(right, [answered(left, 4.0)]) is None
    assert answer_for(right, [answered(replace(left, ended=at(5.5)), 6.0)]) is None


@pytest.mark.parametrize(
    ("code", "priority", "other", "is_answered"),
    [
        ("CRAMP", "medium", "RHYTHMIC", True),
        ("RHYTHMIC", "medium", "CRAMP", False),
        ("RHYTHMIC", "high", "RHYTHMIC", False),
        ("RHYTHMIC", "medium", "RHYTHMIC", True),
    ],
)
def test_an_answer_to_one_limb_never_answers_what_is_more_urgent_on_the_other(
    code: AlarmCode, priority: Priority, other: AlarmCode, *, is_answered: bool
) -> None:
    mine = replace(on("right-calf", code), priority=priority)
    assert (answer_for(mine, [answered(on("left-calf", other), 60.0)]) is not None) is is_answered


@pytest.mark.parametrize("stage", ["acked", "snoozed", "latched"])
def test_what_is_answered_or_over_waits_for_no_other_limb(stage: str) -> None:
    assert not is_waiting(on("left-calf", stage=stage))
    assert is_waiting(on("left-calf"))
    assert not is_waiting(raised(Night(), "NO_DATA"))


def test_the_id_of_a_pair_stays_while_its_oldest_limb_is_in_it() -> None:
    left, right, arm = on("left-calf"), on("right-calf", later_s=1.0), on("arm", later_s=2.0)
    assert pair_of(left, right).occurrence.id == pair_of(arm, left, right).occurrence.id


def test_pairing_tells_nobody_again_unless_it_is_more_urgent() -> None:
    left, right = on("left-calf"), on("right-calf")
    now = at(31.0)
    done = {left.id: {step.key for step in due_steps(left, GUARDED, now, ())}}
    same = pair_of(left, right)
    assert due_steps(same.occurrence, GUARDED, now, same.done(done)) == []
    worse = pair_of(left, on("right-calf", "RHYTHMIC"))
    assert [step.caregiver for step in due_steps(worse.occurrence, GUARDED, now, worse.done(done))] == [
        "Ada",
        "Ben",
    ]
