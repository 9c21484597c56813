"""What the detector says of synthetic people, whose neural drive is the truth.

Agreement with our own simulator is not evidence about people; a miss here is a defect all the same. Whole nights are
tests/crampwatch/test_gate.py's.
"""

from dataclasses import dataclass

import pytest

from detector.types import Contraction
from models.synthesis import Night, Truth, simulate_night
from tests.detector.signals import contractions, detect

# An alert belongs to a true event that it overlaps, give or take these (science.md section 7).
EARLY_S, LATE_S = 5.0, 10.0
RHYTHMIC = {"clonic", "tonic_clonic"}


@dataclass(frozen=True)
class Outcome:
    true: list[Truth]
    missed: list[Truth]
    false: list[Contraction]
    latencies_s: list[float]


def same_verdict(truth: Truth, event: Contraction) -> bool:
    return truth.alert == event.alert or {truth.alert, event.alert} <= RHYTHMIC


def overlap(truth: Truth, event: Contraction, rate_hz: float) -> bool:
    onset_s = event.onset_index / rate_hz
    return onset_s < truth.end_s + LATE_S and onset_s + event.duration_s > truth.onset_s - EARLY_S


def judge(night: Night) -> Outcome:
    rate_hz = night.info.emg_rate_hz
    alerts = [one for one in contractions(detect(night.items(60.0), night.info)) if one.alert != "none"]
    true = [one for one in night.truth if one.alert != "none"]
    matches = {
        id(truth): [one for one in alerts if overlap(truth, one, rate_hz) and same_verdict(truth, one)]
        for truth in true
    }
    return Outcome(
        true=true,
        missed=[one for one in true if not matches[id(one)]],
        false=[one for one in alerts if not any(overlap(truth, one, rate_hz) for truth in true)],
        latencies_s=[
            min(one.decided_index for one in matches[id(truth)]) / rate_hz - truth.onset_s
            for truth in true
            if matches[id(truth)]
        ],
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_demo_shows_what_it_promises(seed: int) -> None:
    outcome = judge(simulate_night(0.15, seed, scene="demo"))
    assert {one.alert for one in outcome.true} >= {"cramp", "clonic"}
    assert outcome.missed == []
    assert [one.reason for one in outcome.false] == []
    assert max(outcome.latencies_s) < 20.0


def test_a_person_who_only_sleeps_is_left_alone() -> None:
    assert judge(simulate_night(1.0, 5, scene="still")).false == []
