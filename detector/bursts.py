"""Bursts: short rises of the 50-ms envelope with near-silence between them, each found once.

A burst begins where the envelope reaches half of its recent peak, and ends where it falls below 0.3 of it
(science.md section 10) or back to rest. What never falls so low, as a cramp with its shallow 1.4-Hz swing, is
one long rise and no rhythm.
"""

import math
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
# A line through fewer intervals than this says nothing of its own error.
FEWEST_OF_TREND = 6
# Two ends, each rounded to a tick (variance 1/12).
TICK_VARIANCE = 2 / 12
# Intervals further from the line than this (of their logarithm: by 40–50 %) are of bursts missed or found twice; the
# line settles in so many fits.
FAR_OFF = 0.4
FITS = 3


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


class Trend(NamedTuple):
    """Whether the intervals between bursts lengthen.

    ``growth`` is the factor by which they do from first to last, along the line fitted to their logarithms;
    ``sureness`` the slope of that line over its standard error; ``scatter`` the relative RMS distance from it of
    the intervals near it, ``astray`` the share of the others.
    """

    growth: float
    sureness: float
    scatter: float
    astray: float


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


def trend(bursts: Sequence[Burst]) -> Trend | None:
    """Fit the logarithms of the intervals over time; None where there are too few.

    Clonic silences lengthen, and that alone tells them from tremor, steps and other rhythms, which keep their
    pace (Beniczky 2014, Kumar 2025; science.md section 3). A burst that was missed, or found twice, doubles or
    halves an interval: what lies far off the line is left out, and counts into the scatter alone.
    """
    steps = [
        (float(one.begin + after.begin), math.log(after.begin - one.begin)) for one, after in pairwise(bursts)
    ]
    if len(steps) < FEWEST_OF_TREND:
        return None
    middle = _median(sorted(length for _, length in steps))
    slope, centre, at = 0.0, middle, 0.0
    near = steps
    for _ in range(FITS):
        near = [one for one in steps if abs(one[1] - centre - slope * (one[0] - at)) <= FAR_OFF]
        if len(near) < FEWEST_OF_TREND:
            return None
        slope, centre, at = _line(near)
    spread = sum((time - at) ** 2 for time, _ in near)
    off_line = sum((length - centre - slope * (time - at)) ** 2 for time, length in near)
    # Bursts are found on the grid of ticks: intervals are no truer than that, however even they look.
    rounding = sum(math.exp(-2.0 * length) for _, length in near) * TICK_VARIANCE
    error = math.sqrt(max(off_line, rounding) / (len(near) - 2) / spread)
    return Trend(
        growth=math.exp(slope * (near[-1][0] - near[0][0])),
        sureness=slope / error,
        scatter=math.sqrt(off_line / len(near)),
        astray=1.0 - len(near) / len(steps),
    )


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return slope, and the centre, of the line that fits the points best: (slope, mean of y, mean of x)."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread, mean_y, mean_x


def _median(ordered: Sequence[float]) -> float:
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
