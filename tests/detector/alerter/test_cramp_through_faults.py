"""A cramp during every standing technical alarm that leaves a signal, and a cable pulled during every stage of a cramp.

As people get it (RELIABILITY F2, F3): the sound at the bed, the sensor's buzz, the light, the calls to caregivers.
"""

from __future__ import annotations

import pytest

from detector.alarms.conditions import CONDITIONS
from detector.alarms.ladder import Policy, Step, due_steps
from detector.alarms.signals import signals
from detector.alarms.values import AlarmCode, Mode, Moment, Observation, Occurrence
from detector.alerter.bell import Ring, ring_of
from tests.detector.alarms.alarm_world import CRAMP, Night, at, in_stage, raised

TECHNICAL = [code for code, condition in CONDITIONS.items() if condition.region == "tech"]
# These say that there is no signal to see a cramp in.
BLIND = {"NO_DATA", "BAD_SIGNAL"}
MODES: tuple[Mode, ...] = ("observe", "awake", "self-managed", "guarded")
# Until its last step in a first call.
CLIMBED_S = (0.0, 21.0, 31.0, 61.0, 121.0, 301.0, 421.0)
PEOPLE = ("Ada", "Ben")


def night_with(fault: AlarmCode | None, stage: str, mode: Mode) -> Night:
    """A night in which a fault stands and was answered or not; then a cramp begins."""
    night = Night(mode)
    night.now_s = 1000.0
    if fault is not None:
        standing = raised(night, fault)
        if stage == "acked":
            night.ack(standing)
    night.holding["CRAMP", ""] = CRAMP
    night.observe()
    return night


def perceived(night: Night, mode: Mode) -> tuple[Ring | None, str, str]:
    """What is heard, felt and seen at the bed: as the alerter and the monitor derive it."""
    together = night.engine.signals(night.now)
    ring = ring_of(signals([alarm], mode, night.now) for alarm in night.engine.occurrences)
    return ring, together.cue, together.light


def calls(night: Night, mode: Mode) -> list[tuple[str, str]]:
    cramp = night.of("CRAMP")
    steps: list[Step] = due_steps(cramp, Policy(mode, PEOPLE), night.now, ())
    return [(step.rung, step.caregiver) for step in steps]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("answered", ["active", "acked"])
@pytest.mark.parametrize("fault", [code for code in TECHNICAL if code not in BLIND])
def test_a_cramp_is_heard_felt_seen_and_told_as_if_nothing_else_stood(
    fault: AlarmCode, answered: str, mode: Mode
) -> None:
    alone, beside = night_with(None, answered, mode), night_with(fault, answered, mode)
    begun_s = alone.now_s
    for climbed_s in CLIMBED_S:
        for night in (alone, beside):
            night.sleep(begun_s + climbed_s - night.now_s, step_s=10.0)
        assert calls(beside, mode) == calls(alone, mode)
        (ring, cue, light), (other, other_cue, other_light) = perceived(alone, mode), perceived(beside, mode)
        if ring is not None:
            assert other == ring
        if cue != "none":
            assert other_cue == cue
        assert {"off": 0, "dim": 1, "full": 2}[other_light] >= {"off": 0, "dim": 1, "full": 2}[light]


@pytest.mark.parametrize("lost", ["NO_DATA", "BAD_SIGNAL"])
@pytest.mark.parametrize("stage", ["active", "paused", "acked", "snoozed", "latched"])
def test_a_cable_that_is_pulled_during_a_cramp_clears_nothing_and_adds_its_own(
    stage: str, lost: AlarmCode
) -> None:
    night = in_stage(stage)
    before = night.of("CRAMP")
    night.signal_lost = True
    night.holding = {(lost, ""): Observation("the cable is out", since_s=night.now_s)}
    # A pause of two minutes ends meanwhile, a snooze of ten does not; what is over closes after ten minutes.
    night.sleep(130.0)
    after = night.of("CRAMP")
    assert after.id == before.id
    assert after.stage == ("active" if stage == "paused" else stage)
    assert after.unconfirmed is (stage != "latched")
    assert night.of(lost).stage == "active"
    assert before.call == after.call


@pytest.mark.parametrize("lost", ["NO_DATA", "BAD_SIGNAL"])
def test_no_new_cramp_is_made_up_while_nobody_can_see_one(lost: AlarmCode) -> None:
    night = Night()
    night.signal_lost = True
    night.holding = {(lost, ""): Observation("the cable is out", since_s=0.0), ("CRAMP", ""): CRAMP}
    night.sleep(130.0)
    assert night.stage("CRAMP") == "inactive"
    assert night.of(lost).priority == "medium"


def test_faults_alone_never_sound_like_a_cramp() -> None:
    for code in TECHNICAL:
        night = Night()
        fault: Occurrence = raised(night, code)
        ring = ring_of([signals([fault], "guarded", Moment(night.now_s, at(night.now_s).wall))])
        assert ring is None or ring.sound == "pip"
