"""What is measured over a contraction while it lasts."""

import math
from dataclasses import dataclass

from detector.classifier import TONIC
from detector.readings import LIKELY, Reading

# Of all hops since the first steady one, this part must be steady.
TONIC_SHARE = 0.65


@dataclass(slots=True)
class Average:
    """A mean over whatever was known."""

    total: float = 0.0
    count: int = 0

    def take(self, value: float) -> None:
        """Take one value; NaN is not known."""
        if not math.isnan(value):
            self.total += value
            self.count += 1

    @property
    def value(self) -> float | None:
        """The mean; None if nothing was known."""
        return self.total / self.count if self.count else None


class Tally:
    """Adds up the readings of a contraction.

    Args:
        resting_uv: The resting level before it, against which it is measured.
    """

    def __init__(self, resting_uv: float) -> None:
        self.resting_uv = resting_uv
        self.peak_uv = 0.0
        self.movement_mg: float | None = None
        self.doubtful = False
        self.lost = False
        self._energy = Average()
        self._median_hz = Average()
        self._depth = Average()

    def take(self, reading: Reading) -> None:
        """Take one hop that belongs to the contraction."""
        self._energy.take(reading.hop_uv * reading.hop_uv)
        self._median_hz.take(reading.feature("median_hz"))
        self._depth.take(reading.feature("modulation_depth"))
        if not math.isnan(reading.second_uv):
            self.peak_uv = max(self.peak_uv, reading.second_uv)
        if not math.isnan(reading.movement_mg):
            self.movement_mg = max(reading.movement_mg, self.movement_mg or 0.0)

    @property
    def mean_uv(self) -> float | None:
        """RMS over the contraction."""
        energy = self._energy.value
        return None if energy is None else math.sqrt(energy)

    @property
    def times_resting(self) -> float | None:
        """`mean_uv` over the resting level before the contraction."""
        mean_uv = self.mean_uv
        return mean_uv / self.resting_uv if mean_uv is not None and self.resting_uv > 0.0 else None

    @property
    def median_hz(self) -> float | None:
        """Mean of the median frequencies of its seconds."""
        return self._median_hz.value

    @property
    def modulation_depth(self) -> float | None:
        """Mean modulation depth."""
        return self._depth.value


@dataclass(slots=True)
class Steadily:
    """Counts of hops over a stretch of activity: those judged, and of them the steady ones."""

    judged: int = 0
    tonic: int = 0

    def take(self, reading: Reading) -> None:
        """Take one hop."""
        self.tonic += reading.probabilities[TONIC] >= LIKELY
        self.judged += self.tonic > 0 and not math.isnan(reading.feature("modulation_depth"))

    def take_silence(self) -> None:
        """Take one hop in which the muscle was not active: what goes on after pauses is not steady."""
        self.judged += self.tonic > 0

    @property
    def is_steady(self) -> bool:
        """Whether nearly all hops since the first steady one were."""
        return self.tonic >= TONIC_SHARE * self.judged
