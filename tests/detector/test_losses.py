"""A link that loses much is said; a pulled cable, a restart or one long hole are something else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.losses import LOSSY_SECONDS, LOSSY_SHARE, WINDOW_S, LossMeter
from firmware_bridge.samples import Gap, SampleBlock
from tests.detector.signals import Scene, part

RATE_HZ = 1000
BLOCK = Scene(1.0).block()


def take(meter: LossMeter, lost: int, seconds: int = 1, reason: str = "lost frames") -> None:
    for _ in range(seconds):
        if lost < RATE_HZ:
            meter.take(part(BLOCK, 0, RATE_HZ - lost))
        if lost:
            meter.take(Gap(RATE_HZ - lost, lost, reason))


def test_nothing_is_judged_before_ten_seconds() -> None:
    meter = LossMeter(RATE_HZ)
    take(meter, 500, WINDOW_S - 1)
    before = meter.lossy
    take(meter, 500)
    assert (before, meter.lossy, meter.share) == (False, True, 0.5)


@pytest.mark.parametrize(("lost", "lossy"), [(40, False), (50, True), (200, True)])
def test_five_in_a_hundred_are_too_many(lost: int, lossy: bool) -> None:
    meter = LossMeter(RATE_HZ)
    take(meter, lost, WINDOW_S)
    assert meter.lossy is lossy


def test_it_is_well_again_at_half_of_that() -> None:
    meter = LossMeter(RATE_HZ)
    take(meter, 60, WINDOW_S)
    take(meter, 30, WINDOW_S)
    assert meter.lossy
    take(meter, 20, WINDOW_S)
    assert not meter.lossy


def test_one_long_hole_is_no_bad_link() -> None:
    meter = LossMeter(RATE_HZ)
    take(meter, 0, WINDOW_S)
    take(meter, RATE_HZ, LOSSY_SECONDS - 1)
    take(meter, 0)
    assert not meter.lossy
    assert meter.share == (LOSSY_SECONDS - 1) / WINDOW_S


@pytest.mark.parametrize("reason", ["link down", "sensor restarted", "not recorded"])
def test_only_what_is_lost_on_the_way_counts(reason: str) -> None:
    meter = LossMeter(RATE_HZ)
    take(meter, 0, WINDOW_S)
    take(meter, 500, 2 * WINDOW_S, reason)
    assert meter.share == 0.0


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.01, 0.1, 0.2]), st.sampled_from([10, 70, 2500]))
def test_the_share_is_that_of_the_last_ten_whole_seconds_however_the_stream_is_cut(
    seed: int, share: float, longest: int
) -> None:
    rng = np.random.default_rng(seed)
    lost = np.repeat(rng.random(2400) < share, 10)
    meter, begin = LossMeter(RATE_HZ), 0
    for edge in [*(np.flatnonzero(np.diff(lost)) + 1).tolist(), len(lost)]:
        for start in range(begin, edge, longest):
            stop = min(edge, start + longest)
            if lost[start]:
                meter.take(Gap(start, stop - start, "lost frames"))
            else:
                counts = np.zeros((stop - start, 1), np.int16)
                meter.take(SampleBlock(BLOCK.info, start, counts, np.zeros((0, 3), np.int16)))
        begin = edge
    assert meter.share == pytest.approx(lost[-WINDOW_S * RATE_HZ :].mean())
    if share in {0.0, 0.01}:
        assert not meter.lossy
    if share == 0.2:
        assert meter.share > LOSSY_SHARE
        assert meter.lossy
