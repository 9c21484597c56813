"""Rows E6 and E7: planted and stale messages, and two monitors of one sensor."""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from crampwatch.broker import PrivateBroker
from dashboard.ingest import Ingest
from dashboard.live import Live
from dashboard.night_log import NightLog
from detector.broker_address import BrokerAddress
from detector.commands import Command, command_message
from detector.messages import encode
from detector.monitor_state import MonitorState
from detector.outbox import Outbox
from detector.publisher import Publisher
from detector.topics import Topics
from firmware_bridge.clock import Clock
from tests.conftest import find_mosquitto
from tests.dashboard.events import alarm, state
from tests.detector.mqtt_world import BEGAN, TOPICS, Ear, until
from tests.faults.conversation import KIND, PATIENCE_S
from tests.faults.row import Outcome, row

TURN_S = 0.05


def no_mosquitto() -> str:
    """Tell what is missing for rows about mosquitto's own ways."""
    return "" if find_mosquitto() else "wants mosquitto"


@row(
    "E6",
    "old state, alarm and answer planted as retained messages",
    "shown as nobody watching, 0 alarms shown or logged, 0 answers obeyed",
    pr=6,
    nightly=100,
)
def stale_messages(repetitions: int, kind: str = KIND) -> Outcome:
    shown = green = obeyed = unheard = 0
    for number in range(repetitions):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            with PrivateBroker(folder / "broker", prefer=kind) as broker:
                plant(broker.address, number)
                heard, alarms, lights = what_is_shown(broker, folder)
                unheard += not heard
                shown += alarms
                green += any(shape != "off" for shape in lights) or not lights
                obeyed += answers_obeyed(broker, folder)
    return Outcome(
        lost=unheard,
        wrong=shown + green + obeyed,
        passed=not unheard + shown + green + obeyed,
        figures=f"{repetitions} times over {kind}: {shown} alarms shown or logged, {green} lights that were not off, "
        f"{obeyed} answers obeyed",
    )


def plant(owner: BrokerAddress, number: int) -> None:
    """Leave what a broker of days ago would still hold, and what somebody may have left there."""
    at = Clock().wall() - timedelta(days=1 + number)
    answer = Command("00" * 8, "caregiver", "ack", TOPICS.sensor_id, "Anna", at, occurrence_id="left-calf.1")
    messages = {
        TOPICS.availability: b"online",
        TOPICS.state: encode(state(at)),
        TOPICS.alarm: encode(alarm(f"left-calf.{number}") | {"outbox": "old", "seq": 1, "after": 0}),
        answer.topic: encode(command_message(answer)),
    }
    with Ear(owner) as ear:
        for topic, payload in messages.items():
            ear.client.publish(topic, payload, 1, retain=True).wait_for_publish(PATIENCE_S)


def what_is_shown(broker: PrivateBroker, folder: Path) -> tuple[bool, int, list[str]]:
    """Return whether the pages heard of the sensor, and how many alarms and which lights they show."""
    log, live = NightLog(folder / "night_log.sqlite"), Live(Clock())
    ingest = Ingest(broker.address_of("night-log"), log, live, broker.address_of("dashboard"))
    ingest.start()
    try:
        heard = until(lambda: any(sensor.state for sensor in live._sensors.values()))
        until(lambda: ingest.counters.malformed, patience_s=2.0)
        standing = live.standing()
        lights = [sensor["light"]["shape"] for sensor in standing["sensors"]]
        return heard, len(standing["alarms"]) + len(log.alarms()), lights
    finally:
        ingest.close()
        log.close()


def answers_obeyed(broker: PrivateBroker, folder: Path) -> int:
    """Return how many answers a monitor that comes now would obey."""
    with (
        Outbox(folder / "outbox.sqlite") as outbox,
        Publisher(broker.address_of("monitor"), TOPICS, outbox, Clock(), boot_id="b") as voice,
    ):
        until(lambda: voice.connected, turn=voice.pump)
        obeyed = list[Command]()

        def turn() -> None:
            voice.pump()
            obeyed.extend(voice.commands())

        until(lambda: False, turn=turn, patience_s=0.3)
    return len(obeyed)


class Twin(threading.Thread):
    """One of two monitors of the same sensor."""

    def __init__(self, where: BrokerAddress, folder: Path, sensor: str, boot_id: str) -> None:
        super().__init__(daemon=True)
        self._where, self._file = where, folder / f"{sensor}-{boot_id}.sqlite"
        self._sensor, self._boot_id = sensor, boot_id
        self._over = threading.Event()
        self.told_s: float | None = None
        self.connections = 0

    def run(self) -> None:
        began_s = time.monotonic()
        now = MonitorState(self._sensor, self._boot_id, BEGAN, system="armed")
        with (
            Outbox(self._file) as outbox,
            Publisher(self._where, Topics(self._sensor), outbox, Clock(), boot_id=self._boot_id) as voice,
        ):
            while not self._over.wait(TURN_S):
                voice.publish_state(now)
                voice.pump()
                self.connections = voice.counters["connections"]
                if self.told_s is None and any(one.code == "ID_CLASH" for one in voice.conditions()):
                    self.told_s = time.monotonic() - began_s

    def end(self) -> None:
        self._over.set()
        self.join(PATIENCE_S)


# The fight may last as long as it takes to be noticed; then each minute counts.
NOTICED_S, WATCHED_S, MOST_A_MINUTE = 30.0, 30.0, 6.0


@row(
    "E7",
    "two monitors of one sensor with one client id (pairs at once)",
    "ID_CLASH told <= 30 s by one at least, then <= 6 connections a minute each",
    pr=3,
    nightly=50,
    missing=no_mosquitto,
)
def twins(repetitions: int) -> Outcome:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = stack.enter_context(PrivateBroker(folder / "broker", prefer="mosquitto"))
        where = broker.address_of("monitor")
        pairs = [
            [Twin(where, folder, f"leg-{number}", boot_id) for boot_id in ("a", "b")]
            for number in range(repetitions)
        ]
        for pair in pairs:
            for twin in pair:
                twin.start()
                stack.callback(twin.end)
        until(lambda: all(any(twin.told_s for twin in pair) for pair in pairs), patience_s=NOTICED_S)
        before = [[twin.connections for twin in pair] for pair in pairs]
        time.sleep(WATCHED_S)
        after = [[twin.connections for twin in pair] for pair in pairs]
    per_minute = [
        (later - earlier) * 60.0 / WATCHED_S
        for one, two in zip(before, after, strict=True)
        for earlier, later in zip(one, two, strict=True)
    ]
    told = [min((twin.told_s for twin in pair if twin.told_s), default=None) for pair in pairs]
    untold = sum(at is None for at in told)
    restless = sum(rate > MOST_A_MINUTE for rate in per_minute)
    return Outcome(
        lost=untold,
        wrong=restless,
        passed=not untold and not restless,
        figures=f"{repetitions} pairs; not told {untold}; connections a minute afterwards at most "
        f"{max(per_minute):.0f}",
        worst_delay_s=max((at for at in told if at is not None), default=None),
    )
