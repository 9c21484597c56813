import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from models.synthesis.drives import DRIVE_STEP_S, Drive, PoolDrive, ToneDrive, strongest_second_uv
from models.synthesis.measures import Measures
from models.synthesis.motor_units import MotorUnits, Reals
from models.synthesis.shapes import burst_train, irregular, trapezoid, waving
from models.synthesis.volleys import TwitchDrive, VolleyDrive, volley_energy_uv2s
from tests.models.synthesis.playing import rms, someone, sounded

UNITS = someone().units


def drives() -> list[Drive]:
    onsets = 5.0 + np.arange(12) / 5.0
    bursts = burst_train(onsets, np.full(12, 0.1), np.full(12, 0.4))
    return [
        PoolDrive(*trapezoid(5.0, 6.0, 0.3, rise_s=0.5, fall_s=0.5), cv=0.2),
        PoolDrive(*bursts, cv=0.2, unsteadiness=0.3, seed=5, shortening=0.8),
        ToneDrive(np.array([5.0, 9.0, 12.0]), np.array([0.0, 20.0, 0.0]), cv=0.2, seed=4),
        VolleyDrive(onsets, 0.08, 0.7, 60.0, 0.004),
        TwitchDrive(onsets, np.full(12, 0.1), np.full(12, 120.0)),
    ]


@pytest.mark.parametrize("drive", drives(), ids=lambda drive: type(drive).__name__)
def test_units_fire_between_the_drives_onset_and_end_and_nowhere_else(drive: Drive) -> None:
    fired = drive.discharges(UNITS, np.random.default_rng(1)).time_s
    assert len(fired)
    # A volley's jitter may put a firing a few milliseconds outside.
    assert fired.min() >= drive.onset_s - 0.02
    assert fired.max() <= drive.end_s + 0.02


@pytest.mark.parametrize("drive", drives(), ids=lambda drive: type(drive).__name__)
def test_the_expected_energy_is_the_energy_of_what_sounds(drive: Drive) -> None:
    heard = [
        np.square(sounded(drive.discharges(UNITS, np.random.default_rng(seed)), UNITS, 20.0)).sum() / 1000.0
        for seed in range(12)
    ]
    expected = drive.power_uv2(UNITS).sum() * DRIVE_STEP_S
    assert np.mean(heard) == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("drive", drives(), ids=lambda drive: type(drive).__name__)
def test_the_same_random_numbers_give_the_same_discharges(drive: Drive) -> None:
    first, second = (drive.discharges(UNITS, np.random.default_rng(9)) for _ in range(2))
    assert first.time_s.tobytes() == second.time_s.tobytes()
    assert first.amplitude_uv.tobytes() == second.amplitude_uv.tobytes()


def test_a_tone_follows_its_course_in_microvolts() -> None:
    tone = ToneDrive(np.array([0.0, 60.0]), np.array([0.0, 30.0]), cv=0.2, seed=1)
    heard = sounded(tone.discharges(UNITS, np.random.default_rng(2)), UNITS, 60.0)
    # RMS of a ramp from 15 to 30 µV.
    assert rms(heard[30_000:]) == pytest.approx(22.9, rel=0.1)
    assert rms(heard[:10_000]) < 4.0


def test_synchronised_volleys_have_more_energy_than_their_potentials_apart_and_it_lies_low() -> None:
    members = np.flatnonzero(UNITS.threshold < 0.7)
    alone = UNITS.energy_uv2s[members].sum()
    assert volley_energy_uv2s(UNITS, members, 0.004) > 2.0 * alone
    # Far out of step, energies just add.
    assert volley_energy_uv2s(UNITS, members, 0.5) == pytest.approx(alone, rel=0.05)
    onsets = np.arange(0.0, 20.0, 0.2)
    heard = sounded(
        VolleyDrive(onsets, 0.08, 0.7, 60.0, 0.004).discharges(UNITS, np.random.default_rng(0)), UNITS, 20.0
    )
    # The clonic phase of a convulsion lies in 12–70 Hz (Cardenas 2020).
    assert Measures.of(heard, 1000.0).low_share > 0.5


