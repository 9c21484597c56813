"""How far verdicts hold: curves that never fall, never reach certainty, and say what was counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.bundle import load_model
from detector.scoring_labels import Label
from detector.trust import EMG_ALONE, SENSES, VERDICTS, WITH_ACCELERATION
from detector.types import Contraction
from models.lessons import Split
from models.trusting import LEAST_IN_GROUP, as_card, believed, trust_of
from models.verdicts import Verdict, gather_verdicts, verdicts_of
from tests.detector.signals import sensor

VERDICT = st.builds(
    Verdict, st.sampled_from(SENSES), st.sampled_from(VERDICTS), st.floats(0.0, 1.0), st.booleans()
)


def said(sure: float, times: int, true: int) -> list[Verdict]:
    return [Verdict(WITH_ACCELERATION, "cramp", sure, place < true) for place in range(times)]


def test_a_curve_says_the_share_that_was_true() -> None:
    curve = trust_of(said(0.6, 100, 30) + said(0.9, 100, 90)).curves[WITH_ACCELERATION, "cramp"]
    low, high = curve.at(np.array([0.6, 0.9]))
    assert low == pytest.approx(0.3, abs=0.02)
    assert high == pytest.approx(0.9, abs=0.02)


def test_a_few_events_give_one_point_and_no_certainty() -> None:
    curve = trust_of(said(0.8, 3, 3)).curves[WITH_ACCELERATION, "cramp"]
    assert curve.probabilities.tolist() == [0.8]


def test_evidence_that_misleads_is_levelled() -> None:
    curve = trust_of(said(0.6, 50, 45) + said(0.9, 50, 20)).curves[WITH_ACCELERATION, "cramp"]
    assert len(curve.probabilities) == 1


@given(st.lists(VERDICT, max_size=6 * LEAST_IN_GROUP))
def test_no_curve_falls_or_is_certain(verdicts: list[Verdict]) -> None:
    for (sense, verdict), curve in trust_of(verdicts).curves.items():
        assert any((one.sense, one.verdict) == (sense, verdict) for one in verdicts)
        assert (np.diff(curve.scores) > 0.0).all()
        assert (np.diff(curve.probabilities) >= 0.0).all()
        assert 0.0 < curve.probabilities[0] <= curve.probabilities[-1] < 1.0


def test_the_card_counts_events() -> None:
    card = as_card(said(0.9, 40, 30))
    entry = card[WITH_ACCELERATION]["cramp"]
    assert isinstance(entry, dict)
    assert (entry["events"], entry["true_share"]) == (40, 0.75)
    assert believed([]) == {}


def contraction(onset_s: float, end_s: float, kind: str, alert: str) -> Contraction:
    return Contraction(
        id=f"r.{onset_s}",
        revision=0,
        phase="ended",
        kind=kind,  # type: ignore[arg-type]
        alert=alert,  # type: ignore[arg-type]
        channel=0,
        site="calf",
        onset_index=round(1000 * onset_s),
        decided_index=round(1000 * onset_s) + 8000,
        duration_s=end_s - onset_s,
        reason="",
        model="m",
        confidence=0.7,
    )


def test_a_verdict_is_true_where_the_truth_has_it() -> None:
    truth = [
        Label(10.0, 40.0, "tonic", "cramp", "cramp"),
        Label(100.0, 110.0, "leg_movement", "none", "turn_over"),
        Label(200.0, 230.0, "tonic", "none", "hold"),
    ]
    events = [
        contraction(12.0, 38.0, "tonic", "cramp"),
        contraction(100.0, 109.0, "leg_movement", "none"),
        contraction(150.0, 153.0, "leg_movement", "none"),
        contraction(201.0, 229.0, "tonic", "none"),
        contraction(300.0, 320.0, "tonic", "cramp"),
        contraction(400.0, 405.0, "artefact", "none"),
    ]
    found = [(one.verdict, one.is_true) for one in verdicts_of(truth, events, sensor(), "n")]
    assert found == [
        ("cramp", True),
        ("leg_movement", True),
        ("leg_movement", False),
        ("tonic", True),
        ("cramp", False),
    ]
    assert {one.sense for one in verdicts_of(truth, events, sensor(acc_hz=0.0), "n")} == {EMG_ALONE}


@pytest.mark.slow
def test_a_person_is_heard_with_and_without_acceleration() -> None:
    heard = gather_verdicts(Split(3, 1), load_model())
    assert {one.sense for one in heard} == set(SENSES)
    assert "cramp" in {one.verdict for one in heard if one.is_true}
