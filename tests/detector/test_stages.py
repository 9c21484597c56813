"""One contract for all stages of the street, and this one suite over all of them.

A stage gives the same whatever the runs it is fed, never changes what it takes, gives nothing after its end,
and shares nothing with another one of its kind.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from detector.activity import Limits
from detector.author import Author
from detector.classifier import RuleClassifier
from detector.events import ChannelEvents
from detector.grid import Grid
from detector.hops import HopCutter, Hops
from detector.measuring import FeatureRows, Measuring
from detector.pipeline import Pipeline
from detector.quality import QualityMeter
from detector.readings import ReadingMaker, Readings
from detector.settings import DetectorSettings
from detector.sums import Summing, Sums
from detector.types import Stage
from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorStatus, StreamItem
from tests.detector.signals import Scene, exact, sensor, stream

SENSOR = sensor(sites=("left-calf", "right-calf"))
GRID = Grid.of(SENSOR)
SETTINGS = DetectorSettings()


@cache
def block() -> SampleBlock:
    return Scene(
        40.0,
        amplitude_uv=[(6.0, 20.0, 60.0)],
        bursts=[(24.0, 31.0, 80.0, 3.5, 0.12)],
        movement_mg=[(14.0, 16.0, 150.0)],
        hum_uv=[(34.0, 37.0, 60.0)],
        info=SENSOR,
    ).block()


def samples(cuts: Iterable[int]) -> Iterator[StreamItem]:
    notes: list[Mark | SensorStatus] = [
        Mark(9_000, "cue", "pulse", 0.5),
        SensorStatus(32_000, 3_700, (True, False), 0, 0),
    ]
    gaps = [Gap(3_000, 50, "lost frames"), Gap(22_010, 900, "link down")]
    return stream(block(), cuts, gaps, notes)


def hops(cuts: Iterable[int]) -> Iterator[Hops]:
    cutter = HopCutter(SENSOR, GRID)
    for item in samples(cuts):
        yield from cutter.feed(item)
    yield from cutter.finish()


def sums(cuts: Iterable[int]) -> Iterator[Sums]:
    summing = Summing(SENSOR, GRID)
    return (one for run in hops(cuts) for one in summing.feed(run))


def rows(cuts: Iterable[int]) -> Iterator[FeatureRows]:
    measuring = Measuring(SENSOR, GRID)
    return (one for run in sums(cuts) for one in measuring.feed(run))


def readings(cuts: Iterable[int]) -> Iterator[Readings]:
    maker, classifier = ReadingMaker(SENSOR, GRID, SETTINGS, 0), RuleClassifier()
    return (maker.feed(one, classifier.probabilities(one.channels[0].features)) for one in rows(cuts))


def channel_events() -> ChannelEvents:
    return ChannelEvents(Limits.of(SENSOR, GRID, SETTINGS, 0), Author("r", 0, "left-calf", "rules", 1000.0))


@dataclass(frozen=True)
class Case:
    make: Callable[[], Stage[Any, Any]]
    items: Callable[[Iterable[int]], Iterator[Any]]


CASES = {
    "HopCutter": Case(lambda: HopCutter(SENSOR, GRID), samples),
    "Summing": Case(lambda: Summing(SENSOR, GRID), hops),
    "Measuring": Case(lambda: Measuring(SENSOR, GRID), sums),
    "QualityMeter": Case(lambda: QualityMeter(SENSOR, GRID), rows),
    "ChannelEvents": Case(channel_events, readings),
    "Pipeline": Case(lambda: Pipeline(SENSOR, recording_id="r"), samples),
}
# From all at once to one hop or less at a time.
CUTTINGS: dict[str, range] = {
    "whole": range(0),
    "seconds": range(0, 40_000, 1_000),
    "small": range(0, 40_000, 130),
}


def results(stage: Stage[Any, Any], items: Iterable[Any]) -> list[Any]:
    return [result for item in items for result in stage.feed(item)] + list(stage.finish())


def joined(outputs: list[Any]) -> object:
    """Return runs of hops as one: what each says about all hops, however they came in runs."""
    if not outputs or not isinstance(outputs[0], Hops | Sums | FeatureRows):
        return [exact(one) for one in outputs]
    return [[exact(part) for part in parts(one)] for one in by_hop(outputs)]


def by_hop(outputs: list[Any]) -> Iterator[tuple[Any, int]]:
    for one in outputs:
        run = one if isinstance(one, Hops) else one.hops if isinstance(one, Sums) else one.sums.hops
        yield from ((one, place) for place in range(len(run)))


def parts(one: tuple[Any, int]) -> Iterator[object]:
    """Yield what a run says about one of its hops."""
    run, place = one
    if isinstance(run, Hops):
        yield run.first_hop + place
        yield run.fresh and place == 0
        yield from (
            np.array_split(getattr(run, name), len(run))[place] for name in ("emg_counts", "acc_counts")
        )
        yield from (getattr(run, name)[place] for name in ("missing", "unseen", "lead_off"))
    elif isinstance(run, Sums):
        yield from parts((run.hops, place))
        yield np.array_split(run.filtered_uv, len(run.hops), axis=1)[place]
        yield from (getattr(run, name)[:, place] for name in ("energy", "drift_uv", "clipped", "flat"))
        yield from (run.acc_mean_g[place], run.acc_square_g[place])
    else:
        yield from (getattr(run.movement, name)[place] for name in ("dynamic_mg", "resting_mg", "tilt_deg"))
        for channel in run.channels:
            yield from (getattr(channel.levels, one.name)[place] for one in fields(channel.levels))
            yield from (channel.envelope_uv[place], channel.mains_share[place])
            yield from channel.features[channel.moments == place]


@pytest.mark.parametrize("cutting", ["seconds", "small"])
@pytest.mark.parametrize("name", CASES)
def test_what_comes_out_does_not_depend_on_the_runs_that_go_in(name: str, cutting: str) -> None:
    case = CASES[name]
    whole = joined(results(case.make(), case.items(CUTTINGS["whole"])))
    assert joined(results(case.make(), case.items(CUTTINGS[cutting]))) == whole


@pytest.mark.parametrize("name", CASES)
def test_a_stage_gives_something(name: str) -> None:
    case = CASES[name]
    assert results(case.make(), case.items(CUTTINGS["whole"]))


def frozen(item: object) -> object:
    """Return all that can be seen of an item, arrays and what it holds included."""
    if isinstance(item, Readings):
        return [exact(item[place]) for place in range(len(item))]
    return exact(item) if is_dataclass(item) else item


@pytest.mark.parametrize("name", CASES)
def test_a_stage_never_changes_what_it_takes(name: str) -> None:
    case = CASES[name]
    stage = case.make()
    for item in case.items(CUTTINGS["seconds"]):
        before = frozen(item)
        list(stage.feed(item))
        assert frozen(item) == before


@pytest.mark.parametrize("name", CASES)
def test_a_stage_gives_nothing_after_its_end(name: str) -> None:
    case = CASES[name]
    stage = case.make()
    results(stage, case.items(CUTTINGS["seconds"]))
    assert list(stage.finish()) == []


@pytest.mark.parametrize("name", CASES)
def test_a_stage_that_was_fed_nothing_gives_nothing(name: str) -> None:
    assert list(CASES[name].make().finish()) == []


@pytest.mark.parametrize("name", CASES)
def test_two_stages_of_a_kind_share_nothing(name: str) -> None:
    case = CASES[name]
    alone = joined(results(case.make(), case.items(CUTTINGS["seconds"])))
    one, other = case.make(), case.make()
    found = []
    for item in case.items(CUTTINGS["seconds"]):
        found += list(one.feed(item))
        list(other.feed(item))
    assert joined(found + list(one.finish())) == alone
