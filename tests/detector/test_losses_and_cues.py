"""What losses, the sensor's own vibration and faults do to contractions: they mask, and are owned up to."""

from dataclasses import replace

import pytest

from firmware_bridge.samples import Gap, Mark, SensorStatus
from tests.detector.signals import Scene, alerts, detect, found, only, stream

CRAMP = Scene(70.0, amplitude_uv=[(20.0, 50.0, 60.0)])


@pytest.mark.parametrize("gap_s", [0.15, 0.3, 2.0])
def test_a_cramp_outlives_a_short_loss_and_says_so(gap_s: float) -> None:
    gap = Gap(30_000, int(gap_s * 100) * 10, "link down")
    event = only(found(CRAMP, gaps=[gap]), "tonic")
    assert event.alert == "cramp"
    assert event.duration_s == pytest.approx(30.0, abs=1.5)
    assert event.quality == "unconfirmed"


def test_a_bridged_loss_of_100_ms_leaves_the_event_good() -> None:
    event = only(found(CRAMP, gaps=[Gap(30_000, 100, "lost frames")]), "tonic")
    assert event.quality == "good"


def test_a_cramp_that_the_signal_leaves_is_unconfirmed_and_ends_where_it_was_last_seen() -> None:
    events = found(CRAMP, gaps=[Gap(35_000, 25_000, "link down")])
    event = only(events, "tonic")
    assert event.quality == "unconfirmed"
    assert (event.offset_index or 0) / 1000.0 == pytest.approx(35.0, abs=0.3)


def test_a_cramp_at_the_end_of_the_stream_is_unconfirmed() -> None:
    event = only(found(replace(CRAMP, duration_s=40.0)), "tonic")
    assert event.phase == "ended"
    assert event.quality == "unconfirmed"


def test_a_cramp_under_losses_every_few_seconds_is_found() -> None:
    gaps = [Gap(index, 300, "lost frames") for index in range(21_000, 60_000, 2_500)]
    assert alerts(detect(stream(CRAMP.block(), gaps=gaps), CRAMP.info)) == ["cramp"]


def cue(index: int, duration_s: float) -> Mark:
    return Mark(index, "cue", "steady", duration_s)


def test_the_sensors_own_vibration_starts_no_event() -> None:
    scene = Scene(60.0, amplitude_uv=[(20.0, 32.0, 80.0)], movement_mg=[(20.0, 32.0, 300.0)])
    assert found(scene, notes=[cue(20_000, 12.0)]) == []
    assert found(scene) != []


def test_the_sensors_own_vibration_does_not_prolong_a_cramp() -> None:
    scene = replace(CRAMP, amplitude_uv=[(20.0, 40.0, 60.0), (40.0, 43.0, 80.0)])
    event = only(found(scene, notes=[cue(40_000, 3.0)]), "tonic")
    assert event.duration_s == pytest.approx(20.0, abs=0.5)


def test_the_sensors_own_vibration_does_not_hide_a_cramp() -> None:
    cues = [cue(index, 0.5) for index in range(21_000, 50_000, 3_000)]
    shaken = [(one.index / 1000.0, one.index / 1000.0 + 0.5, 400.0) for one in cues]
    scene = replace(CRAMP, movement_mg=shaken)
    event = only(found(scene, notes=cues), "tonic")
    assert event.alert == "cramp"
    assert event.quality == "good"
    assert event.duration_s == pytest.approx(30.0, abs=1.5)


def test_an_electrode_that_is_off_masks() -> None:
    off = SensorStatus(18_000, 3_700, (True,), 0, 0)
    events = found(CRAMP, notes=[off])
    assert {event.kind for event in events} == {"artefact"}
    assert events[0].reason.startswith("electrode off")
