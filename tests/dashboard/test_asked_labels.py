"""Labels over MQTT: kept once, of events that there are, and nothing else that comes is believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crampwatch.broker import PrivateBroker
from dashboard.asked_labels import TOPIC, AskedLabels
from dashboard.ingest import Ingest
from dashboard.labels import Labels
from dashboard.live import Live
from dashboard.night_log import NightLog
from dashboard.night_queries import NightQueries
from detector.commands import Command, command_message
from detector.messages import encode
from detector.noon import evening_of
from detector.roles import heard_by
from firmware_bridge.clock import Clock
from tests.dashboard.events import event
from tests.detector.mqtt_world import Ear, until

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


class World:
    def __init__(self, log: NightLog) -> None:
        self.log = log
        self.labels = Labels(log.database)
        self.asked = AskedLabels(NightQueries(log.database), self.labels)
        self.event = event(1)
        log.add([self.event])

    def hear(self, number: int = 1, *, role: Any = "dashboard", retained: bool = False, **keys: Any) -> None:
        values = {"event_id": self.event["id"], "verdict": "movement", "note": "I turned over"} | keys
        sensor = values.pop("sensor", self.event["sensor"])
        at = values.pop("at", NOW)
        command = Command(f"c{number}", role, "label", sensor, "Kim", at, **values)
        self.asked.heard(command.topic, encode(command_message(command)), retained=retained, now=NOW)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    log = NightLog(tmp_path / "log.sqlite")
    yield World(log)
    log.close()


def test_a_label_is_kept_with_its_night_and_one_that_comes_twice_once(world: World) -> None:
    world.hear()
    world.hear()
    [label] = world.labels.all()
    assert (label.by, label.verdict, label.note, label.event_id) == (
        "Kim",
        "movement",
        "I turned over",
        world.event["id"],
    )
    began = datetime.fromisoformat(world.event["onset_at"]).astimezone()
    assert label.night == f"{evening_of(began)}_{world.event['sensor']}"
    assert label.revision == 0
    assert world.asked.refused == {"repeated": 1}


def test_whoever_thinks_better_of_it_says_so_again(world: World) -> None:
    world.hear(1)
    world.hear(2, verdict="cramp", note="")
    [label] = world.labels.all()
    assert (label.verdict, label.revision) == ("cramp", 1)


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"event_id": "nobody.1"}, "no such event"),
        ({"sensor": "another"}, "no such event"),
        ({"retained": True}, "retained"),
        ({"role": "caregiver"}, "role"),
        ({"at": NOW - timedelta(seconds=31)}, "late"),
    ],
)
def test_what_is_no_label_of_an_event_is_counted_and_not_kept(
    world: World, keys: dict[str, Any], why: str
) -> None:
    world.hear(**keys)
    assert world.labels.all() == []
    assert world.asked.refused == {why: 1}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=st.binary(max_size=300), topic=st.sampled_from(["a/command/dashboard/label", "#", ""]))
def test_noise_is_counted(world: World, payload: bytes, topic: str) -> None:
    before = world.asked.refused.total()
    world.asked.heard(f"crampwatch/1/{topic}", payload, retained=False, now=NOW)
    assert world.asked.refused.total() == before + 1
    assert world.labels.all() == []


def test_the_night_log_may_hear_them() -> None:
    assert TOPIC in heard_by("night-log")


def test_over_a_broker_a_label_reaches_the_log(world: World, tmp_path: Path) -> None:
    live = Live(Clock())
    with PrivateBroker(tmp_path / "broker", prefer="embedded") as broker:
        ingest = Ingest(broker.address, world.log, live)
        ingest.start()
        try:
            command = Command(
                *("c1", "dashboard", "label", world.event["sensor"], "Kim", live.clock.wall()),
                event_id=world.event["id"],
                verdict="spasm",
            )
            with Ear(broker.address) as ear:
                payload = encode(command_message(command))
                assert until(world.labels.all, turn=lambda: ear.client.publish(command.topic, payload, 1))
        finally:
            ingest.close()
    [label] = world.labels.all()
    assert (label.verdict, label.revision) == ("spasm", 0)
    assert ingest.counters.malformed == 0
