"""The 50-ms envelope of one channel, and what its last seconds are like."""

import numpy as np
import numpy.typing as npt

from detector.filters import Signal
from detector.grid import Grid
from detector.portions import portions
from detector.repeats import RepeatMeter, Repeats
from detector.steadiness import Steadiness, steadiness
from detector.sums import Sums

Indices = npt.NDArray[np.intp]

# Steadiness is judged over this long: two beats of a rhythm at 0.7 Hz, and soon after an onset.
STEADINESS_S = 3.0
# Beats from the slowest rhythm to the fastest tremor are looked for in so long: four of the slowest.
REPEATS_HZ = (0.5, 12.0)
REPEATS_S = 8.0
# Less of it, seen, shows not even two of the slowest.
REPEATS_LEAST_S = 4.0


class EnvelopeMeter:
    """Follows the envelope of one channel; what it tells of hops is of those of the latest run."""

    def __init__(self, grid: Grid, channel: int) -> None:
        self._grid = grid
        self._channel = channel
        self._steady_ticks = grid.ticks(STEADINESS_S)
        self._past_ticks = grid.hops(REPEATS_S) * grid.ticks_per_hop
        self._least_ticks = grid.ticks(REPEATS_LEAST_S)
        self._repeats = RepeatMeter(self._past_ticks, grid.tick_s, REPEATS_HZ)
        # Energy of the ticks that windows of this run may reach back to, and one before them.
        self._energy = np.full(self._past_ticks + 1, np.nan)
        self._so_far_uv = np.zeros(0)

    def feed(self, sums: Sums) -> Signal:
        """Return the 50-ms RMS at every tick of a run; NaN where it was not seen."""
        if sums.hops.fresh:
            # No window reaches back over a hole.
            self._energy[:] = np.nan
        energy = np.where(sums.hops.unseen, np.nan, sums.energy[self._channel]).reshape(-1)
        so_far = np.concatenate([self._energy, energy])
        self._energy = so_far[-len(self._energy) :]
        self._so_far_uv = np.sqrt((so_far[1:] + so_far[:-1]) / 2.0)
        fresh_uv: Signal = self._so_far_uv[self._past_ticks :]
        return fresh_uv

    def windows(self, hops: Indices, ticks: int) -> Signal:
        """Return ``[rows, tick]``: so many ticks up to the end of each of these hops of the run."""
        ends = self._past_ticks + (hops[:, None] + 1) * self._grid.ticks_per_hop
        windows: Signal = self._so_far_uv[ends + np.arange(-ticks, 0)]
        return windows

    def steadiness(self, hops: Indices) -> Steadiness:
        """Return how steady the last three seconds are."""
        return steadiness(self.windows(hops, self._steady_ticks), self._grid.tick_s)

    def repeats(self, hops: Indices, wanted: Indices) -> Repeats:
        """Return how the last eight seconds up to each hop repeat themselves.

        NaN where less than half of them was seen, and but for the places that are wanted.
        """
        peak, lag_s = np.full((2, len(hops)), np.nan)
        for part in portions(len(wanted)):
            some = wanted[part]
            peak[some], lag_s[some] = self._repeated(self.windows(hops[some], self._past_ticks))
        return Repeats(peak, lag_s)

    def _repeated(self, envelope_uv: Signal) -> tuple[Signal, Signal]:
        seen = ~np.isnan(envelope_uv)
        ticks = np.count_nonzero(seen, axis=-1)
        sums_uv = np.add.reduce(np.where(seen, envelope_uv, 0.0), axis=-1)
        swing_uv = np.where(seen, envelope_uv - (sums_uv / np.maximum(ticks, 1))[:, None], 0.0)
        found = self._repeats.measure(swing_uv[:, None])
        enough = ticks >= self._least_ticks
        return np.where(enough, found.peak, np.nan), np.where(enough, found.lag_s, np.nan)
