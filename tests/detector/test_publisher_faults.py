"""A monitor's voice while the broker, the night log or the disk fails, over real brokers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crampwatch.broker import PrivateBroker
from detector import delivery, event_sender, mqtt_link, publisher
from detector.broker_address import BrokerAddress
from detector.messages import LoggedMark
from detector.monitor_state import TechnicalCondition
from detector.outbox import Outbox
from detector.publisher import Publisher
from firmware_bridge.clock import Clock
from tests.detector.mqtt_world import (
    STREAM,
    TOPICS,
    Ear,
    NightLog,
    contraction,
    mark_payload,
    turn,
    until,
)

pytestmark = pytest.mark.usefixtures("eager")


@pytest.fixture
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PrivateBroker]:
    with PrivateBroker(tmp_path / "broker", prefer=getattr(request, "param", "embedded")) as running:
        yield running


EITHER = pytest.mark.parametrize(
    "broker", [pytest.param("mosquitto", marks=pytest.mark.broker), "embedded"], indirect=True
)


@EITHER
def test_what_happens_without_a_broker_is_told_when_it_comes(
    broker: PrivateBroker, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "LINK_DOWN_AFTER_S", 0.0)
    broker.stop()
    with Publisher(broker.address, TOPICS, outbox, Clock(), boot_id="b") as voice:
        for number in range(5):
            voice.event(contraction(number), STREAM)
            turn(voice)
        assert until(lambda: "no broker answers" in voice.conditions()[0].text)
        first = voice.conditions()
        assert (first[0].code, first[0].since, voice.conditions()) == ("LINK_DOWN", first[0].since, first)
        broker.start()
        with NightLog(broker.address) as log, Ear(broker.address, TOPICS.state) as ear:
            assert until(lambda: outbox.waiting == 0, turn=lambda: turn(voice))
            assert until(lambda: ear.messages(TOPICS.state))
        assert voice.conditions() == ()
        assert {message["seq"] for message in log.messages(TOPICS.event)} == {1, 2, 3, 4, 5}


@EITHER
def test_nothing_is_lost_and_state_comes_back_when_the_broker_is_killed_and_forgets(
    broker: PrivateBroker, voice: Publisher, outbox: Outbox
) -> None:
    number = 0
    with NightLog(broker.address) as log:
        for _ in range(2):
            for _ in range(10):
                voice.event(contraction(number), STREAM)
                number += 1
            assert broker.pid is not None
            subprocess.run(["kill", "-9", str(broker.pid)], check=True)
            voice.event(contraction(number), STREAM)
            number += 1
            assert until(lambda: not voice.connected, turn=voice.pump)
            broker.start()
            assert until(lambda: outbox.waiting == 0, turn=lambda: turn(voice))
        assert {message["onset_index"] for message in log.messages(TOPICS.event)} == {
            1000 * n for n in range(number)
        }
        assert log.mark == number
    with Ear(broker.address) as ear:
        assert until(lambda: ear.payloads(TOPICS.availability) == [b"online"] and ear.messages(TOPICS.state))


def test_what_the_night_log_missed_is_sent_again(
    broker: PrivateBroker, voice: Publisher, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "FIRST_PATIENCE_S", 0.3)
    voice.pump()
    with Ear(broker.address, TOPICS.event) as ear:
        voice.event(contraction(1), STREAM)
        assert until(lambda: ear.messages(TOPICS.event), turn=voice.pump)
    with NightLog(broker.address) as log:
        assert until(lambda: outbox.waiting == 0, turn=voice.pump)
        assert {message["id"] for message in log.messages(TOPICS.event)} == {contraction(1).id}


def test_marks_that_are_malformed_foreign_or_impossible_cover_nothing(
    broker: PrivateBroker, voice: Publisher, outbox: Outbox
) -> None:
    voice.event(contraction(), STREAM)
    with Ear(broker.address, TOPICS.event) as ear:
        bad = [b"", b"{}", b"\xff", b"[" * 50_000, b'{"version":1,"outbox":1,"seq":1}', b"12"]
        for payload in [*bad, mark_payload("0" * 16, 1)]:
            ear.client.publish(TOPICS.logged, payload, 1)
        assert until(lambda: voice.counters["malformed_marks"] == len(bad), turn=voice.pump)
        assert (outbox.waiting, voice.connected) == (1, True)
        before = outbox.id
        ear.client.publish(TOPICS.logged, mark_payload(before, 999), 1)
        assert until(lambda: outbox.id != before, turn=voice.pump)
        assert until(lambda: outbox.id in str(ear.payloads(TOPICS.event)), turn=voice.pump)
        ear.client.publish(TOPICS.logged, mark_payload(outbox.id, 1), 1)
        assert until(lambda: outbox.waiting == 0, turn=voice.pump)


def test_a_full_disk_is_a_condition_and_events_are_held_until_there_is_room(
    broker: PrivateBroker, voice: Publisher, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_sender, "STORE_AGAIN_S", 0.0)
    monkeypatch.setattr(event_sender, "HELD_EVENTS", 60)
    monkeypatch.setattr(delivery, "FIRST_PATIENCE_S", 0.3)
    with outbox.transaction() as transaction:
        transaction.execute("PRAGMA max_page_count = 1")
    for number in range(100):
        voice.event(contraction(number), STREAM)
    (condition,) = voice.conditions()
    assert condition == TechnicalCondition("STORAGE", "low", condition.since, condition.text)
    assert "Events cannot be stored: " in condition.text
    stored = outbox.last_seq
    with outbox.transaction() as transaction:
        transaction.execute("PRAGMA max_page_count = 1000000")
    with NightLog(broker.address) as log:
        assert until(lambda: log.mark > stored and outbox.waiting == 0, turn=voice.pump)
    assert voice.conditions() == ()
    lost = voice.counters["events_lost"]
    assert stored + lost + 60 == 100
    assert outbox.last_seq == stored + 60
    assert voice.counters["storage_failures"] > 0


def test_a_damaged_outbox_is_told(broker: PrivateBroker, tmp_path: Path) -> None:
    path = tmp_path / "bad.sqlite"
    path.write_bytes(b"x" * 4096)
    with Outbox(path) as outbox, Publisher(broker.address, TOPICS, outbox, Clock(), boot_id="b") as voice:
        (condition,) = voice.conditions()
        assert (condition.code, str(outbox.quarantined) in condition.text) == ("STORAGE", True)


def test_a_revision_that_its_end_replaces_can_be_given_up_and_no_other(
    broker: PrivateBroker, tmp_path: Path
) -> None:
    broker.stop()
    with (
        Outbox(tmp_path / "small.sqlite", limit=1) as outbox,
        Publisher(broker.address, TOPICS, outbox, Clock(), boot_id="b") as voice,
    ):
        for kind, alert in (("leg_movement", "none"), ("tonic", "cramp")):
            for revision, phase in enumerate(("started", "updated", "ended")):
                voice.event(contraction(kind=kind, alert=alert, phase=phase, revision=revision), STREAM)
        kept = [json.loads(row.payload) for row in outbox.pending()]
        assert [(event["alert"], event["phase"]) for event in kept] == [
            ("none", "ended"),
            ("cramp", "started"),
            ("cramp", "updated"),
            ("cramp", "ended"),
        ]
        assert [(event["seq"], event["after"]) for event in kept] == [(3, 0), (4, 3), (5, 4), (6, 5)]
        assert voice.counters["outbox_dropped"] == 2
        assert "4 messages wait" in voice.conditions()[-1].text


PROCESS = """
import sys, time
from pathlib import Path
from detector.broker_address import parse_broker_url
from detector.outbox import Outbox
from detector.publisher import Publisher
from detector.topics import Topics
from firmware_bridge.clock import Clock
broker = parse_broker_url(sys.stdin.readline().strip())
voice = Publisher(broker, Topics("left-calf"), Outbox(Path(sys.argv[1])), Clock(), boot_id="b")
voice.start()
while True:
    voice.pump()
    time.sleep(0.01)
