"""Draws that the scenes share."""

import numpy as np
import numpy.typing as npt


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a number whose logarithm is uniform: as many between 1 and 2 as between 2 and 4."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def bounded_normal(rng: np.random.Generator, mean: float, sd: float, low: float, high: float) -> float:
    """Return a normal number, moved to the nearest bound where it lies outside."""
    return float(np.clip(rng.normal(mean, sd), low, high))


def bounded_log_normal(
    rng: np.random.Generator, median: float, spread: float, low: float, high: float
) -> float:
    """Return a log-normal number of a median and an SD of the logarithm, moved to the nearest bound."""
    return float(np.clip(median * np.exp(spread * rng.normal()), low, high))


def happens(rng: np.random.Generator, probability: float) -> bool:
    """Return True as often as that."""
    return bool(rng.random() < probability)


def direction(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return a unit vector, any way alike."""
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))
