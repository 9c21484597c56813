"""What the acceleration has of a rhythm: steps, and whether the muscle's bursts and the leg move together.

Both are ratios, taken over all three axes at once: neither the scale of the sensor nor how it is strapped on
matters. They are made at the moments only.
"""

import numpy as np
import numpy.typing as npt

from detector.filters import Signal
from detector.grid import Grid
from detector.hops import Flags
from detector.portions import portions
from detector.repeats import RepeatMeter, Repeats
from detector.sums import Sums

Places = npt.NDArray[np.intp]

# Steps come between these (science.md section 10: gait).
GAIT_HZ = (0.7, 2.5)
# Long enough for nearly three of the slowest.
GAIT_S = 4.0
# Coherence averages over overlapping pieces of this length, as Welch does: seven of them.
COHERENCE_S = 8.0
PIECE_S = 2.0
AXES = 3
# Acceleration is summed up to no fewer values a second than this: it still shows bursts at 8 Hz.
LEAST_RATE_HZ = 20.0


class Leg:
    """Keeps the acceleration of the last seconds."""

    def __init__(self, grid: Grid) -> None:
        self._per_hop = values_per_hop(grid)
        self._past = grid.hops(max(GAIT_S, COHERENCE_S))
        self._sums = np.zeros((self._past, AXES, self._per_hop))
        self._hidden: Flags = np.ones(self._past, np.bool_)
        self._gait_hops = grid.hops(GAIT_S)
        if self._per_hop:
            samples = self._gait_hops * self._per_hop
            self._steps = RepeatMeter(samples, grid.hop_s / self._per_hop, GAIT_HZ)

    def feed(self, sums: Sums) -> None:
        """Take a run of hops; `gait` and `windows` are then of its hops."""
        if not self._per_hop:
            return
        hops = len(sums.hops)
        if sums.hops.fresh:
            self._hidden[:] = True
        counts = sums.hops.acc_counts.astype(np.float64)
        # Sums of whole numbers: exact.
        summed = np.einsum("hbax->hxb", counts.reshape(hops, self._per_hop, -1, AXES))
        self._sums = np.concatenate([self._sums[-self._past :], summed])
        # The sensor's own vibration is not the leg's.
        hidden = np.logical_or.reduce(sums.hops.unseen, axis=1)
        self._hidden = np.concatenate([self._hidden[-self._past :], hidden])

    def gait(self, hops: Places, wanted: Places) -> Repeats:
        """Return how far the leg's movement repeats itself as steps do, up to each of these hops of the run.

        NaN where it is not known, and but for the places that are wanted.
        """
        peak, lag_s = np.full((2, len(hops)), np.nan)
        places = wanted[self.known(hops[wanted], self._gait_hops)]
        for part in portions(len(places)):
            some = places[part]
            if len(some):
                found = self._steps.measure(self.windows(hops[some], self._gait_hops))
                peak[some], lag_s[some] = found.peak, found.lag_s
        return Repeats(peak, lag_s)

    def known(self, hops: Places, length: int) -> Places:
        """Return the places of those hops up to which so many hops of acceleration are known."""
        if not self._per_hop:
            return np.zeros(0, np.intp)
        return np.flatnonzero(~np.logical_or.reduce(self._hidden[self._reach(hops, length)], axis=1))

    def windows(self, hops: Places, length: int) -> Signal:
        """Return ``[rows, axis, value]``, sums of counts: the last so many hops up to each, about their mean."""
        by_hop = self._sums[self._reach(hops, length)]
        return about_mean(by_hop.transpose(0, 2, 1, 3).reshape(len(hops), AXES, -1))

    def _reach(self, hops: Places, length: int) -> Places:
        return hops[:, None] + np.arange(self._past + 1 - length, self._past + 1)


class CoherenceMeter:
    """Tells whether the muscle's bursts and the leg's acceleration keep time with each other."""

    def __init__(self, grid: Grid) -> None:
        # Even, and whole in halves.
        self._piece_hops = 2 * grid.hops(PIECE_S / 2)
        self.hops = 2 * grid.hops(COHERENCE_S / 2) // self._piece_hops * self._piece_hops
        self._piece_s = self._piece_hops * grid.hop_s
        self._ticks = self._piece_hops * grid.ticks_per_hop
        self._values = self._piece_hops * values_per_hop(grid)

    def measure(self, envelope_uv: Signal, acceleration: Signal, rate_hz: Signal) -> Signal:
        """Return the magnitude-squared coherence at the frequency of the bursts.

        Args:
            envelope_uv: ``[rows, tick]`` over `hops` hops; NaN where it was not seen.
            acceleration: ``[rows, axis, value]`` over the same time, as of `Leg.windows`.
            rate_hz: ``[rows]`` of the bursts.

        Returns:
            ``[rows]`` 0…1: what of the acceleration's movement at that frequency, in all axes, follows the
            envelope. By chance it is about 0.2. NaN where the envelope has a hole, or the acceleration is too slow.
        """
        muscle = _pieces(envelope_uv, self._ticks)
        leg = _pieces(acceleration, self._values)
        most = min(muscle.shape[-1], leg.shape[-1]) - 1
        bins = np.rint(rate_hz * self._piece_s).astype(np.intp)
        known = (bins >= 1) & (bins <= most)
        bins = np.clip(bins, 0, most)
        one = np.take_along_axis(muscle, bins[:, None, None], axis=-1)[:, None, :, 0]
        other = np.take_along_axis(leg, bins[:, None, None, None], axis=-1)[..., 0]
        shared = _power(np.add.reduce(other * one.conj(), axis=-1))
        product = np.add.reduce(_power(one), axis=-1)[:, 0] * np.add.reduce(
            np.add.reduce(_power(other), axis=-1), axis=-1
        )
        found = np.add.reduce(shared, axis=-1) / np.maximum(product, np.finfo(np.float64).tiny)
        return np.where(known, found, np.nan)


def values_per_hop(grid: Grid) -> int:
    """Return in how many values the acceleration of a hop is summed up: as few as its rate allows."""
    least = LEAST_RATE_HZ * grid.hop_s
    whole = (n for n in range(1, grid.acc_per_hop + 1) if grid.acc_per_hop % n == 0 and n >= least)
    return min(whole, default=grid.acc_per_hop)


def about_mean(values: Signal) -> Signal:
    """Return values less the mean of their row."""
    centred: Signal = values - np.add.reduce(values, axis=-1, keepdims=True) / values.shape[-1]
    return centred


def _pieces(values: Signal, length: int) -> npt.NDArray[np.complex128]:
    """Return the spectra of the half-overlapping pieces of each row, ``[..., piece, bin]``."""
    cut = np.lib.stride_tricks.sliding_window_view(values, length, axis=-1)[..., :: length // 2, :]
    return np.fft.rfft(about_mean(cut) * np.hanning(length), axis=-1)


def _power(values: npt.NDArray[np.complex128]) -> Signal:
    return np.square(values.real) + np.square(values.imag)
