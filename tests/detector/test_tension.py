"""Rises of tension: logged where the leg is still, never alerted, and ended by a cramp."""

from dataclasses import replace

import pytest

from firmware_bridge.samples import SensorInfo
from tests.detector.signals import Scene, found, only, sensor

RISE = Scene(90.0, amplitude_uv=[(30.0, 60.0, 9.0)])


def kinds(scene: Scene) -> set[str]:
    return {event.kind for event in found(scene)}


@pytest.mark.parametrize(
    "info", [sensor(), sensor(500.0, 50.0), sensor(acc_hz=0.0)], ids=["1k", "500", "no acc"]
)
def test_twice_the_rest_for_ten_seconds_is_a_rise_without_alert(info: SensorInfo) -> None:
    event = only(found(replace(RISE, info=info)), "tension_rise")
    assert event.alert == "none"
    assert event.phase == "ended"
    rate_hz = replace(RISE, info=info).info.emg_rate_hz
    assert event.onset_index / rate_hz == pytest.approx(30.0, abs=1.5)
    assert event.duration_s == pytest.approx(30.0, abs=3.0)
    assert 9.9 <= (event.decided_index - event.onset_index) / rate_hz <= 11.0
    assert "experimental" in event.reason


def test_a_rise_of_few_microvolts_is_seen_by_a_quiet_sensor() -> None:
    """Tens of microvolts never come before a cramp; twice 1.5 µV may."""
    scene = Scene(90.0, amplitude_uv=[(30.0, 60.0, 4.5)], rest_uv=1.5)
    assert kinds(scene) == {"tension_rise"}


@pytest.mark.parametrize(
    "scene",
    [
        replace(RISE, amplitude_uv=[(30.0, 38.0, 9.0)]),
        replace(RISE, amplitude_uv=[(30.0, 60.0, 4.5)]),
        replace(RISE, movement_mg=[(29.0, 61.0, 40.0)]),
        replace(RISE, amplitude_uv=(), bursts=[(30.0, 60.0, 12.0, 1.0, 0.4)]),
    ],
    ids=["short", "slight", "moving", "in bursts"],
)
def test_what_is_short_slight_moving_or_in_bursts_is_none(scene: Scene) -> None:
    assert "tension_rise" not in kinds(scene)


def test_a_cramp_ends_the_rise_that_led_to_it() -> None:
    scene = Scene(110.0, amplitude_uv=[(30.0, 60.0, 9.0), (60.0, 85.0, 70.0)])
    events = found(scene)
    rise, cramp = only(events, "tension_rise"), only(events, "tonic")
    assert cramp.alert == "cramp"
    assert rise.offset_index is not None
    assert rise.offset_index / 1000.0 == pytest.approx(60.0, abs=2.5)
    assert rise.decided_index < cramp.decided_index
