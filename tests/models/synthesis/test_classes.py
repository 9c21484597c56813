import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.synthesis import EVENT_CLASSES, Person, PlanError, PlannedEvent, SensorModel
from models.synthesis.acts import Act
from models.synthesis.classes import EVENT_RANGES, SHIFTED_EVENT_RANGES, perform
from models.synthesis.person import SHIFTED_PERSON_RANGES
from models.synthesis.shifted_ranges import SHIFTS
from models.synthesis.simulation import POPULATIONS
from tests.models.synthesis.playing import someone

SENSOR = SensorModel()
# Longest that a sign of an event comes before its onset, as the night counts on.
LEAD_S = 100.0


def act(name: str, seed: int = 1, duration_s: float | None = None, /, **parameters: float) -> Act:
    event = PlannedEvent(200.0, name, duration_s, parameters)
    return perform(event, someone(), SENSOR, EVENT_RANGES, np.random.default_rng(seed))


def test_every_class_has_ranges_and_every_range_a_class() -> None:
    assert set(EVENT_RANGES) == set(EVENT_CLASSES) == set(SHIFTED_EVENT_RANGES)
    assert set(SHIFTS) <= set(EVENT_RANGES)
    for name, draws in EVENT_RANGES.items():
        assert "duration_s" in draws
        assert list(SHIFTED_EVENT_RANGES[name]) == list(draws), "shifting adds or reorders nothing"


@pytest.mark.parametrize("name", sorted(EVENT_CLASSES))
@settings(max_examples=8)
@given(seed=st.integers(0, 2**60), population=st.sampled_from(sorted(POPULATIONS)))
def test_every_class_makes_a_sound_act_of_any_draw(name: str, seed: int, population: str) -> None:
    rng = np.random.default_rng(seed)
    person_ranges, event_ranges = POPULATIONS[population]
    person = Person.sample(rng, person_ranges)
    played = perform(PlannedEvent(200.0, name), person, SENSOR, event_ranges, rng)
    begins = [drive.onset_s for drive in played.drives] + [motion.onset_s for motion in played.motions]
    begins += [turn.onset_s for turn in played.rotations] + [each.onset_s for each in played.disturbances]
    begins += [loss.onset_s for loss in played.losses] + [row.onset_s for row in played.truth]
    assert min(begins) >= 200.0 - LEAD_S
    for drive in played.drives:
        assert drive.end_s > drive.onset_s
        power = drive.power_uv2(person.units)
        assert np.isfinite(power).all()
        assert power.min() >= 0.0
        fired = drive.discharges(person.units, rng)
        assert len(fired.time_s) == len(fired.shape) == len(fired.amplitude_uv)
        assert np.isfinite(fired.amplitude_uv).all()
    for truth in played.truth:
        assert truth.duration_s > 0.0
        assert truth.peak_uv is None or 0.0 < truth.peak_uv < 1e5


@pytest.mark.parametrize("name", sorted(set(EVENT_CLASSES) - {"drop_out", "partner", "lift", "peel"}))
def test_truth_says_when_the_drive_begins_and_ends(name: str) -> None:
    played = act(name)
    if not played.truth or not played.drives:
        return
    onsets = [drive.onset_s for drive in played.drives]
    ends = [drive.end_s for drive in played.drives]
    for truth in played.truth:
        assert any(truth.onset_s == pytest.approx(onset, abs=0.01) for onset in onsets)
        assert truth.end_s <= max(ends) + 0.01


@pytest.mark.parametrize(
    ("name", "duration_s", "parameters", "kind", "alert"),
    [
        ("cramp", 30.0, {"level": 0.4}, "tonic", "cramp"),
        ("cramp", 9.0, {"level": 0.4}, "tonic", "none"),
        ("clonic", 12.0, {}, "clonic", "clonic"),
        ("clonic", 2.0, {}, "clonic", "none"),
        ("clonus", 10.0, {}, "clonic", "clonic"),
        ("clonus", 1.0, {}, "clonic", "none"),
        ("hold", 30.0, {}, "tonic", "none"),
        ("point_toe", 30.0, {}, "tonic", "none"),
        ("sway", 60.0, {}, "tonic", "none"),
        ("gait", 60.0, {}, "leg_movement", "none"),
        ("foot_tremor", 12.0, {}, "leg_movement", "none"),
        ("alternating", 12.0, {}, "leg_movement", "none"),
        ("tremor", 12.0, {}, "leg_movement", "none"),
        ("turn_over", 40.0, {}, "leg_movement", "none"),
        ("hum", 60.0, {}, "artefact", "none"),
        ("lift", 60.0, {}, "artefact", "none"),
        ("drop_out", 60.0, {}, "artefact", "none"),
    ],
)
def test_each_class_deserves_the_verdict_of_the_definitions(
    name: str, duration_s: float, parameters: dict[str, float], kind: str, alert: str
) -> None:
    rows = [truth for truth in act(name, 1, duration_s, **parameters).truth if truth.name == name]
    assert [(row.kind, row.alert) for row in rows] == [(kind, alert)]


