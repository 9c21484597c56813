"""What the monitor makes of its alarms: what is told, what a page shows, what is due to be stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from detector.alarm_desk import AlarmDesk, public
from detector.alarms import store
from detector.alarms.engine import AlarmEngine
from detector.alarms.values import Act, Change, Mode, Moment, Observation
from detector.monitor_state import MonitorState
from detector.outbox import Outbox
from detector.under_way import Observed
from detector.wished_mode import heed
from firmware_bridge.clock import Clock

BEGAN = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
CRAMP: Observed = {("CRAMP", ""): Observation("left calf tight", event_id="e.1")}


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def mono_s(self) -> float:
        return self.now_s

    def wall(self) -> datetime:
        return BEGAN + timedelta(seconds=self.now_s)


class Desk:
    """A desk, its clock, and shorter words for both."""

    def __init__(self, mode: Mode = "guarded", *, caregivers: bool = True, tension_cue: bool = False) -> None:
        self.clock = HandClock()
        engine = AlarmEngine("test", mode, Moment(self.clock.mono_s(), self.clock.wall()))
        clock = cast("Clock", self.clock)
        self.desk = AlarmDesk(engine, clock, caregivers=caregivers, tension_cue=tension_cue)

    def after(self, seconds: float, observed: Observed | None = None) -> list[Change]:
        self.clock.now_s += seconds
        return self.desk.observe(observed or {}, signal_lost=False)

    def view(self) -> MonitorState:
        return self.desk.view(MonitorState("test", "b00t", BEGAN))


def test_the_stage_follows_the_ladder_and_an_answer_ends_it() -> None:
    desk = Desk()
    stages = [desk.view().stage]
    for seconds in (0.0, 29.0, 1.0, 269.0, 1.0):
        desk.after(seconds, CRAMP)
        stages.append(desk.view().stage)
    assert stages == ["idle", "bedside", "bedside", "caregiver", "caregiver", "escalated"]
    [alarm] = desk.desk.engine.raised
    desk.desk.act(Act("ack", "Kim", alarm.id))
    assert desk.view().stage == "acknowledged"


@pytest.mark.parametrize("wished", [True, False])
def test_a_rise_of_tension_is_hinted_at_to_the_wearer_alone_and_only_by_wish(*, wished: bool) -> None:
    desk = Desk("self-managed", tension_cue=wished)
    desk.after(1.0, {("TENSION_RISE", ""): Observation("tension rises")})
    assert (desk.desk.signals.cue, desk.desk.signals.sound) == ("hint" if wished else "none", "off")


def test_nobody_elsewhere_is_claimed_to_be_told_where_there_is_nobody() -> None:
    desk = Desk(caregivers=False)
    desk.after(0.0, CRAMP)
    desk.after(600.0, CRAMP)
    assert desk.view().stage == "bedside"


@pytest.mark.parametrize(("code", "mode"), [("CRAMP", "observe"), ("CRAMP_SUSPECT", "guarded")])
def test_what_nobody_perceives_is_no_stage(code: Any, mode: Mode) -> None:
    desk = Desk(mode)
    desk.after(0.0, {(code, ""): Observation("tight", event_id="e.1")})
    assert desk.view().stage == "idle"


def test_the_alarm_to_answer_first_is_the_bodys_and_one_that_nobody_has_answered() -> None:
    desk = Desk()
    assert desk.view().alarm is None
    link_down: Observed = {("LINK_DOWN", ""): Observation("no broker")}
    desk.after(0.0, link_down)
    desk.after(60.0, link_down)
    seen = [desk.view().alarm]
    both: Observed = {**CRAMP, **link_down}
    desk.after(1.0, both)
    seen.append(desk.view().alarm)
    assert [alarm and alarm.code for alarm in seen] == ["LINK_DOWN", "CRAMP"]
    assert seen[1] is not None
    desk.desk.act(Act("ack", "Kim", seen[1].id))
    left = desk.view().alarm
    assert left is not None
    assert (left.code, left.answered) == ("LINK_DOWN", False)
    desk.desk.act(Act("ack", "Kim", left.id))
    answered = desk.view().alarm
    assert answered is not None
    assert (answered.code, answered.answered) == ("CRAMP", True)


def test_technical_conditions_are_shown_while_they_hold_the_most_pressing_of_a_code() -> None:
    desk = Desk()
    troubles: Observed = {
        ("NO_DATA", ""): Observation("unplugged", since_s=990.0),
        ("STORAGE", ""): Observation("disk full"),
        ("BATTERY", ""): Observation("battery at 15 %", priority="low"),
        ("BATTERY", "host"): Observation("host at 5 %", priority="medium"),
    }
    desk.after(0.0, troubles)
    desk.after(100.0, troubles)
    shown = {one.code: (one.priority, one.text) for one in desk.view().conditions}
    assert shown == {
        "NO_DATA": ("medium", "unplugged"),
        "STORAGE": ("low", "disk full"),
        "BATTERY": ("medium", "host at 5 %"),
    }
    desk.after(1.0)
    desk.after(60.0)
    assert desk.view().conditions == ()


def test_only_what_was_raised_is_told() -> None:
    desk = Desk()
    pending = desk.after(0.0, {("NO_DATA", ""): Observation("quiet")})
    raised = desk.after(5.0, {("NO_DATA", ""): Observation("quiet")})
    assert (len(pending), public(pending), len(public(raised))) == (1, [], 1)
    assert public(desk.desk.act(Act("mode", "Kim", mode="awake"))) == []


def test_the_state_is_due_again_while_anything_stands() -> None:
    desk = Desk()
    due = [desk.desk.is_due]
    desk.after(0.0, CRAMP)
    due.append(desk.desk.is_due)
    desk.desk.rows([])
    due.append(desk.desk.is_due)
    desk.after(store.SNAPSHOT_EVERY_S, CRAMP)
    due.append(desk.desk.is_due)
    assert due == [False, True, False, True]


def test_a_wish_that_would_silence_an_alarm_is_refused_and_tried_again(tmp_path: Path) -> None:
    desk, said = Desk("guarded"), list[str]()
    with Outbox(tmp_path / "outbox.sqlite") as outbox:
        heed(outbox, desk.desk, "guarded", said.append)
        desk.after(0.0, CRAMP)
        heed(outbox, desk.desk, "observe", said.append)
        modes = [desk.desk.engine.mode]
        assert said == ["The mode stays guarded: mode: an alarm stands unanswered; answer it first."]
        [alarm] = desk.desk.engine.raised
        desk.desk.act(Act("ack", "Kim", alarm.id))
        heed(outbox, desk.desk, "observe", said.append)
        modes.append(desk.desk.engine.mode)
    assert modes == ["guarded", "observe"]
