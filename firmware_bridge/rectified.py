"""Tells a rectified envelope, such as the MyoWare's usual output, from a raw EMG.

An envelope is never negative, rests near its lowest value and moves slowly: the mean frequency of what moves
(Rice's rate of mean crossings, Bell System Tech. J. 24, 1945, from the variance of the differences, which
rounding to counts disturbs less than counting crossings does) stays below a few hertz while it rises. A raw
EMG crosses its mean a hundred times a second as soon as the muscle works.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

SignalKind = Literal["raw", "envelope"]

WHAT_IS_LOST = (
    "the board sends a rectified envelope: amplitude only. Lost with the spectrum is what tells tonic from clonic "
    "contractions and both from movement, and cramps will be missed: the detector listens above 20 Hz, where an "
    "envelope has nothing. If the board has a raw output, use that one"
)
# Below this what moves in a second is an envelope's, above the other it is a muscle's own.
_ENVELOPE_HZ, _MUSCLE_HZ = 10.0, 25.0
# An envelope's floor lies below this part of its highest value.
_FLOOR_SHARE = 0.25
# A second in which something happens is so many times wider (standard deviation) than the stillest one, …
_ACTIVE_TIMES = 4.0
# … and no less wide than this many counts: below, there is rounding alone.
_LEAST_COUNTS = 2.0
# So many such seconds make a verdict.
_ENOUGH_S = 3


class RectifiedWatch:
    """Follows the numbers of one channel, second by second, until it knows.

    Args:
        rate_hz: Of the numbers.
        step: Size of a count in them.
    """

    def __init__(self, rate_hz: float, step: float) -> None:
        self._rate_hz = rate_hz
        self._second = max(2, round(rate_hz))
        self._step = step
        self._waiting: list[float] = []
        self._lowest, self._highest = float("inf"), float("-inf")
        # Variance of the numbers, and of their differences, in the stillest second: noise of the converter.
        self._stillest = self._stillest_steps = float("inf")
        self._slow_s = self._quick_s = 0
        self.verdict: SignalKind | None = None

    def feed(self, numbers: Sequence[float] | npt.NDArray[np.float64]) -> SignalKind | None:
        """Take more numbers; return the verdict when it is reached, once."""
        if self.verdict is not None:
            return None
        self._waiting.extend(numbers)
        verdict: SignalKind | None = None
        while len(self._waiting) >= self._second and verdict is None:
            verdict = self._judge(np.array(self._waiting[: self._second]))
            del self._waiting[: self._second]
        if verdict is not None:
            self.verdict = verdict
            self._waiting.clear()
        return verdict

    def _judge(self, second: npt.NDArray[np.float64]) -> SignalKind | None:
        self._lowest = min(self._lowest, float(second.min()))
        self._highest = max(self._highest, float(second.max()))
        width, steps = float(second.var()), float(np.mean(np.square(np.diff(second))))
        self._stillest = min(self._stillest, max(width, self._step**2))
        self._stillest_steps = min(self._stillest_steps, steps)
        if self._lowest < 0:
            return "raw"
        if width < max(_ACTIVE_TIMES**2 * self._stillest, (_LEAST_COUNTS * self._step) ** 2):
            return None
        moves = max(0.0, steps - self._stillest_steps) / (width - self._stillest)
        moves_hz = self._rate_hz / (2 * np.pi) * moves**0.5
        self._quick_s += moves_hz > _MUSCLE_HZ
        self._slow_s += moves_hz < _ENVELOPE_HZ and self._lowest < _FLOOR_SHARE * self._highest
        if self._quick_s >= _ENOUGH_S:
            return "raw"
        return "envelope" if self._slow_s >= _ENOUGH_S and not self._quick_s else None
