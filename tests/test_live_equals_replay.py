"""Whatever the stream is cut into, the detector says the same, bit for bit: live equals replay.

A night is judged sample by sample as it comes, in blocks of a minute from a recording, or all at once; with
losses, marks and the board's reports wherever they fall. The items are the same.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.settings import DetectorSettings
from detector.types import Contraction
from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorInfo, SensorStatus, StreamItem
from tests.detector.signals import Scene, detect, exact, sensor, stream

WITH_LEVELS = DetectorSettings(levels=True)
# Rates whose ticks and hops fall differently; with and without acceleration; one and two channels.
SENSORS = {
    "1000 Hz": sensor(),
    "500 Hz, 2 channels": sensor(500.0, 50.0, sites=("left-calf", "right-calf")),
    "250 Hz, no acceleration": sensor(250.0, 0.0),
}
DURATION_S = 75.0


@cache
def busy(name: str) -> SampleBlock:
    """All kinds of things: leg movement, cramp with thrashing, clonic run, hum, turn-over, dead input."""
    return Scene(
        DURATION_S,
        amplitude_uv=[(6.0, 7.5, 40.0), (10.0, 33.0, 60.0), (60.0, 66.0, 30.0)],
        bursts=[(36.0, 46.0, 80.0, 3.0, 0.15)],
        movement_mg=[(20.0, 23.0, 200.0), (59.0, 65.0, 300.0)],
        tilt_deg=[(59.0, 61.0, 60.0)],
        hum_uv=[(49.0, 54.0, 80.0)],
        flat=[(70.0, 72.0)],
        offset_uv=5_000.0,
        info=SENSORS[name],
    ).block()


def results(items: Iterable[StreamItem], info: SensorInfo) -> list[object]:
    return [exact(item) for item in detect(items, info, WITH_LEVELS)]


@st.composite
def disturbances(draw: st.DrawFn, block: SampleBlock) -> tuple[list[Gap], list[Mark | SensorStatus]]:
    """Losses that do not touch each other, cues, and reports of the board, on the acceleration's grid."""
    ratio, last = block.info.acc_ratio, block.samples // block.info.acc_ratio
    gaps, free = [], 1
    for _ in range(draw(st.integers(0, 4))):
        if free >= last:
            break
        begin = draw(st.integers(free, last - 1))
        # Lengths around the 100 ms that are bridged, around a hop, and long ones.
        longest_s = draw(st.sampled_from([0.05, 0.1, 0.15, 0.4, 12.0]))
        missing = draw(st.integers(1, max(1, int(longest_s * block.info.emg_rate_hz / ratio))))
        missing = min(missing, last - begin)
        gaps.append(Gap(begin * ratio, missing * ratio, "lost frames"))
        free = begin + missing + 1
    notes: list[Mark | SensorStatus] = []
    for _ in range(draw(st.integers(0, 3))):
        index = draw(st.integers(0, last - 1)) * ratio
        if draw(st.booleans()):
            notes.append(Mark(index, "cue", "short pulses", draw(st.sampled_from([0.0, 0.2, 2.0]))))
        else:
            lead_off = tuple(draw(st.booleans()) for _ in block.info.sites)
            notes.append(SensorStatus(index, 3700, lead_off, 0, 0))
    return gaps, notes


@st.composite
def random_cuts(draw: st.DrawFn, block: SampleBlock) -> list[int]:
    """Cuts on the acceleration's grid, from whole blocks down to one acceleration sample a block."""
    ratio, last = block.info.acc_ratio, block.samples // block.info.acc_ratio
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    longest = draw(st.sampled_from([1, 7, 40, 400, 100_000]))
    begin = draw(st.integers(0, last))
    # The finest cutting is slow: it is applied to a stretch of a few seconds somewhere.
    end = last if longest > 1 else min(last, begin + 300)
    cuts = np.cumsum(rng.integers(1, longest + 1, size=max(1, 2 * (end - begin) // longest + 1))) + begin
    return [int(cut) * ratio for cut in cuts if cut < end]


def check_a_cutting(block: SampleBlock, data: st.DataObject) -> None:
    gaps, notes = data.draw(disturbances(block))
    whole = results(list(stream(block, gaps=gaps, notes=notes)), block.info)
    cuts = data.draw(random_cuts(block))
    assert results(list(stream(block, cuts, gaps, notes)), block.info) == whole


@pytest.mark.parametrize("name", SENSORS)
@settings(max_examples=10)
@given(data=st.data())
def test_the_same_items_come_out_for_any_cutting(name: str, data: st.DataObject) -> None:
    check_a_cutting(busy(name), data)


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(max_examples=200)
@given(data=st.data())
def test_the_same_items_come_out_for_two_hundred_cuttings(data: st.DataObject) -> None:
    check_a_cutting(busy("1000 Hz"), data)


@pytest.mark.parametrize("name", SENSORS)
def test_the_same_items_come_out_for_blocks_of_one_acceleration_sample(name: str) -> None:
    block = busy(name)
    cuts = range(0, block.samples, block.info.acc_ratio)
    assert results(list(stream(block, cuts)), block.info) == results([block], block.info)


@pytest.mark.parametrize("name", SENSORS)
def test_the_busy_minute_has_what_the_cuts_are_tried_on(name: str) -> None:
    """Otherwise the equalities above would hold for want of anything to compare."""
    found = detect([busy(name)], SENSORS[name])
    events = [item for item in found if isinstance(item, Contraction)]
    assert {item.kind for item in events} == {"tonic", "clonic", "leg_movement", "artefact"}
    assert "cramp" in {item.alert for item in events}


def test_a_gap_in_two_pieces_is_one_gap() -> None:
    block = busy("1000 Hz")
    one = [Gap(12_000, 160, "lost frames")]
    two = [Gap(12_000, 80, "lost frames"), Gap(12_080, 80, "lost frames")]
    assert results(list(stream(block, gaps=one)), block.info) == results(
        list(stream(block, gaps=two)), block.info
    )


def test_a_gap_that_nobody_announced_is_a_gap_all_the_same() -> None:
    block = busy("1000 Hz")
    announced = list(stream(block, gaps=[Gap(12_000, 500, "link down")]))
    silent = [item for item in announced if not isinstance(item, Gap)]
    assert results(announced, block.info) == results(silent, block.info)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64])
def test_the_width_of_the_counts_does_not_matter(dtype: type[np.signedinteger]) -> None:
    block = busy("1000 Hz")
    wide = SampleBlock(block.info, 0, block.emg_counts.astype(dtype), block.acc_counts.astype(dtype))
    assert results([wide], block.info) == results([block], block.info)
