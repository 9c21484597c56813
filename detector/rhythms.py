"""The rhythm of one channel's bursts up to a moment."""

import numpy as np
import numpy.typing as npt

from detector.bursts import LATEST, LONGEST_INTERVAL_S, RHYTHM_S, Burst, Rhythm, rhythm
from detector.grid import Grid

Indices = npt.NDArray[np.intp]


class RhythmMeter:
    """Follows the bursts of one channel."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._longest = grid.ticks(LONGEST_INTERVAL_S)
        self._reach = grid.ticks(RHYTHM_S)
        self._recent: list[Burst] = []

    def feed(self, bursts: list[Burst], hops: Indices, *, fresh: bool) -> tuple[Rhythm | None, ...]:
        """Return the rhythm at the end of each of the hops; ``bursts`` are those that ended in their run."""
        if fresh:
            self._recent = []
        recent = self._recent + bursts
        found = [self._rhythm_at(recent, (hop + 1) * self._grid.ticks_per_hop) for hop in hops.tolist()]
        if bursts:
            oldest = bursts[-1].end - 2 * self._reach
            self._recent = [burst for burst in recent if burst.begin >= oldest]
        return tuple(found)

    def _rhythm_at(self, bursts: list[Burst], tick: int) -> Rhythm | None:
        """Describe the latest of the unbroken series of bursts that leads up to a tick."""
        oldest = tick - self._reach
        series: list[Burst] = []
        later = tick
        for burst in reversed(bursts):
            # The tick that showed its end lies after this moment.
            if burst.end >= tick:
                continue
            if burst.begin < oldest or later - burst.begin > self._longest or len(series) == LATEST:
                break
            series.append(burst)
            later = burst.begin
        return rhythm(series[::-1], self._grid.tick_s)


def rates_hz(rhythms: tuple[Rhythm | None, ...]) -> npt.NDArray[np.float64]:
    """Return how often the bursts come; NaN where there is no rhythm."""
    return np.array([np.nan if found is None else found.rate_hz for found in rhythms], np.float64)
