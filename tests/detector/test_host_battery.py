"""The computer's own battery, as Linux shows it in a folder of small files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.alarms.values import Priority
from detector.host_battery import LOOK_EVERY_S, HostBattery, discharging_percent


def supply(folder: Path, name: str, **says: str) -> None:
    (folder / name).mkdir(exist_ok=True)
    for word, text in says.items():
        (folder / name / word).write_text(f"{text}\n")


def battery(folder: Path, percent: int, status: str = "Discharging", name: str = "BAT0") -> None:
    supply(folder, name, type="Battery", status=status, capacity=str(percent))


@pytest.mark.parametrize(
    ("percent", "priority"), [(100, None), (21, None), (20, "low"), (9, "low"), (8, "medium"), (0, "medium")]
)
def test_an_emptying_battery_is_low_then_medium(
    tmp_path: Path, percent: int, priority: Priority | None
) -> None:
    battery(tmp_path, percent)
    seen = HostBattery(tmp_path).observed(0.0)
    assert (seen.priority if seen else None) == priority
    assert seen is None or f"at {percent} %" in seen.text


@pytest.mark.parametrize("status", ["Charging", "Full", "Not charging"])
def test_what_is_plugged_in_is_no_trouble_however_empty(tmp_path: Path, status: str) -> None:
    battery(tmp_path, 3, status)
    assert HostBattery(tmp_path).observed(0.0) is None


def test_it_is_over_only_well_above_the_limit_or_when_plugged_in(tmp_path: Path) -> None:
    host = HostBattery(tmp_path)
    for number, (percent, standing) in enumerate([(20, True), (23, True), (24, False), (20, True)]):
        battery(tmp_path, percent)
        assert (host.observed(number * LOOK_EVERY_S) is not None) is standing
    battery(tmp_path, 20, "Charging")
    assert host.observed(10 * LOOK_EVERY_S) is None


def test_it_is_asked_no_more_often_than_needed(tmp_path: Path) -> None:
    host = HostBattery(tmp_path)
    assert host.observed(0.0) is None
    battery(tmp_path, 5)
    assert host.observed(LOOK_EVERY_S - 1) is None
    assert host.observed(LOOK_EVERY_S) is not None


def test_a_mouse_and_the_mains_are_no_batteries_of_the_computer(tmp_path: Path) -> None:
    supply(tmp_path, "hidpp_battery_0", type="Battery", scope="Device", status="Discharging", capacity="2")
    supply(tmp_path, "AC", type="Mains", online="1")
    assert discharging_percent(tmp_path) is None
    battery(tmp_path, 10, name="BAT0")
    battery(tmp_path, 50, "Full", name="BAT1")
    assert discharging_percent(tmp_path) == 30


def test_a_computer_without_a_battery_has_none(tmp_path: Path) -> None:
    assert discharging_percent(tmp_path) is None
    assert discharging_percent(tmp_path / "nowhere") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(capacity=st.text(max_size=6), status=st.sampled_from(["Discharging", "", "?"]))
def test_whatever_the_system_shows_it_is_a_percentage_or_nothing(
    tmp_path: Path, capacity: str, status: str
) -> None:
    supply(tmp_path, "BAT0", type="Battery", status=status)
    (tmp_path / "BAT0" / "capacity").write_bytes(capacity.encode(errors="surrogatepass"))
    percent = discharging_percent(tmp_path)
    assert percent is None or 0 <= percent <= 100
