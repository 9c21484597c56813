"""`make firmware`: what it prints, and what it refuses."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.firmware_bridge.device.firmware_build import BUILD, DEVICE, build

pytestmark = pytest.mark.firmware

MOST_FLASH, MOST_RAM = 24 * 1024, 1.2 * 1024


def figures(printed: str) -> tuple[int, int]:
    found = re.search(r"flash (\d+) of at most \d+ bytes, static RAM (\d+) of at most \d+ bytes", printed)
    assert found, printed
    return int(found[1]), int(found[2])


@pytest.mark.parametrize(
    "arguments",
    [[], ["BOARD=nano"], ["NAME=two_channels", "CONFIG=simulation/two_channels.h"]],
    ids=["uno", "nano", "two channels"],
)
def test_flash_and_ram_are_printed_and_within_the_budget(arguments: list[str]) -> None:
    flash, ram = figures(build("firmware", *arguments))
    assert 0 < flash <= MOST_FLASH
    assert 0 < ram <= MOST_RAM


@pytest.mark.parametrize("limit", ["MOST_FLASH=4000", "MOST_RAM=500"])
def test_a_firmware_above_the_budget_is_no_success(limit: str, firmware_elf: Path) -> None:
    command = ["make", "-C", str(DEVICE), f"BUILD={BUILD}", "firmware", limit]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode != 0
    assert "the firmware is too large" in made.stderr


@pytest.mark.parametrize(
    ("wrong", "right", "complaint"),
    [
        ("kConversions = 4;", "kConversions = 12;", "do not fit into its millisecond"),
        ("kChannels = 2;", "kChannels = 3;", "one or two channels"),
        ('"both-calves"', '"' + "x" * 33 + '"', "kName is too long"),
        ("kGain = 1100;", "kGain = 1;", "does not fit an EDF header"),
    ],
    ids=["time", "channels", "name", "scale"],
)
def test_a_config_that_cannot_work_does_not_build(
    wrong: str, right: str, complaint: str, tmp_path: Path
) -> None:
    text = (DEVICE / "simulation" / "two_channels.h").read_text()
    assert wrong in text
    config = tmp_path / "config.h"
    text = text.replace(wrong, right).replace("../crampwatch_sensor", str(DEVICE / "crampwatch_sensor"))
    config.write_text(text)
    sketch = BUILD / "wrong" / "crampwatch_sensor.ino.o"
    command = ["make", "-C", str(DEVICE), f"BUILD={BUILD}", "NAME=wrong", f"CONFIG={config}", str(sketch)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode != 0
    assert complaint in made.stderr


def test_what_is_built_is_reproducible(firmware_elf: Path) -> None:
    first = firmware_elf.with_suffix(".hex").read_bytes()
    build("firmware", "NAME=again")
    assert (BUILD / "again.hex").read_bytes() == first
