import functools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.samples import Gap, Mark, SampleBlock
from models.synthesis import SENSORS, PlanError, PlannedEvent, SensorModel, simulate_event, simulate_night
from models.synthesis.measures import envelope_uv
from models.synthesis.night import Night
from tests.models.synthesis.playing import QUIET, emg_of, flattened, rms, scene, someone

BUSY = (
    PlannedEvent(
        25.0, "cramp", 30.0, {"has_precursor": 1.0, "thrashes": 1.0, "presses": 1.0, "wakes_s": 10.0}
    ),
    PlannedEvent(31.0, "drop_out", 0.4),
    PlannedEvent(70.0, "turn_over", 6.0),
    PlannedEvent(80.0, "drop_out", 3.0),
    PlannedEvent(82.0, "drop_out", 6.0),
    PlannedEvent(92.0, "clonic", 10.0),
    PlannedEvent(108.0, "peel", 8.0),
)


def busy(seed: int = 3, sensor: SensorModel | None = None) -> Night:
    return simulate_night(130.5 / 3600, seed, scene=BUSY, sensor=sensor)


@functools.cache
def busy_flattened() -> list[object]:
    return flattened(list(busy().items()))


@settings(max_examples=10)
@given(block_s=st.floats(0.001, 200.0))
def test_the_block_size_changes_nothing_but_the_cuts(block_s: float) -> None:
    assert flattened(list(busy().items(block_s))) == busy_flattened()


@pytest.mark.parametrize("name", sorted(SENSORS))
def test_every_sensor_streams_in_order_without_overlap(name: str) -> None:
    night = busy(sensor=SENSORS[name])
    at = 0
    for item in night.items(7.0):
        if isinstance(item, Mark):
            continue
        assert item.first_index == at
        at = item.end_index
        ratio = night.info.acc_ratio
        assert item.first_index % ratio == 0
        if isinstance(item, SampleBlock):
            scale = night.info.emg_scales[0]
            assert item.emg_counts.dtype == np.int16
            assert item.emg_counts.shape == (item.samples, 1)
            assert item.emg_counts.min() >= scale.digital_min
            assert item.emg_counts.max() <= scale.digital_max
            triples = item.samples // ratio if night.info.acc_scale else 0
            assert item.acc_counts.shape == (triples, 3)
            assert not item.emg_counts.flags.writeable
    assert at == night.samples == int(130.5 * night.info.emg_rate_hz) // night.sensor.step * night.sensor.step


def test_the_same_seed_gives_the_same_night_and_another_seed_another() -> None:
    assert flattened(list(busy(5).items())) == flattened(list(busy(5).items()))
    assert busy(5).truth == busy(5).truth
    assert flattened(list(busy(5).items())) != flattened(list(busy(6).items()))


def test_a_night_can_be_played_twice_and_two_at_a_time() -> None:
    night = busy()
    first, second = night.items(5.0), night.items(5.0)
    for one, other in zip(first, second, strict=True):
        if isinstance(one, SampleBlock) and isinstance(other, SampleBlock):
            assert one.emg_counts.tobytes() == other.emg_counts.tobytes()
        else:
            assert one == other


def test_one_event_more_leaves_the_noise_as_it_was() -> None:
    plain = emg_of(scene(seconds=60.0))
    added = emg_of(scene(PlannedEvent(40.0, "hold", 10.0), seconds=60.0))
    assert np.array_equal(plain[:39_000], added[:39_000])
    assert rms(added[41_000:49_000]) > 3 * rms(plain[41_000:49_000])


def test_overlapping_losses_are_one_gap() -> None:
    gaps = [item for item in busy().items() if isinstance(item, Gap)]
    assert [(gap.first_index, gap.missing) for gap in gaps] == [(31_000, 400), (80_000, 8000)]


