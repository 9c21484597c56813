import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.synthesis.firing import REFRACTORY_S, refractory, renewal_times, with_doublets
from models.synthesis.measures import interval_statistics

STEP_S = 0.004


def fired(rate_pps: float, cv: float, seconds: float = 400.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return renewal_times(np.full(round(seconds / STEP_S), rate_pps), STEP_S, cv, np.random.default_rng(3))


@pytest.mark.parametrize("cv", [0.12, 0.25, 0.45])
@pytest.mark.parametrize("rate_pps", [8.0, 14.5, 30.0])
def test_a_steady_drive_gives_the_rate_and_the_irregularity_that_were_asked_for(
    rate_pps: float, cv: float
) -> None:
    rate, spread = interval_statistics(fired(rate_pps, cv))
    assert rate == pytest.approx(rate_pps, rel=0.04)
    assert spread == pytest.approx(cv, rel=0.06)


def test_a_unit_is_silent_where_its_rate_is_zero() -> None:
    rate = np.concatenate([np.full(500, 20.0), np.zeros(1000), np.full(500, 20.0)])
    times = renewal_times(rate, STEP_S, 0.2, np.random.default_rng(1))
    assert not np.any((times > 2.0 + STEP_S) & (times < 6.0 - STEP_S))
    assert np.any(times < 2.0)
    assert np.any(times > 6.0)


def test_a_ramp_of_rate_gives_a_ramp_of_firings() -> None:
    rate = np.linspace(5.0, 35.0, 25_000)
    times = renewal_times(rate, STEP_S, 0.15, np.random.default_rng(2))
    first, second = np.histogram(times, bins=[0.0, 50.0, 100.0])[0]
    assert first == pytest.approx(50.0 * 12.5, rel=0.05)
    assert second == pytest.approx(50.0 * 27.5, rel=0.05)


def test_no_drive_gives_no_firing() -> None:
    assert len(renewal_times(np.zeros(100), STEP_S, 0.2, np.random.default_rng(0))) == 0


def test_doublets_come_four_to_ten_milliseconds_after_a_firing() -> None:
    single = np.arange(1.0, 200.0, 0.1)
    doubled = with_doublets(single, 0.09, np.random.default_rng(4))
    intervals = np.diff(doubled)
    short = intervals[intervals < 0.05]
    assert len(short) / len(single) == pytest.approx(0.09, abs=0.02)
    assert short.min() >= 0.004
    assert short.max() <= 0.010


@given(
    rates=st.lists(st.floats(0.0, 60.0), min_size=1, max_size=300),
    cv=st.floats(0.1, 0.7),
    share=st.floats(0.0, 0.3),
    seed=st.integers(0, 2**32),
)
def test_firings_ascend_within_the_drive_and_keep_the_refractory_period(
    rates: list[float], cv: float, share: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    times = renewal_times(np.array(rates), STEP_S, cv, rng)
    assert np.all(np.diff(times) >= REFRACTORY_S)
    assert np.all((times >= 0.0) & (times <= len(rates) * STEP_S))
    assert np.all(np.diff(with_doublets(times, share, rng)) >= REFRACTORY_S)


def test_of_firings_too_close_the_first_stays() -> None:
    assert refractory(np.array([0.1, 0.101, 0.102, 0.2])).tolist() == [0.1, 0.2]
    assert refractory(np.array([0.1, 0.102, 0.104])).tolist() == [0.1, 0.104]
