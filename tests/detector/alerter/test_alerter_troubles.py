"""The alerter where something is broken: brokers, channels, files, its own turns."""

from __future__ import annotations

import threading

import jsonschema
import pytest

from detector.alarm_messages import alarm_schema
from detector.alarms.values import Moment
from detector.alerter import monitors
from detector.alerter.alerter import Alerter, AlerterWishes
from detector.alerter.tones import BURSTS, LOUDNESS
from detector.commands import Command, command_message
from detector.messages import encode
from detector.roles import Role
from detector.sign_of_life import read_sign
from firmware_bridge.clock import Clock
from tests.detector.alerter.services import PushServer, closed_port, until
from tests.detector.alerter.world import (
    NO_BROKER,
    SENSOR,
    Home,
    MonitorStandIn,
    alerting,
    rows,
    said,
    write_household,
)
from tests.detector.mqtt_world import Ear


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
    assert [line for line in lines if "carers who have only a phone hear nothing" in line] == lines[:1]
    assert len(lines) == 3
    assert "secret" not in "".join(lines)
    (home.folder / "caregivers.toml").write_text("nonsense")
    home.heard_file.unlink()
    with alerting(home.folder, clock, say=lines.append, **home.wishes):
        assert until(lambda: home.heard)
    assert "expected TOML" in lines[-1]


def test_every_sound_lies_ready_before_the_night_needs_it(home: Home, clock: Clock) -> None:
    with alerting(home.folder, clock, **home.wishes):
        made = {path.name for path in (home.folder / "alerter" / "sounds").iterdir()}
    assert {f"{sound}-{loudness}.wav" for sound in BURSTS for loudness in LOUDNESS} <= made


def test_a_watchdog_outside_needs_no_word_about_power_cuts(
    home: Home, clock: Clock, anna: PushServer
) -> None:
    lines: list[str] = []
    watched = f'watchdog = "http://127.0.0.1:{closed_port()}/ping"'
    write_household(home.folder, {"Anna": [anna.url]}, watched)
    with alerting(home.folder, clock, say=lines.append, **home.wishes):
        pass
    assert lines == []


def test_an_alerter_that_ends_takes_its_sign_away(home: Home, clock: Clock) -> None:
    path = home.folder / "run" / "alerter.alive"
    with alerting(home.folder, clock, **home.wishes):
        assert until(lambda: (sign := read_sign(path, clock.mono_s())) is not None and sign.is_fresh(clock))
    assert not path.exists()


def test_a_turn_that_fails_silences_nothing(
    home: Home, clock: Clock, anna: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_household(home.folder, {"Anna": [anna.url]})
    looked = monitors.Monitors.look
    failures = [OSError("disk"), ValueError("nonsense")] * 5

    def fails(self: monitors.Monitors, at: Moment) -> list[monitors.Seen]:
        if failures:
            raise failures.pop()
        return looked(self, at)

    monkeypatch.setattr(monitors.Monitors, "look", fails)
    with MonitorStandIn(home.folder, clock) as monitor, alerting(home.folder, clock, **home.wishes):
        monitor.cramp()
        assert until(lambda: anna.received)
    assert failures == []


def test_an_alerter_whose_every_turn_fails_makes_room_for_another(
    home: Home, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_self: monitors.Monitors, _at: Moment) -> list[monitors.Seen]:
        raise ValueError("nonsense")

    monkeypatch.setattr(monitors.Monitors, "look", fails)
    alerter = Alerter(home.broker, AlerterWishes(home.folder, tests=False), clock)
    with pytest.raises(ValueError, match="nonsense"):
        alerter.run(threading.Event())


def test_its_own_alarms_can_be_answered_over_the_broker(home: Home, clock: Clock, anna: PushServer) -> None:
    write_household(home.folder, {"Anna": [anna.url]})
    with (
        Ear(home.broker, "crampwatch/1/alerter/alarm") as ear,
        alerting(home.folder, clock, **home.wishes),
        MonitorStandIn(home.folder, clock) as monitor,
    ):
        clock.sleep(10)
        monitor.die()
        assert until(lambda: anna.received)
        [alarm, *_] = ear.messages("crampwatch/1/alerter/alarm")
        jsonschema.validate(alarm, alarm_schema("alarm"))

        def asked(role: Role, occurrence_id: str, number: int) -> None:
            command = Command(
                str(number), role, "ack", "alerter", "Anna", clock.wall(), occurrence_id=occurrence_id
            )
            ear.client.publish(command.topic, encode(command_message(command)), 1)

        asked("caregiver", "left-calf.1", 1)
        asked("caregiver", alarm["id"], 2)
        assert until(
            lambda: any(
                item["stage"] == "acked" and item["acked_by"] == "Anna"
                for item in ear.messages("crampwatch/1/alerter/alarm")
            )
        )