def test_a_faint_cramp_is_a_cramp_whose_peak_tells_that_it_is_faint() -> None:
    row = next(
        row for row in act("cramp", 1, 40.0, level=4.0 / someone().mvc_uv).truth if row.name == "cramp"
    )
    assert row.alert == "cramp"
    assert row.peak_uv is not None
    assert row.peak_uv < 4.0 * 1.8 + 0.1


def test_a_tonic_clonic_event_is_two_events_of_one_sequence() -> None:
    played = act("tonic_clonic", 1, 60.0, has_tonic=1.0, has_vibratory=1.0, has_clonic=1.0)
    tonic, vibratory, clonic = played.truth
    assert [row.kind for row in played.truth] == ["tonic", "tonic", "clonic"]
    assert clonic.alert == "tonic_clonic"
    assert tonic.sequence == vibratory.sequence == clonic.sequence is not None
    assert tonic.end_s == pytest.approx(vibratory.onset_s)
    assert vibratory.end_s == pytest.approx(clonic.onset_s)
    assert 15.0 <= clonic.end_s - tonic.onset_s <= 65.0


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        # Only 27 % of convulsions show every phase (Theodore 1994).
        ({"has_tonic": 0.0, "has_vibratory": 0.0, "has_clonic": 1.0}, [("clonic", "clonic")]),
        ({"has_tonic": 1.0, "has_vibratory": 0.0, "has_clonic": 0.0}, [("tonic", "cramp")]),
        (
            {"has_tonic": 0.0, "has_vibratory": 1.0, "has_clonic": 0.0},
            [("tonic", "cramp"), ("tonic", "none")],
        ),
        (
            {"has_tonic": 1.0, "has_vibratory": 0.0, "has_clonic": 1.0},
            [("tonic", "cramp"), ("clonic", "tonic_clonic")],
        ),
    ],
)
def test_phases_of_a_convulsion_may_be_missing(
    phases: dict[str, float], expected: list[tuple[str, str]]
) -> None:
    rows = act("tonic_clonic", 1, 60.0, **phases, tonic_s=15.0).truth
    assert [(row.kind, row.alert) for row in rows] == expected


@pytest.mark.parametrize("seed", range(5))
def test_clonic_silences_lengthen(seed: int) -> None:
    drive = act("clonic", seed, 40.0, rate_hz=4.0, end_rate_hz=0.8).drives[0]
    onsets = drive.times_s[::4]  # type: ignore[attr-defined]
    intervals = np.diff(onsets)
    third = len(intervals) // 3
    # science.md section 10: the last third's median interval is at least 1.4 times the first third's.
    assert np.median(intervals[-third:]) >= 1.4 * np.median(intervals[:third])
    assert np.all(np.diff(intervals) > 0)


@pytest.mark.parametrize("seed", range(5))
def test_a_series_of_periodic_leg_movements_keeps_the_rules(seed: int) -> None:
    rows = act("plm_series", seed, 600.0).truth
    onsets = np.array([row.onset_s for row in rows])
    # WASM 2016: at least four, 10–90 s from onset to onset, each half a second to ten.
    assert len(rows) >= 4
    assert np.all((np.diff(onsets) >= 10.0) & (np.diff(onsets) <= 90.0))
    assert all(0.5 <= row.duration_s <= 10.0 for row in rows)


def test_fixing_a_parameter_leaves_the_others_as_they_were() -> None:
    free, fixed = act("cramp", 7), act("cramp", 7, level=0.2)
    assert free.truth[0].onset_s == fixed.truth[0].onset_s
    assert [d.end_s for d in free.drives] == [d.end_s for d in fixed.drives]
    assert (
        free.drives[-1].power_uv2(someone().units).sum() == fixed.drives[-1].power_uv2(someone().units).sum()
    )


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (PlannedEvent(1.0, "sneeze"), "expected a class of"),
        (PlannedEvent(1.0, "hold", 3.0, {"colour": 1.0}), "expected parameters of"),
        (PlannedEvent(-1.0, "hold"), "expected an onset of 0 s or later"),
        (PlannedEvent(1.0, "hold", 0.0), "duration above 0 s"),
        (PlannedEvent(1.0, "hold", float("nan")), "duration above 0 s"),
        (PlannedEvent(float("inf"), "hold"), "expected an onset"),
    ],
)
def test_an_impossible_event_is_refused_in_words(event: PlannedEvent, expected: str) -> None:
    with pytest.raises(PlanError, match=expected):
        perform(event, someone(), SENSOR, EVENT_RANGES, np.random.default_rng(0))


def test_the_shifted_population_lies_outside_the_usual_one() -> None:
    usual, strange = (
        np.array([Person.sample(np.random.default_rng(n), ranges).voluntary_cv for n in range(30)])
        for ranges in (POPULATIONS["usual"][0], SHIFTED_PERSON_RANGES)
    )
    assert strange.min() >= usual.max() - 1e-9
