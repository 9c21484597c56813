"""An additive score: one step curve a feature, summed, and turned into a probability.

Such a model can be read: each curve says how much its feature speaks for the class. It is evaluated row by row
with look-ups, additions and divisions alone, always in the same order, so that the last bit depends neither on how
the rows are cut nor on the machine. What is not known (NaN) has a value of its own on each curve.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.features import COLUMN
from detector.filters import Signal

Reals = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What one feature speaks for a class, in log-odds.

    Attributes:
        feature: Its name in `detector.features.FEATURES`.
        edges: ``[n]`` rising; step ``k`` holds from ``edges[k - 1]`` (included) to ``edges[k]``.
        values: ``[n + 1]`` of the steps.
        unknown: Where the feature is NaN.
    """

    feature: str
    edges: Reals
    values: Reals
    unknown: float

    def at(self, features: Signal) -> Reals:
        """Return ``[rows]`` for rows of `detector.features`."""
        column = features[:, COLUMN[self.feature]]
        value = self.values[np.searchsorted(self.edges, column, side="right")]
        return np.where(np.isnan(column), self.unknown, value)


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """From scores to probabilities: straight lines between points, flat beyond them.

    Attributes:
        scores: ``[n]`` strictly rising, at least one.
        probabilities: ``[n]`` rising, 0…1.
    """

    scores: Reals
    probabilities: Reals

    def at(self, scores: Reals) -> Reals:
        """Return the probability of each score."""
        right = np.searchsorted(self.scores, scores, side="right").clip(1, len(self.scores) - 1)
        if len(self.scores) == 1:
            return np.full(len(scores), self.probabilities[0])
        low, high = self.scores[right - 1], self.scores[right]
        bottom, top = self.probabilities[right - 1], self.probabilities[right]
        along = ((scores - low) / (high - low)).clip(0.0, 1.0)
        return np.asarray(bottom + along * (top - bottom), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class AdditiveScore:
    """The curves of one class, and what their sum means."""

    intercept: float
    curves: tuple[Curve, ...]
    calibration: Calibration

    def scores(self, features: Signal) -> Reals:
        """Return ``[rows]`` sums in log-odds."""
        total = np.full(len(features), self.intercept)
        for curve in self.curves:
            total += curve.at(features)
        return total

    def probabilities(self, features: Signal) -> Reals:
        """Return ``[rows]`` 0…1."""
        return self.calibration.at(self.scores(features))
