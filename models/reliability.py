"""How far probabilities can be believed: Brier score, calibration error, and a table."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]

# Bins of equal width of the reliability table.
BINS = 10
# Digits that a card keeps of a score.
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Reliability:
    """Probabilities against what was true.

    Attributes:
        brier: Mean squared error.
        calibration_error: Expected calibration error: mean distance of said and true, weighted by how often.
        table: For each bin with something in it: mean probability said, share that was true, share of the weight.
    """

    brier: float
    calibration_error: float
    table: tuple[tuple[float, float, float], ...]

    def as_card(self) -> dict[str, object]:
        """Return it as a card states it."""
        return {
            "brier": round(self.brier, DIGITS),
            "expected_calibration_error": round(self.calibration_error, DIGITS),
            "reliability": [[round(value, DIGITS) for value in row] for row in self.table],
        }


def reliability(probabilities: Reals, is_true: npt.NDArray[np.bool_], weights: Reals) -> Reliability:
    """Compare ``[rows]`` probabilities with the truth."""
    whole = float(weights.sum())
    if not whole > 0.0:
        return Reliability(0.0, 0.0, ())
    table = []
    places = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
    for place in range(BINS):
        here = places == place
        weight = float(weights[here].sum())
        if weight > 0.0:
            said = float((probabilities * weights)[here].sum()) / weight
            true = float((is_true * weights)[here].sum()) / weight
            table.append((said, true, weight / whole))
    brier = float((np.square(probabilities - is_true) * weights).sum()) / whole
    error = sum(abs(said - true) * share for said, true, share in table)
    return Reliability(brier, error, tuple(table))
