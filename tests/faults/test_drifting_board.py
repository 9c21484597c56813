"""A board whose clock is off samples the same wearer at other instants, and nothing else is changed."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_bridge.samples import Gap, SampleBlock, StreamItem
from tests.faults.drifting_board import drifting
from tests.firmware_bridge.wire_streams import sensor

INFO = sensor()
RATE_HZ = 1000.0


def tone(first: int, samples: int, pace: float = 1.0) -> SampleBlock:
    """Return a tone of 180 Hz, and one of 7 Hz along the axes, as a board of this pace samples them."""
    emg_s = np.arange(first, first + samples) / RATE_HZ / pace
    acc_s = np.arange(first // 10, (first + samples) // 10) * 10 / RATE_HZ / pace
    emg = np.rint(20_000 * np.sin(2 * np.pi * 180 * emg_s)).astype(np.int16)[:, None]
    acc = np.rint(10_000 * np.sin(2 * np.pi * 7 * acc_s)).astype(np.int16)[:, None].repeat(3, axis=1)
    return SampleBlock(INFO, first, emg, acc)


@pytest.mark.parametrize("ppm", [300.0, -300.0, 5000.0])
def test_a_tone_is_the_same_tone_at_other_instants(ppm: float) -> None:
    [block] = drifting(iter([tone(0, 20_000), tone(20_000, 20_000)]), ppm)
    assert isinstance(block, SampleBlock)
    truth = tone(0, block.samples, 1 + ppm / 1e6)
    assert abs(block.samples - 40_000 * (1 + ppm / 1e6)) <= 10
    # Beyond the ends of a stretch nothing is known.
    inner = slice(200, -200)
    assert np.abs(block.emg_counts[inner].astype(int) - truth.emg_counts[inner]).max() <= 20
    assert np.abs(block.acc_counts[20:-20].astype(int) - truth.acc_counts[20:-20]).max() <= 20


def test_a_hole_lies_where_it_lay() -> None:
    stream: list[StreamItem] = [tone(0, 10_000), Gap(10_000, 5_000, "not recorded"), tone(15_000, 10_000)]
    before, hole, after = drifting(iter(stream), 1000.0)
    assert isinstance(hole, Gap)
    assert (before.first_index, before.end_index) == (0, hole.first_index) == (0, 10_010)
    assert (hole.end_index, after.end_index) == (after.first_index, 25_020)
    assert after.first_index in (15_010, 15_020)
