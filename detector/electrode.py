"""Whether the last seconds are a muscle or a loose electrode, where one second alone leaves that open.

Two things make a strong cramp look like a fault. Short potentials make its spectrum as flat as noise (Roeleveld 2000),
and a sensor of small range is driven to both its rails in turn. A lifted electrode brings mains with its noise
(science.md section 11: both rise tenfold) and wavers less than muscle does; a cable that is pulled to the rails moves
slowly. An electrode that comes and goes wavers like muscle, but stays white and full of mains.
"""

import math
from collections import deque
from typing import NamedTuple

from detector.classifier import ARTEFACT
from detector.grid import Grid
from detector.readings import Reading

# The words of `detector.readings` for the faults that may be none.
NOISE, RAILED = "electrode noise", "amplifier at its rail"
# A second's shares of mains and of the high band scatter; those of so many seconds hardly do.
LATEST_S = 3.0
# White noise wavers by 0.11–0.15 of its 50-ms envelope, which follows from its bandwidth; muscle by more.
MUSCLE_DEPTH = 0.15
# Over three whole seconds the mean of white noise scatters up to 0.167 (250 stretches of 20 s), and nearly always this
# share of its power is above 150 Hz; steady muscle has less there, and one that is as white wavers by more.
WHITE_MUSCLE_DEPTH = 0.17
WHITE_NOISE_SHARE = 0.69
# Of a muscle's power, what falls on mains lines by chance stays below this; that of a lifted electrode does not.
MUSCLE_MAINS_SHARE = 0.035
# A calf's median frequency is 75–190 Hz (science.md section 0, point 5), and higher where its tops are cut off; what
# pulls at a cable leaves half of its power far below, and much below the band.
MUSCLE_MEDIAN_HZ = 75.0
MUSCLE_DRIFT_SHARE = 0.3
# White noise has 0.7 of its power in the band above 150 Hz, muscle less; beside it stands so much mains …
WHITE_SHARE = 0.62
LIFTED_MAINS_SHARE = 0.05
# … and so many times more of it than rest, which holds the usual hum, could.
LIFTED_TIMES = 3.0


class _Look(NamedTuple):
    hop: int
    mains_share: float
    depth: float
    white_share: float


class ElectrodeWatch:
    """Follows the hops of one channel, and tells which of them are faulty."""

    def __init__(self, grid: Grid) -> None:
        self._reach = grid.hops(LATEST_S)
        self._looks: deque[_Look] = deque(maxlen=self._reach)

    def judge(self, reading: Reading) -> Reading:
        """Return the reading, with the fault that the last seconds show."""
        look = _look(reading)
        if look is None:
            return reading
        self._looks.append(look)
        while self._looks[0].hop <= reading.hop - self._reach:
            self._looks.popleft()
        mains_share = self._mean([one.mains_share for one in self._looks])
        if not reading.fault:
            return reading._replace(fault=NOISE) if self._is_lifted(reading, mains_share) else reading
        if mains_share >= MUSCLE_MAINS_SHARE or not self._is_muscle(reading):
            return reading
        return reading._replace(fault="", probabilities=_without_artefact(reading.probabilities))

    def _is_muscle(self, reading: Reading) -> bool:
        """Tell whether a faulty hop without mains is as unsteady, or as quick, as muscle."""
        if reading.fault == NOISE:
            least = WHITE_MUSCLE_DEPTH if self._is_white_throughout() else MUSCLE_DEPTH
            return self._mean([one.depth for one in self._looks]) >= least
        is_quick = reading.feature("median_hz") >= MUSCLE_MEDIAN_HZ
        return reading.fault == RAILED and is_quick and reading.feature("drift_share") < MUSCLE_DRIFT_SHARE

    def _is_lifted(self, reading: Reading, mains_share: float) -> bool:
        """Tell whether white noise and mains have risen together."""
        if not LIFTED_MAINS_SHARE <= mains_share < 1.0:
            return False
        times = reading.feature("times_resting") * math.sqrt(mains_share / (1.0 - mains_share))
        return times >= LIFTED_TIMES and self._white_share() >= WHITE_SHARE

    def _white_share(self) -> float:
        return self._mean([one.white_share for one in self._looks])

    def _is_white_throughout(self) -> bool:
        """Tell whether what is seen fills three whole seconds, and is as white as noise."""
        return len(self._looks) == self._reach and self._white_share() >= WHITE_NOISE_SHARE

    def _mean(self, values: list[float]) -> float:
        return math.fsum(values) / len(values)


def _look(reading: Reading) -> _Look | None:
    """Return what is followed of a hop; None where it shows nothing."""
    mains_share, depth = reading.feature("mains_share"), reading.feature("modulation_depth")
    if math.isnan(mains_share) or math.isnan(depth):
        return None
    muscle_share = 1.0 - mains_share
    high_share = reading.feature("high_share")
    white_share = high_share / muscle_share if muscle_share > 0.0 else 0.0
    # Rates that do not carry the high band cannot show that it is white.
    return _Look(reading.hop, mains_share, depth, 0.0 if math.isnan(white_share) else white_share)


def _without_artefact(probabilities: tuple[float, ...]) -> tuple[float, ...]:
    """Return the probabilities of the classes, given that it is no artefact."""
    rest = math.fsum(probabilities[:ARTEFACT])
    if not rest > 0.0:
        return probabilities
    return (*(one / rest for one in probabilities[:ARTEFACT]), 0.0)
