"""How sure the counts of a household's nights are: means over nights and their differences, with intervals.

Cramps come in clusters, so that a Poisson interval would be too narrow: whole nights are drawn anew instead
(bootstrap, Efron & Tibshirani 1993, chapter 13), from a fixed seed, so that a page says the same each time.
A difference is not a cause.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

# Draws: the ends of a 95 % interval then differ in the third digit from one seed to another.
DRAWS = 4000
_SEED = 20_260_101
LEVEL = 0.95
# With fewer nights in either arm a difference says nothing.
LEAST_NIGHTS = 8

Verdict = Literal["more", "fewer", "unclear"]
Counts = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over nights.

    Attributes:
        value: The mean.
        low: Lower end of its interval.
        high: Upper end.
        nights: How many nights it is over.
    """

    value: float
    low: float
    high: float
    nights: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Nights with something beside those without it.

    Attributes:
        with_it: Mean of the nights with it.
        without: Mean of the others.
        nights_with: How many there are.
        nights_without: Likewise.
        low: Lower end of the difference's interval.
        high: Upper end.
        level: Of that interval, after the correction for how many are looked at.
    """

    with_it: float
    without: float
    nights_with: int
    nights_without: int
    low: float
    high: float
    level: float

    @property
    def verdict(self) -> Verdict:
        """Whether there were more, or fewer; unclear where the interval holds nought."""
        if self.low > 0:
            return "more"
        return "fewer" if self.high < 0 else "unclear"


def mean_of(counts: Sequence[float], level: float = LEVEL) -> Mean | None:
    """Return the mean over nights with its bootstrap interval; None of no nights.

    A single night, and nights that are all alike, leave nothing to draw from: the interval is then that of the
    rule of three (Hanley & Lippman-Hand 1983), which counts a night as a trial, up to one more than was seen.
    """
    if not counts:
        return None
    values = np.asarray(counts, np.float64)
    low, high = _interval(_draws(values), level)
    if low == high:
        high = max(high, float(values.mean()) + 3.0 / len(values))
    return Mean(float(values.mean()), low, high, len(values))


def difference(with_it: Sequence[float], without: Sequence[float], looked_at: int = 1) -> Difference | None:
    """Return nights with something beside those without; None where either arm has too few.

    Args:
        with_it: Cramps of each night with it.
        without: Of each night without.
        looked_at: How many such differences stand in one table: the interval is wider by Bonferroni's rule.
    """
    if min(len(with_it), len(without)) < LEAST_NIGHTS:
        return None
    one, other = np.asarray(with_it, np.float64), np.asarray(without, np.float64)
    level = 1.0 - (1.0 - LEVEL) / max(1, looked_at)
    low, high = _interval(_draws(one) - _draws(other, _SEED + 1), level)
    return Difference(float(one.mean()), float(other.mean()), len(one), len(other), low, high, level)


def _draws(values: Counts, seed: int = _SEED) -> Counts:
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, len(values), (DRAWS, len(values)))
    return values[chosen].mean(axis=1)  # type: ignore[no-any-return]  # numpy's mean has no narrower type


def _interval(draws: Counts, level: float) -> tuple[float, float]:
    tail = (1.0 - level) / 2
    low, high = np.quantile(draws, [tail, 1.0 - tail])
    return float(low), float(high)
