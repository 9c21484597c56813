"""WIRING.md says what the sketch does and what arithmetic gives, and safety before all else."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from tests.firmware_bridge.device.firmware_build import DEVICE

PAGE = (DEVICE / "WIRING.md").read_text()
CONFIG = (DEVICE / "crampwatch_sensor" / "config.h").read_text()
DRAWING = (DEVICE / "wiring.svg").read_text()


def cells(row: str) -> list[str]:
    return [cell.strip(" *") for cell in row.strip("|").split("|")]


FRONT_ENDS = [
    cells(row)
    for row in re.findall(r"^\|.*\|$", PAGE[PAGE.index("## What a count is worth") :], re.MULTILINE)[2:]
]


def test_the_first_thing_said_is_battery_only_while_worn() -> None:
    first = PAGE.split("\n\n")[1]
    assert "battery only" in first
    assert "no cable" in first
    texts = [element.text for element in ET.fromstring(DRAWING).iter("{http://www.w3.org/2000/svg}text")]
    assert "battery only" in str(texts[0])


@pytest.mark.parametrize("front_end", FRONT_ENDS, ids=[row[0] for row in FRONT_ENDS])
def test_what_a_count_is_worth_is_worked_out_right(front_end: list[str]) -> None:
    gain, reference_v, conversions, step_uv, range_mv = map(float, front_end[1:])
    assert step_uv == pytest.approx(reference_v * 1e6 / (1024 * conversions) / gain, abs=0.005)
    assert range_mv == pytest.approx(reference_v * 1e3 / 2 / gain, abs=0.005)


def test_what_is_recommended_is_fine_enough_for_absolute_thresholds() -> None:
    (recommended,) = (row for row in FRONT_ENDS if "recommended" in row[0])
    assert float(recommended[4]) <= 1.0


@pytest.mark.parametrize(
    ("setting", "pin"),
    [
        ("kEmgPins", "A0"),
        ("kButtonPin", "D4"),
        ("kVibrationPin", "D5"),
        ("kLightPin", "D6"),
    ],
)
def test_page_drawing_and_sketch_name_the_same_pins(setting: str, pin: str) -> None:
    value = re.search(rf"{setting}(?:\[\w+\])? = \{{?(\w+)", CONFIG)
    assert value is not None
    assert value[1] == pin.removeprefix("D")
    assert re.search(rf"^\| {pin} \|.*`{setting}`", PAGE, re.MULTILINE)
    assert f">{pin}<" in DRAWING


def test_every_setting_that_the_page_names_is_one() -> None:
    named = set(re.findall(r"`(k[A-Z]\w+)", PAGE))
    assert len(named) >= 8
    assert all(re.search(rf"\b{name}\b", CONFIG) for name in named)
