"""What the MQTT tests share: examples of what flows, and an ear on the broker that is not our own code."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from detector.broker_address import BrokerAddress
from detector.messages import LoggedMark, Stream, encode, logged_message
from detector.monitor_state import MonitorState
from detector.publisher import Publisher
from detector.topics import Topics
from detector.types import Contraction
from firmware_bridge.samples import Scale, SensorInfo

TOPICS = Topics("left-calf")
BEGAN = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
INFO = SensorInfo(
    sensor_id="left-calf",
    emg_rate_hz=1000.0,
    acc_rate_hz=100.0,
    sites=("left-calf",),
    emg_scales=(Scale(-2048, 2047, -1000.0, 1000.0, "uV"),),
    acc_scale=None,
)
STREAM = Stream(INFO, "left-calf-20260301", lambda index: BEGAN + timedelta(seconds=index / INFO.emg_rate_hz))
STATE = MonitorState("left-calf", "b00t", BEGAN, system="armed")


def turn(voice: Publisher) -> None:
    """Take one turn of the run loop."""
    voice.heartbeat(40)
    voice.publish_state(STATE)
    voice.pump()


def contraction(number: int = 0, **changes: object) -> Contraction:
    """Make a cramp that began ``number`` seconds into the recording."""
    onset = 1000 * number
    values: dict[str, Any] = {
        "id": f"left-calf-20260301.{onset}",
        "revision": 0,
        "phase": "started",
        "kind": "tonic",
        "alert": "cramp",
        "channel": 0,
        "site": "left-calf",
        "onset_index": onset,
        "decided_index": onset + 8000,
        "duration_s": 8.0,
        "reason": "calf tight 8 s, 6 x resting level, leg still",
        "model": "rules-1",
        "confidence": 0.93,
    }
    return Contraction(**values | changes)


def until(
    condition: Callable[[], object], *, turn: Callable[[], object] = lambda: None, patience_s: float = 20.0
) -> bool:
    """Wait until the condition holds, taking a turn of the run loop in between; tell whether it ever did."""
    end_s = time.monotonic() + patience_s
    while time.monotonic() < end_s:
        turn()
        if condition():
            return True
        time.sleep(0.01)
    return False


class Ear:
    """A subscriber of everything, by paho alone; as a context manager."""

    def __init__(self, broker: BrokerAddress, topic: str = "#") -> None:
        self._topic = topic
        self.heard: list[tuple[str, bytes, bool]] = []
        self._ready = threading.Event()
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv311)
        self.client.username_pw_set(broker.username, broker.password)
        self.client.on_connect = self._ask
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = self._hear
        # paho takes fractions of a second, whatever its annotations say.
        self.client.reconnect_delay_set(0.1, 0.1)  # type: ignore[arg-type]
        self.client.connect_async(broker.host, broker.port, 5)

    def _ask(self, client: Client, *_arguments: object) -> None:
        client.subscribe(self._topic, 1)

    def _hear(self, _client: object, _userdata: object, message: MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload), message.retain))

    def payloads(self, topic: str) -> list[bytes]:
        return [payload for heard, payload, _ in self.heard if heard == topic]

    def messages(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(payload) for payload in self.payloads(topic)]

    def __enter__(self) -> Self:
        self.client.loop_start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class NightLog(Ear):
    """An ear that answers each event with a mark, as the night log does after its commit."""

    def __init__(self, broker: BrokerAddress) -> None:
        super().__init__(broker, TOPICS.event)
        self.mark = 0

    def _hear(self, _client: object, _userdata: object, message: MQTTMessage) -> None:
        super()._hear(_client, _userdata, message)
        event = json.loads(message.payload)
        if event["after"] <= self.mark < event["seq"]:
            self.mark = event["seq"]
        self.client.publish(TOPICS.logged, mark_payload(event["outbox"], self.mark), 1, retain=True)


def mark_payload(outbox: str, seq: int) -> bytes:
    return encode(logged_message(TOPICS.sensor_id, LoggedMark(outbox, seq), at=BEGAN))
