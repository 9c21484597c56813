"""The device clock: samples in time, through late reads, drift and wraps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.device_clock import DeviceClock

RATE_HZ = 1000.0


def observed(ppm: float, hours: float, seed: int = 0, *, stall_s: float = 0.0) -> tuple[DeviceClock, float]:
    """Return a clock after so many hours of a board that is ``ppm`` too fast, and when index 0 was sampled.

    Reads come every 20 ms or so, 5 to 25 ms late; with ``stall_s`` the reader hangs that long every 10
    minutes.
    """
    rng = np.random.default_rng(seed)
    clock = DeviceClock(RATE_HZ)
    began_s = 5000.0
    step = 200
    for index in range(step, int(hours * 3600 * RATE_HZ), step):
        sampled_s = began_s + index / (RATE_HZ * (1 + ppm * 1e-6))
        late_s = 0.005 + 0.02 * rng.random()
        if stall_s and sampled_s % 600 < stall_s:
            late_s += stall_s - sampled_s % 600
        clock.observe(index, sampled_s + late_s, index * 1000 % 2**32)
    return clock, began_s


@pytest.mark.parametrize("ppm", [0.0, 50.0, -500.0, 5000.0, -5000.0])
@pytest.mark.parametrize("stall_s", [0.0, 5.0])
def test_times_are_within_50_ms_whatever_the_drift(ppm: float, stall_s: float) -> None:
    """RELIABILITY.md row A12, for the last ten minutes of half an hour."""
    clock, began_s = observed(ppm, 0.5, stall_s=stall_s)
    for index in range(1_200_000, 1_800_000, 50_000):
        sampled_s = began_s + index / (RATE_HZ * (1 + ppm * 1e-6))
        assert abs(clock.host_s(index) - sampled_s) < 0.05
        assert abs(clock.index_at(sampled_s) - index) < 50
    drift_ppm = clock.drift_ppm
    assert drift_ppm is not None
    assert drift_ppm == pytest.approx(ppm, abs=30)


def test_drift_is_unknown_for_a_minute() -> None:
    clock, _ = observed(0.0, 50 / 3600)
    assert clock.drift_ppm is None
    clock, _ = observed(0.0, 70 / 3600)
    assert clock.drift_ppm == pytest.approx(0.0, abs=300)


def test_one_arrival_is_enough_for_a_time() -> None:
    assert DeviceClock(RATE_HZ).known is False
    clock = DeviceClock(RATE_HZ)
    clock.observe(100, 50.0, 7)
    assert clock.known
    assert clock.host_s(100) == 50.0
    assert clock.host_s(0) == pytest.approx(49.9)
    assert clock.index_at(51.0) == pytest.approx(1100)
    assert clock.device_us(200) == 100_007


def test_before_any_arrival_there_is_no_time() -> None:
    clock = DeviceClock(RATE_HZ)
    assert clock.drift_ppm is None
    for ask in (clock.host_s, clock.device_us):
        with pytest.raises(ValueError, match="at least one arrival"):
            ask(0)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(-5000, 5000),
    st.lists(st.integers(1, 30 * 60), min_size=1, max_size=40),
)
def test_device_time_is_unwrapped_through_wraps_holes_and_drift(
    start_us: int, ppm: int, steps_s: list[int]
) -> None:
    clock = DeviceClock(RATE_HZ)
    index, us = 0, start_us
    clock.observe(index, 0.0, us % 2**32)
    for step_s in steps_s:
        index += step_s * 1000
        us += step_s * (1_000_000 + ppm)
        clock.observe(index, index / RATE_HZ, us % 2**32)
    assert clock.device_us(index) == us


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_arrivals_in_bursts_are_no_trouble(seed: int) -> None:
    """Bluetooth delivers in lumps: everything of the last second at once."""
    rng = np.random.default_rng(seed)
    clock = DeviceClock(RATE_HZ)
    index = 0
    for _ in range(300):
        index += int(rng.integers(100, 2000)) // 10 * 10
        clock.observe(index, 10.0 + index / RATE_HZ + 0.03 * rng.random(), 0)
    assert abs(clock.host_s(index) - 10.0 - index / RATE_HZ) < 0.05


def test_a_stream_faster_than_it_claims_has_the_times_of_its_arrivals() -> None:
    """A recording played at a hundred times its speed."""
    clock = DeviceClock(RATE_HZ)
    for index in range(2000, 400_000, 2000):
        clock.observe(index, 10.0 + index / RATE_HZ / 100, 0)
    assert clock.host_s(398_000) == pytest.approx(10.0 + 3.98, abs=0.1)


def test_arrivals_that_all_bear_one_time_do_not_stop_the_clock() -> None:
    clock = DeviceClock(RATE_HZ)
    for index in range(1000, 400_000, 1000):
        clock.observe(index, 10.0, 0)
    assert np.isfinite(clock.index_at(11.0))
