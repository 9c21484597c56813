"""The band-pass and the sums over ticks: causal, exact, and deaf to what is no muscle."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.filters import BandPass, band_hz
from detector.grid import Grid
from detector.hops import HopCutter
from detector.sums import Summing, Sums
from firmware_bridge.samples import SampleBlock, Scale
from tests.detector.signals import Scene, Signal, counts, sensor


def tone(hz: float, rate_hz: float, seconds: float = 4.0) -> Signal:
    wave: Signal = np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)
    return wave[None]


def gain(hz: float, rate_hz: float) -> float:
    filtered = BandPass(rate_hz).feed(tone(hz, rate_hz), fresh=True)
    return float(np.std(filtered[:, int(rate_hz) :]) * np.sqrt(2.0))


@pytest.mark.parametrize("rate_hz", [250.0, 500.0, 1000.0, 2000.0])
def test_the_muscles_band_passes_and_what_is_below_does_not(rate_hz: float) -> None:
    assert gain(60.0, rate_hz) == pytest.approx(1.0, abs=0.02)
    assert gain(20.0, rate_hz) == pytest.approx(0.71, abs=0.03)
    assert gain(5.0, rate_hz) < 0.01


def test_the_band_ends_short_of_half_the_rate() -> None:
    assert band_hz(1000.0) == (20.0, 450.0)
    assert band_hz(500.0) == (20.0, 225.0)


def test_an_offset_of_58_mv_makes_no_step() -> None:
    assert np.abs(BandPass(1000.0).feed(np.full((1, 2_000), 58_000.0), fresh=True)).max() < 1e-6


@settings(max_examples=40)
@given(cuts=st.lists(st.integers(1, 2_999), max_size=20), channels=st.integers(1, 3))
def test_any_cutting_gives_the_same_bits(cuts: list[int], channels: int) -> None:
    signal = np.random.default_rng(0).normal(1e4, 30.0, (channels, 3_000))
    edges = sorted({0, 3_000, *cuts})
    band_pass = BandPass(1000.0)
    pieces = [band_pass.feed(signal[:, begin:end], fresh=begin == 0) for begin, end in pairwise(edges)]
    assert np.concatenate(pieces, axis=1).tobytes() == BandPass(1000.0).feed(signal, fresh=True).tobytes()


def test_what_is_fresh_forgets_what_was_before() -> None:
    signal = np.random.default_rng(0).normal(0.0, 30.0, (1, 1_000))
    band_pass = BandPass(1000.0)
    band_pass.feed(signal + 5_000.0, fresh=True)
    assert band_pass.feed(signal, fresh=True).tobytes() == BandPass(1000.0).feed(signal, fresh=True).tobytes()


def sums_of(block: SampleBlock) -> Sums:
    grid = Grid.of(block.info)
    (hops,) = HopCutter(block.info, grid).feed(block)
    (sums,) = Summing(block.info, grid).feed(hops)
    return sums


def test_energy_is_the_mean_square_of_each_tick() -> None:
    sums = sums_of(Scene(5.0, amplitude_uv=[(2.0, 3.0, 50.0)]).block())
    ticks = sums.filtered_uv.reshape(20, 10, 25)
    np.testing.assert_allclose(sums.energy[0], np.mean(ticks**2, axis=2), rtol=1e-12)


def test_drift_keeps_what_the_band_pass_takes_away() -> None:
    info = sensor()
    slow_uv = 500.0 * tone(1.0, 1000.0)[0]
    sums = sums_of(
        SampleBlock(info, 0, counts(slow_uv, info.emg_scales[0])[:, None], np.zeros((400, 3), np.int16))
    )
    assert np.std(sums.drift_uv) == pytest.approx(np.std(slow_uv), rel=0.01)
    assert np.sqrt(sums.energy[0, 4:].mean()) < 5.0


def test_acceleration_is_averaged_over_each_hop() -> None:
    sums = sums_of(Scene(5.0).block())
    np.testing.assert_allclose(sums.acc_mean_g[:, 2], 1.0, atol=0.01)
    np.testing.assert_allclose(sums.acc_square_g, 1.0, atol=0.01)


def test_without_acceleration_there_are_no_sums_of_it() -> None:
    sums = sums_of(Scene(5.0, info=sensor(acc_hz=0.0)).block())
    assert (sums.acc_mean_g.shape, sums.acc_square_g.shape) == ((0, 3), (0,))


def of_counts(values: Signal, scale: Scale | None = None) -> Sums:
    info = sensor(acc_hz=0.0) if scale is None else sensor(acc_hz=0.0, scale=scale)
    return sums_of(SampleBlock(info, 0, values.astype(np.int16)[:, None], np.zeros((0, 3), np.int16)))


def test_samples_at_a_rail_are_clipped() -> None:
    values = np.clip(20_000.0 * tone(70.0, 1000.0, 1.0)[0] * 2.0, -32768, 32767)
    assert (of_counts(values).clipped[0] > 80).all()


def test_an_amplifier_that_clips_short_of_the_rails_is_caught_by_its_repeated_extremes() -> None:
    noise = np.random.default_rng(0).normal(0.0, 800.0, 1_000)
    assert (of_counts(np.clip(noise, -700, 700)).clipped[0] > 50).all()
    assert not of_counts(noise).clipped.any()


def test_the_coarse_steps_of_a_quiet_input_are_not_clipping() -> None:
    noise = np.random.default_rng(0).normal(0.0, 1.5, 1_000)
    assert not of_counts(np.rint(noise)).clipped.any()


def test_an_input_that_never_changes_is_flat() -> None:
    values = np.full(1_000, 77.0)
    values[600] = 78.0
    assert of_counts(values).flat[0].tolist() == [True, True, False, True]
