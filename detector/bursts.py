"""Bursts: short rises of the 50-ms envelope with near-silence between them, each found once.

A burst begins where the envelope reaches half of its recent peak, and ends where it falls below 0.3 of it
(science.md section 10) or back to rest. What never falls so low, as a cramp with its shallow 1.4-Hz swing, is
one long rise and no rhythm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from detector.filters import Signal
from detector.grid import Grid
from detector.hops import Flags

# The recent peak is that of so many seconds: a slow rhythm (0.5 Hz) still holds one burst in it.
PEAK_S = 2.0
BEGIN_SHARE = 0.5
END_SHARE = 0.3
# Part of the level at which activity begins below which there is rest.
REST_SHARE = 0.6
# Bursts further apart are no rhythm (0.5 Hz).
LONGEST_INTERVAL_S = 2.0
# A rhythm is described by its latest bursts: so many, of so many seconds. What it grew out of is not part of
# it.
LATEST = 12
RHYTHM_S = 8.0
# Fewer bursts have no interval statistics.
FEWEST = 3


class Burst(NamedTuple):
    """One burst, in ticks since index 0; ``end`` is the first tick after it."""

    begin: int
    end: int
    peak_uv: float


class Rhythm(NamedTuple):
    """What the bursts up to a moment have in common.

    ``spread`` is the interquartile range of the intervals over their median; ``slowing`` the median interval
    of the last third over that of the first.
    """

    bursts: int
    width_s: float
    rate_hz: float
    spread: float
    slowing: float


@dataclass(slots=True)
class _Open:
    begin: int
    peak_uv: float


class BurstFinder:
    """Finds the bursts of one channel, run of ticks by run of ticks."""

    def __init__(self, grid: Grid) -> None:
        self._past = grid.ticks(PEAK_S)
        self._envelope_uv = np.zeros(self._past)
        self._open: _Open | None = None

    def feed(self, first_tick: int, envelope_uv: Signal, on_uv: Signal, *, fresh: bool) -> list[Burst]:
        """Return the bursts that ended within a run of ticks.

        Args:
            first_tick: Number of the first tick.
            envelope_uv: ``[ticks]`` 50-ms RMS; NaN where it was not seen.
            on_uv: ``[ticks]`` level below which nothing begins.
            fresh: Forget all before.
        """
        if fresh:
            self._envelope_uv[:] = 0.0
            self._open = None
        envelope_uv = np.nan_to_num(envelope_uv, nan=-1.0)
        whole = np.concatenate([self._envelope_uv, envelope_uv])
        self._envelope_uv = whole[-self._past :]
        peak_uv = _running_maximum(whole, self._past)[self._past :]
        seen = envelope_uv >= 0.0
        begins = seen & (envelope_uv >= np.maximum(BEGIN_SHARE * peak_uv, on_uv))
        ends = seen & (envelope_uv < np.fmax(END_SHARE * peak_uv, REST_SHARE * on_uv))
        return self._pair(first_tick, envelope_uv, begins, ends)

    def _pair(self, first_tick: int, envelope_uv: Signal, begins: Flags, ends: Flags) -> list[Burst]:
        """Walk from beginning to end to beginning; between them nothing is looked at twice."""
        bursts: list[Burst] = []
        begin_ticks, end_ticks = np.flatnonzero(begins), np.flatnonzero(ends)
        at = 0
        while True:
            if self._open is None:
                k = int(np.searchsorted(begin_ticks, at))
                if k == len(begin_ticks):
                    return bursts
                at = int(begin_ticks[k])
                self._open = _Open(first_tick + at, 0.0)
            k = int(np.searchsorted(end_ticks, at))
            stop = int(end_ticks[k]) if k < len(end_ticks) else len(envelope_uv)
            self._open.peak_uv = max(self._open.peak_uv, float(envelope_uv[at:stop].max(initial=0.0)))
            if k == len(end_ticks):
                return bursts
            bursts.append(Burst(self._open.begin, first_tick + stop, self._open.peak_uv))
            self._open = None
            at = stop


def rhythm(bursts: Sequence[Burst], tick_s: float) -> Rhythm | None:
    """Describe a series of bursts; None where there are too few."""
    if len(bursts) < FEWEST:
        return None
    begins = [burst.begin for burst in bursts]
    intervals = [later - earlier for earlier, later in pairwise(begins)]
    ordered = sorted(intervals)
    middle = _median(ordered)
    quarter = len(ordered) // 4
    third = max(1, len(intervals) // 3)
    return Rhythm(
        bursts=len(bursts),
        width_s=_median(sorted(burst.end - burst.begin for burst in bursts)) * tick_s,
        rate_hz=1.0 / (middle * tick_s),
        spread=(ordered[-1 - quarter] - ordered[quarter]) / middle,
        slowing=_median(sorted(intervals[-third:])) / _median(sorted(intervals[:third])),
    )


def _median(ordered: list[int]) -> float:
    half = len(ordered) // 2
    return float(ordered[half]) if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _running_maximum(values: Signal, length: int) -> Signal:
    """Return the maximum of each value and those before it, ``length`` in all."""
    result, covered = values.copy(), 1
    while covered < length:
        step = min(covered, length - covered)
        result[step:] = np.maximum(result[step:], result[:-step].copy())
        covered += step
    return result
