"""Distributions that parameters are drawn from: small values that can stand in a table."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Draw(Protocol):
    """Something a parameter can be drawn from."""

    def draw(self, rng: np.random.Generator) -> float:
        """Return one value."""
        ...


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every value between two limits alike."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Return one value."""
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True, slots=True)
class LogUniform:
    """Every order of magnitude between two limits alike; both above zero."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Return one value."""
        return float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))


@dataclass(frozen=True, slots=True)
class Normal:
    """Mean and standard deviation, clipped to limits that physiology or a paper's range sets."""

    mean: float
    sd: float
    low: float = -np.inf
    high: float = np.inf

    def draw(self, rng: np.random.Generator) -> float:
        """Return one value."""
        return float(np.clip(rng.normal(self.mean, self.sd), self.low, self.high))


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Median and the standard deviation of the natural logarithm, clipped to limits."""

    median: float
    sigma: float
    low: float = 0.0
    high: float = np.inf

    def draw(self, rng: np.random.Generator) -> float:
        """Return one value."""
        return float(np.clip(self.median * np.exp(rng.normal(0.0, self.sigma)), self.low, self.high))


@dataclass(frozen=True, slots=True)
class Chance:
    """1 with a probability, else 0."""

    probability: float

    def draw(self, rng: np.random.Generator) -> float:
        """Return 0.0 or 1.0."""
        return float(rng.random() < self.probability)
