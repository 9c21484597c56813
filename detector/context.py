"""What the ten minutes before a contraction looked like, beside the rest of the night so far.

A rise of tension was seen some 40 s before people woke with a cramp, without movement (Chaney & Sherman; six people,
one night each): too little to warn by, so it is kept with every cramp to be looked at (science.md section 2).
Everything is counted in whole hops, so no cutting of the stream changes a number.
"""

import math

import numpy as np
import numpy.typing as npt

from detector.filters import Signal
from detector.grid import Grid
from detector.levels import HopLevels
from detector.measuring import TENSE_TIMES, Indices
from detector.stirring import NEVER, Stirs
from detector.sums import Sums
from detector.types import Before

BEFORE_S = 600.0
# A contraction is dated back by no more than this (`detector.tonic_events.FOOT_S`, and a gap).
DATED_BACK_S = 40.0
# The last minute holds the rise that was seen.
LAST_S = 60.0
HOUR_S = 3600.0

# What is counted, hop by hop: what was seen, moved, was tense, and where a movement of the whole body began.
COUNTED = ("seen", "moved", "tense", "turns")

Counts = npt.NDArray[np.int64]


class Past:
    """Counts of hops up to each hop since ``first_hop``; what lies before that is forgotten."""

    def __init__(
        self, grid: Grid, first_hop: int, counts: Counts, moved_hops: Indices, gravity_g: Signal
    ) -> None:
        self._grid = grid
        self._first_hop = first_hop
        # One row for each of `COUNTED`; ``counts[:, k]`` are those before hop ``first_hop + k``.
        self._counts = counts
        self._moved_hops = moved_hops
        self._gravity_g = gravity_g

    def before(self, hop: int) -> Before | None:
        """Return what went before a hop; None where nothing was seen before it."""
        begin, last, end = (
            min(max(one - self._first_hop, 0), len(self._moved_hops))
            for one in (hop - self._grid.hops(BEFORE_S), hop - self._grid.hops(LAST_S), hop)
        )
        night = self._counts[:, end]
        seen, moved, tense, turns = (night - self._counts[:, begin]).tolist()
        if not seen:
            return None
        lately = night - self._counts[:, last]
        rest_seen, rest_moved, rest_tense, rest_turns = self._counts[:, begin].tolist()
        moved_hop = int(self._moved_hops[end - 1]) if end else NEVER
        still_hops = hop - 1 - max(moved_hop, hop - 1 - self._grid.hops(BEFORE_S))
        has_acc, had_acc = self._grid.acc_per_hop > 0, self._grid.acc_per_hop > 0 and rest_seen > 0
        return Before(
            seen_s=seen * self._grid.hop_s,
            earlier_s=rest_seen * self._grid.hop_s,
            still_s=still_hops * self._grid.hop_s if has_acc else None,
            turns=turns if has_acc else None,
            turns_earlier_per_h=rest_turns / (rest_seen * self._grid.hop_s / HOUR_S) if had_acc else None,
            turned_deg=_angle_deg(self._gravity_g[begin], self._gravity_g[max(end - 1, begin)]),
            moved_share=moved / seen if has_acc else None,
            moved_share_earlier=rest_moved / rest_seen if had_acc else None,
            tense_share=tense / seen,
            tense_share_earlier=rest_tense / rest_seen if rest_seen else None,
            tense_share_last_minute=int(lately[2]) / int(lately[0]) if lately[0] else None,
        )


class PastKeeper:
    """Keeps the past of one channel over runs of hops."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._kept = grid.hops(BEFORE_S + DATED_BACK_S)
        self._next_hop = 0
        self._counts = np.zeros((len(COUNTED), 1), np.int64)
        self._moved_hops = np.zeros(0, np.int64)
        self._gravity_g = np.zeros((0, 3))

    def feed(self, sums: Sums, levels: HopLevels, stirs: Stirs) -> Past:
        """Take a run of hops and return the past as known at its end."""
        first_hop, hops = sums.hops.first_hop, len(sums.hops)
        self._pass_over(min(first_hop - self._next_hop, self._kept))
        seen = ~np.isnan(levels.hop_uv)
        moved = stirs.moved_hop == np.arange(first_hop, first_hop + hops)
        tense = levels.hop_uv >= TENSE_TIMES * levels.resting_uv
        steps = np.stack([seen, moved & seen, tense, stirs.turns]).astype(np.int64)
        gravity_g = sums.acc_mean_g if len(sums.acc_mean_g) else np.full((hops, 3), np.nan)
        first_kept = first_hop - len(self._moved_hops)
        self._append(self._counts[:, -1:] + np.cumsum(steps, axis=1), stirs.moved_hop, gravity_g)
        past = Past(self._grid, first_kept, self._counts, self._moved_hops, self._gravity_g)
        self._next_hop = first_hop + hops
        self._counts = self._counts[:, -self._kept - 1 :]
        self._moved_hops, self._gravity_g = self._moved_hops[-self._kept :], self._gravity_g[-self._kept :]
        return past

    def _pass_over(self, hops: int) -> None:
        """Let hops that never came count for nothing."""
        if hops > 0:
            last = self._moved_hops[-1:] if len(self._moved_hops) else np.full(1, NEVER)
            unseen_g = np.full((hops, 3), np.nan)
            self._append(np.repeat(self._counts[:, -1:], hops, axis=1), np.repeat(last, hops), unseen_g)

    def _append(self, counts: Counts, moved_hops: Indices, gravity_g: Signal) -> None:
        self._counts = np.concatenate([self._counts, counts], axis=1)
        self._moved_hops = np.concatenate([self._moved_hops, moved_hops])
        self._gravity_g = np.concatenate([self._gravity_g, gravity_g])


def _angle_deg(one_g: Signal, other_g: Signal) -> float | None:
    """Return the angle between two directions of gravity; None where one is not known."""
    length = math.sqrt(float(one_g @ one_g) * float(other_g @ other_g))
    if not length > 0.0:
        return None
    return math.degrees(math.acos(min(1.0, max(-1.0, float(one_g @ other_g) / length))))
