"""What replay gives is what live gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.samples import Gap, Mark, SampleBlock, Scale, SensorInfo, SensorStatus, StreamItem
from tests.firmware_bridge.own_nights import INFO, record

RATES = [(1000.0, 100.0), (250.0, 0.0), (512.0, 512.0), (990.5, 99.05)]
REASONS = ["lost frames", "link down", "sensor restarted", "not recorded"]
KINDS = ["button short", "button long", "cue", "setting", "note"]
TEXT = st.text(st.characters(), max_size=30) | st.text("long é\x14\\", min_size=150, max_size=500)
# How far from the next sample a notice may stand.
OFFSET = st.just(0) | st.integers(-3000, 3000)


def _sensors() -> st.SearchStrategy[SensorInfo]:
    def build(rates: tuple[float, float], channels: int, digital_min: int) -> SensorInfo:
        emg = Scale(digital_min, 32767, -1638.4, 1638.35, "uV")
        return replace(
            INFO,
            emg_rate_hz=rates[0],
            acc_rate_hz=rates[1],
            sites=tuple(f"site-{i}" for i in range(channels)),
            emg_scales=(emg,) * channels,
            acc_scale=Scale(-32768, 32767, -4, 4, "g") if rates[1] else None,
        )

    return st.builds(
        build, st.sampled_from(RATES), st.integers(1, 3), st.sampled_from([-32768, -32767, -2048])
    )


@st.composite
def _streams(draw: st.DrawFn) -> tuple[SensorInfo, list[StreamItem]]:
    """A stream as an assembler gives it; notices mostly stand at the sample that comes next, some come late."""
    info = draw(_sensors())
    ratio, end = info.acc_ratio, 0
    items: list[StreamItem] = []
    for step in draw(st.lists(st.sampled_from(["block", "block", "gap", "mark", "status"]), max_size=14)):
        samples = ratio * draw(st.integers(1, 2500 // ratio))
        if step == "block":
            items.append(_block(draw, info, end, samples))
        elif step == "gap":
            items.append(Gap(end, samples, draw(st.sampled_from(REASONS))))
        elif step == "mark":
            length = draw(st.just(0.0) | st.floats(1e-6, 1e4))
            items.append(Mark(end + draw(OFFSET), draw(st.sampled_from(KINDS)), draw(TEXT), length))
        else:
            battery = draw(st.none() | st.integers(0, 5000))
            items.append(
                SensorStatus(
                    end + draw(OFFSET),
                    battery,
                    (draw(st.booleans()),) * len(info.sites),
                    draw(st.integers(0, 99)),
                    0,
                )
            )
        end += samples if step in {"block", "gap"} else 0
    return info, items


def _block(draw: st.DrawFn, info: SensorInfo, first: int, samples: int) -> SampleBlock:
    random = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    # The lowest count is among them, which elsewhere stands for a missing sample.
    choices = np.array([-32768, -2048, -1, 0, 7, 32767], np.int16)
    triples = samples // info.acc_ratio if info.acc_scale else 0
    emg, acc = (random.choice(choices, shape) for shape in ((samples, len(info.sites)), (triples, 3)))
    return SampleBlock(info, first, emg, acc)


def _uncut(items: Iterable[StreamItem]) -> list[Any]:
    """The stream with neighbouring blocks joined and statuses that repeat left out."""
    merged: list[Any] = []
    status = None
    for item in items:
        if isinstance(item, SensorStatus):
            repeats = status is not None and replace(item, index=0) == replace(status, index=0)
            status = item
            if repeats:
                continue
        if isinstance(item, SampleBlock):
            if merged and isinstance(merged[-1], tuple):
                first, info, emg, acc = merged.pop()
                merged.append((first, info, emg + item.emg_counts.tolist(), acc + item.acc_counts.tolist()))
            else:
                merged.append(
                    (item.first_index, item.info, item.emg_counts.tolist(), item.acc_counts.tolist())
                )
        else:
            merged.append(item)
    return merged


@settings(max_examples=150)
@given(_streams(), st.sampled_from([0.1, 1.0, 60.0]))
def test_replay_gives_every_item_that_came_live_in_its_order(
    stream: tuple[SensorInfo, list[StreamItem]], block_s: float
) -> None:
    info, items = stream
    with TemporaryDirectory() as folder:
        recording = record(Path(folder) / "night.edf", items, info)
        assert recording.info == info
        assert recording.warnings == () or all("never changes" in warning for warning in recording.warnings)
        assert _uncut(recording.items(block_s=block_s)) == _uncut(items)


@settings(max_examples=50)
@given(_streams())
def test_a_recording_of_a_replay_is_the_same_recording(stream: tuple[SensorInfo, list[StreamItem]]) -> None:
    info, items = stream
    with TemporaryDirectory() as folder:
        first = record(Path(folder) / "first.edf", items, info)
        second = record(Path(folder) / "second.edf", first.items(block_s=0.3), first.info)
        assert _uncut(second.items()) == _uncut(first.items())
        assert second.recording_id == first.recording_id


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(-500, 5000), st.sampled_from(KINDS), TEXT), max_size=20))
def test_notes_about_any_sample_keep_their_index_and_come_when_they_came(
    noted: list[tuple[int, str, str]],
) -> None:
    marks = [Mark(*entry) for entry in noted]
    zeros = SampleBlock(INFO, 0, np.zeros((2000, 1), np.int16), np.zeros((200, 3), np.int16))
    later = replace(zeros, first_index=2000)
    with TemporaryDirectory() as folder:
        recording = record(Path(folder) / "night.edf", [zeros, *marks[:5], later, *marks[5:]])
        assert list(recording.annotations) == sorted(marks, key=lambda mark: mark.index)
        items = list(recording.items(block_s=0.7))
        assert [item for item in items if isinstance(item, Mark)] == marks
        # The first five came between the blocks, the others after them.
        assert [item.index for item in items[len(items) - len(marks[5:]) :] if isinstance(item, Mark)] == [
            mark.index for mark in marks[5:]
        ]
        assert recording.samples == 4000


@settings(max_examples=50)
@given(_streams(), st.floats(0, 10))
def test_replay_from_the_middle_is_the_rest_of_the_replay(
    stream: tuple[SensorInfo, list[StreamItem]], start_s: float
) -> None:
    info, items = stream
    with TemporaryDirectory() as folder:
        recording = record(Path(folder) / "night.edf", items, info)
        grid = info.acc_ratio
        first = min(int(start_s * info.emg_rate_hz) // grid * grid, recording.samples)
        rest = [i for i in recording.items(start_s=start_s) if isinstance(i, SampleBlock)]
        whole = [i for i in recording.items() if isinstance(i, SampleBlock)]
        counts = {b.first_index + k: row for b in whole for k, row in enumerate(b.emg_counts.tolist())}
        from_there = {b.first_index + k: row for b in rest for k, row in enumerate(b.emg_counts.tolist())}
        assert from_there == {index: row for index, row in counts.items() if index >= first}
