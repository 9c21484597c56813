"""How the night stands, told step by step: counts, contact, and what the alarm engine is shown at a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from detector.alarms.values import Observation
from detector.monitor_state import MonitorState
from detector.standing import BAD_S, QUIET_S, SILENT_S, Standing
from detector.types import SignalQuality
from detector.under_way import Observed
from firmware_bridge.samples import Gap, LinkState, SensorStatus
from tests.detector.mqtt_world import BEGAN, contraction
from tests.detector.signals import Scene, part

AT = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
RATE_HZ = 1000.0
BLOCK = Scene(1.0).block()


def standing() -> Standing:
    return Standing(MonitorState("left-calf", "b00t", AT), started_s=0.0)


def wall_at(index: int) -> datetime:
    return BEGAN + timedelta(seconds=index / RATE_HZ)


def codes(observed: Observed) -> set[str]:
    return {name if isinstance(name, str) else name[0] for name in observed}


def of(observed: Observed, code: str) -> Observation:
    [found] = [one for name, one in observed.items() if name[0] == code]
    return found


def second_of(*flags: str, channel: int = 0) -> SignalQuality:
    return SignalQuality(0, 1000, channel, flags, 3.0, 0.0)


def test_silence_is_observed_since_the_last_sample_and_over_with_the_next() -> None:
    night = standing()
    assert codes(night.observed(QUIET_S)) == set()
    assert of(night.observed(QUIET_S + 0.1), "NO_DATA").since_s == 0.0
    night.data(BLOCK, 60.0)
    assert codes(night.observed(61.0)) == set()
    assert of(night.observed(70.0), "NO_DATA").since_s == 60.0


def test_silence_is_explained_by_the_link_while_that_is_down() -> None:
    night = standing()
    night.link(LinkState(up=False, reason="unplugged"))
    assert of(night.observed(10.0), "NO_DATA").text == "unplugged"
    night.link(LinkState(up=True, reason=""))
    assert of(night.observed(10.0), "NO_DATA").text == "No samples come from the sensor."


def test_a_contraction_that_goes_silent_stays_and_is_unsure() -> None:
    night = standing()
    night.data(BLOCK, 0.0)
    night.contraction(contraction(), wall_at, 0.0)
    sure, unsure = night.view(1.0).now, night.view(20.0).now
    assert sure is not None
    assert unsure == replace(sure, certainty="unconfirmed")
    assert [night.signal_lost(now_s) for now_s in (1.0, SILENT_S, SILENT_S + 0.1)] == [False, False, True]
    assert night.view(20.0).contact == "unknown"


def test_a_bad_signal_is_observed_since_it_was_last_good_and_a_good_second_ends_it() -> None:
    night = standing()
    night.data(BLOCK, 10.0)
    for _ in range(int(BAD_S)):
        assert "BAD_SIGNAL" not in codes(night.observed(10.0))
        night.quality(second_of("mains"), RATE_HZ, 10.0)
    assert of(night.observed(10.0), "BAD_SIGNAL").since_s == 10.0 - BAD_S
    poor = night.state.contact
    assert not night.signal_lost(10.0)
    night.quality(second_of(), RATE_HZ, 11.0)
    assert codes(night.observed(11.0)) == set()
    assert (poor, night.state.contact) == ("poor", "good")
    assert (night.last_good_s, night.good_run_s) == (11.0, 1.0)
    assert (night.state.monitored_s, night.state.usable_s) == (BAD_S + 1.0, 1.0)


@pytest.mark.parametrize("flag", ["flat", "railed", "lead_off"])
def test_what_means_that_the_electrode_came_off(flag: str) -> None:
    night = standing()
    night.data(BLOCK, 1.0)
    for _ in range(int(BAD_S)):
        assert not night.signal_lost(1.0)
        night.quality(second_of(flag), RATE_HZ, 1.0)
    assert night.state.contact == "off"
    assert night.signal_lost(1.0)


def test_the_first_channel_speaks_for_the_sensor() -> None:
    night = standing()
    night.quality(second_of("flat", channel=1), RATE_HZ, 1.0)
    assert (night.state.contact, night.state.monitored_s) == ("unknown", 0.0)


def test_a_link_that_loses_much_for_ten_seconds_is_observed_with_the_share() -> None:
    night = standing()
    night.sensor(BLOCK.info, recording=None, recording_id="r")
    for second in range(10):
        assert codes(night.observed(0.0)) == set(), second
        night.data(part(BLOCK, 0, 900), 0.0)
        night.data(Gap(900, 100, "lost frames"), 0.0)
    seen = of(night.observed(100.0), "BAD_SIGNAL")
    assert seen.text.startswith("10 % of the samples are lost")
    assert seen.since_s == 90.0


def test_a_battery_is_observed_when_low_presses_when_lower_and_is_over_only_well_above() -> None:
    night = standing()
    seen = []
    for percent in (21, 20, 23, 24, 20, 8, 11, 12, 23, 24):
        night.status(SensorStatus(0, round(3300 + 8.5 * percent), (False,), 0, 0))
        observed = night.observed(0.0)
        seen.append(of(observed, "BATTERY").priority if observed else None)
    assert seen == [None, "low", "low", None, "low", "medium", "medium", "low", "low", None]


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
        event = contraction(1, revision=revision, phase=phase, duration_s=8.04 + revision)
        night.contraction(event, wall_at, 0.0)
    night.contraction(contraction(90, alert="none", kind="leg_movement"), wall_at, 0.0)
    state = night.state
    assert (state.cramps_tonight, state.last_cramp, state.last_duration_s) == (1, wall_at(1000), 10.0)
