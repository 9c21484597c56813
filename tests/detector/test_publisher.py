"""A monitor's voice over real brokers: what a late listener finds, and how events travel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from crampwatch.broker import PrivateBroker
from detector import publisher
from detector.messages import schema
from detector.outbox import Outbox
from detector.publisher import Publisher
from detector.topics import parse_topic
from detector.types import Levels, SignalQuality
from firmware_bridge.clock import Clock
from tests.detector.mqtt_world import BEGAN, STATE, STREAM, TOPICS, Ear, NightLog, contraction, turn, until

pytestmark = pytest.mark.usefixtures("eager")


LEVELS = Levels(0, 25, np.full((10, 1), 12, np.float32), np.full(1, 4, np.float32), movement_mg=3.0)


@pytest.fixture(params=[pytest.param("mosquitto", marks=pytest.mark.broker), "embedded"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PrivateBroker]:
    with PrivateBroker(tmp_path / "broker", prefer=request.param) as running:
        yield running


def test_a_late_listener_finds_how_things_stand(broker: PrivateBroker, voice: Publisher) -> None:
    turn(voice)
    found: dict[str, bytes] = {}

    def listen() -> bool:
        with Ear(broker.address) as ear:
            until(lambda: len(ear.heard) >= 2, patience_s=1)
            found.update({topic: payload for topic, payload, retained in ear.heard if retained})
        return len(found) >= 2

    assert until(listen)
    assert found[TOPICS.availability] == b"online"
    assert json.loads(found[TOPICS.state]) == STATE.to_message(BEGAN) | _times(found[TOPICS.state])
    assert set(found) == {TOPICS.availability, TOPICS.state}


def _times(payload: bytes) -> dict[str, str]:
    message = json.loads(payload)
    return {key: message[key] for key in ("at", "valid_until")}


def test_everything_said_is_under_the_sensors_branch_and_what_its_schema_says(
    broker: PrivateBroker, voice: Publisher
) -> None:
    with Ear(broker.address) as ear:
        turn(voice)
        voice.levels(LEVELS, [SignalQuality(0, 1000, 0, (), 3.0, 0.1)], STREAM)
        voice.event(contraction(), STREAM)
        said = {TOPICS.state, TOPICS.heartbeat, TOPICS.levels, TOPICS.event}
        assert until(lambda: said <= {topic for topic, _, _ in ear.heard}, turn=lambda: turn(voice))
    for topic, payload, retained in ear.heard:
        topics, name = parse_topic(topic)
        assert topics == TOPICS
        if name not in {"availability", "wave"}:
            jsonschema.Draft202012Validator(schema(name)).validate(json.loads(payload))
        assert not (retained and name in {"event", "levels", "heartbeat"})


def test_events_go_once_in_order_and_leave_the_outbox_with_the_mark(
    broker: PrivateBroker, voice: Publisher, outbox: Outbox
) -> None:
    with NightLog(broker.address) as log:
        for number in range(30):
            voice.event(contraction(number), STREAM)
        assert until(lambda: outbox.waiting == 0, turn=voice.pump)
        heard = log.messages(TOPICS.event)
    assert [message["seq"] for message in heard] == list(range(1, 31))
    assert [message["onset_index"] for message in heard] == [1000 * number for number in range(30)]
    assert log.mark == 30


def test_state_is_said_when_it_changes_and_not_when_only_totals_do(
    broker: PrivateBroker, voice: Publisher
) -> None:
    with Ear(broker.address, TOPICS.state) as ear:
        for monitored_s in range(50):
            voice.publish_state(
                replace(STATE, monitored_s=float(monitored_s), counters={"gaps": monitored_s})
            )
            voice.pump()
        voice.publish_state(replace(STATE, contact="poor"))
        assert until(
            lambda: ear.messages(TOPICS.state)[-1:] and ear.messages(TOPICS.state)[-1]["contact"] == "poor"
        )
    assert [message["contact"] for message in ear.messages(TOPICS.state)] == ["unknown", "poor"]


def test_state_and_heartbeat_come_again_by_themselves(
    broker: PrivateBroker, voice: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "STATE_EVERY_S", 0.05)
    monkeypatch.setattr(publisher, "HEARTBEAT_EVERY_S", 0.05)
    with Ear(broker.address) as ear:
        assert until(lambda: len(ear.messages(TOPICS.state)) >= 3, turn=lambda: turn(voice))
        assert until(lambda: len(ear.messages(TOPICS.heartbeat)) >= 3, turn=lambda: turn(voice))
    beats = [beat["sequence"] for beat in ear.messages(TOPICS.heartbeat)]
    assert beats == list(range(beats[0], beats[0] + len(beats)))


def test_an_accelerated_night_stays_true_for_as_long_in_life(broker: PrivateBroker, outbox: Outbox) -> None:
    with (
        Ear(broker.address) as ear,
        Publisher(broker.address, TOPICS, outbox, Clock(60), boot_id="b") as voice,
    ):
        assert until(lambda: ear.messages(TOPICS.heartbeat), turn=lambda: turn(voice))
    (beat, *_) = ear.messages(TOPICS.heartbeat)
    lasts = datetime.fromisoformat(beat["valid_until"]) - datetime.fromisoformat(beat["at"])
    assert lasts.total_seconds() == 600


def test_leaving_says_offline_and_keeps_what_waits(broker: PrivateBroker, outbox: Outbox) -> None:
    with Ear(broker.address, TOPICS.availability) as ear:
        with Publisher(broker.address, TOPICS, outbox, Clock(), boot_id="b") as voice:
            assert until(lambda: voice.connected, turn=voice.pump)
            voice.event(contraction(), STREAM)
        assert until(lambda: ear.payloads(TOPICS.availability)[-1:] == [b"offline"])
    assert outbox.waiting == 1
