"""The grid of ticks and hops is fixed by the rates alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.grid import Grid, UnusableRateError
from tests.detector.signals import sensor


@pytest.mark.parametrize(
    "rate_hz", [250.0, 256.0, 500.0, 512.0, 990.5, 1000.0, 1259.26, 2000.0, 2048.0, 4000.0]
)
def test_a_tick_is_about_25_ms_and_a_hop_about_a_quarter_second(rate_hz: float) -> None:
    grid = Grid.of(sensor(rate_hz, 0.0))
    assert grid.tick_s == pytest.approx(0.025, rel=0.07)
    assert grid.hop_s == pytest.approx(0.25, rel=0.13)


def test_at_1000_hz_a_tick_is_25_and_a_hop_250_samples() -> None:
    assert Grid.of(sensor()) == Grid(1000.0, 25, 10, 25)


@given(rate_hz=st.integers(250, 8_000), ratio=st.integers(1, 120))
def test_a_hop_is_whole_in_ticks_in_50_ms_envelopes_and_in_acceleration(rate_hz: int, ratio: int) -> None:
    grid = Grid.of(sensor(float(rate_hz), rate_hz / ratio))
    assert grid.hop == grid.tick * grid.ticks_per_hop
    assert grid.ticks_per_hop % 2 == 0
    assert 0.15 <= grid.hop_s <= 0.45
    assert grid.acc_per_hop in {0, grid.hop / ratio}


def test_acceleration_too_slow_to_show_steps_is_left_out() -> None:
    assert Grid.of(sensor(1000.0, 5.0)).acc_per_hop == 0


def test_a_rate_below_250_hz_is_refused_saying_the_minimum() -> None:
    with pytest.raises(UnusableRateError, match="expected EMG at 250 Hz or more, got 100 Hz"):
        Grid.of(sensor(100.0, 0.0))


def test_times_become_at_least_one_hop_or_tick() -> None:
    grid = Grid.of(sensor())
    assert (grid.hops(2.5), grid.hops(0.0), grid.ticks(3.0), grid.ticks(0.001)) == (10, 1, 120, 1)
