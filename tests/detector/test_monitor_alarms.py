"""Alarms from end to end in one process: a cramp, a buzz, a button, an answer."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crampwatch.broker import PrivateBroker
from detector import mqtt_link, publisher, watch
from detector.alarms import store
from detector.alarms.engine import AlarmEngine
from detector.alarms.values import Act, Moment, Observation
from detector.buzzer import ALARM, GENTLE, URGENT
from detector.commands import Command, command_message
from detector.host_battery import HostBattery
from detector.messages import encode
from detector.monitor_state import Mode
from detector.outbox import Outbox
from detector.sign_of_life import SignOfLife, host_boot_id, read_sign
from detector.under_way import Observed
from firmware_bridge.clock import Clock
from firmware_bridge.samples import LinkState, Mark, SensorStatus
from tests.detector.mqtt_world import Ear, until
from tests.detector.night_watch import CRAMP, RATE, REST, TOPICS, night, rows
from tests.detector.played import seconds
from tests.detector.signals import Scene


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a broker that is not there."""
    monkeypatch.setattr(mqtt_link, "_RECONNECT_S", (0.05, 0.05))


def test_a_cramp_buzzes_again_and_again_until_the_button_answers(tmp_path: Path) -> None:
    with night(tmp_path, "guarded", seconds(CRAMP.block())) as running:
        assert until(lambda: len(running.source.cues) >= 3)
        assert set(running.source.cues) == {ALARM.cue}
        running.press("short")
        assert until(lambda: "acked" in running.stages("CRAMP"))
        answered = len(running.source.cues)
        assert until(lambda: "NO_DATA" in " ".join(running.said))
        # Silence has its own gentle buzz; the cramp's is over.
        assert ALARM.cue not in running.source.cues[answered:]
    [acked] = [change for change in running.alarms("CRAMP") if change["now"] == "acked"]
    assert (acked["who"], acked["occurrence"]["answer"]) == ("sleeper", "ack")


def test_a_cramp_is_only_counted_while_observing(tmp_path: Path) -> None:
    with night(tmp_path, "observe", seconds(CRAMP.block())) as running:
        assert until(lambda: "active" in running.stages("CRAMP"))
        [counted] = running.snapshot()["observing"]["would_have"].values()
        assert counted == {"CRAMP": 1}
        assert running.source.cues == []


def test_whoever_answers_for_the_other_leg_answers_for_this_one(tmp_path: Path) -> None:
    with night(tmp_path, "guarded", seconds(CRAMP.block())) as running:
        assert until(lambda: "active" in running.stages("CRAMP"))
        at = Moment(running.clock.mono_s(), running.clock.wall())
        other = AlarmEngine("right-calf", "guarded", at, boot_id=host_boot_id())
        tight: Observed = {"CRAMP": Observation("Right calf tight", site="right-calf")}
        other.conditions(tight, at)
        other.act(Act("going", "Kim", other.raised[0].id), at)
        with Outbox(tmp_path / "outbox" / "right-calf.sqlite") as outbox, outbox.transaction() as transaction:
            store.write(transaction, other, [])
        assert until(lambda: "acked" in running.stages("CRAMP"))
    [acked] = [change for change in running.alarms("CRAMP") if change["now"] == "acked"]
    assert (acked["who"], acked["occurrence"]["answer"]) == ("Kim", "going")
    assert "with right-calf" in acked["why"]


def test_a_short_press_is_only_a_mark_where_nothing_sounds(tmp_path: Path) -> None:
    with night(tmp_path, "guarded", [*seconds(REST.block(), 0, 3), Mark(3000, "button short")]) as running:
        assert until(lambda: running.stages("NO_DATA"))
        assert {change["who"] for change in running.alarms("NO_DATA")} == {"engine"}
    assert running.stages("CRAMP") == running.stages("HELP") == []


@pytest.mark.parametrize("mode", ["observe", "self-managed", "guarded", "awake"])
def test_a_long_press_calls_for_help_in_every_mode(mode: Mode, tmp_path: Path) -> None:
    with night(tmp_path, mode, seconds(REST.block(), 0, 3)) as running:
        running.press("long")
        assert until(lambda: "active" in running.stages("HELP"))
        assert until(lambda: URGENT.cue in running.source.cues)
        running.press("short")
        running.press("short")
    assert "acked" not in running.stages("HELP")


def test_a_cramp_that_the_signal_leaves_stays_and_is_unsure_and_silence_speaks_for_itself(
    tmp_path: Path,
) -> None:
    unplugged = LinkState(up=False, reason="the link to the sensor broke: unplugged")
    with night(tmp_path, "guarded", [*seconds(CRAMP.block(), 0, 16), unplugged]) as running:
        assert until(lambda: "active" in running.stages("NO_DATA"))
        assert until(lambda: running.alarms("CRAMP")[-1]["occurrence"]["unconfirmed"])
        assert {one["occurrence"]["stage"] for one in running.alarms("CRAMP")[1:]} == {"active"}
    assert running.alarms("NO_DATA")[-1]["occurrence"]["text"] == unplugged.reason


