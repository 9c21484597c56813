"""What the detector says of contractions whose kind is known: made of shaped noise, not of muscle."""

from dataclasses import replace

import pytest

from detector.settings import DetectorSettings
from detector.types import Contraction
from firmware_bridge.samples import Scale
from tests.detector.signals import Scene, alerts, detect, found, only, sensor

NO_ACC = sensor(acc_hz=0.0)


def revisions(scene: Scene) -> list[Contraction]:
    return [item for item in detect([scene.block()], scene.info) if isinstance(item, Contraction)]


CRAMP = Scene(70.0, amplitude_uv=[(20.0, 50.0, 60.0)])
RUN = Scene(45.0, bursts=[(20.0, 30.0, 80.0, 3.0, 0.15)])


@pytest.mark.parametrize("rate_hz", [250.0, 500.0, 990.5, 1000.0, 2000.0])
def test_a_cramp_of_30_s_is_found_at_every_rate(rate_hz: float) -> None:
    scene = replace(CRAMP, info=sensor(rate_hz, rate_hz / 10))
    event = only(found(scene), "tonic")
    assert event.alert == "cramp"
    assert event.confirmed
    assert event.onset_index / rate_hz == pytest.approx(20.0, abs=0.3)
    assert event.duration_s == pytest.approx(30.0, abs=1.5)


def test_a_cramp_is_judged_within_ten_seconds_of_its_onset() -> None:
    event = only(found(CRAMP), "tonic")
    assert 7.0 <= (event.decided_index - event.onset_index) / 1000.0 <= 10.0


def test_a_cramp_that_begins_20_s_after_the_start_of_the_recording_is_found() -> None:
    assert alerts(detect([CRAMP.block()], CRAMP.info)) == ["cramp"]


def test_a_cramp_is_told_in_revisions_of_one_event() -> None:
    told = revisions(CRAMP)
    assert [one.revision for one in told] == list(range(len(told)))
    assert len({one.id for one in told}) == 1
    assert [one.phase for one in told] == ["started", *["updated"] * (len(told) - 2), "ended"]
    assert [one.alert for one in told][-3:] == ["cramp"] * 3
    assert [one.confirmed for one in told][-2:] == [True, True]
    assert all(one.offset_index is None for one in told[:-1])


def test_a_verdict_never_changes_its_time() -> None:
    judged = [one.decided_index for one in revisions(CRAMP) if one.alert == "cramp"]
    assert len(set(judged)) == 1


def test_a_cramp_says_what_was_measured_and_why() -> None:
    event = only(found(CRAMP), "tonic")
    assert event.mean_uv == pytest.approx(60.0, rel=0.1)
    assert event.times_baseline == pytest.approx(20.0, rel=0.15)
    assert event.peak_uv is not None
    assert event.mean_uv is not None
    assert event.peak_uv >= event.mean_uv
    assert event.modulation_depth is not None
    assert event.modulation_depth < 0.4
    assert event.reason.startswith(("left calf tight 30 s, ", "left calf tight 31 s, "))
    assert event.reason.endswith(" x resting level, leg still")
    assert 0.5 < event.confidence <= 1.0
    assert event.quality == "good"


def test_without_an_accelerometer_the_cramp_is_found_later_and_the_reason_says_so() -> None:
    event = only(found(replace(CRAMP, info=NO_ACC)), "tonic")
    with_acc = only(found(CRAMP), "tonic")
    assert event.alert == "cramp"
    assert event.decided_index > with_acc.decided_index
    assert event.confidence < with_acc.confidence
    assert event.movement_mg is None
    assert event.reason.endswith("movement unknown, no accelerometer")


