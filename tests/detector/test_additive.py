"""Additive scores: looked up row by row, whatever the rows are cut into, and never at a loss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.additive import AdditiveScore, Calibration, Curve
from detector.features import COLUMN, FEATURES

SCORE = AdditiveScore(
    -0.5,
    (
        Curve("modulation_depth", np.array([0.3, 0.6]), np.array([1.0, 0.25, -2.0]), 0.125),
        Curve("burst_count", np.array([4.0]), np.array([-1.0, 2.0]), 0.0),
    ),
    Calibration(np.array([-2.0, 0.0, 2.0]), np.array([0.0, 0.4, 1.0])),
)


def row(**features: float) -> np.ndarray:
    values = np.full((1, len(FEATURES)), np.nan)
    for name, value in features.items():
        values[0, COLUMN[name]] = value
    return values


@pytest.mark.parametrize(
    ("features", "score"),
    [
        ({"modulation_depth": 0.2, "burst_count": 1.0}, -0.5),
        ({"modulation_depth": 0.3, "burst_count": 4.0}, 1.75),
        ({"modulation_depth": 9.0}, -2.5),
        ({}, -0.375),
        ({"modulation_depth": np.inf, "burst_count": -np.inf}, -3.5),
    ],
)
def test_a_score_is_the_sum_of_its_curves(features: dict[str, float], score: float) -> None:
    assert SCORE.scores(row(**features))[0] == score


@pytest.mark.parametrize(
    ("score", "probability"),
    [(-9.0, 0.0), (-2.0, 0.0), (-1.0, 0.2), (0.0, 0.4), (1.0, 0.7), (2.0, 1.0), (9.0, 1.0)],
)
def test_between_its_points_a_calibration_is_straight_and_beyond_them_flat(
    score: float, probability: float
) -> None:
    assert SCORE.calibration.at(np.array([score]))[0] == pytest.approx(probability)


def test_a_calibration_of_one_point_is_that_probability() -> None:
    one = Calibration(np.array([1.0]), np.array([0.3]))
    assert one.at(np.array([-5.0, 1.0, 7.0])).tolist() == [0.3, 0.3, 0.3]


@given(
    st.lists(
        st.tuples(st.floats(0.0, 1.0) | st.just(np.nan), st.floats(0.0, 12.0) | st.just(np.nan)), max_size=20
    ),
    st.integers(0, 20),
)
def test_rows_are_judged_alike_wherever_they_are_cut(values: list[tuple[float, float]], cut: int) -> None:
    rows = np.concatenate(
        [np.zeros((0, len(FEATURES))), *(row(modulation_depth=d, burst_count=b) for d, b in values)]
    )
    whole = SCORE.probabilities(rows)
    parts = np.concatenate([SCORE.probabilities(rows[:cut]), SCORE.probabilities(rows[cut:])])
    assert whole.tobytes() == parts.tobytes()
    assert ((whole >= 0.0) & (whole <= 1.0)).all()
