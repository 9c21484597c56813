"""Boards are called by their names, and a sensor that has said its name is known by it until the session ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from crampwatch.introduced import IntroducedSource, Introductions
from firmware_bridge.samples import LinkState, SampleBlock
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.source_contract import NotASensorError
from firmware_bridge.sources import open_source
from tests.firmware_bridge.live_reading import read_until
from tests.firmware_bridge.wire_streams import block, sensor

LEFT, RIGHT = sensor(hardware_id="1" * 16), sensor(sensor_id="right-calf", hardware_id="2" * 16)
NAMES = {"1" * 16: "left-calf", "2" * 16: "right-calf"}


def test_a_board_in_anothers_place_is_called_by_its_name() -> None:
    noted: list[str] = []
    with SimulatedBoard([block(RIGHT, 0, 1000)], RIGHT) as board:
        plain = open_source(f"serial:{board.port}?hardware={LEFT.hardware_id}")
        with IntroducedSource(plain, NAMES, noted.append) as source, pytest.raises(NotASensorError) as caught:
            source.open()
    assert (
        "expected the sensor of hardware 1111111111111111 (left-calf), got 2222222222222222 (right-calf)"
        in str(caught.value)
    )
    assert noted == []


def test_one_swapped_in_the_middle_of_the_night_is_not_believed(tmp_path: Path) -> None:
    link = tmp_path / "sensor"
    noted: list[str] = []
    right = SimulatedBoard([block(RIGHT, 0, 60_000)], RIGHT, link=link)
    with SimulatedBoard([block(LEFT, 0, 60_000)], LEFT, link=link) as left:
        plain = open_source(f"serial:{link}")
        with IntroducedSource(plain, NAMES, noted.append) as source:
            source.open()
            read_until(source, lambda items: any(isinstance(item, SampleBlock) for item in items))
            left.close()
            with right:
                items = read_until(
                    source, lambda items: sum(isinstance(item, LinkState) for item in items) >= 1
                )
                read_until(source, lambda _: source.counters["strangers"] > 0)
    assert noted == ["left-calf"]
    assert not any(item.up for item in items if isinstance(item, LinkState))


def test_what_a_sensor_called_itself_is_kept_until_the_next_session(tmp_path: Path) -> None:
    introductions = Introductions(tmp_path)
    assert introductions.of(0) == ""
    introductions.note(0, "left-calf")
    introductions.note(1, "arm")
    assert (Introductions(tmp_path).of(0), introductions.of(1), introductions.of(2)) == (
        "left-calf",
        "arm",
        "",
    )
    Introductions(tmp_path / "absent").note(0, "left-calf")
    introductions.forget()
    assert introductions.of(0) == ""
    assert list(tmp_path.iterdir()) == []
