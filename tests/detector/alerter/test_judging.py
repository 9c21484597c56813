"""What the alerter judges itself, how a dead monitor's alarms go on, and what pushes say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.alarms.signals import signals
from detector.alarms.values import Act, AlarmCode, Moment, Occurrence, RefusedActError, Stage
from detector.alerter.journal import Journal
from detector.alerter.limbs import Limbs
from detector.alerter.mirror import as_of
from detector.alerter.monitors import Seen
from detector.alerter.own_alarms import OwnAlarms, Surroundings
from detector.alerter.proof import Proof
from detector.alerter.shared_faults import told_by_another
from detector.alerter.wording import alarm_push, answered_push

AT = Moment(1000.0, datetime(2026, 3, 1, 23, 0, tzinfo=UTC))
CRAMP = Occurrence(
    *("left-calf.1", "CRAMP", "", "left-calf", "medium", "active", 1, AT, AT),
    raised=AT,
    called=AT,
    site="left-calf",
    text="tight",
)
ALIVE = Seen("left-calf", alive=True, mode="guarded")


def silent(since_s: float, **changes: object) -> Seen:
    return replace(ALIVE, alive=False, silent_since=AT.after(since_s), **changes)  # type: ignore[arg-type]


def open_own(folder: Path, at: Moment = AT) -> OwnAlarms:
    return OwnAlarms(Journal(folder / "journal.sqlite", "boot", at), at, "boot")


def stood(own: OwnAlarms) -> list[tuple[str, str, str]]:
    return [(alarm.code, alarm.key, alarm.priority) for alarm in own.alarms]


def test_a_silent_monitor_is_medium_after_ten_seconds_and_over_after_five_good_ones(tmp_path: Path) -> None:
    own = open_own(tmp_path)
    down = Surroundings(monitors=[silent(0)])
    assert own.observe(down, AT.after(9.9)) == []
    [change] = own.observe(down, AT.after(10.1))
    assert (change.now, change.occurrence.priority) == ("active", "medium")
    assert "Nobody watches left-calf" in change.occurrence.text
    well = Surroundings(monitors=[ALIVE])
    assert own.observe(well, AT.after(20)) == []
    assert [change.now for change in own.observe(well, AT.after(25.1))] == ["latched"]


def test_a_monitor_in_standby_may_be_silent(tmp_path: Path) -> None:
    own = open_own(tmp_path)
    assert own.observe(Surroundings(monitors=[silent(0, in_standby=True)]), AT.after(600)) == []


def test_alarms_that_cannot_be_read_are_as_bad_as_no_monitor(tmp_path: Path) -> None:
    own = open_own(tmp_path)
    blind = Surroundings(monitors=[replace(ALIVE, trouble="file is damaged")])
    own.observe(blind, AT)
    own.observe(blind, AT.after(11))
    assert stood(own) == [("DETECTOR_DOWN", "left-calf", "medium")]


def test_a_broker_that_is_down_is_low_after_fifteen_seconds(tmp_path: Path) -> None:
    own = open_own(tmp_path)
    own.observe(Surroundings(link_trouble="no broker answers", link_down_s=14.0), AT.after(14))
    assert stood(own) == []
    own.observe(Surroundings(link_trouble="no broker answers", link_down_s=16.0), AT.after(16))
    assert stood(own) == [("LINK_DOWN", "broker", "low")]


def test_a_channel_that_fails_is_low_and_medium_where_it_is_the_only_path(tmp_path: Path) -> None:
    failed = {"a": Proof("a", passed=False, at=AT.wall, reason="error 500")}
    for channels, priority in ((["a", "b"], "low"), (["a"], "medium")):
        own = open_own(tmp_path / priority)
        around = Surroundings(proofs=failed, channels=channels)
        own.observe(around, AT)
        own.observe(around, AT.after(16))
        assert stood(own) == [("LINK_DOWN", "a", priority)]


def test_sound_disk_and_caregivers_file_have_alarms_of_their_own(tmp_path: Path) -> None:
    own = open_own(tmp_path)
    around = Surroundings(sound_trouble="no player", household_trouble="no TOML", journal_trouble="disk full")
    own.observe(around, AT)
    own.observe(around, AT.after(61))
    assert stood(own) == [
        ("LINK_DOWN", "sound", "low"),
        ("CONFIG", "caregivers", "low"),
        ("STORAGE", "alerter", "low"),
    ]


def test_its_alarms_and_answers_survive_a_restart(tmp_path: Path) -> None:
    own = open_own(tmp_path)
    own.observe(Surroundings(monitors=[silent(0)]), AT.after(11))
    [alarm] = own.alarms
    own.act(Act("ack", "Anna", alarm.id), AT.after(12))
    again = open_own(tmp_path, AT.after(13))
    assert [(item.id, item.stage, item.acked_by) for item in again.alarms] == [(alarm.id, "acked", "Anna")]
    assert again.observe(Surroundings(monitors=[silent(0)]), AT.after(14)) == []
    with pytest.raises(RefusedActError):
        again.act(Act("ack", "Anna", "left-calf.1"), AT.after(15))


@pytest.mark.parametrize("kept", ["{", "[]", "3", "null", '"text"', '{"version": 1}', "[[1, 2]]"])
def test_a_state_that_cannot_be_read_is_said(tmp_path: Path, kept: str) -> None:
    with Journal(tmp_path / "journal.sqlite", "boot", AT) as journal:
        journal.remember("engine", kept)
    own = open_own(tmp_path)
    own.observe(Surroundings(), AT)
    assert "is not known" in own.alarms[0].text


def test_it_follows_who_needs_most(tmp_path: Path) -> None:
    own = open_own(tmp_path)
    own.observe(
        Surroundings(monitors=[replace(ALIVE, mode="observe"), replace(ALIVE, mode="self-managed")]), AT
    )
    assert own.mode == "self-managed"
    own.observe(Surroundings(monitors=[Seen("left-calf", alive=False)]), AT)
    assert own.mode == "self-managed"


def test_a_dead_monitors_pause_ends_its_snooze_calls_again_and_the_latched_closes() -> None:
    def moved(stage: Stage, late_s: float) -> list[tuple[Stage, int, str | None]]:
        item = replace(CRAMP, stage=stage, until=AT, acked_by="Anna" if stage == "snoozed" else None)
        return [(one.stage, one.call, one.acked_by) for one in as_of([item], AT.after(late_s), None)]

    assert moved("paused", 3) == [("active", 1, None)]
    assert moved("snoozed", 3) == [("active", 2, None)]
    assert moved("latched", 3) == []
    # The monitor itself may be just about to do it.
    assert moved("paused", 1) == [("paused", 1, None)]


def test_an_answer_that_nobody_watches_ends_although_the_monitor_is_dead() -> None:
    answered = replace(CRAMP, code="NO_DATA", stage="acked", acked_by="Anna", until=AT.after(1800))
    assert as_of([answered], AT.after(1801), AT) == (answered,)
    [again] = as_of([answered], AT.after(1803), AT)
    assert (again.stage, again.acked_by, again.call) == ("active", None, 2)


def test_what_nobody_can_see_any_more_is_unconfirmed_and_grows_no_louder() -> None:
    [lost] = as_of([CRAMP], AT.after(120), AT.after(10))
    assert lost.unconfirmed
    assert signals([lost], "guarded", AT.after(120)).sound == "soft"
    assert signals([CRAMP], "guarded", AT.after(120)).sound == "full"
    [help_called] = as_of([replace(CRAMP, code="HELP")], AT.after(120), AT.after(10))
    assert not help_called.unconfirmed


@given(
    stage=st.sampled_from(["pending", "active", "paused", "acked", "snoozed", "latched", "closed"]),
    until_s=st.none() | st.floats(-1000, 1000),
    lost_s=st.none() | st.floats(-1000, 0),
)
def test_a_dead_monitor_never_silences_an_alarm_that_sounded(
    stage: Stage, until_s: float | None, lost_s: float | None
) -> None:
    until = None if until_s is None else AT.after(until_s)
    item = replace(CRAMP, stage=stage, until=until)
    found = as_of([item], AT, None if lost_s is None else AT.after(lost_s))
    if stage == "active":
        assert [one.stage for one in found] == ["active"]
    assert all(one.id == item.id for one in found)


def test_a_push_says_the_least_and_how_late_it_is() -> None:
    def body(alarm: Occurrence, rung: str = "caregiver-1", late_s: float = 0.0) -> str:
        return alarm_push("x", alarm, rung, AT, late_s=late_s).body

    assert body(CRAMP) == "Alarm on left-calf, answer in the app."
    assert (
        body(replace(CRAMP, code="RHYTHMIC", priority="high"))
        == "Urgent alarm on left-calf, answer in the app."
    )
    assert body(CRAMP, "reminder") == "Reminder: Alarm on left-calf, answer in the app."
    assert body(CRAMP, late_s=200.0) == "Late 3 min: Alarm on left-calf, answer in the app."
    for code in ("CRAMP", "RHYTHMIC", "HELP"):
        thin = body(replace(CRAMP, code=code)).casefold()
        assert not {"cramp", "tight", "rhythmic", "seizure", "help"} & set(thin.replace(",", "").split())


def test_who_has_answered_is_told_by_name() -> None:
    assert "Anna is on the way" in answered_push("x", replace(CRAMP, acked_by="Anna", answer="going")).body
    assert "answered by Anna" in answered_push("x", replace(CRAMP, acked_by="Anna", answer="ack")).body
    assert "answered at the bed" in answered_push("x", replace(CRAMP, acked_by="sleeper", answer="ack")).body


def test_a_fault_of_the_computer_calls_people_once_however_many_monitors_find_it() -> None:
    def fault(name: str, code: AlarmCode, key: str, began_s: float = 0.0) -> Occurrence:
        return replace(CRAMP, id=name, sensor=name, code=code, key=key, began=AT.after(began_s))

    left, right = fault("left", "BATTERY", "host"), fault("right", "BATTERY", "host", -1.0)
    assert told_by_another([left, right], []) == {"left"}
    assert told_by_another([left], []) == frozenset()
    brokers = [fault("left", "LINK_DOWN", ""), fault("right", "LINK_DOWN", "")]
    assert told_by_another(brokers, []) == {"right"}
    assert told_by_another(brokers, [fault("alerter", "LINK_DOWN", "broker")]) == {"left", "right"}
    apart = [fault("left", "BATTERY", ""), fault("right", "BATTERY", ""), CRAMP, replace(CRAMP, id="other")]
    assert told_by_another(apart, [fault("alerter", "LINK_DOWN", "Anna-1-ntfy")]) == frozenset()


def test_pairs_are_remembered_over_a_restart(tmp_path: Path) -> None:
    right = replace(CRAMP, id="right-calf.1", sensor="right-calf", site="right-calf")
    with Journal(tmp_path / "journal.sqlite", "boot", AT) as journal:
        pair, rest = Limbs(journal).pair([CRAMP, right])
        assert pair is not None
        assert rest == ()
    with Journal(tmp_path / "journal.sqlite", "boot", AT) as journal:
        limbs = Limbs(journal)
        assert limbs.kin_of(right) == (pair.occurrence.id,)
        assert limbs.kin_of(pair.occurrence, pair) == pair.member_ids
        assert limbs.kin_of(replace(CRAMP, id="other")) == ()
        for kept in ("{", "[]", "3", '{"a": 1}'):
            journal.remember("pairs", kept)
            assert Limbs(journal).kin_of(right) == ()
