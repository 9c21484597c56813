"""Features are a table; the rules give probabilities that say what the table in science.md says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.additive import AdditiveScore, Calibration
from detector.classifier import (
    ARTEFACT,
    CLASSES,
    CLONIC,
    GUARDS,
    OTHER,
    REST,
    RULES,
    TONIC,
    RuleClassifier,
    TrainedClassifier,
)
from detector.features import COLUMN, FEATURE_NAMES, FEATURES
from tests.detector.signals import Signal

RESTING = {"times_resting": 1.0, "modulation_depth": 0.2, "silent_share": 0.0, "wave_share": 0.15}
CRAMP = RESTING | {"times_resting": 20.0, "median_hz": 120.0, "high_share": 0.3, "mains_share": 0.02}
CLONIC_RUN = CRAMP | {
    "modulation_depth": 0.95,
    "silent_share": 0.4,
    "wave_share": 0.5,
    "burst_count": 9.0,
    "burst_width_s": 0.12,
    "burst_rate_hz": 3.5,
    "burst_spread": 0.15,
    "burst_slowing": 1.1,
}


def row(**features: float) -> Signal:
    values = np.full((1, len(FEATURES)), np.nan)
    for name, value in features.items():
        values[0, COLUMN[name]] = value
    return values


def likeliest(**features: float) -> str:
    return CLASSES[int(np.argmax(RuleClassifier().probabilities(row(**features))[0]))]


def test_every_feature_has_a_name_of_its_own_a_unit_and_a_source() -> None:
    assert len(set(FEATURE_NAMES)) == len(FEATURES)
    assert all(feature.unit and feature.source for feature in FEATURES)


def test_every_rule_is_about_a_feature_and_a_class() -> None:
    assert {rule.feature for _, rules in RULES for rule in rules} <= set(FEATURE_NAMES)
    assert {index for index, _ in RULES} == {REST, TONIC, CLONIC, ARTEFACT}


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        (RESTING, "rest"),
        (CRAMP, "tonic"),
        (CRAMP | {"modulation_depth": 0.6}, "tonic"),
        (CRAMP | {"high_share": np.nan, "median_hz": np.nan}, "tonic"),
        (CRAMP | {"modulation_depth": 0.9}, "other"),
        (CRAMP | {"silent_share": 0.3}, "other"),
        (CRAMP | {"wave_share": 0.6}, "other"),
        (CRAMP | {"median_hz": 28.0}, "other"),
        (CLONIC_RUN, "clonic"),
        (CLONIC_RUN | {"burst_count": 4.0}, "other"),
        (CLONIC_RUN | {"burst_rate_hz": 1.2}, "other"),
        (CLONIC_RUN | {"burst_width_s": 0.5}, "other"),
        (CLONIC_RUN | {"burst_spread": 1.0}, "other"),
        (CRAMP | {"mains_share": 0.9}, "artefact"),
        (CRAMP | {"modulation_depth": 0.05}, "artefact"),
        (CRAMP | {"drift_share": 0.999, "drift_uv": 900.0}, "artefact"),
        (CRAMP | {"clipped_share": 0.6}, "artefact"),
        (CRAMP | {"median_hz": 235.0, "high_share": 0.7}, "artefact"),
    ],
)
def test_a_moment_is_what_its_features_say(features: dict[str, float], expected: str) -> None:
    assert likeliest(**features) == expected


def test_what_is_not_known_is_rest() -> None:
    assert likeliest() == "rest"


@given(
    values=st.lists(st.floats(-1e9, 1e9) | st.just(np.nan), min_size=len(FEATURES), max_size=len(FEATURES))
)
def test_probabilities_are_probabilities_whatever_the_features(values: list[float]) -> None:
    probabilities = RuleClassifier().probabilities(np.array([values]))
    assert probabilities.shape == (1, len(CLASSES))
    assert probabilities.sum() == pytest.approx(1.0)
    assert (probabilities >= 0.0).all()


def test_a_row_has_the_same_bits_alone_and_among_others() -> None:
    rows = np.random.default_rng(0).normal(1.0, 1.0, (257, len(FEATURES)))
    together = RuleClassifier().probabilities(rows)
    alone = np.concatenate([RuleClassifier().probabilities(rows[i : i + 1]) for i in range(len(rows))])
    assert together.tobytes() == alone.tobytes()


def test_the_nearer_to_a_limit_the_less_sure() -> None:
    sure = [
        RuleClassifier().probabilities(row(**CRAMP | {"modulation_depth": depth}))[0, TONIC]
        for depth in (0.3, 0.6, 0.69)
    ]
    assert sure[0] > sure[1] > sure[2] > 0.5


def test_no_rows_have_no_probabilities() -> None:
    assert RuleClassifier().probabilities(np.zeros((0, len(FEATURES)))).shape == (0, len(CLASSES))


def test_probabilities_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        RuleClassifier().probabilities(row(**CRAMP))[0, OTHER] = 1.0


def certain(probability: float) -> AdditiveScore:
    """A model that has learnt one thing: it is always this."""
    return AdditiveScore(0.0, (), Calibration(np.zeros(1), np.full(1, probability)))


ALWAYS = TrainedClassifier("always", {TONIC: certain(1.0), CLONIC: certain(1.0)})
NEVER = TrainedClassifier("never", {TONIC: certain(0.0), CLONIC: certain(0.0)})


def test_every_guard_is_about_a_feature() -> None:
    assert {rule.feature for _, rules in GUARDS for rule in rules} <= set(FEATURE_NAMES)


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        (RESTING, "rest"),
        (CLONIC_RUN | {"burst_count": 3.0, "median_hz": 20.0}, "other"),
        (CLONIC_RUN | {"burst_rate_hz": 1.2, "burst_slowing": 1.0, "median_hz": 20.0}, "other"),
        (CLONIC_RUN | {"burst_rate_hz": 1.2, "burst_slowing": 1.6}, "clonic"),
        (CLONIC_RUN | {"burst_spread": 1.0, "median_hz": 20.0}, "other"),
        (CRAMP | {"mains_share": 0.9}, "artefact"),
        (CRAMP | {"median_hz": 235.0, "high_share": 0.7}, "artefact"),
    ],
)
def test_whatever_was_learnt_the_guards_hold(features: dict[str, float], expected: str) -> None:
    assert CLASSES[int(np.argmax(ALWAYS.probabilities(row(**features))[0]))] == expected


@pytest.mark.parametrize("features", [CRAMP, CLONIC_RUN])
def test_what_was_not_learnt_is_neither(features: dict[str, float]) -> None:
    assert CLASSES[int(np.argmax(NEVER.probabilities(row(**features))[0]))] == "other"


@given(
    values=st.lists(st.floats(-1e9, 1e9) | st.just(np.nan), min_size=len(FEATURES), max_size=len(FEATURES))
)
def test_a_trained_models_probabilities_are_probabilities(values: list[float]) -> None:
    probabilities = ALWAYS.probabilities(np.array([values]))
    assert probabilities.sum() == pytest.approx(1.0)
    assert ((probabilities >= 0.0) & (probabilities <= 1.0)).all()
