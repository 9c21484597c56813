"""Bursts are found once each, wherever the runs of ticks are cut, and their rhythm is described."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.bursts import Burst, BurstFinder, rhythm
from detector.grid import Grid
from tests.detector.signals import Signal, sensor

GRID = Grid.of(sensor())
REST_UV, ON_UV = 3.0, 8.0


def envelope(spans: list[tuple[int, int]], ticks: int, level_uv: float = 60.0) -> Signal:
    values = np.full(ticks, REST_UV)
    for begin, end in spans:
        values[begin:end] = level_uv
    return values


def find(values: Signal, cuts: list[int] | None = None) -> list[Burst]:
    finder = BurstFinder(GRID)
    edges = sorted({0, len(values), *(cuts or [])})
    return [
        burst
        for begin, end in pairwise(edges)
        for burst in finder.feed(begin, values[begin:end], np.full(end - begin, ON_UV), fresh=begin == 0)
    ]


def test_a_burst_begins_and_ends_where_the_envelope_does() -> None:
    assert find(envelope([(40, 46), (60, 64)], 100)) == [Burst(40, 46, 60.0), Burst(60, 64, 60.0)]


def test_a_tonic_contraction_is_one_long_burst_however_it_swings() -> None:
    ticks = np.arange(400)
    swinging = 60.0 * (1.0 + 0.5 * np.sin(2 * np.pi * 1.4 * ticks * 0.025))
    values = np.concatenate([envelope([], 40), swinging, envelope([], 40)])
    (burst,) = find(values)
    assert (burst.begin, burst.end) == (40, 440)


def test_rest_has_no_bursts() -> None:
    rng = np.random.default_rng(0)
    assert find(np.abs(rng.normal(REST_UV, 0.5, 4_000))) == []


def test_small_bursts_among_large_ones_are_ripple() -> None:
    values = envelope([(40, 46), (100, 106)], 160)
    values[60:64] = 20.0
    assert len(find(values)) == 2


def test_what_is_open_when_the_signal_breaks_off_is_forgotten() -> None:
    finder = BurstFinder(GRID)
    finder.feed(0, envelope([(10, 20)], 20), np.full(20, ON_UV), fresh=True)
    assert finder.feed(400, envelope([], 20), np.full(20, ON_UV), fresh=True) == []


def test_unseen_ticks_neither_begin_nor_end_a_burst() -> None:
    values = envelope([(40, 60)], 100)
    values[48:52] = np.nan
    assert find(values) == [Burst(40, 60, 60.0)]


@settings(max_examples=60)
@given(data=st.data(), seed=st.integers(0, 1_000))
def test_any_cutting_finds_the_same(data: st.DataObject, seed: int) -> None:
    values = np.abs(np.random.default_rng(seed).normal(0.0, 20.0, 600))
    values[np.random.default_rng(seed).random(600) < 0.02] = np.nan
    cuts = data.draw(st.lists(st.integers(1, 599), max_size=30))
    assert find(values, cuts) == find(values)


@given(seed=st.integers(0, 1_000))
def test_bursts_follow_each_other_without_overlap(seed: int) -> None:
    bursts = find(np.abs(np.random.default_rng(seed).normal(0.0, 20.0, 600)))
    assert all(one.begin < one.end <= other.begin for one, other in pairwise(bursts))


@pytest.mark.parametrize("rate_hz", [0.8, 1.5, 3.0, 5.0])
def test_a_constant_rhythm_is_described(rate_hz: float) -> None:
    begins = [round(n / rate_hz / 0.025) for n in range(12)]
    found = rhythm([Burst(begin, begin + 4, 50.0) for begin in begins], 0.025)
    assert found is not None
    assert found.bursts == 12
    assert found.width_s == pytest.approx(0.1)
    assert found.rate_hz == pytest.approx(rate_hz, rel=0.1)
    assert found.spread < 0.25
    assert found.slowing == pytest.approx(1.0, abs=0.15)


def test_lengthening_silences_are_slowing() -> None:
    begins = np.cumsum([8 * 1.08**n for n in range(15)]).astype(int).tolist()
    found = rhythm([Burst(begin, begin + 4, 50.0) for begin in begins], 0.025)
    assert found is not None
    assert found.slowing > 1.6


def test_two_bursts_are_no_rhythm() -> None:
    assert rhythm([Burst(0, 4, 50.0), Burst(20, 24, 50.0)], 0.025) is None