"""


@EITHER
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_the_broker_says_offline_when_the_process_is_killed(
    broker: PrivateBroker, tmp_path: Path, ending: signal.Signals
) -> None:
    command = [sys.executable, "-c", PROCESS, str(tmp_path / "outbox.sqlite")]
    with Ear(broker.address, TOPICS.availability) as ear:
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            process.stdin.write(broker.address.url() + "\n")
            process.stdin.flush()
            assert until(lambda: ear.payloads(TOPICS.availability) == [b"online"])
            process.send_signal(ending)
        assert until(lambda: ear.payloads(TOPICS.availability) == [b"online", b"offline"])


def test_no_counter_or_condition_shows_the_login(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "LINK_DOWN_AFTER_S", 0.0)
    voice = Publisher(BrokerAddress("127.0.0.1", 9, "night", "hunter2"), TOPICS, outbox, Clock(), boot_id="b")
    voice.start()
    assert until(lambda: "no broker answers" in voice.conditions()[0].text, turn=voice.pump)
    assert "hunter2" not in f"{voice.conditions()} {voice.counters}"
    voice.close()


def test_a_mark_of_the_outbox_before_it_was_damaged_covers_nothing_new(
    broker: PrivateBroker, outbox: Outbox, tmp_path: Path
) -> None:
    with Ear(broker.address, TOPICS.event) as ear:
        ear.client.publish(TOPICS.logged, mark_payload("0123456789abcdef", 5000), 1, retain=True)
        with Publisher(broker.address, TOPICS, outbox, Clock(), boot_id="b") as voice:
            voice.event(contraction(), STREAM)
            assert until(lambda: ear.messages(TOPICS.event), turn=voice.pump)
            until(lambda: False, turn=voice.pump, patience_s=0.3)
        assert outbox.waiting == 1
    assert outbox.acknowledge(LoggedMark(outbox.id, 1)) == 1


@pytest.mark.slow
def test_two_monitors_of_one_sensor_notice_each_other_and_slow_their_fight(
    broker: PrivateBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_link, "_CHECK_EVERY_S", 0.0)
    with Outbox(tmp_path / "1.sqlite") as first, Outbox(tmp_path / "2.sqlite") as second:
        fighters = [
            Publisher(broker.address, TOPICS, outbox, Clock(), boot_id=name)
            for outbox, name in ((first, "one"), (second, "two"))
        ]

        def everybody() -> None:
            for fighter in fighters:
                turn(fighter)

        for fighter in fighters:
            fighter.start()
        assert until(lambda: all(fighter.conditions() for fighter in fighters), turn=everybody, patience_s=60)
        assert {fighter.conditions()[0].code for fighter in fighters} == {"ID_CLASH"}
        before = sum(fighter.counters["connections"] for fighter in fighters)
        until(lambda: False, turn=everybody, patience_s=3)
        # Unnoticed, each would come back ten times a second.
        assert sum(fighter.counters["connections"] for fighter in fighters) - before <= 3
        for fighter in fighters:
            fighter.close()
