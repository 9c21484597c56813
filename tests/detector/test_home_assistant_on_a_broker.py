"""A sensor in Home Assistant over real brokers: found, found again, forgotten; and its button ends an alarm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crampwatch.broker import PrivateBroker
from detector import announcement, mqtt_link
from detector.announcement import Announcement
from detector.commands import Command, command_message
from detector.home_assistant import discovery_message
from detector.messages import encode
from detector.monitor_state import MonitorState
from detector.outbox import Outbox
from detector.publisher import Publisher
from detector.topics import HOME_ASSISTANT_STATUS, home_assistant_topic
from firmware_bridge.clock import Clock
from tests.detector import mqtt_world, night_watch
from tests.detector.home_assistant_world import House
from tests.detector.mqtt_world import BEGAN, Ear, until
from tests.detector.night_watch import CRAMP, night
from tests.detector.played import seconds

TOPIC = home_assistant_topic("crampwatch_left-calf")
STATE = MonitorState("left-calf", "b00t", BEGAN)


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_link, "_RECONNECT_S", (0.1, 0.1))
    monkeypatch.setattr(announcement, "_AT_MOST_EVERY_S", 0.2)


@pytest.fixture(params=[pytest.param("mosquitto", marks=pytest.mark.broker), "embedded"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PrivateBroker]:
    with PrivateBroker(tmp_path / "broker", prefer=request.param) as running:
        yield running


def voice(broker: PrivateBroker, outbox: Outbox, *, is_shown: bool) -> Publisher:
    shown = Announcement("left-calf", is_shown=is_shown)
    return Publisher(broker.address, mqtt_world.TOPICS, outbox, Clock(), boot_id="b00t", announcement=shown)


def kept(broker: PrivateBroker) -> list[bytes]:
    """Return what somebody who subscribes now finds under the topic."""
    with Ear(broker.address, TOPIC) as ear:
        until(lambda: ear.heard, patience_s=0.5)
        return [payload for _, payload, retained in ear.heard if retained]


def test_home_assistant_finds_a_sensor_finds_it_again_and_forgets_it(
    broker: PrivateBroker, tmp_path: Path
) -> None:
    described = encode(discovery_message("left-calf", version=_version()))
    with Outbox(tmp_path / "outbox.sqlite") as outbox:
        with voice(broker, outbox, is_shown=True) as speaking, Ear(broker.address, TOPIC) as ear:

            def turn() -> None:
                speaking.publish_state(STATE)
                speaking.pump()

            assert until(lambda: ear.payloads(TOPIC) == [described], turn=turn)
            assert kept(broker) == [described]
            for payload in (b"offline", b"\xff", b""):
                ear.client.publish(HOME_ASSISTANT_STATUS, payload, 1)
            ear.client.publish(HOME_ASSISTANT_STATUS, b"online", 1).wait_for_publish(10)
            assert until(lambda: len(ear.payloads(TOPIC)) == 2, turn=turn)
            # It has said so once, and is told once.
            assert not until(lambda: len(ear.payloads(TOPIC)) > 2, turn=turn, patience_s=0.5)
        with voice(broker, outbox, is_shown=False) as speaking:
            assert until(lambda: speaking.connected)
            assert until(lambda: not kept(broker), turn=speaking.pump)


def test_whoever_says_again_and_again_that_it_has_started_is_told_seldom(
    broker: PrivateBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcement, "_AT_MOST_EVERY_S", 600.0)
    with (
        Outbox(tmp_path / "outbox.sqlite") as outbox,
        voice(broker, outbox, is_shown=True) as speaking,
        Ear(broker.address, TOPIC) as ear,
    ):
        for _ in range(50):
            ear.client.publish(HOME_ASSISTANT_STATUS, b"online", 1).wait_for_publish(10)
            speaking.pump()
        assert not until(lambda: len(ear.heard) > 1, turn=speaking.pump, patience_s=0.5)


def test_the_button_in_home_assistant_ends_a_cramps_alarm_and_a_late_press_ends_nothing(
    broker: PrivateBroker, tmp_path: Path
) -> None:
    topics = night_watch.TOPICS
    with (
        Ear(broker.address) as ear,
        night(
            *(tmp_path, "guarded", seconds(CRAMP.block())), broker=broker.address, home_assistant=True
        ) as running,
    ):
        found = home_assistant_topic("crampwatch_test")
        assert until(lambda: ear.messages(found))
        house = House(ear.messages(found)[0], running.clock.wall)
        assert until(lambda: "active" in running.stages("CRAMP"))
        assert until(lambda: [one for one in states(ear) if one["alarm_code"] == "CRAMP"])
        house.hear(topics.state, ear.payloads(topics.state)[-1])
        alarm_id = house.attributes["ack"]["alarm_id"]
        ear.client.publish(*house.press("ack"), 1)
        assert until(lambda: "acked" in running.stages("CRAMP"))
        assert until(lambda: receipts(ear, "answered"))
        assert until(lambda: [one for one in states(ear) if one["alarm_answered"] is True])
        # What names an alarm that never was, or is over, is turned down with the reason.
        house.attributes["ack"]["alarm_id"] = "test.0"
        ear.client.publish(*house.press("ack"), 1)
        assert until(lambda: receipts(ear, "refused"))
    [acked] = [change for change in running.alarms("CRAMP") if change["now"] == "acked"]
    assert (acked["who"], acked["occurrence"]["id"]) == ("Home Assistant", alarm_id)
    [done], [refused] = receipts(ear, "answered"), receipts(ear, "refused")
    assert (done["person"], done["channel"], done["occurrence_id"]) == ("Home Assistant", "button", alarm_id)
    assert "is over" in refused["text"]
    assert not any(retained for topic, _, retained in ear.heard if topic == topics.receipt)


def test_who_asks_too_late_or_for_too_much_is_told_why(broker: PrivateBroker, tmp_path: Path) -> None:
    with (
        Ear(broker.address) as ear,
        night(tmp_path, "guarded", broker=broker.address, clock=Clock()) as running,
    ):
        assert until(lambda: states(ear))
        now = running.clock.wall()
        commands = [
            Command("c1", "caregiver", "standby", "test", "Kim", now, minutes=30.0),
            Command("c2", "caregiver", "ack", "test", "Kim", BEGAN, "test.1"),
            Command("c3", "dashboard", "standby", "test", "Robin", now, minutes=30.0),
        ]
        for command in commands:
            ear.client.publish(command.topic, encode(command_message(command)), 1)
        assert until(lambda: len(receipts(ear)) == 3)
    told = {one["id"].rpartition("/")[2]: (one["person"], one["outcome"]) for one in receipts(ear)}
    assert told == {"c1": ("Kim", "refused"), "c2": ("Kim", "refused"), "c3": ("Robin", "answered")}


def states(ear: Ear) -> list[dict[str, Any]]:
    return ear.messages(night_watch.TOPICS.state)


def receipts(ear: Ear, outcome: str = "") -> list[dict[str, Any]]:
    told = ear.messages(night_watch.TOPICS.receipt)
    return [one for one in told if not outcome or one["outcome"] == outcome]


def _version() -> str:
    return str(json.loads(Announcement("a", is_shown=True)._publication.payload)["origin"]["sw_version"])
