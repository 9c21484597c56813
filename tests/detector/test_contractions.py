"""What the detector says of contractions whose kind is known: made of shaped noise, not of muscle."""

from dataclasses import replace
from typing import Any

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


@pytest.mark.parametrize(("rate_hz", "width_s"), [(3.0, 0.08), (4.5, 0.12), (5.0, 0.08), (6.5, 0.06)])
@pytest.mark.parametrize("info", [sensor(), NO_ACC], ids=["acceleration", "none"])
def test_a_burst_run_of_10_s_is_clonic(rate_hz: float, width_s: float, info: Any) -> None:
    scene = Scene(45.0, bursts=[(20.0, 30.0, 80.0, rate_hz, width_s)], info=info)
    event = only(found(scene), "clonic")
    assert event.alert == "clonic"
    assert event.burst_rate_hz == pytest.approx(rate_hz, rel=0.15)
    assert event.burst_count == pytest.approx(10 * rate_hz, abs=2)
    assert event.onset_index / 1000.0 == pytest.approx(20.0, abs=0.1)
    assert event.duration_s == pytest.approx(10.0, abs=0.4)
    assert (event.decided_index - event.onset_index) / 1000.0 < 6.0
    assert "bursts" in event.reason
    assert alerts(detect([scene.block()], info)) == ["clonic"]


def jerks(
    at_s: float, end_s: float, level_uv: float, first_gap_s: float, growth: float
) -> list[tuple[float, float, float]]:
    """Return bursts of 0.2 s whose silences lengthen by a factor from each to the next."""
    bursts, gap_s = [], first_gap_s
    while at_s < end_s:
        bursts.append((at_s, at_s + 0.2, level_uv))
        at_s += 0.2 + gap_s
        gap_s *= growth
    return bursts


@pytest.mark.parametrize("growth", [1.05, 1.1, 1.2])
@pytest.mark.parametrize("shake_mg", [0.0, 150.0])
def test_jerks_whose_silences_lengthen_are_clonic_within_12_s(growth: float, shake_mg: float) -> None:
    scene = Scene(60.0, jerks(20.0, 40.0, 80.0, 0.1, growth), movement_mg=[(20.0, 40.0, shake_mg)])
    event = only(found(scene), "clonic")
    assert event.alert == "clonic"
    assert event.onset_index / 1000.0 == pytest.approx(20.0, abs=0.3)
    assert (event.decided_index - event.onset_index) / 1000.0 < 12.0


@pytest.mark.parametrize(("rate_hz", "width_s"), [(0.8, 0.6), (1.5, 0.35), (2.2, 0.25), (3.0, 0.2)])
def test_a_foot_tremor_that_keeps_its_pace_is_not_clonic(rate_hz: float, width_s: float) -> None:
    """Bursts of 250–1000 ms, 0.3–4 a second, for 10–15 s (science.md section 4)."""
    scene = Scene(60.0, bursts=[(20.0, 34.0, 80.0, rate_hz, width_s)], movement_mg=[(20.0, 34.0, 15.0)])
    assert alerts(detect([scene.block()], scene.info)) == []


def test_a_rhythm_that_outlasts_every_foot_tremor_in_a_still_leg_is_clonic() -> None:
    scene = Scene(60.0, bursts=[(20.0, 42.0, 80.0, 3.0, 0.15)])
    assert alerts(detect([scene.block()], scene.info)) == ["clonic"]


