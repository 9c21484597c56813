"""Which sensors a session watches, and that no two of them can be taken for one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from crampwatch.sensors import SensorPlan, chosen_sensors
from crampwatch.settings import SensorSettings, Settings, SettingsError
from firmware_bridge.source_contract import SourceUrlError
from firmware_bridge.sources import open_source

HARDWARE = "00112233445566ff"
LEFT = SensorSettings(id="left-calf", hardware=HARDWARE)
RIGHT = SensorSettings(source="socket://10.0.0.7:3333", id="right-calf", hardware="ff" * 8)
SETTINGS = Settings(sensors=(LEFT, RIGHT))


def test_without_a_word_those_of_the_settings_are_watched_and_pinned() -> None:
    left, right = chosen_sensors(SETTINGS)
    assert left == SensorPlan(f"serial:auto?id=left-calf&hardware={HARDWARE}", "left-calf")
    assert right.source == "socket://10.0.0.7:3333?id=right-calf&hardware=" + "ff" * 8
    assert left.is_paired
    assert right.is_paired
    for sensor in (left, right):
        open_source(sensor.source).close()


def test_one_of_them_may_be_chosen_and_found_at_another_address() -> None:
    assert [sensor.sensor_id for sensor in chosen_sensors(SETTINGS, names=["right-calf"])] == ["right-calf"]
    [moved] = chosen_sensors(SETTINGS, ["serial:/dev/ttyUSB3?baud=9600"], ["left-calf"])
    assert moved.source == f"serial:/dev/ttyUSB3?baud=9600&id=left-calf&hardware={HARDWARE}"


def test_addresses_of_the_command_line_stand_for_themselves() -> None:
    sensors = chosen_sensors(SETTINGS, ["serial:/dev/a?id=left-calf", "lsl:Calf", "replay:night.edf"])
    assert [sensor.sensor_id for sensor in sensors] == ["left-calf", "", ""]
    assert [sensor.is_paired for sensor in sensors] == [False, True, True]
    assert [sensor.is_live for sensor in sensors] == [True, True, False]


@pytest.mark.parametrize(
    ("sources", "names", "expected"),
    [
        (["serial:/dev/a", "serial:/dev/a?baud=9600"], [], "expected an address for each"),
        (["serial:/dev/a?id=x", "serial:/dev/b?id=x"], [], "expected an id for each, got x more than once"),
        (["socket://a:1", "socket://a:1"], [], "expected an address for each"),
        (["replay:a.edf", "replay:a.edf"], [], "expected an address for each"),
        ([], ["arm"], "expected one of left-calf, right-calf, got 'arm'; `crampwatch pair` adds one"),
        ([], ["left-calf", "left-calf"], "expected an id for each"),
        (["serial:/dev/a", "serial:/dev/b"], ["left-calf"], "a --sensor for every --source, got 1 for 2"),
        (["serial:/dev/a?id=arm"], ["left-calf"], "expected id left-calf, got arm"),
        (["replay:a.edf"], ["left-calf"], "expected no id and no hardware, since only a live sensor"),
        ([f"serial:/dev/{n}" for n in range(17)], [], "at most 16 sensors, got 17"),
    ],
)
def test_sensors_that_cannot_be_told_apart_are_refused(
    sources: list[str], names: list[str], expected: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        chosen_sensors(SETTINGS, sources, names)
    assert expected in str(caught.value)


def test_two_names_of_one_port_are_one_place(tmp_path: Path) -> None:
    (tmp_path / "by-id").symlink_to(tmp_path / "ttyUSB0")
    with pytest.raises(SettingsError, match="expected an address for each"):
        chosen_sensors(SETTINGS, [f"serial:{tmp_path}/by-id", f"serial:{tmp_path}/ttyUSB0"])


def test_several_may_be_looked_for_at_once() -> None:
    assert len(chosen_sensors(SETTINGS, ["serial:auto", "serial:auto"])) == 2


@pytest.mark.parametrize("source", ["/dev/ttyUSB0", "", "serial:/dev/a?id"])
def test_what_is_no_address_is_refused(source: str) -> None:
    with pytest.raises(SourceUrlError):
        chosen_sensors(SETTINGS, [source])
