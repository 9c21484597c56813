"""A recording as a source: the recording's own items, at the pace that was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_bridge.clock import Clock
from firmware_bridge.frames import HelloRequest
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import SampleBlock
from firmware_bridge.source_contract import RecordingSourceError
from firmware_bridge.sources import open_source
from tests.firmware_bridge.foreign_edf import ForeignFile, acceleration, emg
from tests.firmware_bridge.live_reading import read_all
from tests.firmware_bridge.wire_streams import flat


@pytest.fixture
def night(tmp_path: Path) -> Path:
    return ForeignFile([emg(10), *acceleration(10)]).write(tmp_path / "night 1 50%.edf")


@pytest.mark.parametrize("query", ["?speed=max", "?speed=100", "?speed=20"])
def test_what_is_read_is_the_recording(night: Path, query: str) -> None:
    recording = open_recording(night)
    with open_source(f"replay:{night}{query}") as source:
        assert source.open() == recording.info
        assert not source.finished
        assert flat(read_all(source)).same(flat(recording.items()))
        assert source.counters == {"samples": 10_000}
        assert source.read(0.0) == []
        source.send(HelloRequest())


def test_the_pace_is_measured_on_the_clock(night: Path) -> None:
    clock = Clock(50.0)
    with open_source(f"replay:{night}", clock=clock) as source:
        began_s = clock.mono_s()
        source.open()
        items = []
        while not source.finished:
            items += source.read(0.5)
            ends = [item.end_index for item in items if isinstance(item, SampleBlock)]
            assert max(ends, default=0) / 1000 <= clock.mono_s() - began_s
        assert clock.mono_s() - began_s >= 9.9


def test_a_read_that_is_too_early_brings_nothing(night: Path) -> None:
    clock = Clock(0.01)
    with open_source(f"replay:{night}", clock=clock) as source:
        source.open()
        assert source.read(0.0001) == []


def test_as_fast_as_it_goes_a_read_is_one_block_and_memory_stays_bounded(night: Path) -> None:
    with open_source(f"replay:{night}?speed=max") as source:
        source.open()
        assert len([item for item in source.read(1.0) if isinstance(item, SampleBlock)]) == 1


def test_a_recording_that_cannot_be_read_is_told_as_a_source_that_cannot(tmp_path: Path) -> None:
    with pytest.raises(RecordingSourceError, match=r"none\.edf"):
        open_source(f"replay:{tmp_path}/none.edf").open()


def test_a_recording_that_vanishes_in_mid_replay_is_told(night: Path) -> None:
    with open_source(f"replay:{night}?speed=20") as source:
        source.open()
        night.write_bytes(night.read_bytes()[:2000])
        with pytest.raises(RecordingSourceError, match="night"):
            read_all(source)
