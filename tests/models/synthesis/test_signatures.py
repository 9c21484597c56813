"""Each class of event against the numbers of science.md: spectrum, modulation, rhythm.

Agreement of the simulator with these ranges says that it was built as meant, not that people are so.
"""

import numpy as np
import pytest

from models.synthesis import simulate_event
from models.synthesis.measures import Measures
from tests.models.synthesis.playing import QUIET, emg_of, rms, seconds_of, someone

SEEDS = range(4)


def measured(name: str, seconds: float, **parameters: float) -> list[Measures]:
    """Measures of the middle of an event in several people."""
    found = []
    for seed in SEEDS:
        night = simulate_event(name, seconds, seed, parameters=parameters, sensor=QUIET, person=someone(seed))
        row = next(row for row in night.truth if row.name == name)
        found.append(Measures.of(seconds_of(night, row.onset_s + 3.0, row.end_s - 3.0), 1000.0))
    return found


def middle(found: list[Measures], name: str) -> float:
    return float(np.median([getattr(m, name) for m in found]))


CRAMP = {"has_precursor": 0.0, "thrashes": 0.0, "stretched": 0.0, "rise_s": 3.0, "fall_s": 3.0}


def test_a_voluntary_hold_has_the_spectrum_and_the_steadiness_of_the_science_notes() -> None:
    holds = measured("hold", 30.0, drive=0.4)
    # The notes' generator: MDF 111–123 Hz, modulation 0.20–0.27, envelope CV 0.15–0.22. Twenty real holds of the
    # tibialis (../shared/data): MDF 77–130 Hz, modulation 0.26–0.65, envelope CV 0.21–0.55.
    assert 80.0 < middle(holds, "median_hz") < 130.0
    assert 85.0 < middle(holds, "mean_hz") < 135.0
    assert 0.2 < middle(holds, "modulation") < 0.45
    assert 0.15 < middle(holds, "envelope_cv") < 0.35
    assert middle(holds, "silent") < 0.02


def test_the_spectrum_hardly_depends_on_the_drive() -> None:
    weak, strong = (middle(measured("hold", 30.0, drive=d), "median_hz") for d in (0.1, 1.0))
    assert abs(weak - strong) < 20.0


def test_a_cramp_is_tonic_and_its_spectrum_higher() -> None:
    cramps = measured("cramp", 60.0, territory=0.4, shortening=0.8, **CRAMP)
    # Modulation 0.24–0.36 for 18 units or more, silent fraction 0–0.06.
    assert 0.2 < middle(cramps, "modulation") < 0.45
    assert middle(cramps, "silent") <= 0.06
    assert 0.17 < middle(cramps, "envelope_cv") < 0.36
    assert middle(cramps, "median_hz") > middle(measured("hold", 30.0, drive=0.4), "median_hz") + 8.0


def test_a_cramp_of_six_units_is_rougher_and_still_not_clonic() -> None:
    small = measured("cramp", 60.0, territory=0.05, **CRAMP)
    large = measured("cramp", 60.0, territory=0.5, **CRAMP)
    assert middle(small, "modulation") > middle(large, "modulation")
    assert 0.31 < middle(small, "modulation") < 0.75
    assert middle(small, "silent") < 0.15


@pytest.mark.parametrize("name", ["clonic", "clonus"])
def test_clonic_bursts_are_deeply_modulated_with_silences(name: str) -> None:
    runs = measured(name, 25.0)
    # 0.95–0.99 and 0.38–0.76 in the notes' own generator; clonus at 7 Hz has short gaps.
    assert middle(runs, "modulation") > 0.9
    assert 0.15 < middle(runs, "silent") < 0.85


def test_clonus_keeps_its_rate() -> None:
    for seed in SEEDS:
        night = simulate_event("clonus", 30.0, seed, parameters={"rate_hz": 5.0}, sensor=QUIET)
        row = next(row for row in night.truth if row.name == "clonus")
        assert row.burst_rate_hz == pytest.approx(5.0, rel=0.06)
        envelope = Measures.of(seconds_of(night, row.onset_s, row.end_s), 1000.0)
        assert envelope.rhythm > 0.5


def test_a_vibratory_phase_is_modulated_on_a_raised_floor() -> None:
    found = []
    for seed in range(6):
        parameters = {"has_tonic": 1.0, "has_vibratory": 1.0, "has_clonic": 1.0, "vibratory_s": 10.0}
        night = simulate_event(
            "tonic_clonic", 60.0, seed, parameters={**parameters, "vibratory_depth": 0.7}, sensor=QUIET
        )
        row = next(row for row in night.truth if row.name == "tonic_clonic.vibratory")
        found.append(Measures.of(seconds_of(night, row.onset_s + 0.5, row.end_s - 0.5), 1000.0))
    assert 0.4 < middle(found, "modulation") < 0.75
    assert middle(found, "silent") < 0.1


def test_a_tonic_phase_has_more_high_frequencies_than_a_voluntary_one() -> None:
    night = simulate_event(
        "tonic_clonic",
        60.0,
        1,
        parameters={"has_tonic": 1.0, "shortening": 0.8},
        sensor=QUIET,
        person=someone(),
    )
    row = next(row for row in night.truth if row.name == "tonic_clonic.tonic")
    phase = Measures.of(seconds_of(night, row.onset_s + 2.0, row.end_s - 1.0), 1000.0)
    held = simulate_event("hold", 20.0, 1, parameters={"drive": 0.9}, sensor=QUIET, person=someone())
    voluntary = Measures.of(seconds_of(held, 33.0, 47.0), 1000.0)
    # Conradsen 2011: relative power 100–500 Hz up, median frequency up.
    assert phase.high_share > voluntary.high_share
    assert phase.median_hz > voluntary.median_hz + 5.0


@pytest.mark.parametrize(
    ("name", "rate_hz"), [("gait", 1.2), ("foot_tremor", 1.3), ("hflm", 2.0), ("alternating", 1.5)]
)
def test_bursts_of_movements_look_clonic_but_for_their_rate(name: str, rate_hz: float) -> None:
    night = simulate_event(name, 15.0, 2, parameters={"rate_hz": rate_hz, "drive": 0.3}, sensor=QUIET)
    row = next(row for row in night.truth if row.name == name)
    assert row.burst_rate_hz == pytest.approx(rate_hz, rel=0.12)
    measures = Measures.of(seconds_of(night, row.onset_s, row.end_s), 1000.0)
    assert measures.modulation > 0.6


def test_a_sway_stays_shallow() -> None:
    assert middle(measured("sway", 40.0), "modulation") < 0.5


def test_a_precursor_rises_two_to_six_times_over_rest_without_movement() -> None:
    ratios = []
    for seed in range(6):
        parameters = {"has_precursor": 1.0, "precursor_spikes": 0.0}
        night = simulate_event("cramp", 10.0, seed, parameters=parameters, rest_s=(90.0, 2.0))
        row = next(row for row in night.truth if row.name == "cramp_precursor")
        assert 12.0 <= row.duration_s <= 80.0
        emg = emg_of(night)
        begin, end = night.index_of(row.onset_s), night.index_of(row.end_s)
        ratios.append(rms(emg[end - 4000 : end]) / rms(emg[1000:begin]))
    # The sensor's own noise is part of what it rises over.
    assert min(ratios) > 1.5
    assert max(ratios) < 6.5
