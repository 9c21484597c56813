"""What was detected live is detected again in the recording of it, to the last bit.

A scene with losses, button marks and reports of the board is cut at random, played as a board on a real
pseudo-terminal, read back as a sensor, recorded and judged. The recording is opened, cut otherwise, and judged again.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.pipeline import Pipeline
from detector.recorded_pipeline import RecordedPipeline
from detector.settings import DetectorSettings
from detector.types import Contraction, DetectorItem
from firmware_bridge.clock import Clock
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, Mark, SensorInfo, SensorStatus, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source
from tests.detector.signals import Scene, exact, sensor, stream

SETTINGS = DetectorSettings(levels=True)
EVENING = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
SCENE = Scene(
    40.0,
    amplitude_uv=[(6.0, 24.0, 60.0), (36.0, 38.0, 40.0)],
    bursts=[(26.0, 34.0, 80.0, 3.0, 0.15)],
    movement_mg=[(36.0, 38.0, 250.0)],
    info=sensor(),
)
BLOCK = SCENE.block()
# The board's frames: a lost one is ten samples.
FRAME = 10


@st.composite
def evenings(draw: st.DrawFn) -> list[StreamItem]:
    """The scene with up to three losses, marks and reports, cut anywhere on the grid of the acceleration."""
    last = BLOCK.samples // FRAME
    places = sorted(draw(st.sets(st.integers(10, last - 10), max_size=6)))
    gaps = [
        Gap(begin * FRAME, draw(st.integers(1, min(end - begin - 1, 600))) * FRAME, "lost frames")
        for begin, end in zip(places[::2], places[1::2], strict=False)
        if end - begin > 1
    ]
    notes: list[Mark | SensorStatus] = []
    for place in draw(st.lists(st.integers(0, last - 1), max_size=3)):
        index = place * FRAME
        if draw(st.booleans()):
            notes.append(Mark(index, draw(st.sampled_from(["button short", "button long"]))))
        else:
            notes.append(SensorStatus(index, 3700, (draw(st.booleans()),), 0, 0))
    cuts = draw(st.lists(st.integers(1, last - 1), max_size=40))
    return list(stream(BLOCK, [cut * FRAME for cut in cuts], gaps, notes))


def live(items: Iterable[StreamItem], nights: Path) -> tuple[Path, list[DetectorItem]]:
    """Play, read back, record and judge; return the recording and the verdicts."""
    found: list[DetectorItem] = []
    with SimulatedBoard(items, BLOCK.info, speed=math.inf) as board:
        source = open_source(f"serial:{board.port}", clock=Clock())
        try:
            info = source.open()
            running = RecordedPipeline(info, nights, origin=0, when=EVENING, settings=SETTINGS)
            while not source.finished:
                for item in source.read(0.1):
                    if not isinstance(item, SensorInfo):
                        found += running.feed(item)
            found += running.close()
        finally:
            source.close()
        assert board.failure is None
    assert running.path is not None
    assert running.fault is None
    return running.path, found


def replayed(path: Path, block_s: float) -> list[DetectorItem]:
    recording = open_recording(path)
    pipeline = Pipeline(recording.info, SETTINGS, recording_id=recording.recording_id)
    found = [result for item in recording.items(block_s=block_s) for result in pipeline.feed(item)]
    return found + pipeline.finish()


def check_an_evening(items: list[StreamItem], block_s: float) -> list[DetectorItem]:
    with tempfile.TemporaryDirectory() as folder:
        path, found = live(items, Path(folder))
        again = replayed(path, block_s)
    assert [exact(result) for result in again] == [exact(result) for result in found]
    return found


def test_the_undisturbed_evening_has_what_is_compared() -> None:
    found = check_an_evening([BLOCK], 60.0)
    alerts = {result.alert for result in found if isinstance(result, Contraction)}
    assert {"cramp", "none"} <= alerts


BLOCKS_S = st.sampled_from([0.07, 1.0, 60.0])


@settings(max_examples=8, deadline=None)
@given(items=evenings(), block_s=BLOCKS_S)
def test_live_is_replayed_to_the_last_bit(items: list[StreamItem], block_s: float) -> None:
    check_an_evening(items, block_s)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(items=evenings(), block_s=BLOCKS_S)
def test_forty_evenings_are_replayed_to_the_last_bit(items: list[StreamItem], block_s: float) -> None:
    check_an_evening(items, block_s)