def test_a_press_of_the_button_is_a_mark_between_the_samples_around_it() -> None:
    reached = 0
    marks = []
    for item in busy().items(1.0):
        if isinstance(item, Mark):
            marks.append(item)
            assert reached <= item.index < reached + 1000
        else:
            reached = item.end_index
    assert [mark.kind for mark in marks] == ["button short"]
    assert 35_000 < marks[0].index < 70_000


@pytest.mark.parametrize("name", ["cramp", "clonic", "clonus", "leg_movement", "hold", "gait", "foot_tremor"])
@pytest.mark.parametrize("seed", range(3))
def test_the_muscle_is_active_when_the_truth_says_so_and_at_rest_before(name: str, seed: int) -> None:
    strong = {"cramp": {"level": 0.5, "has_precursor": 0.0, "rise_s": 1.0}, "clonus": {"level": 0.5}}
    parameters = strong.get(name, {"drive": 0.5})
    night = simulate_event(name, 8.0, seed, parameters=parameters, sensor=QUIET, person=someone(seed))
    row = next(row for row in night.truth if row.name == name)
    assert row.peak_uv is not None
    emg = emg_of(night)
    before = rms(emg[1000 : night.index_of(row.onset_s)])
    during = emg[night.index_of(row.onset_s) : night.index_of(row.end_s)]
    assert before < 0.15 * row.peak_uv
    strongest = max(rms(during[s : s + 1000]) for s in range(0, max(1, len(during) - 1000), 100))
    assert strongest == pytest.approx(row.peak_uv, rel=0.35)


def test_nothing_is_active_that_the_truth_does_not_know() -> None:
    night = simulate_night(0.35, 11, scene="enriched", sensor=QUIET)
    envelope = envelope_uv(emg_of(night), 1000.0)
    known = np.zeros(len(envelope), bool)
    for row in night.truth:
        known[int((row.onset_s - 0.3) / 0.05) : int((row.end_s + 0.5) / 0.05) + 1] = True
    # Thrashing and the tension that stays after a cramp are its own; a leg movement answers to no one.
    for row in night.truth:
        if row.name == "cramp":
            known[int(row.onset_s / 0.05) : int((row.end_s + 1200.0) / 0.05)] = True
    # The heart and resting tone stay far below.
    limit = 12.0 * QUIET.rest_uv + 2.0 * night.person.ecg_uv
    assert np.nanmax(envelope[~known], initial=0.0) < limit
    assert known.mean() < 0.95


def test_truth_is_sorted_and_within_the_night() -> None:
    night = simulate_night(1.0, 2, scene="adversarial")
    onsets = [row.onset_s for row in night.truth]
    assert onsets == sorted(onsets)
    assert onsets[0] >= 0.0
    assert onsets[-1] < 3600.0


def test_a_long_night_is_streamed_in_the_memory_of_a_short_one() -> None:
    def peak(hours: float) -> int:
        night = simulate_night(hours, 4, scene="still", sensor=SENSORS["slowest"])
        tracemalloc.start()
        for _ in night.items(10.0):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(0.05)
    assert peak(1.5) < 1.5 * peak(0.1)


@pytest.mark.parametrize(
    ("hours", "seed", "scene_name", "expected"),
    [
        (0.0, 1, "demo", "more than 0"),
        (float("nan"), 1, "demo", "more than 0"),
        (1000.0, 1, "demo", "at most 72"),
        (1.0, -1, "demo", "seed of 0 or more"),
        (1.0, 1, "circus", "expected a scene of demo, ordinary"),
    ],
)
def test_an_impossible_night_is_refused_in_words(
    hours: float, seed: int, scene_name: str, expected: str
) -> None:
    with pytest.raises(PlanError, match=expected):
        simulate_night(hours, seed, scene=scene_name)


def test_a_bad_event_is_refused_before_anything_is_played() -> None:
    with pytest.raises(PlanError, match="expected a class of"):
        simulate_night(1.0, 1, scene=[PlannedEvent(3000.0, "sneeze")])
