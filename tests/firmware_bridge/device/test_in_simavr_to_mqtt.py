"""From the ADC's pins to MQTT: a cramp through the very firmware is a message that a subscriber gets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from crampwatch.broker import PrivateBroker
from detector.messages import schema
from detector.monitor import Monitor, Wishes
from detector.mqtt_link import MqttLink
from detector.topics import every_sensor
from firmware_bridge.clock import Clock
from firmware_bridge.samples import Scale
from firmware_bridge.sources import open_source
from models.synthesis import simulate_event
from tests.firmware_bridge.device.simavr_board import SimavrBoard
from tests.firmware_bridge.device.stimulus import signals_of, through_converter

pytestmark = [pytest.mark.firmware, pytest.mark.broker, pytest.mark.slow]

# Simulated seconds a second, of the chip and of the host's clock alike.
SPEED = 4.0
# What config.h says: 5 V, a gain of 200, four conversions.
EMG_SCALE = Scale(0, 4092, -12500.0, 12475.6, "uV")
ACC_SCALE = Scale(-2048, 2047, -4.096, 4.094, "g")
PATIENCE_S = 60.0


def test_a_cramp_on_the_pins_is_an_event_over_mqtt(
    start_board: Callable[..., SimavrBoard], firmware_elf: Path, tmp_path: Path
) -> None:
    uv, g = signals_of(simulate_event("cramp", 20.0, seed=4, rest_s=(25.0, 5.0)).items())
    # A strong one: this converter's step is 6 µV.
    counts = through_converter(uv[:, :1] * 3, EMG_SCALE)
    clock, stop = Clock(rate=SPEED), threading.Event()
    heard: list[dict[str, Any]] = []
    board = start_board(firmware_elf, emg=counts, acceleration=through_converter(g, ACC_SCALE), speed=SPEED)
    with PrivateBroker(tmp_path / "broker") as broker:
        carer = MqttLink(broker.address, "carer", [(every_sensor("event"), 1)])
        carer.start()
        source = open_source(f"serial:{board.port}?id=left-calf", clock=clock)
        monitor = Monitor(
            lambda: source, broker.address, Wishes(tmp_path / "nights", tmp_path / "outbox"), clock
        )
        watching = threading.Thread(target=monitor.run, args=(stop,))
        watching.start()
        try:
            deadline_s = time.monotonic() + PATIENCE_S
            while not any(event["alert"] == "cramp" for event in heard):
                assert time.monotonic() < deadline_s, heard
                heard += [json.loads(message.payload) for message in carer.take_received()]
                time.sleep(0.05)
        finally:
            stop.set()
            watching.join(PATIENCE_S)
            carer.close()
    cramp = next(event for event in heard if event["alert"] == "cramp")
    jsonschema.validate(cramp, schema("event"))
    assert cramp["sensor"] == "left-calf"
    assert abs(cramp["onset_index"] / 1000 - 25.0) < 3.0