def test_a_cramp_is_raised_whatever_technical_alarms_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two empty batteries, a disk that takes no recording, a broker that is away."""
    (tmp_path / "supplies" / "BAT0").mkdir(parents=True)
    for word, says in (("type", "Battery"), ("status", "Discharging"), ("capacity", "4")):
        (tmp_path / "supplies" / "BAT0" / word).write_text(says)
    monkeypatch.setattr(watch, "HostBattery", lambda: HostBattery(tmp_path / "supplies"))
    monkeypatch.setattr(publisher, "LINK_DOWN_AFTER_S", 0.5)
    (tmp_path / "nights").write_text("no folder")
    empty = SensorStatus(0, 3300, (False,), 0, 0)
    long = Scene(86.0, amplitude_uv=[(68.0, 86.0, 60.0)])
    paced = [item for second in seconds(long.block()) for item in (second, *[None] * 10)]
    with night(tmp_path, "guarded", [empty, *paced]) as running:
        assert until(lambda: ALARM.cue in running.source.cues)
        standing = {
            (machine["code"], machine["key"])
            for machine in running.snapshot()["machines"]
            if machine["occurrence"] and machine["occurrence"]["stage"] == "active"
        }
    faults = {("BATTERY", ""), ("BATTERY", "host"), ("STORAGE", ""), ("LINK_DOWN", "")}
    assert {("CRAMP", ""), *faults} <= standing


def test_the_event_and_its_alarm_are_stored_together(tmp_path: Path) -> None:
    with night(tmp_path, "guarded", seconds(CRAMP.block())) as running:
        assert until(lambda: running.source.cues)
    told = [json.loads(body) for (body,) in rows(tmp_path, "SELECT payload FROM message ORDER BY seq")]
    cramps = {message["id"] for message in told if message.get("alert") == "cramp"}
    alarmed = {change["occurrence"]["event_id"] for change in running.alarms("CRAMP")}
    assert len(cramps) == 1
    assert alarmed == cramps


def test_pages_see_how_far_an_alarm_has_come(tmp_path: Path) -> None:
    with (
        PrivateBroker(tmp_path / "broker", prefer="embedded") as broker,
        Ear(broker.address) as ear,
        night(tmp_path, "guarded", seconds(CRAMP.block()), broker=broker.address, caregivers=True) as running,
    ):
        assert until(lambda: "caregiver" in stages(ear))
        running.press("short")
        assert until(lambda: "acknowledged" in stages(ear))
    assert [stage for stage in stages(ear) if stage != "escalated"][:4] == [
        "idle",
        "bedside",
        "caregiver",
        "acknowledged",
    ]


def test_a_caregiver_answers_over_mqtt_and_what_is_not_possible_is_said(tmp_path: Path) -> None:
    with (
        PrivateBroker(tmp_path / "broker", prefer="embedded") as broker,
        Ear(broker.address) as ear,
        night(tmp_path, "guarded", seconds(CRAMP.block()), broker=broker.address) as running,
    ):
        assert until(lambda: [one for one in ear.messages(TOPICS.alarm) if one["code"] == "CRAMP"])
        alarm = next(one for one in ear.messages(TOPICS.alarm) if one["code"] == "CRAMP")
        now = running.clock.wall()
        asked = Command("c1", "caregiver", "snooze", "test", "Kim", now, alarm["id"], minutes=7.0)
        answered = Command("c2", "caregiver", "going", "test", "Kim", now, alarm["id"], place="page")
        for command in (asked, answered):
            ear.client.publish(command.topic, encode(command_message(command)), 1)
        assert until(lambda: "acked" in running.stages("CRAMP"))
        assert any("a snooze is one of 5, 10, 30 minutes" in line for line in running.said)
        assert until(lambda: "acked" in [one["stage"] for one in ear.messages(TOPICS.alarm)])
    [acked] = [change for change in running.alarms("CRAMP") if change["now"] == "acked"]
    assert (acked["who"], acked["occurrence"]["answer"]) == ("Kim", "going")
    assert "page" in acked["why"]


def test_standby_goes_no_further_than_the_next_planned_evening(tmp_path: Path) -> None:
    clock = Clock(rate=1.0)
    due = (clock.wall() + timedelta(hours=1)).astimezone()
    with (
        PrivateBroker(tmp_path / "broker", prefer="embedded") as broker,
        Ear(broker.address) as ear,
        night(tmp_path, "guarded", broker=broker.address, clock=clock, arm_at=(due.time(),)) as running,
    ):
        asked = Command("c1", "dashboard", "standby", "test", "Kim", clock.wall(), minutes=600.0)
        assert until(lambda: ear.messages(TOPICS.state))
        ear.client.publish(asked.topic, encode(command_message(asked)), 1)
        assert until(lambda: running.snapshot()["regions"]["standby_until"])
        ends = datetime.fromisoformat(running.snapshot()["regions"]["standby_until"]["wall"])
    assert abs(ends - due) < timedelta(seconds=2)


def stages(ear: Ear) -> list[str]:
    told = [message["stage"] for message in ear.messages(TOPICS.state)]
    return [one for place, one in enumerate(told) if place == 0 or told[place - 1] != one]


def test_it_leaves_signs_of_life_and_takes_them_away_when_told_to_end(tmp_path: Path) -> None:
    file = tmp_path / "run" / "test.alive"
    with night(tmp_path, "guarded", seconds(REST.block(), 0, 5), session=tmp_path):
        assert until(file.exists)
        sign = read_sign(file, 0.0)
        assert sign is not None
        assert sign.watching
    assert not file.exists()


def test_a_silent_alerter_is_an_alarm_that_the_sensor_tells(tmp_path: Path) -> None:
    clock = Clock(rate=RATE)
    sign = SignOfLife(tmp_path / "run" / "alerter.alive", clock, "alerter")
    paced = [item for second in seconds(REST.block()) for item in (second, *[None] * 10)]
    with night(tmp_path, "guarded", paced, session=tmp_path, alerter=True) as running:
        assert sign.beat(watching=True)
        assert until(lambda: "active" in running.stages("DETECTOR_DOWN"))
        assert until(lambda: GENTLE.cue in running.source.cues)
    [began] = [change for change in running.alarms("DETECTOR_DOWN") if change["now"] == "active"]
    assert began["occurrence"]["key"] == "alerter"