@pytest.mark.parametrize("rest_uv", [0.5, 3.0, 8.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rest_has_no_events(rest_uv: float, seed: int) -> None:
    assert found(Scene(120.0, rest_uv=rest_uv, seed=seed)) == []


@pytest.mark.parametrize("info", [sensor(), NO_ACC], ids=["acceleration", "none"])
def test_walking_never_alerts(info: Any) -> None:
    """Calf bursts of 0.4 s at a stride a second, the leg swinging."""
    walk = Scene(90.0, bursts=[(20.0, 80.0, 120.0, 1.0, 0.4)], movement_mg=[(19.5, 80.5, 400.0)], info=info)
    assert alerts(detect([walk.block()], info)) == []


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


@pytest.mark.parametrize("duration_s", [0.6, 1.0, 3.2, 6.0])
def test_a_short_activity_is_a_leg_movement(duration_s: float) -> None:
    event = only(found(Scene(40.0, amplitude_uv=[(20.0, 20.0 + duration_s, 50.0)])), "leg_movement")
    assert event.alert == "none"
    assert event.phase == "ended"
    assert event.duration_s == pytest.approx(duration_s, abs=0.4)


def test_a_twitch_is_nothing() -> None:
    assert found(Scene(40.0, amplitude_uv=[(20.0, 20.1, 80.0)])) == []


def test_a_turn_over_never_alerts() -> None:
    turn = Scene(
        70.0,
        amplitude_uv=[(20.0, 42.0, 90.0)],
        movement_mg=[(20.0, 42.0, 400.0)],
        tilt_deg=[(21.0, 23.0, 70.0)],
    )
    events = found(turn)
    assert {event.alert for event in events} == {"none"}
    assert "moved as it began" in events[0].reason


@pytest.mark.parametrize("overlap_s", [0.0, 3.0])
def test_a_cramp_that_begins_in_or_just_after_a_turn_over_is_found_within_20_s(overlap_s: float) -> None:
    scene = Scene(
        90.0,
        amplitude_uv=[(20.0, 26.0 - overlap_s, 90.0), (26.0 - overlap_s, 56.0, 60.0)],
        movement_mg=[(20.0, 26.0, 400.0)],
        tilt_deg=[(21.0, 23.0, 70.0)],
    )
    event = only(found(scene), "tonic")
    assert event.alert == "cramp"
    assert event.decided_index / 1000.0 < 46.0 - overlap_s


@pytest.mark.parametrize("tail_s", [2.0, 5.0, 8.0])
def test_the_tension_that_a_turn_over_leaves_behind_never_alerts(tail_s: float) -> None:
    turn = Scene(
        70.0,
        amplitude_uv=[(20.0, 27.0 + tail_s, 90.0)],
        movement_mg=[(20.0, 27.0, 400.0)],
        tilt_deg=[(21.0, 23.0, 70.0)],
    )
    assert alerts(detect([turn.block()], turn.info)) == []


@pytest.mark.parametrize("begin_s", [4.5, 6.0, 9.0])
def test_who_thrashes_from_soon_after_the_onset_to_the_end_has_a_cramp(begin_s: float) -> None:
    scene = replace(
        CRAMP, movement_mg=[(20.0 + begin_s, 50.0, 500.0)], tilt_deg=[(21.0 + begin_s, 23.0 + begin_s, 60.0)]
    )
    event = only(found(scene), "tonic")
    assert event.alert == "cramp"
    assert (event.decided_index - event.onset_index) / 1000.0 < 20.0


def test_a_loose_electrode_that_hums_and_hisses_by_turns_never_alerts() -> None:
    hiss = [(20.0 + 4.0 * k, 21.5 + 4.0 * k, 60.0) for k in range(10)]
    hum = [(21.5 + 4.0 * k, 24.0 + 4.0 * k, 80.0) for k in range(10)]
    scene = Scene(80.0, amplitude_uv=hiss, hum_uv=hum)
    assert alerts(detect([scene.block()], scene.info)) == []


def test_a_leg_movement_with_twitches_after_it_is_no_cramp() -> None:
    twitches = [(28.6 + 0.4 * k, 28.7 + 0.4 * k, 14.0) for k in range(20)]
    scene = Scene(60.0, amplitude_uv=[(20.0, 28.2, 60.0), *twitches])
    assert alerts(detect([scene.block()], scene.info)) == []


def test_a_held_posture_that_began_with_a_movement_never_alerts() -> None:
    point_toe = Scene(80.0, amplitude_uv=[(20.0, 50.0, 90.0)], movement_mg=[(19.8, 21.0, 150.0)])
    event = only(found(point_toe), "tonic")
    assert event.alert == "none"
    assert "the leg moved as it began" in event.reason


def test_a_cramp_under_way_is_not_cancelled_by_thrashing() -> None:
    scene = replace(CRAMP, movement_mg=[(30.0, 40.0, 800.0)], tilt_deg=[(31.0, 33.0, 60.0)])
    event = only(found(scene), "tonic")
    assert event.alert == "cramp"
    assert event.duration_s == pytest.approx(30.0, abs=1.5)
    assert "the leg moved later" in event.reason


def test_a_contraction_too_weak_for_a_cramp_is_tonic_without_alert() -> None:
    event = only(found(Scene(60.0, amplitude_uv=[(20.0, 45.0, 11.0)])), "tonic")
    assert event.alert == "none"
    assert "too weak for a cramp" in event.reason


def test_a_calibrated_wearer_has_a_higher_limit() -> None:
    settings = DetectorSettings(levels=False, mvc_uv=1_000.0)
    assert alerts(detect([CRAMP.block()], CRAMP.info, settings)) == []


def test_a_tonic_contraction_that_breaks_into_slowing_jerks_is_a_sequence() -> None:
    jerks, at_s, gap_s = [], 32.2, 0.08
    while at_s < 52.0:
        jerks.append((at_s, at_s + 0.15, 90.0))
        at_s += 0.15 + gap_s
        gap_s *= 1.08
    events = found(Scene(75.0, amplitude_uv=[(20.0, 32.0, 90.0), *jerks], movement_mg=[(32.0, 52.0, 50.0)]))
    tonic, clonic = only(events, "tonic"), only(events, "clonic")
    assert clonic.alert == "tonic_clonic"
    assert tonic.sequence == clonic.sequence == tonic.id
    assert tonic.duration_s == pytest.approx(12.0, abs=1.0)
    assert clonic.onset_index >= (tonic.offset_index or 0) - 250
    assert "after 12 s of tightness" in clonic.reason


def test_a_tonic_phase_that_passed_for_a_leg_movement_is_told_again_when_a_rhythm_follows() -> None:
    scene = Scene(60.0, amplitude_uv=[(20.0, 25.0, 90.0)], bursts=[(28.0, 38.0, 90.0, 4.0, 0.12)])
    told = revisions(scene)
    first = [one for one in told if one.onset_index < 25_000]
    assert [(one.kind, one.revision, one.sequence) for one in first] == [
        ("leg_movement", 0, None),
        ("tonic", 1, first[0].id),
    ]
    assert only(found(scene), "clonic").sequence == first[0].id


def test_a_rhythm_long_after_a_leg_movement_does_not_make_it_tonic() -> None:
    scene = Scene(60.0, amplitude_uv=[(20.0, 25.0, 90.0)], bursts=[(36.0, 46.0, 90.0, 4.5, 0.10)])
    assert {event.kind for event in found(scene)} == {"leg_movement", "clonic"}
    assert only(found(scene), "clonic").sequence is None


def test_a_cramp_and_a_later_clonic_run_are_no_sequence() -> None:
    scene = replace(CRAMP, duration_s=100.0, bursts=[(70.0, 80.0, 80.0, 4.5, 0.10)])
    clonic = only(found(scene), "clonic")
    assert clonic.sequence is None
    assert clonic.alert == "clonic"


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


@pytest.mark.parametrize("duration_s", [8.6, 9.0, 9.2])
def test_a_leg_movement_of_nearly_ten_seconds_never_alerts(duration_s: float) -> None:
    scene = Scene(50.0, amplitude_uv=[(20.0, 20.0 + duration_s, 60.0)])
    assert alerts(detect([scene.block()], scene.info)) == []


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
