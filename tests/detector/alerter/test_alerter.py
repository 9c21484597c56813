"""The alerter from a monitor's store to a caregiver's phone: real files, real servers, a real player program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from crampwatch.broker import PrivateBroker
from detector.alarm_messages import alarm_schema
from detector.alerter import monitors
from detector.broker_address import BrokerAddress
from detector.sign_of_life import read_sign
from firmware_bridge.clock import Clock
from tests.detector.alerter.players import heard_in, recording_player
from tests.detector.alerter.services import PushServer, closed_port, serving, until
from tests.detector.alerter.world import (
    NO_BROKER,
    RATE,
    SENSOR,
    MonitorStandIn,
    alerting,
    rows,
    write_household,
)
from tests.detector.mqtt_world import Ear


@pytest.fixture
def clock() -> Clock:
    return Clock(RATE)


@pytest.fixture
def anna() -> Iterator[PushServer]:
    with serving(PushServer()) as server:
        yield server


@pytest.fixture
def bo() -> Iterator[PushServer]:
    with serving(PushServer()) as server:
        yield server


class Home:
    """A folder with a player that writes down what it was given."""

    def __init__(self, folder: Path, broker: BrokerAddress) -> None:
        self.folder = folder
        self.broker = broker
        self.heard_file = folder / "heard"
        self.wishes: dict[str, Any] = {
            "broker": broker,
            "expected": (SENSOR,),
            "player": recording_player(folder, self.heard_file),
        }

    @property
    def heard(self) -> list[str]:
        return heard_in(self.heard_file)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerAddress]:
    with PrivateBroker(tmp_path_factory.mktemp("broker"), prefer="embedded") as running:
        yield running.address


@pytest.fixture
def home(tmp_path: Path, broker: BrokerAddress) -> Home:
    return Home(tmp_path, broker)


def bodies(server: PushServer) -> list[str]:
    return [push["message"] for push in server.received]


def said(text: str, server: PushServer) -> bool:
    """Tell whether something came, however late it was."""
    return any(text in body for body in bodies(server))


def test_a_cramp_climbs_the_whole_ladder(home: Home, anna: PushServer, bo: PushServer) -> None:
    # Slower, so that the ten seconds of the cancel beep are long enough for a busy machine.
    clock = Clock(RATE / 3)
    write_household(home.folder, {"Anna": [anna.url], "Bo": [bo.url]})
    with MonitorStandIn(home.folder, clock) as monitor, alerting(home.folder, clock, **home.wishes):
        began_s = clock.mono_s()
        monitor.cramp()
        assert until(lambda: home.heard[:1] == ["medium-soft.wav"])
        assert not anna.received
        assert until(lambda: anna.received)
        assert clock.mono_s() - began_s >= 30
        assert "cancel-loud.wav" in home.heard
        assert not bo.received
        assert until(lambda: bo.received)
        assert clock.mono_s() - began_s >= 120
        assert "medium-full.wav" in home.heard
    assert said("Alarm on left-calf, answer in the app.", anna)
    assert all("tight" not in body for body in bodies(anna))
    latencies = rows(home.folder, "SELECT latency_s FROM attempt WHERE outcome = 'accepted' ORDER BY number")
    assert latencies[0][0] >= 30


def test_an_answer_stops_everything_and_the_others_are_told(
    home: Home, clock: Clock, anna: PushServer, bo: PushServer
) -> None:
    write_household(home.folder, {"Anna": [anna.url], "Bo": [bo.url]})
    with MonitorStandIn(home.folder, clock) as monitor, alerting(home.folder, clock, **home.wishes):
        monitor.cramp()
        assert until(lambda: anna.received and bo.received)
        monitor.act("going", "Bo")
        assert until(lambda: "Bo is on the way: alarm on left-calf." in bodies(anna))
        told = len(anna.received), len(bo.received), len(home.heard)
        clock.sleep(130)
        assert (len(anna.received), len(bo.received)) == told[:2]
        assert len(home.heard) <= told[2] + 1
    assert not [body for body in bodies(bo) if "way" in body]


def test_who_cannot_come_is_followed_by_the_next_at_once(
    home: Home, clock: Clock, anna: PushServer, bo: PushServer
) -> None:
    write_household(home.folder, {"Anna": [anna.url], "Bo": [bo.url]})
    with MonitorStandIn(home.folder, clock) as monitor, alerting(home.folder, clock, **home.wishes):
        began_s = clock.mono_s()
        monitor.cramp()
        assert until(lambda: anna.received)
        monitor.act("cannot", "Anna")
        assert until(lambda: bo.received)
        assert clock.mono_s() - began_s < 110


def test_a_channel_that_fails_is_followed_by_the_second_at_once(
    home: Home, clock: Clock, anna: PushServer
) -> None:
    write_household(home.folder, {"Anna": [f"json://127.0.0.1:{closed_port()}", anna.ntfy_url]})
    with MonitorStandIn(home.folder, clock) as monitor, alerting(home.folder, clock, **home.wishes):
        monitor.cramp()
        assert until(lambda: anna.received)
        tried = "SELECT channel, outcome FROM attempt ORDER BY number LIMIT 2"
        expected = [("Anna-1-json", "refused"), ("Anna-2-ntfy", "accepted")]
        assert until(lambda: rows(home.folder, tried) == expected)


def test_whom_nothing_reaches_is_followed_by_the_next_and_tried_again(
    home: Home, clock: Clock, anna: PushServer, bo: PushServer
) -> None:
    write_household(home.folder, {"Anna": [anna.url], "Bo": [bo.url]})
    anna.answers = [500, 500, 500, 200]
    with MonitorStandIn(home.folder, clock) as monitor, alerting(home.folder, clock, **home.wishes):
        began_s = clock.mono_s()
        monitor.cramp()
        assert until(lambda: bo.received)
        assert clock.mono_s() - began_s < 110
        assert until(lambda: anna.received)
    assert len({push["crampwatch_id"] for push in anna.received}) == len(anna.received)


def test_a_monitor_that_dies_is_spoken_for(home: Home, clock: Clock, anna: PushServer) -> None:
    write_household(home.folder, {"Anna": [anna.url]})
    with alerting(home.folder, clock, **home.wishes), MonitorStandIn(home.folder, clock) as monitor:
        assert until(lambda: read_sign(home.folder / "run" / "alerter.alive", clock.mono_s()))
        clock.sleep(30)
        assert home.heard == []
        monitor.die()
        assert until(lambda: "pip-soft.wav" in home.heard)
        assert until(lambda: said("The monitor is down (left-calf), answer in the app.", anna))


def test_a_monitor_that_never_comes_is_spoken_for(
    home: Home, clock: Clock, anna: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitors, "START_S", 2.0)
    write_household(home.folder, {"Anna": [anna.url]})
    with MonitorStandIn(home.folder, clock, sensor="other"), alerting(home.folder, clock, **home.wishes):
        assert until(lambda: said("The monitor is down (left-calf), answer in the app.", anna))


def test_a_cramp_goes_on_being_told_after_its_monitor_died(
    home: Home, clock: Clock, anna: PushServer
) -> None:
    write_household(home.folder, {"Anna": [anna.url]})
    with MonitorStandIn(home.folder, clock) as monitor, alerting(home.folder, clock, **home.wishes):
        monitor.cramp()
        monitor.die()
        assert until(lambda: said("Alarm on left-calf, answer in the app.", anna))
        assert until(lambda: said("monitor is down", anna))
    assert "medium-soft.wav" in home.heard


def test_a_dead_broker_stops_nothing_and_is_told_by_another_way(
    home: Home, clock: Clock, anna: PushServer
) -> None:
    write_household(home.folder, {"Anna": [anna.url]})
    wishes = home.wishes | {"broker": NO_BROKER}
    with MonitorStandIn(home.folder, clock) as monitor, alerting(home.folder, clock, **wishes):
        monitor.cramp()
        assert until(lambda: said("Alarm on left-calf, answer in the app.", anna))
        assert until(lambda: said("A path to people is down (alerter), answer in the app.", anna))
    assert "medium-soft.wav" in home.heard


def test_receipts_say_who_was_told_when_and_how(home: Home, clock: Clock, anna: PushServer) -> None:
    write_household(home.folder, {"Anna": [anna.url]})
    anna.answers = [500, 200]
    with (
        Ear(home.broker, f"crampwatch/1/{SENSOR}/receipt") as ear,
        MonitorStandIn(home.folder, clock) as monitor,
        alerting(home.folder, clock, **home.wishes),
    ):
        monitor.cramp()
        assert until(lambda: len(ear.heard) >= 3)
    receipts = ear.messages(f"crampwatch/1/{SENSOR}/receipt")
    for receipt in receipts:
        jsonschema.validate(receipt, alarm_schema("receipt"))
        assert receipt["occurrence_id"] == monitor.alarm_id
    assert [(item["channel"], item["outcome"], item["revision"]) for item in receipts[:3]] == [
        ("sound", "sent", 0),
        ("push", "failed", 0),
        ("push", "sent", 1),
    ]
    assert receipts[1]["person"] == "Anna"
    assert "500" in receipts[1]["text"]
    assert receipts[1]["id"] == receipts[2]["id"] == anna.received[0]["crampwatch_id"]


def test_a_monitor_that_ends_as_told_is_no_alarm(home: Home, clock: Clock, anna: PushServer) -> None:
    write_household(home.folder, {"Anna": [anna.url]})
    with alerting(home.folder, clock, **home.wishes):
        with MonitorStandIn(home.folder, clock) as monitor:
            clock.sleep(5)
            monitor.die()
            monitor.sign.end()
        clock.sleep(130)
    assert (home.heard, anna.received) == ([], [])


def test_two_limbs_at_once_are_one_alarm_told_once(home: Home, clock: Clock, anna: PushServer) -> None:
    write_household(home.folder, {"Anna": [anna.url]})
    with (
        MonitorStandIn(home.folder, clock) as left,
        MonitorStandIn(home.folder, clock, sensor="right-calf") as right,
        alerting(home.folder, clock, **home.wishes),
    ):
        left.cramp()
        right.cramp()
        assert until(lambda: anna.received)
        right.over()
        assert until(lambda: right.engine.raised[0].stage == "latched")
        clock.sleep(30)
        assert len([body for body in bodies(anna) if "Reminder" not in body]) == 1
        left.act("going", "Anna")
        right.act("ack", "Anna")
    assert said("Alarm on left-calf and right-calf, answer in the app.", anna)


def test_in_observe_mode_nobody_is_woken(home: Home, clock: Clock, anna: PushServer) -> None:
    write_household(home.folder, {"Anna": [anna.url]})
    with (
        MonitorStandIn(home.folder, clock, "observe") as monitor,
        alerting(home.folder, clock, **home.wishes),
    ):
        monitor.cramp()
        clock.sleep(130)
        monitor.die()
        clock.sleep(120)
    assert (home.heard, anna.received) == ([], [])


def test_a_wrong_channel_or_file_silences_neither_the_others_nor_the_sound(
    home: Home, clock: Clock, anna: PushServer
) -> None:
    lines: list[str] = []
    write_household(home.folder, {"Anna": ["nonsense://secret", anna.url], "Bo": ["nonsense://secret"]})
    with (
        MonitorStandIn(home.folder, clock) as monitor,
        alerting(home.folder, clock, say=lines.append, **home.wishes),
    ):
        monitor.cramp()
        assert until(lambda: anna.received)
    assert len(lines) == 2
    assert "secret" not in "".join(lines)
    (home.folder / "caregivers.toml").write_text("nonsense")
    home.heard_file.unlink()
    with alerting(home.folder, clock, say=lines.append, **home.wishes):
        assert until(lambda: home.heard)
    assert "expected TOML" in lines[-1]


def test_health_is_told_where_the_household_wants_it(home: Home, clock: Clock, anna: PushServer) -> None:
    write_household(home.folder, {"Anna": [anna.url]}, "health_detail = true")
    with MonitorStandIn(home.folder, clock) as monitor, alerting(home.folder, clock, **home.wishes):
        monitor.cramp()
        assert until(lambda: anna.received)
    assert said("Cramp on left-calf for 0:3", anna)


def test_an_alerter_that_ends_takes_its_sign_away(home: Home, clock: Clock) -> None:
    path = home.folder / "run" / "alerter.alive"
    with alerting(home.folder, clock, **home.wishes):
        assert until(lambda: (sign := read_sign(path, clock.mono_s())) is not None and sign.is_fresh(clock))
    assert not path.exists()
