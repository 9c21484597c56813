from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from firmware_bridge.formats.resampling import Resampled, ratio_of

RATIOS = (Fraction(3, 7), Fraction(7, 3), Fraction(1, 10), Fraction(961, 1000), Fraction(1))


def _noise(samples: int = 30_000) -> npt.NDArray[np.float64]:
    return np.random.default_rng(3).normal(0, 20, (samples, 2))


def _resampled(values: npt.NDArray[np.float64], ratio: Fraction) -> Resampled:
    return Resampled(lambda start, stop: values[start:stop], len(values), ratio)


@pytest.mark.parametrize("ratio", RATIOS, ids=str)
def test_it_is_the_polyphase_filter_of_scipy(ratio: Fraction) -> None:
    values = _noise()
    mine = _resampled(values, ratio)

    whole = resample_poly(values, ratio.numerator, ratio.denominator)

    inner = slice(150, mine.resampled - 150)
    np.testing.assert_allclose(mine.read(0, mine.resampled)[inner], whole[: mine.resampled][inner], atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(RATIOS),
    st.lists(st.integers(0, 1_000_000), max_size=6),
    st.integers(2, 30_000),
)
def test_cuts_change_not_one_bit(ratio: Fraction, places: list[int], samples: int) -> None:
    values = _noise()[:samples]
    whole = _resampled(values, ratio)
    edges = sorted({0, whole.resampled, *(place % (whole.resampled + 1) for place in places)})

    cut = _resampled(values, ratio)
    pieces = [cut.read(start, stop) for start, stop in reversed(list(pairwise(edges)))]

    np.testing.assert_array_equal(np.concatenate(pieces[::-1]), whole.read(0, whole.resampled))


def test_a_constant_stays_what_it_is_to_its_ends() -> None:
    for ratio in RATIOS:
        held = _resampled(np.full((500, 1), 7.0), ratio)

        np.testing.assert_allclose(held.read(0, held.resampled), 7.0, atol=0.01)


def test_a_missing_sample_is_missing_around_itself_alone() -> None:
    values = _noise(10_000)
    values[5000] = np.nan

    missing = np.isnan(_resampled(values, Fraction(1, 2)).read(0, 5000))[:, 0]

    assert missing.any()
    assert np.flatnonzero(missing).min() > 2480
    assert np.flatnonzero(missing).max() < 2520


@given(st.floats(20, 5000), st.floats(20, 5000), st.floats(1, 100_000))
def test_the_ratio_is_bounded_and_close(target_hz: float, source_hz: float, duration_s: float) -> None:
    ratio = ratio_of(target_hz, source_hz, duration_s)

    assert 0 < ratio.denominator <= 10_000
    off = abs(float(ratio) * source_hz / target_hz - 1) * duration_s * target_hz
    assert (
        off < 0.5
        or ratio.denominator > 1000
        or float(ratio) == pytest.approx(target_hz / source_hz, rel=1e-4)
    )


def test_the_ratio_keeps_a_whole_night_in_place() -> None:
    assert ratio_of(1000.0, 1259.259, 60.0).denominator <= 1000
    assert abs(float(ratio_of(142.857, 148.148, 28_800.0)) * 148.148 / 142.857 - 1) * 28_800 * 142.857 < 1
