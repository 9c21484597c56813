"""How long an alarm takes from the verdict to a subscriber, beside bare paho over the same broker.

Ours: event and alarm built, stored durably in one transaction, both sent with QoS 1, the alarm received. Bare:
the same bytes sent with QoS 1, received.
Both are taken in turns, so that both meet the same moments of the machine.

Run it: ``.venv/bin/python tests/benchmarks/bench_mqtt_latency.py [ALARMS]``. It prints figures and judges nothing.
"""

from __future__ import annotations

import queue
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from crampwatch.broker import PrivateBroker
from detector.alarms.values import AlarmChange, Moment, Occurrence
from detector.broker_address import BrokerAddress
from detector.outbox import Outbox
from detector.publisher import Publisher
from firmware_bridge.clock import Clock
from tests.detector.mqtt_world import BEGAN, STREAM, TOPICS, contraction, mark_payload, until

ALARMS = 500
BARE_TOPIC = "bare"
MS = 1000.0
# As long as it may take a broker to hand over one message before the measurement is given up, s.
GIVE_UP_S = 10.0


class Subscriber:
    """Notes when each message came."""

    def __init__(self, broker: BrokerAddress) -> None:
        self.arrivals: queue.Queue[tuple[str, float, bytes]] = queue.Queue()
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv311)
        self.client.username_pw_set(broker.username, broker.password)
        self.client.on_message = lambda _client, _userdata, message: self.arrivals.put(
            (message.topic, time.perf_counter(), bytes(message.payload))
        )
        self.client.connect(broker.host, broker.port)
        self.client.subscribe([(TOPICS.alarm, 1), (BARE_TOPIC, 1)])
        self.client.loop_start()

    def wait(self, topic: str) -> tuple[float, bytes]:
        """Return when the next message on ``topic`` came, and what it was."""
        while True:
            came_on, at_s, payload = self.arrivals.get(timeout=GIVE_UP_S)
            if came_on == topic:
                return at_s, payload


def raised(number: int) -> AlarmChange:
    """Return the alarm of a cramp."""
    now = Moment(float(number), BEGAN)
    alarm = Occurrence(
        id=f"left-calf.{number}",
        code="CRAMP",
        key="left-calf",
        sensor="left-calf",
        priority="medium",
        stage="active",
        revision=0,
        began=now,
        since=now,
        raised=now,
        event_id=contraction(number).id,
        site="left-calf",
        text="Left calf tight for 0:09, leg still.",
    )
    return AlarmChange(alarm, "pending", "active", "delay over", "engine", now)


def measure(kind: str, alarms: int, folder: Path) -> None:
    """Print the latency over one broker."""
    ours, bare, stored = [], [], []
    with (
        PrivateBroker(folder / kind, prefer=kind) as broker,
        Outbox(folder / f"{kind}.sqlite") as outbox,
        Publisher(broker.address, TOPICS, outbox, Clock(), boot_id="bench") as voice,
    ):
        subscriber = Subscriber(broker.address)
        sender = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv311)
        sender.username_pw_set(broker.address.username, broker.address.password)
        sender.connect(broker.address.host, broker.address.port)
        sender.loop_start()
        until(lambda: voice.connected, turn=voice.pump)
        voice.pump()
        for number in range(alarms):
            began_s = time.perf_counter()
            voice.commit([(contraction(number), STREAM)], [raised(number)])
            stored.append(time.perf_counter() - began_s)
            at_s, payload = subscriber.wait(TOPICS.alarm)
            ours.append(at_s - began_s)
            sender.publish(TOPICS.logged, mark_payload(outbox.id, 2 * number + 2), 1)
            began_s = time.perf_counter()
            sender.publish(BARE_TOPIC, payload, 1)
            bare.append(subscriber.wait(BARE_TOPIC)[0] - began_s)
            voice.pump()
        for client in (subscriber.client, sender):
            client.disconnect()
            client.loop_stop()
    report(kind, "run loop held for", stored)
    report(kind, "verdict to subscriber", ours)
    report(kind, "bare paho", bare)
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"{kind:<10} verdict to subscriber / bare paho, medians: {ratio:.2f}")


def report(kind: str, what: str, durations_s: list[float]) -> None:
    """Print percentiles."""
    ordered = sorted(durations_s)
    p50, p95, p99 = (ordered[int(share * (len(ordered) - 1))] * MS for share in (0.5, 0.95, 0.99))
    worst = ordered[-1] * MS
    print(f"{kind:<10} {what:<24} p50 {p50:6.2f}  p95 {p95:6.2f}  p99 {p99:6.2f}  max {worst:6.2f} ms")


def main() -> None:
    """Measure both brokers."""
    alarms = int(sys.argv[1]) if len(sys.argv) > 1 else ALARMS
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("mosquitto", "embedded"):
            measure(kind, alarms, Path(folder))


if __name__ == "__main__":
    main()
