"""Means and differences over nights, with intervals that mean what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.chances import LEAST_NIGHTS, difference, mean_of

counts = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=40)


@given(counts)
def test_a_mean_lies_in_its_interval_and_is_the_same_each_time(values: list[float]) -> None:
    found = mean_of(values)
    assert found is not None
    assert found.low <= found.value + 1e-9
    assert found.value <= found.high + 1e-9
    assert found == mean_of(values)
    assert found.low >= 0


def test_of_no_nights_nothing_is_said() -> None:
    assert mean_of([]) is None


def test_quiet_nights_still_leave_room_for_a_cramp() -> None:
    found = mean_of([0.0] * 30)
    assert found is not None
    assert found.low == 0
    assert found.high == pytest.approx(0.1)


def test_the_interval_of_a_mean_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(200):
        found = mean_of(list(rng.negative_binomial(1.0, 0.6, 30).astype(float)))
        assert found is not None
        held += found.low <= 1.0 * 0.4 / 0.6 <= found.high
    assert 0.85 <= held / 200 <= 1.0


def test_a_difference_needs_nights_in_both_arms() -> None:
    enough, few = [1.0] * LEAST_NIGHTS, [1.0] * (LEAST_NIGHTS - 1)
    assert difference(enough, few) is None
    assert difference(few, enough) is None
    assert difference(enough, enough) is not None


def test_looking_at_more_rows_widens_the_interval_and_takes_back_a_verdict() -> None:
    with_it, without = [1.0, 2.0, 0.0, 2.0, 1.0, 2.0, 1.0, 0.0, 2.0, 1.0], [0.0, 1.0] * 8
    alone, among = difference(with_it, without), difference(with_it, without, 14)
    assert alone is not None
    assert among is not None
    assert among.low < alone.low
    assert among.high > alone.high
    assert alone.verdict == "more"
    assert difference(without, with_it).verdict == "fewer"  # type: ignore[union-attr]


def test_where_nothing_differs_a_verdict_is_rare() -> None:
    rng = np.random.default_rng(11)
    wrong = 0
    for _ in range(100):
        nights = rng.poisson(0.5, 40).astype(float)
        found = difference(list(nights[:14]), list(nights[14:]), 12)
        assert found is not None
        wrong += found.verdict != "unclear"
    assert wrong <= 5
