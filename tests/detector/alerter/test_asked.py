"""What people ask of the alerter over a real broker: a test of every path, and whatever it will not do is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crampwatch.broker import PrivateBroker
from detector.commands import Command, command_message
from detector.messages import encode
from detector.topics import Topics
from firmware_bridge.clock import Clock
from tests.detector.alerter.services import PushServer, serving, until
from tests.detector.alerter.world import SENSOR, Home, alerting, write_household
from tests.detector.mqtt_world import Ear


@pytest.fixture
def anna() -> Iterator[PushServer]:
    with serving(PushServer()) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, anna: PushServer) -> Iterator[Home]:
    with PrivateBroker(tmp_path / "broker", prefer="embedded") as running:
        write_household(tmp_path, {"Anna": [anna.url]})
        yield Home(tmp_path, running.address)


def ask(ear: Ear, clock: Clock, name: Any, sensor: str, **keys: Any) -> None:
    command = Command(f"{name}-{sensor}", "dashboard", name, sensor, "Kim", clock.wall(), **keys)
    ear.client.publish(command.topic, encode(command_message(command)), 1).wait_for_publish(10)


def receipts(ear: Ear, **keys: Any) -> list[dict[str, Any]]:
    told = [one for sensor in ("alerter", SENSOR) for one in ear.messages(Topics(sensor).receipt)]
    return [one for one in told if all(one[key] == value for key, value in keys.items())]


@pytest.mark.parametrize("sensor", ["alerter", SENSOR])
def test_a_test_that_somebody_asks_for_chimes_calls_and_tells_how_it_went(
    home: Home, anna: PushServer, sensor: str
) -> None:
    clock = Clock()
    with Ear(home.broker) as ear, alerting(home.folder, clock, tests=True, **home.wishes):
        # The evening's own push; nobody has heard a chime, since nobody is to be woken yet.
        assert until(lambda: receipts(ear, channel="push", test=True))
        assert home.heard == []
        ask(ear, clock, "test", sensor)
        assert until(lambda: receipts(ear, channel="sound", test=True))
        assert until(lambda: len(anna.received) == 2)
        assert until(lambda: receipts(ear, outcome="answered"))
    assert home.heard == ["test-louder.wav"]
    [done] = receipts(ear, outcome="answered")
    assert (done["person"], done["sensor"], done["text"]) == ("Kim", sensor, "test")


def test_a_demonstration_calls_nobody_and_says_so(home: Home, anna: PushServer) -> None:
    clock = Clock()
    with Ear(home.broker) as ear, alerting(home.folder, clock, **home.wishes):
        assert until(lambda: bool(ear) and _asked_until_told(ear, clock))
    assert {one["text"].partition(":")[0] for one in receipts(ear, outcome="refused")} == {"test"}
    assert anna.received == []


def _asked_until_told(ear: Ear, clock: Clock) -> bool:
    """Ask again until the alerter has subscribed; one that is asked twice answers once."""
    ask(ear, clock, "test", "alerter")
    return bool(receipts(ear, outcome="refused"))


def test_what_is_no_longer_possible_is_told(home: Home) -> None:
    clock = Clock()
    with Ear(home.broker) as ear, alerting(home.folder, clock, **home.wishes):
        assert until(lambda: _asked_until_told(ear, clock))
        ask(ear, clock, "ack", "alerter", occurrence_id="alerter.77")
        ask(ear, clock, "view", "alerter")
        assert until(lambda: len(receipts(ear, outcome="refused")) == 3)
    texts = " ".join(one["text"] for one in receipts(ear, outcome="refused"))
    assert "alerter.77 is over" in texts
    assert "view: is not for the alerter" in texts
