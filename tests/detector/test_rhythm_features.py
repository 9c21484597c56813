"""Waveform, repeats, gait, coherence and bands: what they say of signals whose answer is known."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.features import COLUMN, FEATURES
from detector.gait import AXES, CoherenceMeter
from detector.grid import Grid
from detector.hops import HopCutter
from detector.measuring import Measuring
from detector.repeats import RepeatMeter, quick_length
from detector.spectrum import SpectrumMeter
from detector.sums import Summing
from detector.waveform import Waveform, waveform
from firmware_bridge.samples import SampleBlock, Scale
from tests.detector.signals import Scene, Signal, muscle_noise, sensor

OF_ACCELERATION = ("gait_peak", "gait_lag_s", "acc_coherence")
NEW = (
    "crossings_hz",
    "turns_hz",
    "length_uv_s",
    "repeat_peak",
    "repeat_lag_s",
    "resting_age_s",
    *OF_ACCELERATION,
)


def tone(hz: float, amplitude_uv: float = 1.0, rate_hz: float = 1000.0, samples: int = 1_000) -> Signal:
    # An odd phase, so that no sample is 0.
    wave: Signal = amplitude_uv * np.sin(2 * np.pi * hz * np.arange(samples) / rate_hz + 0.1)
    return wave


def shape(*seconds_uv: Signal, resting_uv: float = 0.0) -> Waveform:
    return waveform(np.stack(seconds_uv), np.full(len(seconds_uv), resting_uv), 1000.0)


def features(block: SampleBlock, name: str) -> tuple[Signal, Signal]:
    """Return the ends of the moments in seconds, and one feature of them."""
    grid = Grid.of(block.info)
    (hops,) = HopCutter(block.info, grid).feed(block)
    (sums,) = Summing(block.info, grid).feed(hops)
    (rows,) = Measuring(block.info, grid).feed(sums)
    channel = rows.channels[0]
    ends_s = np.asarray((channel.moments + 1) * grid.hop_s, np.float64)
    return ends_s, channel.features[:, COLUMN[name]]


def during(block: SampleBlock, name: str, begin_s: float, end_s: float) -> Signal:
    """Return a feature at the moments within a time."""
    ends_s, values = features(block, name)
    return values[(ends_s > begin_s) & (ends_s <= end_s)]


# --- zero crossings, turns, length ---


@pytest.mark.parametrize("hz", [30.0, 80.0, 150.0])
def test_a_tone_crosses_zero_and_turns_twice_a_wave_and_travels_four_amplitudes(hz: float) -> None:
    found = shape(tone(hz, 50.0), resting_uv=1.0)
    assert found.crossings_hz[0] == pytest.approx(2 * hz, abs=1.0)
    assert found.turns_hz[0] == pytest.approx(2 * hz, abs=1.0)
    assert found.length_uv_s[0] == pytest.approx(4 * 50.0 * hz, rel=0.06)


def test_noise_below_the_resting_level_adds_neither_crossings_nor_turns() -> None:
    noise = np.random.default_rng(0).normal(0.0, 1.0, 1_000)
    slow = tone(2.0, 5.0)
    alone, noisy = shape(slow + 0.2 * noise, resting_uv=2.0), shape(slow + 0.2 * noise, resting_uv=0.0)
    assert (alone.crossings_hz[0], alone.turns_hz[0]) == (0.0, 0.0)
    assert noisy.turns_hz[0] > 200.0


@settings(max_examples=30)
@given(power=st.integers(-8, 8), seed=st.integers(0, 100))
def test_counts_do_not_depend_on_the_gain_and_the_length_grows_with_it(power: int, seed: int) -> None:
    gain, emg_uv = 2.0**power, 20.0 * muscle_noise(1_000, 1000.0, [seed])
    one, other = shape(emg_uv, resting_uv=3.0), shape(emg_uv * -gain, resting_uv=3.0 * gain)
    assert one.crossings_hz == other.crossings_hz
    assert one.turns_hz == other.turns_hz
    assert one.length_uv_s * gain == other.length_uv_s


def test_a_waveform_that_was_not_measured_is_not_known() -> None:
    found = shape(tone(80.0)).at(np.array([-1, 0]))
    assert np.isnan(found.crossings_hz).tolist() == [True, False]


# --- bands ---


@pytest.mark.parametrize(
    ("hz", "name"),
    [(30.0, "low_share"), (70.0, "middle_share"), (130.0, "upper_share"), (200.0, "high_share")],
)
def test_a_tone_lies_in_its_band_alone(hz: float, name: str) -> None:
    meter = SpectrumMeter(Grid.of(sensor()))
    found = meter.measure(tone(hz)[None])
    shares = {
        one: float(getattr(found, one)[0])
        for one in ("low_share", "middle_share", "upper_share", "high_share")
    }
    assert shares.pop(name) > 0.99
    assert max(shares.values()) < 0.01


@pytest.mark.parametrize("rate_hz", [800.0, 1000.0, 2000.0])
def test_the_bands_make_up_the_whole(rate_hz: float) -> None:
    meter = SpectrumMeter(Grid.of(sensor(rate_hz, 0.0)))
    found = meter.measure(muscle_noise(meter.samples, rate_hz, [1])[None])
    whole = found.low_share + found.middle_share + found.upper_share + found.high_share
    assert whole[0] == pytest.approx(1.0)


@pytest.mark.parametrize("rate_hz", [250.0, 500.0])
def test_slow_sensors_have_no_bands(rate_hz: float) -> None:
    meter = SpectrumMeter(Grid.of(sensor(rate_hz, 0.0)))
    found = meter.measure(muscle_noise(meter.samples, rate_hz, [1])[None])
    assert np.isnan([found.low_share, found.middle_share, found.upper_share, found.high_share]).all()


# --- repeats ---

STEP_S, TICKS = 0.025, 320


def envelope(hz: float, noise: float = 0.0) -> Signal:
    time_s = np.arange(TICKS) * STEP_S
    swing = (time_s * hz % 1.0 < 0.4) - 0.4 + np.random.default_rng(0).normal(0.0, noise + 1e-9, TICKS)
    return np.asarray(swing - swing.mean())[None, None]


@pytest.mark.parametrize("hz", [0.6, 1.0, 2.0, 3.3, 5.0, 8.0])
def test_bursts_repeat_after_their_interval(hz: float) -> None:
    found = RepeatMeter(TICKS, STEP_S, (0.5, 12.0)).measure(envelope(hz, 0.1))
    assert found.peak[0] > 0.8
    assert found.lag_s[0] == pytest.approx(1.0 / hz, abs=0.5 * STEP_S)


def test_noise_hardly_repeats_and_nothing_does_not() -> None:
    noise = np.random.default_rng(1).normal(size=(1, 1, TICKS))
    found = RepeatMeter(TICKS, STEP_S, (0.5, 12.0)).measure(np.concatenate([noise, np.zeros((1, 1, TICKS))]))
    assert 0.0 < found.peak[0] < 0.4
    assert found.peak[1] == 0.0
    assert np.isnan(found.lag_s[1])


@settings(max_examples=30)
@given(power=st.integers(-8, 8), seed=st.integers(0, 100), rows=st.integers(1, 9))
def test_repeats_depend_neither_on_the_gain_nor_on_other_rows(power: int, seed: int, rows: int) -> None:
    meter = RepeatMeter(TICKS, STEP_S, (0.5, 12.0))
    swing = np.random.default_rng(seed).normal(size=(rows, AXES, TICKS))
    together, alone = meter.measure(swing), meter.measure(swing[-1:] * 2.0**power)
    assert together.peak[-1:].tobytes() == alone.peak.tobytes()
    assert together.lag_s[-1:].tobytes() == alone.lag_s.tobytes()
    assert ((together.peak >= 0.0) & (together.peak <= 1.0)).all()


@given(least=st.integers(1, 5_000))
def test_a_quick_length_is_long_enough_and_a_product_of_small_primes(least: int) -> None:
    length = quick_length(least)
    assert least <= length < 2 * least + 1
    assert pow(30, 13, length) == 0 or length == 1


# --- on whole scenes ---


@cache
def clonic() -> SampleBlock:
    return Scene(45.0, bursts=[(20.0, 35.0, 80.0, 3.0, 0.12)]).block()


def walking(*, in_time: bool = True) -> SampleBlock:
    """Bursts at 1.7 Hz in a leg that shakes at that rate or, out of time, at one that noise gives."""
    scene = Scene(45.0, bursts=[(20.0, 35.0, 80.0, 1.7, 0.3)], movement_mg=[(20.0, 35.0, 200.0)])
    block = scene.block()
    if in_time:
        return block
    acc = block.acc_counts.copy()
    acc[2_000:3_500] += np.random.default_rng(0).normal(0.0, 400.0, (1_500, AXES)).astype(np.int16)
    still = Scene(45.0).block().acc_counts
    return replace(block, acc_counts=(acc - block.acc_counts + still).astype(np.int16))


def test_a_clonic_run_repeats_at_its_rate() -> None:
    assert during(clonic(), "repeat_lag_s", 29.0, 35.0) == pytest.approx(1 / 3.0, abs=0.02)
    assert during(clonic(), "repeat_peak", 29.0, 35.0).min() > 0.6


def test_a_steady_contraction_does_not_repeat() -> None:
    block = Scene(45.0, amplitude_uv=[(15.0, 40.0, 60.0)]).block()
    assert during(block, "repeat_peak", 25.0, 40.0).max() < 0.5


def test_the_resting_level_ages_while_it_is_frozen() -> None:
    block = Scene(45.0, amplitude_uv=[(20.0, 30.0, 60.0)]).block()
    assert during(block, "resting_age_s", 29.75, 30.0)[0] == pytest.approx(9.0)
    assert during(block, "resting_age_s", 31.5, 32.5).max() == 0.0


def test_the_waveform_of_a_contraction_is_that_of_muscle() -> None:
    crossings_hz = during(clonic(), "crossings_hz", 25.0, 35.0)
    assert ((crossings_hz > 20.0) & (crossings_hz < 300.0)).all()
    assert np.isnan(during(clonic(), "crossings_hz", 36.75, 38.0)).all()


def test_walking_has_the_rhythm_of_steps_and_a_still_leg_has_not() -> None:
    assert during(walking(), "gait_peak", 25.0, 35.0).min() > 0.8
    assert during(walking(), "gait_lag_s", 25.0, 35.0) == pytest.approx(1 / 1.7, abs=0.03)
    assert np.median(during(clonic(), "gait_peak", 25.0, 35.0)) < 0.4


def test_the_muscle_of_a_walking_leg_keeps_time_with_it_and_that_of_one_shaken_does_not() -> None:
    assert during(walking(), "acc_coherence", 29.0, 35.0).min() > 0.8
    assert np.median(during(walking(in_time=False), "acc_coherence", 29.0, 35.0)) < 0.5


def test_how_the_sensor_is_strapped_on_changes_neither_gait_nor_coherence() -> None:
    block = walking()
    turned = replace(block, acc_counts=np.ascontiguousarray(-block.acc_counts[:, [2, 0, 1]]))
    for name in OF_ACCELERATION:
        np.testing.assert_allclose(features(turned, name)[1], features(block, name)[1], rtol=1e-6)


@pytest.mark.parametrize("acc_hz", [50.0, 100.0, 200.0])
def test_gait_shows_at_any_rate_of_the_accelerometer(acc_hz: float) -> None:
    info = sensor(1000.0, acc_hz)
    scene = Scene(40.0, bursts=[(20.0, 35.0, 80.0, 1.7, 0.3)], movement_mg=[(20.0, 35.0, 200.0)], info=info)
    block = scene.block()
    assert during(block, "gait_lag_s", 27.0, 35.0) == pytest.approx(1 / 1.7, abs=0.03)
    assert during(block, "acc_coherence", 29.5, 35.0).min() > 0.8


def test_without_acceleration_gait_and_coherence_are_not_known() -> None:
    block = Scene(40.0, bursts=[(20.0, 35.0, 80.0, 1.7, 0.3)], info=sensor(acc_hz=0.0)).block()
    assert all(np.isnan(features(block, name)[1]).all() for name in OF_ACCELERATION)
    assert during(block, "repeat_peak", 29.0, 35.0).min() > 0.6


def test_a_hole_in_the_envelope_leaves_the_coherence_unknown() -> None:
    meter = CoherenceMeter(Grid.of(sensor()))
    grid = Grid.of(sensor())
    rng = np.random.default_rng(0)
    muscle, leg = (
        rng.normal(size=(1, meter.hops * grid.ticks_per_hop)),
        rng.normal(size=(1, AXES, meter.hops * 5)),
    )
    known = meter.measure(muscle, leg, np.array([2.0]))
    assert 0.0 <= known[0] <= 1.0
    muscle[0, 100] = np.nan
    assert np.isnan(meter.measure(muscle, leg, np.array([2.0])))[0]
    assert np.isnan(meter.measure(np.nan_to_num(muscle), leg, np.array([40.0])))[0]


@settings(max_examples=8)
@given(power=st.integers(-4, 4))
def test_the_gain_of_a_scale_changes_no_bit_of_what_is_a_ratio_or_a_time(power: int) -> None:
    def scaled(gain: float) -> SampleBlock:
        info = sensor(scale=Scale(-32768, 32767, -4096.0 * gain, 4095.875 * gain, "count"))
        return replace(clonic(), info=info)

    for name in set(NEW) - {"length_uv_s"}:
        assert features(scaled(2.0**power), name)[1].tobytes() == features(scaled(1.0), name)[1].tobytes()


def test_every_new_feature_is_in_the_table_with_a_unit_that_its_name_tells() -> None:
    units = {feature.name: feature.unit for feature in FEATURES}
    assert set(NEW) <= units.keys()
    for name, unit in units.items():
        suffix = {"Hz": "_hz", "s": "_s", "uV": "_uv", "uV/s": "_uv_s", "mg": "_mg", "deg": "_deg"}.get(unit)
        assert suffix is None or name.endswith(suffix)
