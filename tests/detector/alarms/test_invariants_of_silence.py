"""ALARMS section 4: I1 to I6: each invariant by itself; `test_any_night` keeps them all at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from detector.alarms.conditions import CONDITIONS
from detector.alarms.values import Act, ActName, AlarmCode, Observation, RefusedActError
from tests.detector.alarms.alarm_world import CRAMP, STAGES, Night, in_stage, physio, raised

TECHNICAL: list[AlarmCode] = [code for code, row in CONDITIONS.items() if row.region == "tech"]
# Those that leave a usable signal.
SEEING: list[AlarmCode] = [code for code in TECHNICAL if code not in {"NO_DATA", "BAD_SIGNAL"}]
BLIND: list[AlarmCode] = ["NO_DATA", "DETECTOR_DOWN"]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", TECHNICAL)
def test_i1_a_technical_alarm_never_changes_a_physiological_one(fault: AlarmCode, stage: str) -> None:
    disturbed, quiet = in_stage(stage), in_stage(stage)
    fault_alarm = raised(disturbed, fault)
    disturbed.ack(fault_alarm)
    quiet.sleep(30.0)
    disturbed.sleep(30.0)
    disturbed.end(fault)
    quiet.sleep(700.0, step_s=10.0)
    disturbed.sleep(700.0, step_s=10.0)
    assert physio(disturbed.log) == physio(quiet.log)


@pytest.mark.parametrize("fault", SEEING)
def test_i2_a_cramp_is_raised_whatever_technical_alarms_stand(fault: AlarmCode) -> None:
    night = Night()
    raised(night, fault)
    cramp = night.begin("CRAMP", CRAMP)
    assert cramp.stage == "active"
    assert night.engine.signals(night.now).occurrence_id == cramp.id
    assert night.engine.signals(night.now).sound == "soft"


def test_i2_a_cramp_is_raised_while_all_technical_alarms_stand_at_once() -> None:
    night = Night()
    for fault in SEEING:
        raised(night, fault)
    assert night.begin("CRAMP", CRAMP).stage == "active"


@pytest.mark.parametrize("stage", ["active", "paused", "acked", "snoozed"])
def test_i3_a_cramp_whose_signal_is_lost_stays_and_is_unconfirmed(stage: str) -> None:
    night = in_stage(stage)
    night.signal_lost = True
    night.end("CRAMP")
    night.sleep(90.0)
    assert (night.stage("CRAMP"), night.of("CRAMP").unconfirmed) == (stage, True)
    night.sleep(4000.0, step_s=20.0)
    assert night.stage("CRAMP") in {"active", "acked", "latched"}
    assert night.of("CRAMP").unconfirmed


def test_i3_stale_data_makes_no_new_sound_and_none_louder() -> None:
    night = Night()
    night.signal_lost = True
    night.holding["CRAMP", ""] = CRAMP
    night.sleep(30.0)
    assert night.stage("CRAMP") == "inactive"

    heard = in_stage("active")
    heard.sleep(10.0)
    heard.signal_lost = True
    heard.sleep(100.0)
    assert heard.engine.signals(heard.now).sound == "soft"


def test_i3_a_snooze_that_ends_without_a_signal_is_kept_silently() -> None:
    night = in_stage("snoozed")
    night.signal_lost = True
    night.sleep(601.0, step_s=5.0)
    assert night.stage("CRAMP") == "latched"
    assert night.engine.signals(night.now).sound == "off"
    night.sleep(7200.0, step_s=60.0)
    assert night.stage("CRAMP") == "latched"


def test_i3_when_the_signal_is_back_the_same_cramp_goes_on() -> None:
    night = in_stage("active")
    alarm = night.of("CRAMP")
    night.signal_lost = True
    night.sleep(30.0)
    night.signal_lost = False
    night.sleep(1.0)
    assert (night.of("CRAMP").id, night.of("CRAMP").unconfirmed) == (alarm.id, False)


@pytest.mark.parametrize("name", ["ack", "snooze", "pause", "going", "reset"])
def test_i4_an_answer_silences_neither_another_alarm_nor_a_later_one(name: ActName) -> None:
    night = in_stage("active")
    fault = raised(night, "NO_DATA")
    first = night.of("CRAMP")
    if name == "reset":
        with pytest.raises(RefusedActError):
            night.act(Act(name, "Ada", first.id))
        return
    night.act(Act(name, "Ada", first.id, minutes=5 if name == "snooze" else None))
    assert night.of("NO_DATA") == fault
    night.holding["CRAMP", ""] = Observation("another", event_id="e.2")
    night.sleep(1.0)
    later = night.of("CRAMP")
    assert (later.stage, later.acked_by) == ("active", None)
    assert name == "pause" or later.id != first.id


@pytest.mark.parametrize("stage", ["paused", "acked", "snoozed"])
def test_i4_an_answer_does_not_silence_a_higher_priority(stage: str) -> None:
    night = Night()
    alarm = night.begin("RHYTHMIC", Observation(since_s=night.now_s - 10.0, priority="medium"))
    names: dict[str, ActName] = {"paused": "pause", "acked": "ack", "snoozed": "snooze"}
    night.act(Act(names[stage], "Ada", alarm.id, minutes=10 if stage == "snoozed" else None))
    assert night.stage("RHYTHMIC") == stage
    night.begin("RHYTHMIC", Observation(priority="high"))
    assert (night.stage("RHYTHMIC"), night.of("RHYTHMIC").call) == ("active", 2)


@pytest.mark.parametrize("code", ["CRAMP", "RHYTHMIC", "NO_DATA", "LINK_DOWN"])
def test_i4_an_answer_without_an_alarm_or_to_one_that_is_over_is_refused(code: AlarmCode) -> None:
    night = in_stage("active", code)
    for wrong in (None, "", "left-calf.20200101T000000.1"):
        with pytest.raises(RefusedActError):
            night.act(Act("ack", "Eve", wrong))
    assert night.stage(code) == "active"


@pytest.mark.parametrize("minutes", [0, -5, 1, 29.9, 30.1, 60, 525_600, float("inf"), float("nan")])
def test_i5_no_snooze_but_five_ten_or_thirty_minutes(minutes: float) -> None:
    night = in_stage("active")
    with pytest.raises(RefusedActError):
        night.act(Act("snooze", "Ada", night.of("CRAMP").id, minutes=minutes))
    assert night.stage("CRAMP") == "active"


@pytest.mark.parametrize("minutes", [0, -1, 2.01, 525_600, float("inf"), float("nan")])
def test_i5_no_pause_longer_than_two_minutes(minutes: float) -> None:
    night = in_stage("active")
    with pytest.raises(RefusedActError):
        night.act(Act("pause", "Ada", night.of("CRAMP").id, minutes=minutes))


@pytest.mark.parametrize(
    ("name", "minutes", "ends_s"), [("snooze", 5, 300), ("snooze", 30, 1800), ("pause", 2, 120)]
)
def test_i5_every_silence_ends_by_itself_while_the_condition_holds(
    name: ActName, minutes: float, ends_s: float
) -> None:
    night = in_stage("active")
    night.act(Act(name, "Ada", night.of("CRAMP").id, minutes=minutes))
    until = night.of("CRAMP").until
    assert until is not None
    assert until.wall - night.now.wall == timedelta(seconds=ends_s)
    night.sleep(ends_s - 0.5, step_s=0.5)
    assert night.stage("CRAMP") != "active"
    night.sleep(0.5)
    assert night.stage("CRAMP") == "active"


@pytest.mark.parametrize("code", BLIND)
def test_i6_what_says_that_nobody_watches_is_not_snoozed_twice_without_data_between(code: AlarmCode) -> None:
    night = in_stage("active", code)
    night.act(Act("snooze", "Ada", night.of(code).id, minutes=5))
    night.sleep(301.0)
    with pytest.raises(RefusedActError, match="snoozed already"):
        night.act(Act("snooze", "Ben", night.of(code).id, minutes=5))
    # A blink of data is no data; five seconds are.
    held = night.holding[code, ""]
    night.end(code)
    night.sleep(3.0)
    night.begin(code, held)
    with pytest.raises(RefusedActError, match="snoozed already"):
        night.act(Act("snooze", "Ben", night.of(code).id, minutes=5))
    night.end(code)
    night.sleep(5.0)
    night.begin(code, held)
    night.act(Act("snooze", "Ben", night.of(code).id, minutes=5))
    assert night.stage(code) == "snoozed"


@pytest.mark.parametrize("code", BLIND)
def test_i6_what_says_that_nobody_watches_never_ends_by_itself(code: AlarmCode) -> None:
    night = in_stage("active", code)
    night.sleep(12 * 3600.0, step_s=60.0)
    assert night.stage(code) == "active"
    assert night.engine.signals(night.now).pip_every_s is not None


@pytest.mark.parametrize("code", ["NO_DATA", "DETECTOR_DOWN"])
def test_i6_an_answer_to_what_says_that_nobody_watches_holds_for_half_an_hour(code: AlarmCode) -> None:
    night = Night()
    alarm = raised(night, code)
    for call in range(1, 4):
        assert night.of(code).call == call
        night.ack(alarm)
        night.sleep(1799.0)
        assert night.stage(code) == "acked"
        night.sleep(2.0)
        assert (night.stage(code), night.of(code).acked_by) == ("active", None)


@pytest.mark.parametrize("code", ["CRAMP", "BAD_SIGNAL", "BATTERY", "HELP"])
def test_any_other_answer_holds_until_the_condition_is_over(code: AlarmCode) -> None:
    night = Night()
    if code == "HELP":
        night.press(long=True)
    alarm = night.of(code) if code == "HELP" else raised(night, code)
    night.ack(alarm)
    night.sleep(8 * 3600.0, step_s=10.0)
    assert night.stage(code) == "acked"


def test_i6_rest_does_not_renew_a_snooze_but_data_do() -> None:
    night = in_stage("snoozed", "NO_DATA")
    night.act(Act("standby", "Ada", minutes=1))
    night.sleep(100.0)
    with pytest.raises(RefusedActError, match="snoozed already"):
        night.act(Act("snooze", "Ada", night.of("NO_DATA").id, minutes=5))
    night.ack(night.of("NO_DATA"))
    night.act(Act("standby", "Ada", minutes=1))
    night.sleep(60.0)
    night.end("NO_DATA")
    night.sleep(6.0)
    night.begin("NO_DATA")
    night.sleep(6.0)
    night.act(Act("snooze", "Ada", night.of("NO_DATA").id, minutes=5))
    assert night.stage("NO_DATA") == "snoozed"
