from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from models.synthesis import SENSORS, PlanError, PlannedEvent, SensorModel, simulate_event, simulate_night
from models.synthesis.drives import Discharges
from models.synthesis.motor_units import SHAPES
from models.synthesis.voices import Sound, Voice, add_overlap
from tests.models.synthesis.playing import QUIET, emg_of, rms, scene, seconds_of, someone

UNITS = someone().units
HOLD = PlannedEvent(10.0, "hold", 30.0, {"drive": 0.3, "rise_s": 0.5})


@given(
    times=st.lists(st.floats(0.0, 5.0), min_size=1, max_size=60),
    chunk=st.integers(40, 3000),
    seed=st.integers(0, 100),
)
def test_a_voice_sounds_the_same_however_it_is_chunked(times: list[float], chunk: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = len(times)
    fired = Discharges(np.array(times), rng.integers(0, SHAPES, count), rng.uniform(1.0, 50.0, count))
    voice = Voice.of(fired, UNITS, 1000.0)
    direct = np.zeros(5100)
    for at, shape, size in zip(voice.index, voice.shape, voice.amplitude_uv, strict=True):
        add_overlap(direct, 0, size * voice.potentials[shape], int(at) - voice.reach)
    chunked = []
    for first in range(0, 5100, chunk):
        piece = np.zeros(min(chunk, 5100 - first))
        voice.add_to(piece, first)
        chunked.append(piece)
    np.testing.assert_allclose(np.concatenate(chunked), direct, atol=1e-9)


@given(first=st.integers(-500, 1500), length=st.integers(1, 900), gain=st.floats(0.0, 1.0))
def test_a_disturbance_dampens_the_muscle_exactly_where_it_sounds(
    first: int, length: int, gain: float
) -> None:
    chunk = np.ones(1000)
    Sound(first, np.full(length, 5.0), gain).add_to(chunk, 0)
    inside = np.zeros(1000, bool)
    inside[max(0, first) : max(0, first + length)] = True
    np.testing.assert_allclose(chunk, np.where(inside, gain + 5.0, 1.0))


@pytest.mark.parametrize("noise_uv", [1.0, 4.0, 10.0])
@pytest.mark.parametrize("name", ["good", "slow", "fast", "slowest", "bare"])
def test_a_sensor_at_rest_gives_the_noise_it_was_given(name: str, noise_uv: float) -> None:
    sensor = replace(SENSORS[name], noise_uv=noise_uv, mains_uv=0.0, bits=16, lsb_uv=0.1)
    person = replace(someone(), ecg_uv=1e-6)
    night = simulate_night(20 / 3600, 3, scene=[], sensor=sensor, person=person)
    assert rms(emg_of(night)[500:]) == pytest.approx(noise_uv, rel=0.05)


def test_noise_lies_in_the_analogue_band() -> None:
    values = emg_of(scene(seconds=60.0, sensor=replace(QUIET, noise_uv=5.0)))
    frequency, power = signal.welch(values, 1000.0, nperseg=1024)
    inside = power[(frequency > 40) & (frequency < 380)].mean()
    assert power[frequency < 5].mean() < 0.1 * inside
    assert power[frequency > 492].mean() < 0.2 * inside


@pytest.mark.parametrize(("name", "line_hz"), [("good", 50.0), ("american", 60.0)])
def test_the_mains_line_is_where_the_grid_has_it(name: str, line_hz: float) -> None:
    sensor = replace(SENSORS[name], mains_uv=5.0, noise_uv=1.0)
    night = scene(seconds=60.0, sensor=sensor)
    frequency, power = signal.welch(emg_of(night), 1000.0, nperseg=4096)
    assert frequency[power.argmax()] == pytest.approx(line_hz, abs=0.5)
    assert rms(emg_of(night)) == pytest.approx(sensor.rest_uv, rel=0.1)


@pytest.mark.parametrize(
    ("bits", "lsb_uv"), [(10, 4.9), (12, 0.8), (16, 0.1)], ids=["10 bits", "12 bits", "16 bits"]
)
def test_microvolts_do_not_depend_on_the_converter(bits: int, lsb_uv: float) -> None:
    night = scene(HOLD, seconds=45.0, sensor=replace(QUIET, bits=bits, lsb_uv=lsb_uv))
    expected = someone().units.rms_uv(0.3)
    # The analogue band takes a few per cent of the muscle's power.
    assert rms(seconds_of(night, 12.0, 38.0)) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("name", ["good", "slow", "fast"])
def test_microvolts_hardly_depend_on_the_sampling_rate(name: str) -> None:
    night = scene(HOLD, seconds=45.0, sensor=replace(SENSORS[name], noise_uv=0.2, mains_uv=0.0))
    assert rms(seconds_of(night, 12.0, 38.0)) == pytest.approx(someone().units.rms_uv(0.3), rel=0.12)


def test_a_small_range_clips_at_its_rails_and_nowhere_else() -> None:
    sensor = replace(SENSORS["saturating"], lsb_uv=0.05)
    night = scene(PlannedEvent(10.0, "hold", 20.0, {"drive": 1.0}), seconds=40.0, sensor=sensor)
    counts = np.concatenate([b.emg_counts[:, 0] for b in night.items() if hasattr(b, "emg_counts")])
    scale = night.info.emg_scales[0]
    railed = (counts == scale.digital_min) | (counts == scale.digital_max)
    assert railed[12_000:28_000].mean() > 0.02
    assert railed[:9_000].sum() == 0
    assert counts.min() >= scale.digital_min
    assert counts.max() <= scale.digital_max


def test_fresh_electrodes_settle_and_drift() -> None:
    sensor = replace(QUIET, settling=0.2, settling_s=20.0)
    gains = []
    for at in (10.0, 130.0):
        night = scene(PlannedEvent(at, "hold", 20.0, {"drive": 0.5}), seconds=160.0, sensor=sensor)
        gains.append(rms(seconds_of(night, at + 3, at + 17)))
    assert gains[0] / gains[1] == pytest.approx(1 - 0.2 * np.exp(-20 / 20), abs=0.06)


def test_the_heart_is_faintly_there() -> None:
    person = replace(someone(), ecg_uv=50.0, heart_hz=1.0)
    night = simulate_night(60 / 3600, 3, scene=[], sensor=QUIET, person=person)
    beats, _ = signal.find_peaks(np.abs(emg_of(night)), height=10.0, distance=400)
    assert len(beats) == pytest.approx(60, abs=6)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), rate=st.sampled_from(sorted(SENSORS)))
