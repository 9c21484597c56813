"""The part of a recording that is replayed: how times are read, and that its edges are where they were asked for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.replay.files import replay_files
from crampwatch.replay.span import EVERYTHING, Moment, Span, SpanError, clipped
from detector.event_files import read_events
from firmware_bridge.recordings import Recording, open_recording
from firmware_bridge.samples import Gap, SampleBlock
from tests.crampwatch.nights_on_disk import START, record
from tests.crampwatch.replay.replaying import request
from tests.detector.signals import Scene, sensor

# A cramp early, one late.
TWO = Scene(120.0, amplitude_uv=[(20.0, 40.0, 60.0), (90.0, 110.0, 60.0)], info=sensor(500.0, 50.0))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("span") / "night.edf", TWO)


@pytest.fixture(scope="module")
def recording(night: Path) -> Recording:
    return open_recording(night)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90.0), ("1.5", 1.5), ("2:05", 125.0), ("1:00:00.5", 3600.5), ("100:00", None)],
)
def test_times_are_seconds_or_lengths(text: str, seconds: float | None) -> None:
    if seconds is None:
        with pytest.raises(SpanError, match="--start: expected seconds"):
            Moment.parse("--start", text)
    else:
        assert Moment.parse("--start", text).at == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5", "nan", "inf", "1:60", "1e3", "٣", "2026-13-01T00:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(SpanError, match="--end: expected seconds"):
        Moment.parse("--end", text)


@pytest.mark.parametrize(
    ("end", "duration"), [("5", "5"), (None, "0"), (None, "2026-03-01T22:00"), (None, "x")]
)
def test_an_end_and_a_length_exclude_each_other_and_a_length_is_above_0(
    end: str | None, duration: str
) -> None:
    with pytest.raises(SpanError):
        Span.parse(None, end, duration)


def test_a_time_of_day_is_on_the_recordings_own_clock(recording: Recording) -> None:
    local = (START + timedelta(seconds=30)).replace(tzinfo=None).isoformat()
    zoned = (START + timedelta(seconds=60)).isoformat()
    assert Span.parse(local, zoned, None).within(recording) == (15_000, 30_000)


@pytest.mark.parametrize(
    ("start", "end"), [("120", None), ("50", "50"), ("60", "30"), ("2026-02-28T22:00", "2026-03-01T22:00")]
)
def test_a_span_that_holds_nothing_of_the_recording_is_refused(
    recording: Recording, start: str, end: str | None
) -> None:
    with pytest.raises(SpanError, match="expected --start before --end"):
        Span.parse(start, end, None).within(recording)


def test_an_end_beyond_the_recording_is_its_end(recording: Recording) -> None:
    assert Span.parse("1", None, "1:00:00").within(recording) == (500, recording.samples)
    assert EVERYTHING.within(recording) == (0, recording.samples)


@given(st.integers(0, 599), st.integers(1, 600), st.integers(1, 130))
def test_clipping_keeps_every_sample_between_the_edges_and_no_other(
    first: int, length: int, block: int
) -> None:
    info = sensor(500.0, 50.0)
    counts = np.arange(6000, dtype=np.int32)
    acc = np.arange(600, dtype=np.int32).repeat(3).reshape(-1, 3)
    first, stop, block = first * 10, min(6000, (first + length) * 10), block * 10
    items: list[SampleBlock | Gap] = [
        SampleBlock(info, at, counts[at : at + block, None], acc[at // 10 : (at + block) // 10])
        for at in range(0, 6000, block)
    ]
    items.insert(1, Gap(items[1].first_index if len(items) > 1 else 6000, 0, "lost frames"))
    kept = [item for item in clipped(items, first, stop) if isinstance(item, SampleBlock)]
    assert np.concatenate([item.emg_counts[:, 0] for item in kept]).tolist() == list(range(first, stop))
    assert [item.first_index for item in kept] == [item.emg_counts[0, 0] for item in kept]
    assert np.concatenate([item.acc_counts[:, 0] for item in kept]).tolist() == list(
        range(first // 10, stop // 10)
    )


def test_onsets_stay_the_files_own_and_what_lies_outside_is_not_heard(night: Path, tmp_path: Path) -> None:
    whole, late = tmp_path / "whole", tmp_path / "late"
    assert replay_files(request(night, events_dir=whole)) == 0
    assert replay_files(request(night, events_dir=late, span=Span.parse("60", "2:00", None))) == 0
    of_whole, of_late = (
        [event for event in read_events(folder / "night_events.tsv") if event.alert == "cramp"]
        for folder in (whole, late)
    )
    assert len(of_whole) == 2
    [cramp] = of_late
    assert abs(cramp.onset_s - of_whole[1].onset_s) < 0.5
