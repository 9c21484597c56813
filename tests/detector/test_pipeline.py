"""The detector as others use it: items in order, levels for the page, clear refusals."""

from collections.abc import Callable

import numpy as np
import pytest

from detector.classifier import CLASSES, TONIC
from detector.features import FEATURES
from detector.filters import Signal
from detector.grid import UnusableRateError
from detector.hops import BrokenStreamError
from detector.pipeline import Pipeline
from detector.settings import DetectorSettings
from detector.trust import Trust
from detector.types import Contraction, DetectorItem, Levels, SignalQuality
from firmware_bridge.samples import Gap
from tests.detector.signals import Scene, contractions, detect, part, sensor, stream

WITH_LEVELS = DetectorSettings()
CRAMP = Scene(45.0, amplitude_uv=[(15.0, 35.0, 60.0)], movement_mg=[(30.0, 32.0, 100.0)])


def known_at(item: DetectorItem) -> int:
    """Return the sample by which an item is known, as far as the item itself tells."""
    if isinstance(item, Levels):
        return item.first_index + 250
    return item.first_index + item.samples if isinstance(item, SignalQuality) else item.decided_index


def test_levels_come_every_hop_at_twenty_a_second() -> None:
    levels = [one for one in detect([CRAMP.block()], CRAMP.info, WITH_LEVELS) if isinstance(one, Levels)]
    assert [one.first_index for one in levels] == list(range(0, 45_000, 250))
    assert {one.step for one in levels} == {50}
    assert {one.envelope_uv.shape for one in levels} == {(5, 1)}
    assert {one.envelope_uv.dtype for one in levels} == {np.dtype(np.float32)}
    during = np.concatenate([one.envelope_uv for one in levels[80:100]])
    assert np.sqrt(np.mean(during**2)) == pytest.approx(60.0, rel=0.1)
    assert levels[100].baseline_uv[0] == pytest.approx(3.0, rel=0.15)
    assert levels[127].movement_mg == pytest.approx(100.0, rel=0.2)


def test_levels_cannot_be_changed() -> None:
    levels = next(one for one in detect([CRAMP.block()], CRAMP.info, WITH_LEVELS) if isinstance(one, Levels))
    with pytest.raises(ValueError, match="read-only"):
        levels.envelope_uv[0, 0] = 1.0


def test_without_an_accelerometer_movement_is_none() -> None:
    scene = Scene(5.0, info=sensor(acc_hz=0.0))
    levels = [one for one in detect([scene.block()], scene.info, WITH_LEVELS) if isinstance(one, Levels)]
    assert {one.movement_mg for one in levels} == {None}


def test_who_wants_no_levels_gets_none_and_the_same_rest() -> None:
    with_levels = detect([CRAMP.block()], CRAMP.info, WITH_LEVELS)
    without = detect([CRAMP.block()], CRAMP.info, DetectorSettings(levels=False))
    assert [item for item in with_levels if not isinstance(item, Levels)] == without


def test_items_come_as_soon_as_their_hop_is_whole() -> None:
    """Live: no item waits for samples it does not need."""
    block = CRAMP.block()
    pipeline = Pipeline(CRAMP.info, WITH_LEVELS, recording_id="live")
    for begin in range(0, block.samples, 50):
        for item in pipeline.feed(part(block, begin, begin + 50)):
            if not (isinstance(item, Contraction) and item.phase != "started"):
                assert known_at(item) <= begin + 50
                assert known_at(item) > begin - 200


def test_of_one_hop_quality_comes_first_then_contractions_then_levels() -> None:
    order = {SignalQuality: 0, Contraction: 1, Levels: 2}
    items = detect([CRAMP.block()], CRAMP.info, WITH_LEVELS)
    hops = np.split(
        np.array([order[type(item)] for item in items]),
        np.flatnonzero([isinstance(i, Levels) for i in items]) + 1,
    )
    assert all((np.diff(hop) >= 0).all() for hop in hops)


def test_ids_begin_with_the_recording() -> None:
    pipeline = Pipeline(CRAMP.info, recording_id="2026-05-02_left-calf")
    (event,) = contractions([*pipeline.feed(CRAMP.block()), *pipeline.finish()])
    assert event.id == f"2026-05-02_left-calf.{event.onset_index}"


def test_the_same_recording_gives_the_same_ids() -> None:
    ids = [[event.id for event in contractions(detect([CRAMP.block()], CRAMP.info))] for _ in range(2)]
    assert ids[0] == ids[1] != []


def test_too_slow_a_sensor_is_refused() -> None:
    with pytest.raises(UnusableRateError, match="250 Hz or more, got 100 Hz"):
        Pipeline(sensor(100.0, 0.0), recording_id="r")


def test_a_stream_that_goes_back_is_refused() -> None:
    block = CRAMP.block()
    pipeline = Pipeline(CRAMP.info, recording_id="r")
    pipeline.feed(part(block, 0, 1_000))
    with pytest.raises(BrokenStreamError, match="from index 1000 on"):
        pipeline.feed(part(block, 500, 1_500))


def test_after_an_hour_of_silence_the_next_cramp_is_found() -> None:
    block = CRAMP.block()
    pipeline = Pipeline(CRAMP.info, DetectorSettings(levels=False), recording_id="r")
    items = [
        item for one in stream(block, gaps=[Gap(5_000, 5_000, "link down")]) for item in pipeline.feed(one)
    ]
    later = [
        item
        for begin in range(0, 45_000, 1_000)
        for item in pipeline.feed(
            type(block)(
                block.info,
                3_645_000 + begin,
                block.emg_counts[begin : begin + 1_000],
                block.acc_counts[begin // 10 : begin // 10 + 100],
            )
        )
    ]
    assert [event.alert for event in contractions([*items, *later, *pipeline.finish()])] == ["cramp", "cramp"]


class AlwaysTonic:
    """A model that calls every moment tonic."""

    name = "always-tonic"
    trust = Trust()

    def probabilities(self, features: Signal) -> Signal:
        assert features.shape[1] == len(FEATURES)
        probabilities = np.zeros((len(features), len(CLASSES)))
        probabilities[:, TONIC] = 1.0
        return probabilities


def test_another_classifier_takes_the_place_of_the_rules() -> None:
    scene = Scene(40.0, bursts=[(15.0, 30.0, 90.0, 3.0, 0.2)])
    pipeline = Pipeline(scene.info, recording_id="r", classifier=AlwaysTonic())
    events = contractions([*pipeline.feed(scene.block()), *pipeline.finish()])
    assert {event.model for event in events} == {"always-tonic"}
    assert "tonic" in {event.kind for event in events}
    assert "clonic" not in {event.kind for event in events}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("cramp_after_s", lambda: DetectorSettings(cramp_after_s=0.0)),
        ("clonic_bursts", lambda: DetectorSettings(clonic_bursts=0)),
        ("mvc_uv", lambda: DetectorSettings(mvc_uv=-3.0)),
    ],
)
def test_a_limit_that_is_not_positive_is_refused(name: str, settings: Callable[[], DetectorSettings]) -> None:
    with pytest.raises(ValueError, match=f"detector setting {name}: expected a positive number, got"):
        settings()