@pytest.mark.parametrize("rest_uv", [0.5, 3.0, 8.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rest_has_no_events(rest_uv: float, seed: int) -> None:
    assert found(Scene(120.0, rest_uv=rest_uv, seed=seed)) == []


@pytest.mark.parametrize("hum_uv", [20.0, 200.0, 2_000.0])
@pytest.mark.parametrize("rate_hz", [250.0, 1000.0])
def test_hum_never_alerts_and_is_called_an_artefact(hum_uv: float, rate_hz: float) -> None:
    events = found(Scene(90.0, hum_uv=[(20.0, 80.0, hum_uv)], info=sensor(rate_hz, 50.0)))
    assert {event.alert for event in events} == {"none"}
    artefact = only(events, "artefact")
    assert artefact.duration_s == pytest.approx(60.0, abs=2.5)
    assert artefact.reason.startswith("mains hum")


def test_hum_from_the_first_sample_to_the_last_never_alerts() -> None:
    scene = Scene(60.0, hum_uv=[(0.0, 60.0, 300.0)], info=NO_ACC)
    assert alerts(detect([scene.block()], NO_ACC)) == []


def test_a_twitch_is_nothing() -> None:
    assert found(Scene(40.0, amplitude_uv=[(20.0, 20.1, 80.0)])) == []


def test_a_contraction_too_weak_for_a_cramp_is_tonic_without_alert() -> None:
    event = only(found(Scene(60.0, amplitude_uv=[(20.0, 45.0, 11.0)])), "tonic")
    assert event.alert == "none"
    assert "too weak for a cramp" in event.reason


def test_a_calibrated_wearer_has_a_higher_limit() -> None:
    settings = DetectorSettings(levels=False, mvc_uv=1_000.0)
    assert alerts(detect([CRAMP.block()], CRAMP.info, settings)) == []


def test_what_lasts_over_ten_minutes_is_told_again() -> None:
    scene = Scene(700.0, amplitude_uv=[(30.0, 660.0, 60.0)], info=sensor(250.0, 25.0))
    told = revisions(scene)
    assert any(one.phase == "updated" and one.duration_s >= 600.0 for one in told)
    assert told[-1].duration_s == pytest.approx(630.0, abs=2.0)


def test_activity_from_the_first_sample_is_not_taken_for_rest() -> None:
    scene = Scene(90.0, amplitude_uv=[(0.0, 20.0, 60.0), (60.0, 80.0, 60.0)])
    assert "cramp" in alerts(detect([scene.block()], scene.info))
    assert [event.onset_index // 1000 for event in found(scene) if event.kind == "tonic"][
        -1
    ] == pytest.approx(60, abs=1)


def test_a_recording_in_counts_is_judged_by_ratios() -> None:
    info = sensor(scale=Scale(-32768, 32767, -32768.0, 32767.0, "count"))
    scene = Scene(70.0, amplitude_uv=[(20.0, 50.0, 600.0)], rest_uv=30.0, info=info)
    assert only(found(scene), "tonic").alert == "cramp"


def test_a_ten_bit_sensor_finds_a_cramp() -> None:
    """4.9 µV a count: rest is mostly rounding."""
    info = sensor(scale=Scale(0, 1023, -2500.0, 2500.0, "uV"))
    scene = Scene(70.0, amplitude_uv=[(20.0, 50.0, 60.0)], rest_uv=2.0, info=info)
    assert only(found(scene), "tonic").alert == "cramp"


def test_every_channel_has_its_own_events_and_ids() -> None:
    info = sensor(sites=("left-calf", "right-calf"))
    events = found(replace(CRAMP, info=info))
    assert [(event.channel, event.site, event.alert) for event in events] == [
        (0, "left-calf", "cramp"),
        (1, "right-calf", "cramp"),
    ]
    assert len({event.id for event in events}) == 2


def test_ids_are_unique_and_made_of_recording_and_onset() -> None:
    scene = Scene(80.0, amplitude_uv=[(10.0, 12.0, 50.0), (20.0, 40.0, 60.0)], hum_uv=[(50.0, 60.0, 90.0)])
    events = found(scene)
    assert len({event.id for event in events}) == len(events) == 3
    assert all(event.id == f"test.{event.onset_index}" for event in events)


def test_a_cramp_that_swells_is_judged_sooner_after_its_foot_than_one_that_begins_at_once() -> None:
    swelling = [(20.0 + 0.25 * k, 20.25 + 0.25 * k, 8.0 + 4.0 * k) for k in range(12)]
    scene = Scene(70.0, amplitude_uv=[*swelling, (23.0, 50.0, 60.0)])
    slow, abrupt = only(found(scene), "tonic"), only(found(CRAMP), "tonic")
    assert slow.alert == abrupt.alert == "cramp"
    assert slow.decided_index - slow.onset_index < abrupt.decided_index - abrupt.onset_index


def test_a_cramp_that_only_now_and_then_reaches_four_times_rest_is_found() -> None:
    waves = [(20.0 + 2.0 * k, 21.0 + 2.0 * k, 19.5) for k in range(15)]
    troughs = [(21.0 + 2.0 * k, 22.0 + 2.0 * k, 16.0) for k in range(15)]
    scene = Scene(70.0, amplitude_uv=[*waves, *troughs])
    assert alerts(detect([scene.block()], scene.info)) == ["cramp"]
