"""How the night stands, told step by step: counts, contact, and the conditions that stand at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from detector.monitor_state import Code, MonitorState
from detector.standing import BAD_SIGNAL_S, LONG_BAD_SIGNAL_S, LONG_SILENT_S, SILENT_S, Standing
from detector.types import SignalQuality
from firmware_bridge.samples import Gap, LinkState, SensorStatus
from tests.detector.mqtt_world import BEGAN, contraction
from tests.detector.signals import Scene, part

AT = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
RATE_HZ = 1000.0
BLOCK = Scene(1.0).block()
INFO = BLOCK.info


def standing() -> Standing:
    return Standing(MonitorState("left-calf", "b00t", AT), started_s=0.0)


def wall_at(index: int) -> datetime:
    return BEGAN + timedelta(seconds=index / RATE_HZ)


def judged(night: Standing, now_s: float, faults: Mapping[Code, str] | None = None) -> MonitorState:
    return night.judged(now_s=now_s, at=AT + timedelta(seconds=now_s), faults=faults or {})


def codes(state: MonitorState) -> list[str]:
    return [condition.code for condition in state.conditions]


def second_of(*flags: str, channel: int = 0) -> SignalQuality:
    return SignalQuality(0, 1000, channel, flags, 3.0, 0.0)


def test_silence_stands_only_after_its_time_and_since_then() -> None:
    night = standing()
    assert codes(judged(night, SILENT_S)) == []
    first = judged(night, SILENT_S + 0.1)
    assert codes(first) == ["NO_DATA"]
    assert first.contact == "unknown"
    later = judged(night, SILENT_S + 60.0)
    assert later.conditions[0].since == first.conditions[0].since
    night.data(BLOCK, SILENT_S + 60.0)
    assert codes(judged(night, SILENT_S + 61.0)) == []


def test_silence_is_explained_by_the_link_while_that_is_down() -> None:
    night = standing()
    night.link(LinkState(up=False, reason="unplugged"))
    assert judged(night, 10.0).conditions[0].text == "unplugged"
    night.link(LinkState(up=True, reason=""))
    assert judged(night, 10.0).conditions[0].text == "No samples come from the sensor."


def test_a_contraction_that_goes_silent_stays_and_is_unsure() -> None:
    night = standing()
    night.data(BLOCK, 0.0)
    night.contraction(contraction(), wall_at)
    sure, unsure = judged(night, 1.0).now, judged(night, 20.0).now
    assert sure is not None
    assert unsure == replace(sure, certainty="unconfirmed")


def test_a_bad_signal_is_said_after_its_time_and_a_good_second_ends_it() -> None:
    night = standing()
    for second in range(int(BAD_SIGNAL_S)):
        assert "BAD_SIGNAL" not in codes(judged(night, 0.0)), second
        night.quality(second_of("hum"), RATE_HZ, float(second))
    state = judged(night, 0.0)
    assert codes(state) == ["BAD_SIGNAL"]
    assert state.contact == "poor"
    night.quality(second_of(), RATE_HZ, 11.0)
    state = judged(night, 0.0)
    assert not state.conditions
    assert state.contact == "good"
    good_s: float | None = night.last_good_s
    assert good_s == 11.0
    assert (state.monitored_s, state.usable_s) == (BAD_SIGNAL_S + 1.0, 1.0)


@pytest.mark.parametrize("flag", ["flat", "railed", "lead_off"])
def test_what_means_that_the_electrode_came_off(flag: str) -> None:
    night = standing()
    night.quality(second_of(flag), RATE_HZ, 1.0)
    assert night.state.contact == "off"


def test_the_first_channel_speaks_for_the_sensor() -> None:
    night = standing()
    night.quality(second_of("flat", channel=1), RATE_HZ, 1.0)
    assert (night.state.contact, night.state.monitored_s) == ("unknown", 0.0)


def test_what_others_have_found_stands_beside_what_the_signal_tells() -> None:
    night = standing()
    state = judged(night, 10.0, {"STORAGE": "Nothing is recorded: no space left."})
    assert codes(state) == ["STORAGE", "NO_DATA"]
    assert state.conditions[0].text == "Nothing is recorded: no space left."
    assert codes(judged(night, 11.0)) == ["NO_DATA"]


def test_silence_presses_after_half_a_minute_and_a_bad_signal_after_a_whole_one() -> None:
    night = standing()
    assert judged(night, LONG_SILENT_S).conditions[0].priority == "low"
    assert judged(night, LONG_SILENT_S + 0.1).conditions[0].priority == "medium"
    for _ in range(int(LONG_BAD_SIGNAL_S) - 1):
        night.quality(second_of("hum"), RATE_HZ, 0.0)
    assert judged(night, 0.0).conditions[0].priority == "low"
    night.quality(second_of("hum"), RATE_HZ, 0.0)
    assert judged(night, 0.0).conditions[0].priority == "medium"


def test_a_link_that_loses_much_for_ten_seconds_is_said_with_the_share() -> None:
    night = standing()
    night.sensor(INFO, recording=None, recording_id="r")
    for second in range(10):
        assert codes(judged(night, 0.0)) == [], second
        night.data(part(BLOCK, 0, 900), 0.0)
        night.data(Gap(900, 100, "lost frames"), 0.0)
    [condition] = judged(night, 0.0).conditions
    assert (condition.code, condition.priority) == ("BAD_SIGNAL", "low")
    assert condition.text.startswith("10 % of the samples are lost")


def test_a_battery_is_said_when_low_presses_when_lower_and_is_over_only_well_above() -> None:
    night = standing()
    said = []
    for percent in (21, 20, 23, 24, 20, 8, 11, 12, 23, 24):
        night.status(SensorStatus(0, round(3300 + 8.5 * percent), (False,), 0, 0))
        conditions = judged(night, 0.0).conditions
        said.append(conditions[0].priority if conditions else None)
    assert said == [None, "low", "low", None, "low", "medium", "medium", "low", "low", None]


@pytest.mark.parametrize(
    ("millivolts", "percent"), [(None, None), (3000, 0), (3300, 0), (3725, 50), (4150, 100), (5000, 100)]
)
def test_the_battery(millivolts: int | None, percent: int | None) -> None:
    night = standing()
    night.status(SensorStatus(0, millivolts, (False,), 0, 0))
    assert night.state.battery_percent == percent


def test_a_cramp_counts_once_whatever_its_revisions_and_its_length_is_kept() -> None:
    night = standing()
    for revision, phase in enumerate(("started", "updated", "ended")):
        night.contraction(contraction(1, revision=revision, phase=phase, duration_s=8.04 + revision), wall_at)
    night.contraction(contraction(90, alert="none", kind="leg_movement"), wall_at)
    state = night.state
    assert (state.cramps_tonight, state.last_cramp, state.last_duration_s) == (1, wall_at(1000), 10.0)


def test_what_alarms_is_shown_before_what_does_not_and_then_the_newest() -> None:
    night = standing()
    night.contraction(contraction(1), wall_at)
    night.contraction(contraction(2, alert="none"), wall_at)
    assert night.state.now is not None
    assert night.state.now.event_id == contraction(1).id
    night.contraction(contraction(3), wall_at)
    assert night.state.now.event_id == contraction(3).id
    night.contraction(contraction(3, phase="ended"), wall_at)
    night.contraction(contraction(1, phase="ended"), wall_at)
    assert night.state.now.event_id == contraction(2).id
    night.contraction(contraction(2, phase="ended", alert="none"), wall_at)
    assert night.state.now is None


def test_an_artefact_is_never_the_contraction_now() -> None:
    night = standing()
    night.contraction(contraction(1, kind="artefact", alert="none"), wall_at)
    assert night.state.now is None
