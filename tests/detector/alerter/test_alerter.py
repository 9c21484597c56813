"""The alerter from a monitor's store to a caregiver's phone: real files, real servers, a real player program."""

from __future__ import annotations

import pytest

from detector.alerter import monitors
from detector.sign_of_life import read_sign
from firmware_bridge.clock import Clock
from tests.detector.alerter.services import PushServer, until
from tests.detector.alerter.world import (
    RATE,
    Home,
    MonitorStandIn,
    alerting,
    bodies,
    rows,
    said,
    write_household,
)


def test_a_cramp_climbs_the_whole_ladder(home: Home, anna: PushServer, bo: PushServer) -> None:
    # Slower, so that the ten seconds of the cancel beep are long enough for a busy machine.
    clock = Clock(RATE / 5)
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


def test_health_is_told_where_the_household_wants_it(home: Home, clock: Clock, anna: PushServer) -> None:
    write_household(home.folder, {"Anna": [anna.url]}, "health_detail = true")
    with MonitorStandIn(home.folder, clock) as monitor, alerting(home.folder, clock, **home.wishes):
        monitor.cramp()
        assert until(lambda: anna.received)
    assert said("Cramp on left-calf since ", anna)
    assert said(", for 0:3", anna)


def test_who_was_missed_while_nobody_could_call_is_called_once_and_not_reminded(
    home: Home, clock: Clock, anna: PushServer
) -> None:
    write_household(home.folder, {"Anna": [anna.url]})
    with MonitorStandIn(home.folder, clock) as monitor:
        monitor.cramp()
        clock.sleep(200)
        with alerting(home.folder, clock, **home.wishes):
            assert until(lambda: anna.received)
            clock.sleep(20)
    [body] = bodies(anna)
    assert "Reminder" not in body
    assert "alarm on left-calf" in body.lower()
