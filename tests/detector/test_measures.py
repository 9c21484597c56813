"""Steadiness, spectra and movement: what they say of signals whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.grid import Grid
from detector.hops import HopCutter
from detector.measuring import FeatureRows, Measuring
from detector.spectrum import Spectra, SpectrumMeter
from detector.steadiness import steadiness
from detector.sums import Summing
from tests.detector.signals import Scene, Signal, muscle_noise, sensor

TICK_S = 0.025


def windows(*rows: Signal) -> Signal:
    return np.stack(rows)


def test_a_constant_envelope_has_no_depth_and_no_silence() -> None:
    found = steadiness(windows(np.full(120, 50.0)), TICK_S)
    assert (found.modulation_depth[0], found.silent_share[0]) == (0.0, 0.0)


def test_bursts_with_silence_between_are_deep_and_silent() -> None:
    bursts = np.where(np.arange(120) % 12 < 6, 60.0, 2.0)
    found = steadiness(windows(bursts), TICK_S)
    assert found.modulation_depth[0] > 0.9
    assert found.silent_share[0] == pytest.approx(0.5)


@pytest.mark.parametrize("beat_hz", [4.0, 6.0, 9.0])
def test_a_tremor_shows_as_a_wave_and_a_cramps_slow_swing_does_not(beat_hz: float) -> None:
    time_s = np.arange(120) * TICK_S
    noise = np.random.default_rng(0).normal(0.0, 3.0, 120)
    tremor = 50.0 + 20.0 * np.sin(2 * np.pi * beat_hz * time_s) + noise
    cramp = 50.0 + 20.0 * np.sin(2 * np.pi * 1.4 * time_s) + noise
    found = steadiness(windows(tremor, cramp), TICK_S)
    assert found.wave_hz[0] == pytest.approx(beat_hz, abs=0.4)
    assert found.wave_share[0] > 0.8
    assert found.wave_share[1] < 0.2


def test_a_window_hardly_seen_says_nothing() -> None:
    envelope = np.full(120, np.nan)
    envelope[-20:] = 50.0
    found = steadiness(windows(envelope), TICK_S)
    assert np.isnan([found.modulation_depth[0], found.silent_share[0], found.wave_share[0]]).all()


@settings(max_examples=30)
def spectra(meter: SpectrumMeter, seconds_uv: Signal) -> Spectra:
    return meter.measure(seconds_uv)


@given(power=st.integers(-8, 8), seed=st.integers(0, 100))
def test_steadiness_and_spectra_do_not_depend_on_the_gain(power: int, seed: int) -> None:
    gain = 2.0**power
    envelope = np.abs(np.random.default_rng(seed).normal(50.0, 20.0, (1, 120)))
    assert steadiness(envelope * gain, TICK_S) is not None
    one, other = steadiness(envelope, TICK_S), steadiness(envelope * gain, TICK_S)
    assert one.modulation_depth == other.modulation_depth
    assert one.wave_share == other.wave_share
    meter = SpectrumMeter(Grid.of(sensor()))
    signal = muscle_noise(1_000, 1000.0, [seed])[None]
    assert spectra(meter, signal).median_hz == spectra(meter, signal * gain).median_hz


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 64, 65, 200])
def test_a_spectrum_has_the_same_bits_alone_and_among_others(rows: int) -> None:
    meter = SpectrumMeter(Grid.of(sensor()))
    signals = np.stack([muscle_noise(1_000, 1000.0, [row]) for row in range(rows)])
    together, alone = spectra(meter, signals), spectra(meter, signals[-1:])
    for name in ("mean_hz", "median_hz", "high_share", "mains_share"):
        assert getattr(together, name)[-1:].tobytes() == getattr(alone, name).tobytes()


def tone(hz: float, rate_hz: float = 1000.0) -> Signal:
    samples = SpectrumMeter(Grid.of(sensor(rate_hz, 0.0))).samples
    wave: Signal = np.sin(2 * np.pi * hz * np.arange(samples) / rate_hz)
    return wave[None]


@pytest.mark.parametrize("mains_hz", [49.5, 50.0, 50.5, 59.5, 60.0, 60.5])
def test_mains_a_little_off_is_still_mains(mains_hz: float) -> None:
    hum = tone(mains_hz) + 0.3 * tone(3 * mains_hz)
    noise = 0.05 * muscle_noise(1_000, 1000.0, [0])[None]
    assert spectra(SpectrumMeter(Grid.of(sensor())), hum + noise).mains_share[0] > 0.9


@pytest.mark.parametrize("rate_hz", [250.0, 500.0, 1000.0, 2000.0])
def test_a_muscle_is_not_mains(rate_hz: float) -> None:
    grid = Grid.of(sensor(rate_hz, 0.0))
    meter = SpectrumMeter(grid)
    seconds = np.stack([muscle_noise(meter.samples, rate_hz, [row]) for row in range(20)])
    assert spectra(meter, seconds).mains_share.max() < 0.4


def test_a_tone_has_its_frequency_as_mean_and_median() -> None:
    found = spectra(SpectrumMeter(Grid.of(sensor())), tone(120.0))
    assert found.mean_hz[0] == pytest.approx(120.0, abs=1.0)
    assert found.median_hz[0] == pytest.approx(120.0, abs=1.0)
    assert found.high_share[0] < 0.01


def test_at_500_hz_the_high_band_is_not_known() -> None:
    assert np.isnan(spectra(SpectrumMeter(Grid.of(sensor(500.0, 50.0))), tone(120.0, 500.0)).high_share[0])


def test_nothing_has_a_spectrum_of_zeros() -> None:
    found = spectra(SpectrumMeter(Grid.of(sensor())), np.zeros((1, 1_000)))
    assert (found.mean_hz[0], found.mains_share[0]) == (0.0, 0.0)


def measured(scene: Scene) -> FeatureRows:
    grid = Grid.of(scene.info)
    (hops,) = HopCutter(scene.info, grid).feed(scene.block())
    (sums,) = Summing(scene.info, grid).feed(hops)
    (rows,) = Measuring(scene.info, grid).feed(sums)
    return rows


def test_a_still_leg_shows_only_the_sensors_noise() -> None:
    movement = measured(Scene(30.0)).movement
    assert np.nanmax(movement.dynamic_mg) < 6.0
    assert np.nanmax(movement.tilt_deg) < 1.0


def test_thrashing_shows_as_movement_of_its_size() -> None:
    movement = measured(Scene(30.0, movement_mg=[(10.0, 20.0, 200.0)])).movement
    assert movement.dynamic_mg[60] == pytest.approx(200.0, rel=0.2)
    assert np.nanmax(movement.dynamic_mg[:39]) < 6.0
    assert movement.resting_mg[-1] < 6.0


@pytest.mark.parametrize("angle", [20.0, 60.0])
def test_turning_shows_as_tilt_within_three_seconds(angle: float) -> None:
    movement = measured(Scene(30.0, tilt_deg=[(10.0, 12.0, angle)])).movement
    assert np.nanmax(movement.tilt_deg) == pytest.approx(angle, rel=0.06)
    assert movement.tilt_deg[-1] < 1.0


def test_without_acceleration_movement_is_not_known() -> None:
    movement = measured(Scene(10.0, info=sensor(acc_hz=0.0))).movement
    assert np.isnan(movement.dynamic_mg).all()
    assert np.isnan(movement.tilt_deg).all()


def test_features_are_made_only_where_something_is_going_on() -> None:
    rows = measured(Scene(60.0, amplitude_uv=[(20.0, 22.0, 50.0)])).channels[0]
    assert rows.moments.tolist() == list(range(80, 99))
    assert rows.features.shape[0] == 19


def test_the_level_of_a_contraction_is_measured_in_microvolts() -> None:
    levels = measured(Scene(40.0, amplitude_uv=[(20.0, 30.0, 50.0)])).channels[0].levels
    assert levels.hop_uv[90:110].mean() == pytest.approx(50.0, rel=0.06)
    assert levels.second_uv[90:110].mean() == pytest.approx(50.0, rel=0.06)
    assert levels.resting_uv[110] == pytest.approx(3.0, rel=0.15)


def test_the_hum_of_a_quiet_input_is_watched_every_ten_seconds() -> None:
    rows = measured(Scene(45.0, hum_uv=[(0.0, 45.0, 6.0)])).channels[0]
    assert np.isnan(rows.mains_share[:39]).all()
    assert (rows.mains_share[39:] > 0.7).all()
