"""What a poorer sensor cannot show is said in the reason of what it found."""

from dataclasses import replace

import pytest

from firmware_bridge.samples import Scale, SensorInfo
from tests.detector.signals import Scene, found, only, sensor

CRAMP = Scene(70.0, amplitude_uv=[(20.0, 50.0, 60.0)])
TEN_BIT = Scale(0, 1023, -2500.0, 2500.0, "uV")


@pytest.mark.parametrize(
    ("info", "words"),
    [
        (sensor(500.0, 50.0), "leg still (degraded; 500 Hz: no high band)"),
        (sensor(250.0, 25.0), "leg still (degraded; 250 Hz: no high band)"),
        (sensor(scale=TEN_BIT), "leg still (degraded; coarse converter: judged by ratios)"),
        (sensor(acc_hz=0.0), "movement unknown, no accelerometer"),
        (sensor(), "leg still"),
    ],
    ids=["500 Hz", "250 Hz", "10 bit", "EMG only", "all"],
)
def test_a_cramp_is_found_and_its_reason_says_what_the_sensor_lacks(info: SensorInfo, words: str) -> None:
    event = only(found(replace(CRAMP, info=info)), "tonic")
    assert event.alert == "cramp"
    assert event.reason.endswith(f", {words}")
