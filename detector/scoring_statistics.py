"""The few statistics that scores need, each with its denominator and its 95 % interval."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np

# Two-sided confidence of every interval here.
CONFIDENCE = 0.95
# Quantile of the standard normal distribution that leaves 2.5 % above it.
NORMAL_QUANTILE = 1.959963984540054
LOW_TAIL, HIGH_TAIL = (1.0 - CONFIDENCE) / 2.0, (1.0 + CONFIDENCE) / 2.0


def wilson_interval(hits: int, of: int) -> tuple[float, float]:
    """Return Wilson's score interval (1927) of a proportion; (0, 1) where there is nothing to go by."""
    if of == 0:
        return 0.0, 1.0
    z2 = NORMAL_QUANTILE**2
    centre = (hits + z2 / 2.0) / (of + z2)
    half = NORMAL_QUANTILE / (of + z2) * sqrt(hits * (of - hits) / of + z2 / 4.0)
    return max(0.0, centre - half) if hits else 0.0, min(1.0, centre + half) if hits < of else 1.0


def clopper_pearson_interval(hits: int, of: int) -> tuple[float, float]:
    """Return the exact interval of a proportion (Clopper & Pearson 1934)."""
    from scipy.special import betaincinv

    low = float(betaincinv(hits, of - hits + 1, LOW_TAIL)) if hits else 0.0
    high = float(betaincinv(hits + 1, of - hits, HIGH_TAIL)) if hits < of else 1.0
    return low, high


def poisson_interval(count: int) -> tuple[float, float]:
    """Return the exact interval of a count's expectation (Garwood 1936)."""
    from scipy.special import gammaincinv

    low = float(gammaincinv(count, LOW_TAIL)) if count else 0.0
    return low, float(gammaincinv(count + 1, HIGH_TAIL))


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many of so many.

    Raises:
        ValueError: more than all, or fewer than none.
    """

    hits: int
    of: int

    def __post_init__(self) -> None:
        """Refuse a proportion outside 0…1."""
        if not 0 <= self.hits <= self.of:
            raise ValueError(f"proportion: expected 0 <= hits <= of, got {self.hits} of {self.of}")

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.hits / self.of if self.of else None

    @property
    def wilson(self) -> tuple[float, float]:
        """Wilson's 95 % interval."""
        return wilson_interval(self.hits, self.of)

    @property
    def exact(self) -> tuple[float, float]:
        """Clopper and Pearson's 95 % interval."""
        return clopper_pearson_interval(self.hits, self.of)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many nights, or hours.

    Raises:
        ValueError: the count is negative, or the exposure is not positive.
    """

    count: int
    exposure: float

    def __post_init__(self) -> None:
        """Refuse a rate that cannot be."""
        if self.count < 0 or not (self.exposure > 0 and isfinite(self.exposure)):
            raise ValueError(
                f"rate: expected a count in a positive exposure, got {self.count} in {self.exposure}"
            )

    @property
    def value(self) -> float:
        """Count per unit of exposure."""
        return self.count / self.exposure

    @property
    def interval(self) -> tuple[float, float]:
        """Exact 95 % Poisson interval."""
        low, high = poisson_interval(self.count)
        return low / self.exposure, high / self.exposure


@dataclass(frozen=True, slots=True)
class Spread:
    """How some values lie: of how many are known, and five quantiles of those; all None where none is.

    Attributes:
        known: How many values are known …
        of: … of how many.
        least: The lowest.
        p05: 5 % lie below; between two values, linearly.
        median: Half lie below.
        p95: 95 % lie below.
        most: The highest.
    """

    known: int
    of: int
    least: float | None = None
    p05: float | None = None
    median: float | None = None
    p95: float | None = None
    most: float | None = None

    @classmethod
    def of_values(cls, values: Iterable[float | None]) -> "Spread":
        """Return the spread of some values; None stands for an unknown one."""
        everything = list(values)
        known = [value for value in everything if value is not None]
        if not known:
            return cls(0, len(everything))
        return cls(len(known), len(everything), *np.quantile(known, (0.0, 0.05, 0.5, 0.95, 1.0)).tolist())
