import functools
from dataclasses import dataclass, field

import pytest

from firmware_bridge.clock import Clock
from firmware_bridge.samples import Gap, SampleBlock, StreamItem
from firmware_bridge.source_contract import Source, SourceUrlError
from firmware_bridge.sources import open_source
from models.synthesis.synthetic_source import SyntheticSource
from tests.models.synthesis.playing import flattened


def drained(source: Source) -> list[StreamItem]:
    items: list[StreamItem] = []
    with source:
        source.open()
        while not source.finished:
            items += source.read(1.0)
    return items


def test_a_simulated_night_comes_through_the_same_door_as_a_sensor() -> None:
    clock = Clock()
    factories = {"simulate": functools.partial(SyntheticSource, clock=clock)}
    source = open_source("simulate:?seed=4&hours=0.02&speed=max&scene=demo", factories=factories)
    assert isinstance(source, SyntheticSource)
    assert flattened(drained(source)) == flattened(list(source.night.items()))
    assert source.counters["samples"] == 72_000


def test_the_address_chooses_scene_sensor_and_population() -> None:
    source = SyntheticSource("simulate:?seed=2&hours=0.5&scene=adversarial&sensor=slow&population=shifted")
    assert source.open().emg_rate_hz == 500.0
    assert source.night.person.voluntary_cv >= 0.25
    assert source.night.duration_s == 1800.0
    assert source.url.startswith("simulate:")


@dataclass(frozen=True)
class Hands(Clock):
    """A clock that only moves when someone sleeps."""

    now: list[float] = field(default_factory=lambda: [0.0])

    def mono_s(self) -> float:
        return self.now[0]

    def sleep(self, duration_s: float) -> None:
        self.now[0] += max(0.0, duration_s)


@pytest.mark.parametrize("speed", [0.5, 1.0, 20.0])
def test_a_paced_night_keeps_the_clocks_time(speed: float) -> None:
    clock = Hands()
    source = SyntheticSource(f"simulate:?hours=0.01&scene=still&speed={speed}", clock)
    source.open()
    seen = 0
    while not source.finished:
        for item in source.read(0.5):
            assert isinstance(item, SampleBlock)
            seen += item.samples
            # No sample comes before its time, and none is late on a clock that waits.
            assert seen / 1000.0 / speed == pytest.approx(clock.mono_s())
    assert seen == 36_000
    assert clock.mono_s() == pytest.approx(36.0 / speed)


def test_reading_returns_empty_handed_when_nothing_is_due() -> None:
    clock = Hands()
    with SyntheticSource("simulate:?hours=0.01&scene=still&speed=0.01", clock) as source:
        source.open()
        # The first ten samples take ten milliseconds, a hundred times as long at this speed.
        assert source.read(0.2) == []
        assert clock.mono_s() == pytest.approx(0.2)
        assert not source.finished
        clock.sleep(0.7)
        assert [item.samples for item in source.read(0.2) if isinstance(item, SampleBlock)] == [10]


def test_a_gap_comes_when_its_time_is_over() -> None:
    source = SyntheticSource("simulate:?hours=0.06&scene=demo&speed=max")
    items = drained(source)
    gap = next(item for item in items if isinstance(item, Gap))
    assert gap.reason == "lost frames"
    assert gap.missing > 3000


def test_closing_twice_is_harmless_and_ends_the_night() -> None:
    source = SyntheticSource("simulate:?hours=0.01")
    source.open()
    source.close()
    source.close()
    assert source.finished
    assert source.read(0.0) == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("simulate:?seed=-1", "seed to be a number from 0"),
        ("simulate:?seed=1.5", "whole number"),
        ("simulate:?hours=lots", "hours to be a number"),
        ("simulate:?speed=fast", "or max"),
        ("simulate:?scene=circus", "scene to be one of demo, ordinary"),
        ("simulate:?sensor=ear", "sensor to be one of good"),
        ("simulate:?population=martian", "population to be one of"),
        ("simulate:?colour=red", "expected keys from"),
        ("simulate:night.edf?seed=1", "nothing before the"),
    ],
)
def test_a_wrong_address_is_refused_in_words(url: str, expected: str) -> None:
    with pytest.raises(SourceUrlError, match=expected):
        SyntheticSource(url)