def test_sensors_as_worn_stay_in_their_ranges(seed: int, rate: str) -> None:
    sensor = SensorModel.sample(np.random.default_rng(seed), SENSORS[rate])
    assert 1.0 <= sensor.noise_uv <= 8.0
    assert abs(sensor.clock_error) <= 0.01
    assert abs(sensor.mains_hz - round(SENSORS[rate].mains_hz, -1)) <= 0.5
    assert sensor.emg_rate_hz == SENSORS[rate].emg_rate_hz
    assert sensor.info().same_signal(SENSORS[rate].info())


@pytest.mark.parametrize(
    "wrong",
    [
        {"emg_rate_hz": 0.0},
        {"emg_rate_hz": 40.0},
        {"emg_rate_hz": float("nan")},
        {"bits": 24},
        {"lsb_uv": 0.0},
        {"acc_ratio": -1},
        {"clock_error": 1.0},
    ],
)
def test_a_sensor_that_cannot_be_built_is_refused_in_words(wrong: dict[str, float]) -> None:
    with pytest.raises(PlanError, match="synthetic sensor: expected a band"):
        SensorModel(**wrong)  # type: ignore[arg-type]


def test_a_clock_that_runs_fast_counts_more_samples_in_the_same_time() -> None:
    sensor = replace(QUIET, clock_error=0.01)
    night = simulate_event("hold", 30.0, 1, parameters={"drive": 0.5, "rise_s": 0.3}, sensor=sensor)
    assert night.index_of(30.0) == 30_300
    values = np.abs(emg_of(night))
    first = np.flatnonzero(values > 0.2 * values.max())[0]
    assert 30_300 <= first <= 31_300