def test_a_volley_of_clonus_has_the_level_asked_for_within_its_bursts() -> None:
    onsets = np.arange(0.0, 40.0, 0.25)
    drive = VolleyDrive(onsets, 0.08, 0.7, 100.0, 0.005)
    heard = sounded(drive.discharges(UNITS, np.random.default_rng(0)), UNITS, 40.0)
    # All energy of a burst over the burst's own length.
    assert np.sqrt(np.square(heard).sum() / (len(onsets) * 80.0)) == pytest.approx(100.0, rel=0.1)


def test_twitches_reach_the_peaks_they_were_given() -> None:
    onsets = np.arange(1.0, 61.0)
    peaks = np.full(60, 200.0)
    heard = sounded(
        TwitchDrive(onsets, np.full(60, 0.1), peaks).discharges(UNITS, np.random.default_rng(0)), UNITS, 62.0
    )
    highest = np.abs(heard[500:61_500]).reshape(61, 1000).max(axis=1)[:60]
    assert np.median(highest) == pytest.approx(200.0, rel=0.4)
    assert highest.min() > 50.0


def test_the_strongest_second_of_a_short_drive_counts_the_silence_around_it() -> None:
    quarter = np.full(round(0.25 / DRIVE_STEP_S), 100.0)
    assert strongest_second_uv(quarter) == pytest.approx(5.0, rel=0.02)
    assert strongest_second_uv(np.full(10_000, 100.0)) == pytest.approx(10.0)
    rising = np.concatenate([np.full(1000, 4.0), np.full(1000, 400.0), np.full(1000, 9.0)])
    assert strongest_second_uv(rising) == pytest.approx(20.0)


def breakpoints(course: tuple[Reals, Reals]) -> tuple[Reals, Reals]:
    times, levels = course
    assert times.shape == levels.shape
    assert np.all(np.diff(times) >= 0)
    assert levels[0] == 0.0
    assert levels[-1] == 0.0
    assert levels.min() >= 0.0
    return times, levels


@given(
    duration_s=st.floats(0.05, 600.0),
    rise_s=st.floats(0.01, 30.0),
    fall_s=st.floats(0.01, 30.0),
    level=st.floats(0.01, 1.2),
    seed=st.integers(0, 1000),
)
def test_every_course_begins_and_ends_at_zero_and_reaches_its_level(
    duration_s: float, rise_s: float, fall_s: float, level: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    for course in (
        trapezoid(3.0, duration_s, level, rise_s=rise_s, fall_s=fall_s),
        irregular(3.0, duration_s, level, 5, rng),
        waving(3.0, duration_s, level, rates_hz=(1.0, 4.0), depth=0.5, edge_s=rise_s),
    ):
        times, levels = breakpoints(course)
        assert times[0] == 3.0
        assert times[-1] == pytest.approx(3.0 + duration_s)
        assert levels.max() <= level + 1e-12
    assert trapezoid(3.0, duration_s, level, rise_s=rise_s, fall_s=fall_s)[1].max() == level
    assert irregular(3.0, duration_s, level, 5, rng)[1].max() == level


def pool_of_one_level(units: MotorUnits, level: float) -> float:
    return float(units.power_uv2(np.array([level]))[0])


def test_more_drive_is_more_power() -> None:
    power = UNITS.power_uv2(np.linspace(0.0, 1.0, 200))
    assert np.all(np.diff(power) >= 0)
    assert pool_of_one_level(UNITS, 1.2) == pytest.approx(pool_of_one_level(UNITS, 1.0))


@pytest.mark.parametrize("spread", [0.1, 0.3])
def test_an_unsteady_drive_wavers_slowly_and_trembles(spread: float) -> None:
    course = trapezoid(0.0, 120.0, 0.3, rise_s=0.1, fall_s=0.1)
    drive = PoolDrive(*course, cv=0.2, unsteadiness=spread, seed=3).course()[200:-200] / 0.3
    assert drive.mean() == pytest.approx(1.0, abs=0.03)
    assert drive.std() == pytest.approx(spread, rel=0.15)
    frequency, power = signal.welch(drive, 1.0 / DRIVE_STEP_S, nperseg=1024)
    slow = power[(frequency >= 0.4) & (frequency < 4.0)].sum()
    fast = power[(frequency >= 5.0) & (frequency < 14.0)].sum()
    assert slow / fast == pytest.approx(1.0, rel=0.4)
    assert (slow + fast) / power.sum() > 0.85
