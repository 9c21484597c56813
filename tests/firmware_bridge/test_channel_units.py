from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.channel_units import COUNTS, GRAVITIES, MICROVOLTS, acc_scale, emg_scale, normal_unit
from firmware_bridge.edf_header import EdfSignal, parse_header
from firmware_bridge.samples import edf_number
from tests.firmware_bridge.foreign_edf import ForeignFile, emg


def _signal(unit: str | bytes = "uV", **fields: Any) -> EdfSignal:
    return parse_header(ForeignFile([emg(unit=unit, **fields)]).header()).signals[0]


@pytest.mark.parametrize(
    "raw",
    [
        b"uV",
        b"UV",
        b"u V",
        b"\xb5V",
        b"\xc2\xb5V",
        b"\xce\xbcV",
        b"\xe6V",
        b"\x83\xcaV",
        b"\xa6\xccV",
        b"microV",
    ],
)
def test_a_microvolt_is_one_in_every_encoding(raw: bytes) -> None:
    assert normal_unit(_signal(raw).unit) == "uv"


@pytest.mark.parametrize(
    "raw", [b"m/s2", b"m/s^2", b"m/s\xb2", b"m/s\xc2\xb2", b"m/s**2", b"m/s\xfd", b"M/S/S", b"m s-2"]
)
def test_acceleration_is_told_in_every_spelling(raw: bytes) -> None:
    assert normal_unit(_signal(raw).unit) == "m/s2"


def test_every_known_unit_is_its_own_normal_form() -> None:
    known = [*MICROVOLTS, *GRAVITIES, *COUNTS]
    assert [normal_unit(unit) for unit in known] == known


@pytest.mark.parametrize(
    ("unit", "low", "high", "expected"),
    [
        ("uV", "-1558.36", "1526.363", (-1558.36, 1526.363)),
        ("mV", "-1.65", "1.6499", (-1650.0, 1649.9)),
        ("V", "-0.00165", "1.65e-3", (-1650.0, 1650.0)),
        ("nV", "-12345", "12345", (-12.345, 12.345)),
        ("mV", "-1,5", " 1,5", (-1500.0, 1500.0)),
        ("uV", "3276.7", "-3276.8", (3276.7, -3276.8)),
    ],
)
def test_emg_limits_become_microvolts_to_the_last_digit(
    unit: str, low: str, high: str, expected: tuple[float, float]
) -> None:
    scale = emg_scale(_signal(unit, physical_min=low, physical_max=high), unit)
    assert ((scale.physical_min, scale.physical_max), scale.unit) == (expected, "uV")


def test_an_unknown_unit_stays_counts_at_the_files_own_scale() -> None:
    scale = emg_scale(_signal("", physical_min="1391.38", physical_max="2463.62"), "")
    assert (scale.physical_min, scale.physical_max, scale.unit) == (1391.38, 2463.62, "count")


@pytest.mark.parametrize(
    ("unit", "low", "high", "expected"),
    [
        ("g", "-4", "4", (-4.0, 4.0)),
        ("mg", "-4000", "4000", (-4.0, 4.0)),
        ("m/s2", "-19.6133", "19.6133", (-2.0, 2.0)),
        ("m/s²", "-20", "20", (-2.03943, 2.039432)),
    ],
)
def test_acceleration_limits_become_g(unit: str, low: str, high: str, expected: tuple[float, float]) -> None:
    scale = acc_scale(_signal(unit, physical_min=low, physical_max=high), unit)
    assert ((scale.physical_min, scale.physical_max), scale.unit) == (expected, "g")


@given(st.floats(-2000, 2000).filter(lambda value: abs(value) > 1e-3), st.sampled_from([*MICROVOLTS]))
def test_scales_are_decimals_that_an_edf_header_holds(value: float, unit: str) -> None:
    low = edf_number(value)
    scale = emg_scale(_signal(unit, physical_min=low, physical_max="0"), unit)
    exact = float(low) * float(MICROVOLTS[unit])
    # Eight characters hold at least five digits of anything that they hold at all, a sign and a point aside.
    if 1e-2 < abs(exact) < 1e6:
        assert float(edf_number(scale.physical_min)) == scale.physical_min
        assert scale.physical_min == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"physical_min": "nan"}, "physical minimum: expected a number, got 'nan'"),
        ({"physical_max": "inf"}, "physical maximum: expected a number, got 'inf'"),
        ({"physical_max": ""}, "physical maximum: expected a number, got ''"),
        ({"physical_min": "5", "physical_max": "5"}, "two different physical limits"),
        ({"physical_max": "1e999"}, "expected a number, got '1e999'"),
        ({"physical_max": "1e30"}, "physical maximum: expected less than 1e.12"),
        ({"digital_min": "7", "digital_max": "7"}, "digital_min < digital_max"),
        ({"digital_min": "100", "digital_max": "-100"}, "digital_min < digital_max"),
        ({"digital_max": "3.5"}, "digital maximum: expected a whole number"),
    ],
)
def test_ranges_that_say_nothing_are_refused(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        emg_scale(_signal(**fields), "uV")


def test_a_scale_maps_the_limits_onto_each_other() -> None:
    scale = emg_scale(_signal("mV", physical_min="-1.5", physical_max="1.5"), "mV")
    assert scale.to_physical(np.array([-32768, 32767])) == pytest.approx([-1500.0, 1500.0])
