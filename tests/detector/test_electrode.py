"""A loose electrode and a strong muscle look alike for a second; over three they do not."""

import inspect
import math

import pytest

from detector import readings
from detector.context import Past
from detector.electrode import NOISE, RAILED, ElectrodeWatch
from detector.features import FEATURE_NAMES
from detector.grid import Grid
from detector.readings import Reading
from firmware_bridge.samples import Scale, SensorInfo

SCALE = Scale.from_gain(0.1, digital_min=-32767, digital_max=32767, unit="uV")
GRID = Grid.of(SensorInfo("s", 1000.0, 0.0, ("left-calf",), (SCALE,), None))
MASKED = (0.0, 0.05, 0.0, 0.0, 0.95)
NOTHING_BEFORE: Past = None  # type: ignore[assignment]


def reading(hop: int, fault: str, **features: float) -> Reading:
    probabilities = MASKED if fault else (0.0, 1.0, 0.0, 0.0, 0.0)
    values = tuple(features.get(name, math.nan) for name in FEATURE_NAMES)
    levels = (60.0, 60.0, 2.0, 7.0, 4.5)
    return Reading(
        hop, True, False, fault, *levels, 0, 0, 0, 0, 0, 0.0, values, probabilities, (), NOTHING_BEFORE
    )


def last_fault(hops: list[Reading]) -> str:
    watch = ElectrodeWatch(GRID)
    return [watch.judge(one) for one in hops][-1].fault


def series(fault: str, **features: float) -> list[Reading]:
    return [reading(hop, fault, **features) for hop in range(20)]


FLAT_MUSCLE = {"mains_share": 0.01, "modulation_depth": 0.19, "high_share": 0.68, "times_resting": 30.0}
LIFTED = {"mains_share": 0.08, "modulation_depth": 0.13, "high_share": 0.62, "times_resting": 30.0}
RAILED_MUSCLE = {"median_hz": 180.0, "drift_share": 0.02, "mains_share": 0.01, "modulation_depth": 0.08}


def test_a_muscle_with_a_flat_spectrum_is_no_noise() -> None:
    assert last_fault(series(NOISE, **FLAT_MUSCLE)) == ""


@pytest.mark.parametrize("change", [LIFTED, {"modulation_depth": 0.13}, {"mains_share": 0.05}])
def test_what_brings_mains_or_is_as_steady_as_noise_stays_noise(change: dict[str, float]) -> None:
    assert last_fault(series(NOISE, **(FLAT_MUSCLE | change))) == NOISE


def test_over_three_whole_seconds_white_noise_wavers_no_more_than_it_can() -> None:
    wavering = FLAT_MUSCLE | {"modulation_depth": 0.16, "high_share": 0.7}
    assert last_fault(series(NOISE, **wavering)) == NOISE
    assert last_fault(series(NOISE, **wavering)[:4]) == ""
    assert last_fault(series(NOISE, **(wavering | {"high_share": 0.66}))) == ""


def test_muscle_that_reaches_the_rails_is_read() -> None:
    assert last_fault(series(RAILED, **RAILED_MUSCLE)) == ""


@pytest.mark.parametrize("change", [{"median_hz": 45.0}, {"drift_share": 0.5}, {"mains_share": 0.2}])
def test_what_pulls_or_hums_to_the_rails_is_not_read(change: dict[str, float]) -> None:
    assert last_fault(series(RAILED, **(RAILED_MUSCLE | change))) == RAILED


def test_an_electrode_that_comes_and_goes_is_noise_however_it_wavers() -> None:
    wavering = LIFTED | {"modulation_depth": 0.6}
    assert last_fault(series("", **wavering)) == NOISE


@pytest.mark.parametrize("change", [{"high_share": 0.3}, {"times_resting": 5.0}, {"high_share": math.nan}])
def test_muscle_over_the_usual_hum_is_no_noise(change: dict[str, float]) -> None:
    assert last_fault(series("", **(LIFTED | change))) == ""


def test_what_was_long_ago_does_not_count() -> None:
    before = [reading(hop, NOISE, **LIFTED) for hop in range(12)]
    after = [reading(hop, NOISE, **FLAT_MUSCLE) for hop in range(100, 112)]
    assert last_fault(before + after[:1]) == ""


@pytest.mark.parametrize("fault", ["flat signal", "electrode off", "mains hum"])
def test_other_faults_stand(fault: str) -> None:
    assert last_fault(series(fault, **FLAT_MUSCLE)) == fault


@pytest.mark.parametrize("words", [NOISE, RAILED])
def test_the_words_are_those_of_the_readings(words: str) -> None:
    assert f'"{words}"' in inspect.getsource(readings)


def test_without_its_fault_a_reading_has_no_artefact_left() -> None:
    watch = ElectrodeWatch(GRID)
    (*_, last) = [watch.judge(one) for one in series(NOISE, **FLAT_MUSCLE)]
    assert last.probabilities[-1] == 0.0
    assert math.isclose(sum(last.probabilities), 1.0)
