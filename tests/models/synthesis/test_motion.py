import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from models.synthesis import PlannedEvent
from models.synthesis.disturbances import Disturbance, Drift, Hum, Lift, MotionArtefact, Steps
from models.synthesis.motion import Jerks, Knock, Motion, Rhythm, Shake, band_noise
from models.synthesis.posture import minimum_jerk
from tests.models.synthesis.playing import QUIET, acc_of, rms, scene

MOTIONS: list[Motion] = [
    Shake(0.0, 8.0, 0.2),
    Knock(0.0, 0.2, 0.03, 14.0),
    Rhythm(0.0, 8.0, 1.3, 0.1, 0.5),
    Jerks((0.0, 0.4, 0.9), 0.2, 0.1),
]


@pytest.mark.parametrize("motion", MOTIONS, ids=lambda motion: type(motion).__name__)
@pytest.mark.parametrize("rate_hz", [50.0, 100.0])
def test_motions_are_triples_that_come_and_go(motion: Motion, rate_hz: float) -> None:
    values = motion.render(rate_hz, np.random.default_rng(1))
    assert values.shape[1] == 3
    assert np.isfinite(values).all()
    largest = np.abs(values).max()
    assert largest > 0.0
    assert np.abs(values[-1]).max() < 0.2 * largest


def test_a_shake_has_the_strength_asked_for_in_its_middle() -> None:
    vectors = [
        Shake(0.0, 60.0, 0.3).render(100.0, np.random.default_rng(seed))[1500:4500] for seed in range(4)
    ]
    strength = np.sqrt(np.mean([np.square(v).sum(axis=1).mean() for v in vectors]))
    assert strength == pytest.approx(0.3, rel=0.1)


@settings(max_examples=25)
@given(
    low_hz=st.floats(0.5, 5.0), width_hz=st.floats(3.0, 30.0), rate_hz=st.sampled_from([100.0, 250.0, 1000.0])
)
def test_band_noise_has_an_rms_of_one_from_its_first_sample_on(
    low_hz: float, width_hz: float, rate_hz: float
) -> None:
    rng = np.random.default_rng(2)
    count = round(3 * rate_hz)
    noise = np.stack([band_noise(count, low_hz, low_hz + width_hz, rate_hz, rng) for _ in range(40)])
    assert rms(noise) == pytest.approx(1.0, rel=0.15)
    assert rms(noise[:, : round(rate_hz)]) == pytest.approx(1.0, rel=0.3)


def test_a_minimum_jerk_movement_starts_and_stops_softly() -> None:
    way = minimum_jerk(np.linspace(-0.5, 1.5, 2001))
    assert way[0] == 0.0
    assert way[-1] == pytest.approx(1.0)
    assert np.all(np.diff(way) >= -1e-15)
    assert np.diff(way).max() == pytest.approx(1.875 * 0.001, rel=0.01)


def test_a_resting_leg_feels_one_g_and_its_breath() -> None:
    acc = acc_of(scene(seconds=60.0))
    size = np.linalg.norm(acc, axis=1)
    assert size.mean() == pytest.approx(1.0, abs=0.012)
    frequency, power = signal.welch(acc - acc.mean(axis=0), 100.0, nperseg=2048, axis=0)
    assert 0.15 < frequency[power.sum(axis=1).argmax()] < 0.4


def test_a_turn_over_tilts_gravity_by_its_angle_for_good() -> None:
    turn = PlannedEvent(10.0, "turn_over", 8.0, {"tilt_deg": 90.0, "turn_s": 2.0, "shake_mg": 100.0})
    acc = acc_of(scene(turn, seconds=40.0))
    before, after = acc[:900].mean(axis=0), acc[2500:].mean(axis=0)
    cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
    # The axis is any: a vector near it turns less.
    assert np.degrees(np.arccos(cosine)) > 15.0
    assert np.degrees(np.arccos(cosine)) <= 92.0
    still = np.linalg.norm(acc[2500:] - acc[2500:].mean(axis=0), axis=1)
    assert still.max() < 0.05


def test_a_leg_that_goes_back_is_where_it_was() -> None:
    hold = PlannedEvent(10.0, "hold", 10.0, {"tilt_deg": 35.0})
    acc = acc_of(scene(hold, seconds=40.0))
    before, during, after = acc[:900].mean(axis=0), acc[1400:1800].mean(axis=0), acc[2500:].mean(axis=0)
    assert np.linalg.norm(after - before) < 0.02
    assert np.linalg.norm(during - before) > 3.0 * np.linalg.norm(after - before)


DISTURBANCES: list[Disturbance] = [
    MotionArtefact(0.0, 4.0, 500.0),
    Hum(0.0, 4.0, 50.0, 50.0),
    Lift(0.0, 4.0, 30.0, 100.0, 50.0),
    Steps((0.0, 1.0), 2000.0, 0.01),
    Drift(0.0, 60.0, 2000.0, 0.1),
]


@pytest.mark.parametrize("disturbance", DISTURBANCES, ids=lambda d: type(d).__name__)
def test_disturbances_are_finite_and_the_same_for_the_same_random_numbers(disturbance: Disturbance) -> None:
    first, second = (disturbance.render(1000.0, np.random.default_rng(3)) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    assert np.isfinite(first).all()
    assert np.abs(first).max() > 0.0


def test_hum_is_a_line_and_odd_harmonics_of_the_strength_asked_for() -> None:
    wave = Hum(0.0, 40.0, 50.0, 50.0).render(1000.0, np.random.default_rng(1))
    assert rms(wave[8000:32_000]) == pytest.approx(50.0, rel=0.02)
    frequency, power = signal.welch(wave[8000:32_000], 1000.0, nperseg=2000)
    strongest = frequency[np.argsort(power)[-9:]]
    assert set(np.round(strongest, -1)) <= {50.0, 150.0, 250.0}


def test_an_electrode_in_the_air_hears_no_muscle() -> None:
    sensor = QUIET
    hold = PlannedEvent(5.0, "hold", 30.0, {"drive": 0.8})
    lift = PlannedEvent(15.0, "lift", 10.0, {"times": 4.0, "mains_uv": 20.0})
    with_lift = scene(hold, lift, seconds=45.0, sensor=sensor)
    held = {t.name: t.peak_uv for t in with_lift.truth}["hold"] or 0.0
    values = np.concatenate([b.emg_uv[:, 0] for b in with_lift.items() if hasattr(b, "emg_uv")])
    assert rms(values[10_000:14_000]) == pytest.approx(held, rel=0.2)
    assert rms(values[16_000:24_000]) == pytest.approx(20.0, rel=0.1)
