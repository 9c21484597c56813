"""Clonic runs, and the rhythms that are none: steps, tremors of the foot, twitches."""

from dataclasses import replace
from typing import Any

import pytest

from detector.types import Contraction
from tests.detector.signals import Scene, alerts, detect, found, only, sensor

NO_ACC = sensor(acc_hz=0.0)
CRAMP = Scene(70.0, amplitude_uv=[(20.0, 50.0, 60.0)])


def revisions(scene: Scene) -> list[Contraction]:
    return [item for item in detect([scene.block()], scene.info) if isinstance(item, Contraction)]


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


@pytest.mark.parametrize("rate_hz", [1.5, 2.0, 2.4])
def test_one_leg_of_two_that_alternate_is_not_clonic_however_narrow_its_bursts(rate_hz: float) -> None:
    """Bursts of 100–500 ms, 0.5–3 a second (science.md section 4)."""
    scene = Scene(60.0, bursts=[(20.0, 36.0, 40.0, rate_hz, 0.08)], movement_mg=[(20.0, 36.0, 20.0)])
    assert alerts(detect([scene.block()], scene.info)) == []


def test_rocking_for_half_a_minute_is_not_clonic() -> None:
    scene = Scene(70.0, bursts=[(20.0, 52.0, 80.0, 2.9, 0.15)], movement_mg=[(20.0, 50.0, 25.0)])
    assert alerts(detect([scene.block()], scene.info)) == []


def test_steps_that_become_slow_are_not_clonic() -> None:
    """A walk that ends: from 1.3 steps a second to 0.7."""
    steps, at_s = [], 20.0
    for step in range(30):
        steps.append((at_s, at_s + 0.35, 100.0))
        at_s += 0.77 * 1.025**step
    scene = Scene(at_s + 15.0, steps, movement_mg=[(19.0, at_s, 150.0)])
    assert alerts(detect([scene.block()], scene.info)) == []


@pytest.mark.parametrize("info", [sensor(), NO_ACC], ids=["acceleration", "none"])
def test_walking_never_alerts(info: Any) -> None:
    """Calf bursts of 0.4 s at a stride a second, the leg swinging."""
    walk = Scene(90.0, bursts=[(20.0, 80.0, 120.0, 1.0, 0.4)], movement_mg=[(19.5, 80.5, 400.0)], info=info)
    assert alerts(detect([walk.block()], info)) == []


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
