"""The resting level: what the muscle and the sensor give when nothing happens.

It is the low quarter of the quietest quarter-seconds of the last five minutes of rest. Loud seconds are not
rest and are left out, so a cramp of ten minutes does not become the new rest; what stays loud longer than any
cramp does.
"""

import math
from bisect import bisect_left, insort
from collections import deque
from typing import NamedTuple

import numpy as np

from detector.filters import Signal
from detector.grid import HOPS_PER_SECOND

# Seconds of rest that are remembered (science.md section 6: 60 s to 5 min).
REMEMBERED_S = 300
# Place of the resting level among them, from the quietest up.
QUANTILE = 0.25
QUANTILE_PLACE = int(QUANTILE * REMEMBERED_S)
# A second louder than this many times the resting level is activity, not rest.
LOUD = 2.0
# Loud for longer than the longest cramp (10 min) is a new rest: another electrode contact, another gain.
RELEARN_S = 720
# Less is needed while fewer seconds of rest than this are known: loud from the very start is a noisy sensor.
KNOWN_S = 10
RELEARN_UNKNOWN_S = 120
# In the first minute, what was taken for rest was activity if a second comes that is less than half as loud.
UNPROVEN_S = 60
# A muscle at rest under a fair electrode stays below (science.md section 10); a recording that begins louder
# begins with activity, until proven otherwise.
REST_CAP_UV = 15.0


class Rest(NamedTuple):
    """``[hops]`` each; NaN where no level is known.

    Attributes:
        level: The resting level.
        age: Whole seconds since the last one that was rest: above 0 the level is frozen.
    """

    level: Signal
    age: Signal


class RestingLevel:
    """Follows the resting level of one channel.

    The level given for a hop rests on whole seconds before it only; there is none within the first second.

    Args:
        floor: The level never falls below this: what one count of the converter is worth.
        cap: A level that rest does not exceed; None where the scale is unknown.
    """

    def __init__(self, floor: float, cap: float | None) -> None:
        self._floor = floor
        self._cap = cap
        self._recent: deque[float] = deque()
        self._sorted: list[float] = []
        self._loud_s = 0
        # Of the second under way.
        self._quietest = math.nan
        self._hops_heard = 0
        self._level = math.nan
        # The second after the last one that was rest.
        self._rested_second = 0

    def feed(self, first_hop: int, rms: Signal) -> Rest:
        """Take the RMS of a run of hops (NaN: not seen); return the level from before each."""
        first, ahead = divmod(first_hop, HOPS_PER_SECOND)
        closed, begun = divmod(ahead + len(rms), HOPS_PER_SECOND)
        starts = np.arange(-ahead, len(rms), HOPS_PER_SECOND)
        starts[0] = 0
        quietest = np.fmin.reduceat(rms, starts)
        heard = np.add.reduceat(~np.isnan(rms), starts, dtype=np.int64)
        quietest[0] = np.fmin(self._quietest, quietest[0])
        heard[0] += self._hops_heard
        known = np.where(2 * heard >= HOPS_PER_SECOND, quietest, np.nan)
        levels, rested = self._follow(first, known[:closed].tolist())
        if begun:
            levels.append(self._level)
            rested.append(self._rested_second)
            self._quietest, self._hops_heard = float(quietest[-1]), int(heard[-1])
        else:
            self._quietest, self._hops_heard = math.nan, 0
        age = np.where(np.isnan(levels), np.nan, np.arange(first, first + len(starts)) - rested)
        lengths = np.diff(starts, append=len(rms))
        return Rest(np.repeat(levels, lengths), np.repeat(age, lengths))

    def _follow(self, first: int, quietest: list[float]) -> tuple[list[float], list[int]]:
        """Learn from whole seconds (NaN: too little was seen); return the level and the last rest before each."""
        levels, rested = [], []
        known, recent, level = self._sorted, self._recent, self._level
        for second, least in enumerate(quietest, first):
            levels.append(level)
            rested.append(self._rested_second)
            if least <= LOUD * level and len(recent) == REMEMBERED_S:
                # Nearly every second of a night: rest, and it takes the place of the oldest.
                self._loud_s = 0
                self._rested_second = second + 1
                del known[bisect_left(known, recent.popleft())]
                recent.append(least)
                insort(known, least)
                self._level = level = max(known[QUANTILE_PLACE], self._floor)
            elif not math.isnan(least):
                self._learn(second, least)
                level = self._level
        return levels, rested

    def _learn(self, second: int, quietest: float) -> None:
        """Take the quietest quarter of a second."""
        if self._is_rest(quietest):
            self._remember(quietest)
            self._rested_second = second + 1
        known = self._sorted
        estimate = known[int(QUANTILE * len(known))] if known else min(quietest, self._cap or quietest)
        self._level = estimate if estimate > self._floor else self._floor

    def _is_rest(self, quietest: float) -> bool:
        limit = self._cap or quietest if math.isnan(self._level) else LOUD * self._level
        if quietest <= limit:
            self._loud_s = 0
            return True
        self._loud_s += 1
        if self._loud_s > (RELEARN_S if len(self._sorted) >= KNOWN_S else RELEARN_UNKNOWN_S):
            self._loud_s = 0
            self._recent.clear()
            self._sorted.clear()
            return True
        return False

    def _remember(self, quietest: float) -> None:
        if len(self._sorted) < UNPROVEN_S and self._sorted and quietest * LOUD < self._sorted[0]:
            # All that was taken for rest so far was activity: here is rest.
            self._recent.clear()
            self._sorted.clear()
        self._recent.append(quietest)
        insort(self._sorted, quietest)
        if len(self._recent) > REMEMBERED_S:
            del self._sorted[bisect_left(self._sorted, self._recent.popleft())]
