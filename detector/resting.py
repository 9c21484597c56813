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
        self._quietest = math.inf
        self._hops_heard = 0
        self.level: float | None = None
        # The second after the last one that was rest.
        self._rested_second = 0

    def feed(self, first_hop: int, rms: Signal) -> Rest:
        """Take the RMS of a run of hops (NaN: not seen); return the level from before each."""
        numbers = np.arange(first_hop, first_hop + len(rms))
        starts = np.flatnonzero(np.diff(numbers // HOPS_PER_SECOND, prepend=-1))
        ends = np.append(starts[1:], len(rms))
        quietest = np.fmin.reduceat(rms, starts).tolist()
        heard = np.add.reduceat(~np.isnan(rms), starts, dtype=np.int64).tolist()
        closed = (numbers[ends - 1] % HOPS_PER_SECOND == HOPS_PER_SECOND - 1).tolist()
        seconds = (numbers[starts] // HOPS_PER_SECOND).tolist()
        levels, rested = [], []
        for second, second_quietest, second_heard, is_closed in zip(
            seconds, quietest, heard, closed, strict=True
        ):
            levels.append(math.nan if self.level is None else self.level)
            rested.append(self._rested_second)
            if second_heard:
                self._quietest = min(self._quietest, second_quietest)
                self._hops_heard += second_heard
            if is_closed:
                if 2 * self._hops_heard >= HOPS_PER_SECOND:
                    self._learn(second, self._quietest)
                self._quietest, self._hops_heard = math.inf, 0
        levels_from = np.array(levels)
        age = np.where(np.isnan(levels_from), np.nan, np.array(seconds) - np.array(rested))
        lengths = ends - starts
        return Rest(np.repeat(levels_from, lengths), np.repeat(age, lengths))

    def _learn(self, second: int, quietest: float) -> None:
        """Take the quietest quarter of a second."""
        if self._is_rest(quietest):
            self._remember(quietest)
            self._rested_second = second + 1
        known = self._sorted
        estimate = known[int(QUANTILE * len(known))] if known else min(quietest, self._cap or quietest)
        self.level = estimate if estimate > self._floor else self._floor

    def _is_rest(self, quietest: float) -> bool:
        limit = LOUD * self.level if self.level is not None else self._cap or quietest
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
