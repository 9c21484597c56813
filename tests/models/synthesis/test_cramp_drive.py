from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.synthesis.cramp_drive import LEAST_UNITS, CrampDrive
from models.synthesis.drives import Discharges, strongest_second_uv
from models.synthesis.measures import Measures
from models.synthesis.motor_units import Reals
from tests.models.synthesis.playing import rms, someone, sounded

UNITS = someone().units
CRAMP = CrampDrive(
    onset_s=2.0,
    end_s=62.0,
    rise_s=5.0,
    fall_s=8.0,
    level_uv=120.0,
    territory=0.3,
    rate_pps=14.5,
    decay_s=30.0,
    wave_hz=1.4,
    wave_depth=0.3,
    cv=0.45,
    doublets=0.04,
    shortening=0.85,
    seed=11,
)


def trains(drive: CrampDrive, seed: int = 1) -> list[Reals]:
    """The firings of each unit; amplitudes tell the units apart."""
    whole: Discharges = drive.discharges(UNITS, np.random.default_rng(seed))
    return [whole.time_s[whole.amplitude_uv == a] for a in np.unique(whole.amplitude_uv)]


def test_units_fire_as_irregularly_as_in_elicited_cramps() -> None:
    # Minetto 2009: 14.5 ± 5.1 pps, CV of the intervals 44.6 ± 9.7 %, doublets 4.1 ± 4.7 %.
    rates, spreads, doublets = [], [], []
    for seed in range(6):
        for train in trains(replace(CRAMP, seed=seed, wave_depth=0.2)):
            intervals = np.diff(train)
            firing = intervals[intervals < 1.0]
            doublets.append(np.mean(firing < 0.0105))
            steady = firing[firing >= 0.0105]
            rates.append(1.0 / steady.mean())
            spreads.append(steady.std() / steady.mean())
    assert 9.0 < np.median(rates) < 20.0
    assert 0.35 < np.median(spreads) < 0.65
    assert 0.02 < np.mean(doublets) < 0.08


def test_units_start_fast_and_slow_down() -> None:
    early, late = [], []
    drive = replace(CRAMP, end_s=122.0, decay_s=25.0, wave_depth=0.05)
    for seed in range(4):
        whole = replace(drive, seed=seed).discharges(UNITS, np.random.default_rng(seed))
        for train in (whole.time_s[whole.amplitude_uv == a] for a in np.unique(whole.amplitude_uv)[:7]):
            early.append(np.count_nonzero((train > 8.0) & (train < 18.0)) / 10.0)
            late.append(np.count_nonzero((train > 95.0) & (train < 105.0)) / 10.0)
    # 20–25 pps at first, 6–8 at last, of those that fire at that time.
    assert 12.0 < np.median([rate for rate in early if rate > 2]) < 25.0
    assert 5.0 < np.median([rate for rate in late if rate > 2]) < 11.0


def test_the_active_set_of_units_drifts() -> None:
    def firing(begin_s: float) -> list[bool]:
        return [bool(np.any((t > begin_s) & (t < begin_s + 2.0))) for t in trains(replace(CRAMP, end_s=92.0))]

    now, later = firing(20.0), firing(60.0)
    changed = np.mean([a != b for a, b in zip(now, later, strict=True)])
    assert 0.1 < changed < 0.8


def test_the_common_wave_shows_in_the_envelope_without_silences() -> None:
    rhythms = []
    for seed in range(5):
        drive = replace(CRAMP, seed=seed, wave_depth=0.5, end_s=92.0)
        heard = sounded(drive.discharges(UNITS, np.random.default_rng(seed)), UNITS, 95.0)
        measures = Measures.of(heard[10_000:80_000], 1000.0)
        # A cramp is a shallow-modulated discharge: science.md gives 0.24–0.36, up to 0.65 for six units.
        assert measures.modulation < 0.5
        assert measures.silent < 0.05
        rhythms.append(measures.rhythm_hz)
    assert np.median(rhythms) == pytest.approx(1.4, abs=0.35)


@pytest.mark.parametrize("level_uv", [20.0, 120.0, 400.0])
def test_the_strongest_second_has_the_level_asked_for(level_uv: float) -> None:
    drive = replace(CRAMP, level_uv=level_uv)
    assert strongest_second_uv(drive.power_uv2(UNITS)) == pytest.approx(level_uv)
    heard = sounded(drive.discharges(UNITS, np.random.default_rng(3)), UNITS, 65.0)
    seconds = [rms(heard[s : s + 1000]) for s in range(2000, 62_000, 500)]
    # Firing is random: the strongest of many seconds lies a little above its expectation.
    assert level_uv * 0.9 < max(seconds) < level_uv * 1.4


@settings(max_examples=30)
@given(
    duration_s=st.floats(8.0, 60.0),
    territory=st.floats(0.03, 0.9),
    rise_s=st.floats(0.3, 3.0),
    fall_s=st.floats(0.3, 3.0),
    seed=st.integers(0, 2**60),
)
def test_a_cramp_has_no_hole_between_its_onset_and_its_end(
    duration_s: float, territory: float, rise_s: float, fall_s: float, seed: int
) -> None:
    drive = replace(
        CRAMP, end_s=2.0 + duration_s, territory=territory, rise_s=rise_s, fall_s=fall_s, seed=seed
    )
    power = drive.power_uv2(UNITS)
    edge = round(3.0 / 0.004)
    assert np.all(power[edge:-edge] > 0.0)
    fired = drive.discharges(UNITS, np.random.default_rng(0)).time_s
    assert fired.min() >= drive.onset_s
    assert fired.max() <= drive.end_s + 0.011


def test_a_territory_is_a_neighbourhood_of_at_least_six_units() -> None:
    assert len(trains(replace(CRAMP, territory=0.001))) == LEAST_UNITS
    assert len(trains(replace(CRAMP, territory=0.5))) == pytest.approx(60, abs=2)


def test_a_stretch_raises_the_emg_before_it_ends_the_cramp() -> None:
    drive = replace(CRAMP, boost=(50.0, 54.0, 1.8))
    plain, stretched = CRAMP.power_uv2(UNITS), drive.power_uv2(UNITS)
    during = slice(round(48.5 / 0.004), round(51.5 / 0.004))
    np.testing.assert_allclose(stretched[during], plain[during] * 1.8**2)
    np.testing.assert_allclose(stretched[: round(40.0 / 0.004)], plain[: round(40.0 / 0.004)])
