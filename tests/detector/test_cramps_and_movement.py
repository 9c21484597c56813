"""Cramps, leg movements, turn-overs and holds: what a movement explains, and what it does not."""

from dataclasses import replace

import pytest

from tests.detector.signals import Scene, alerts, detect, found, only

CRAMP = Scene(70.0, amplitude_uv=[(20.0, 50.0, 60.0)])


@pytest.mark.parametrize("duration_s", [0.6, 1.0, 3.2, 6.0])
def test_a_short_activity_is_a_leg_movement(duration_s: float) -> None:
    event = only(found(Scene(40.0, amplitude_uv=[(20.0, 20.0 + duration_s, 50.0)])), "leg_movement")
    assert event.alert == "none"
    assert event.phase == "ended"
    assert event.duration_s == pytest.approx(duration_s, abs=0.4)


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


@pytest.mark.parametrize("duration_s", [8.6, 9.0, 9.2])
def test_a_leg_movement_of_nearly_ten_seconds_never_alerts(duration_s: float) -> None:
    scene = Scene(50.0, amplitude_uv=[(20.0, 20.0 + duration_s, 60.0)])
    assert alerts(detect([scene.block()], scene.info)) == []


def test_what_a_shaking_bed_does_to_the_muscle_is_no_cramp_when_the_shaking_ends_either() -> None:
    """A massage device: the muscle answers with tone, from before the shaking is plain until after it."""
    shaken = Scene(120.0, amplitude_uv=[(20.0, 81.5, 60.0)], movement_mg=[(25.0, 77.0, 90.0)])
    assert alerts(detect([shaken.block()], shaken.info)) == []


def test_a_leg_movement_under_hum_is_not_dated_back_into_the_hum() -> None:
    """Nothing of what could not be read adds to what can (an electrode peels, and the leg jerks)."""
    scene = Scene(90.0, amplitude_uv=[(50.0, 54.0, 200.0)], hum_uv=[(20.0, 70.0, 90.0)])
    events = found(scene)
    assert {event.alert for event in events} == {"none"}
    movement = only(events, "leg_movement")
    assert movement.onset_index / 1000.0 == pytest.approx(50.0, abs=0.5)


def test_standing_still_after_a_walk_under_hum_is_explained_by_the_walk() -> None:
    scene = Scene(
        80.0,
        amplitude_uv=[(20.0, 55.0, 60.0)],
        movement_mg=[(20.0, 32.0, 200.0), (32.0, 55.0, 12.0)],
        hum_uv=[(22.0, 42.0, 200.0)],
    )
    assert alerts(detect([scene.block()], scene.info)) == []


def test_a_cramp_that_goes_on_when_the_hum_ends_is_found_soon_after() -> None:
    scene = Scene(90.0, amplitude_uv=[(30.0, 75.0, 60.0)], hum_uv=[(20.0, 42.0, 200.0)])
    event = only(found(scene), "tonic")
    assert event.alert == "cramp"
    assert event.decided_index / 1000.0 < 54.0


def test_what_answers_a_shaking_that_swells_is_no_cramp() -> None:
    """A vibration plate or a train: it is weak as the muscle rises, and never pauses."""
    swelling = [(20.0 + step, 21.0 + step, 7.0 + 2.2 * step) for step in range(15)]
    scene = Scene(90.0, amplitude_uv=[(20.0, 80.0, 60.0)], movement_mg=[*swelling, (35.0, 80.0, 48.0)])
    assert alerts(detect([scene.block()], scene.info)) == []


@pytest.mark.parametrize("rate_hz", [6.0, 9.0])
def test_a_strong_tremor_on_a_raised_floor_is_neither_cramp_nor_clonus(rate_hz: float) -> None:
    scene = Scene(
        60.0, amplitude_uv=[(20.0, 50.0, 35.0)], bursts=[(20.0, 50.0, 80.0, rate_hz, 0.5 / rate_hz)]
    )
    assert alerts(detect([scene.block()], scene.info)) == []
