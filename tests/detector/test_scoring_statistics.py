"""Intervals against scipy's own, against definitions, and against numbers in print."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from detector.scoring_statistics import (
    NORMAL_QUANTILE,
    Proportion,
    Rate,
    Spread,
    clopper_pearson_interval,
    poisson_interval,
    wilson_interval,
)

COUNTS = st.integers(1, 2000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(COUNTS)
def test_wilson_is_scipys(counts: tuple[int, int]) -> None:
    expected = scipy.stats.binomtest(*counts).proportion_ci(0.95, method="wilson")
    assert wilson_interval(*counts) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(COUNTS)
def test_clopper_pearson_is_scipys(counts: tuple[int, int]) -> None:
    expected = scipy.stats.binomtest(*counts).proportion_ci(0.95, method="exact")
    assert clopper_pearson_interval(*counts) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(st.integers(0, 5000))
def test_the_poisson_interval_leaves_2_5_percent_on_either_side(count: int) -> None:
    low, high = poisson_interval(count)
    assert scipy.stats.poisson.cdf(count, high) == pytest.approx(0.025, rel=1e-6)
    if count:
        assert scipy.stats.poisson.sf(count - 1, low) == pytest.approx(0.025, rel=1e-6)
    else:
        assert low == 0.0


def test_the_normal_quantile_is_right_to_the_last_digit() -> None:
    assert scipy.stats.norm.ppf(0.975) == NORMAL_QUANTILE


@pytest.mark.parametrize(
    ("hits", "of"), [(72, 72), (109, 110), (140, 142), (170, 173), (225, 230), (475, 490)]
)
def test_sample_sizes_for_a_sensitivity_of_95_percent_are_those_in_print(hits: int, of: int) -> None:
    assert Proportion(hits, of).exact[0] >= 0.95
    assert Proportion(hits - 1, of - 1).exact[0] < 0.95


@pytest.mark.parametrize(("count", "nights"), [(0, 37), (1, 56), (3, 88), (5, 117), (10, 184)])
def test_nights_for_a_tenth_of_a_false_alarm_are_those_in_print(count: int, nights: int) -> None:
    assert Rate(count, nights).interval[1] <= 0.1
    assert Rate(count, nights - 1).interval[1] > 0.1


def test_a_published_interval_comes_out_as_published() -> None:
    # Beniczky et al. 2018: 30 of 32 seizures, 79.2-99.2 %.
    assert [round(100 * edge, 1) for edge in Proportion(30, 32).exact] == [79.2, 99.2]


@given(COUNTS)
def test_both_intervals_hold_the_proportion(counts: tuple[int, int]) -> None:
    proportion = Proportion(*counts)
    assert proportion.value is not None
    for low, high in (proportion.wilson, proportion.exact):
        assert 0.0 <= low <= proportion.value <= high <= 1.0


def test_nothing_of_nothing_is_unknown_not_nought() -> None:
    nothing = Proportion(0, 0)
    assert (nothing.value, nothing.wilson, nothing.exact) == (None, (0.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize("counts", [(-1, 3), (4, 3)])
def test_a_proportion_is_between_none_and_all(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="expected 0 <= hits <= of"):
        Proportion(*counts)


@pytest.mark.parametrize("rate", [(-1, 3.0), (1, 0.0), (1, math.inf), (1, math.nan)])
def test_a_rate_has_an_exposure(rate: tuple[int, float]) -> None:
    with pytest.raises(ValueError, match="positive exposure"):
        Rate(*rate)


@given(st.lists(st.one_of(st.none(), st.floats(-1e3, 1e3)), max_size=30))
def test_a_spread_is_of_what_is_known_and_says_of_how_many(values: list[float | None]) -> None:
    spread = Spread.of_values(values)
    known = [value for value in values if value is not None]
    assert (spread.known, spread.of) == (len(known), len(values))
    if known:
        assert spread.median == pytest.approx(float(np.median(known)))
        assert [spread.least, spread.most] == [min(known), max(known)]
        assert spread.p95 == pytest.approx(float(np.percentile(known, 95)))
        assert spread.p05 == pytest.approx(float(np.percentile(known, 5)))
    else:
        assert spread == Spread(0, len(values))
