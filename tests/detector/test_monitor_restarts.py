"""What stands through a restart of the monitor, and what the settings change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector import mqtt_link
from detector.alarms import store
from detector.alarms.engine import AlarmEngine
from detector.buzzer import ALARM
from detector.durable_sqlite import DurableFileError
from detector.personal_fit import fit_file
from firmware_bridge import clock as host_clock
from firmware_bridge.clock import Clock
from tests.detector.mqtt_world import until
from tests.detector.night_watch import CRAMP, RATE, REST, night, rows
from tests.detector.played import seconds


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a broker that is not there."""
    monkeypatch.setattr(mqtt_link, "_RECONNECT_S", (0.05, 0.05))


def test_what_stood_when_the_monitor_ended_stands_after_a_restart_once(tmp_path: Path) -> None:
    clock = Clock(rate=RATE)
    with night(tmp_path, "guarded", seconds(CRAMP.block()), clock=clock) as running:
        assert until(lambda: running.source.cues)
    before = running.alarms("CRAMP")[-1]["occurrence"]
    with night(tmp_path, "guarded", seconds(REST.block(), 0, 5), clock=clock) as again:
        assert until(lambda: again.source.cues)
        standing = [one["occurrence"] for one in again.alarms("CRAMP")]
    assert {one["id"] for one in standing} == {before["id"]}
    revisions = [one["revision"] for one in standing]
    assert revisions == sorted(set(revisions))
    assert standing[-1]["unconfirmed"]


def test_what_nobody_followed_for_ten_minutes_is_reported_and_not_felt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(rate=RATE)
    with night(tmp_path, "guarded", seconds(CRAMP.block()), clock=clock) as running:
        assert until(lambda: running.source.cues)
    awake = host_clock.boot_s
    monkeypatch.setattr(host_clock, "boot_s", lambda: awake() + 11 * 60 / RATE)
    with night(tmp_path, "guarded", seconds(REST.block(), 0, 5), clock=clock) as again:
        assert until(lambda: again.stages("NO_DATA"))
        assert ALARM.cue not in again.source.cues
    assert again.alarms("CRAMP")[-1]["occurrence"]["stale"]
    assert again.stages("CRAMP")[-1] == "latched"


def test_an_answered_alarm_stays_answered_through_a_restart(tmp_path: Path) -> None:
    clock = Clock(rate=RATE)
    with night(tmp_path, "guarded", seconds(CRAMP.block()), clock=clock) as running:
        assert until(lambda: running.source.cues)
        running.press("short")
        assert until(lambda: "acked" in running.stages("CRAMP"))
    with night(tmp_path, "guarded", seconds(REST.block(), 0, 8), clock=clock) as again:
        assert until(lambda: again.stages("NO_DATA"))
        assert ALARM.cue not in again.source.cues
    assert again.stages("CRAMP").count("active") == 1


def test_a_mode_from_the_settings_holds_until_they_say_otherwise(tmp_path: Path) -> None:
    for mode in ("observe", "guarded", "guarded", "awake"):
        with night(tmp_path, mode, seconds(REST.block(), 0, 2)) as running:
            assert until(lambda: running.snapshot()["regions"]["mode"] == mode)  # noqa: B023
    changed = [
        json.loads(body) for (body,) in rows(tmp_path, "SELECT body FROM alarm_change ORDER BY number")
    ]
    modes = [(one["was"], one["now"]) for one in changed if one.get("region") == "mode"]
    assert modes == [("observe", "guarded"), ("guarded", "awake")]


def test_limits_of_the_wearer_that_cannot_be_read_are_said_and_the_usual_ones_hold(tmp_path: Path) -> None:
    fit_file(tmp_path, "test").parent.mkdir(parents=True, exist_ok=True)
    fit_file(tmp_path, "test").write_text("nonsense")
    with night(tmp_path, "guarded", seconds(CRAMP.block()), fits=tmp_path) as running:
        assert until(lambda: running.source.cues)
        [config] = {one["occurrence"]["text"] for one in running.alarms("CONFIG")}
        assert [line for line in running.said if "CONFIG: " in line and "the usual limits hold" in line]
    assert "calibrate again" in config


def test_alarms_that_the_disk_does_not_give_back_are_said_and_watching_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_named: object) -> AlarmEngine:
        raise DurableFileError("outbox: cannot be read: Input/output error")

    monkeypatch.setattr(store, "load", refuse)
    with night(tmp_path, "guarded", seconds(CRAMP.block())) as running:
        assert until(lambda: "active" in running.stages("CRAMP"))
    [trouble] = [one["occurrence"] for one in running.alarms("CONFIG") if one["now"] == "active"]
    assert "not known: outbox: cannot be read" in trouble["text"]
