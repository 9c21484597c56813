"""Reliability figures on cases that can be done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.reliability import reliability

ONES = np.ones(4)


def test_a_forecaster_who_is_always_right_is_perfect() -> None:
    found = reliability(np.array([0.0, 1.0, 0.0, 1.0]), np.array([False, True, False, True]), ONES)
    assert (found.brier, found.calibration_error) == (0.0, 0.0)
    assert found.table == ((0.0, 0.0, 0.5), (1.0, 1.0, 0.5))


def test_who_says_a_quarter_and_is_right_half_the_time_is_a_quarter_off() -> None:
    found = reliability(np.full(4, 0.25), np.array([False, True, False, True]), ONES)
    assert found.calibration_error == pytest.approx(0.25)
    assert found.brier == pytest.approx(0.3125)


def test_weights_count() -> None:
    found = reliability(np.array([0.5, 0.5]), np.array([True, False]), np.array([3.0, 1.0]))
    assert found.table[0] == pytest.approx((0.5, 0.75, 1.0))


def test_of_nothing_there_is_nothing_to_say() -> None:
    nothing = reliability(np.zeros(0), np.zeros(0, np.bool_), np.zeros(0))
    assert nothing.as_card() == {"brier": 0.0, "expected_calibration_error": 0.0, "reliability": []}
