"""What is summed once over every tick and hop; all features are made of these sums.

Only reductions over rows of fixed length are used, by loops of numpy's own and not of a BLAS: their order of
additions, and so their last bit, does not depend on how many rows are computed together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.counting import count_true
from detector.filters import BandPass, Signal
from detector.grid import Grid
from detector.hops import Flags, Hops
from firmware_bridge.samples import Counts, SensorInfo

# A hop that spans fewer counts than this cannot be told from the coarse steps of a quiet input: not called
# clipped.
MIN_CLIPPED_SPAN = 16
# Away from the rails an amplifier in front of the converter may clip: then its extremes stand for this part
# of the time. Of unclipped EMG, the highest and lowest count together hold 1–2 %.
REPEATED_SHARE = 0.06


# Filtered and summed at once: what is made of so many hops on the way stays in the processor's cache.
HOPS_IN_CACHE = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums over a run of whole hops.

    Attributes:
        hops: What they were made of.
        filtered_uv: ``[channel, hops * hop]`` the band-passed EMG.
        energy: ``[channel, hops, tick]`` its mean square (µV²) over each tick.
        drift_uv: ``[channel, hops, tick]`` mean of the unfiltered EMG over each tick: what moves below 20 Hz.
        clipped: ``[channel, hops]`` samples at a rail, or at extremes that repeat as only a clipped signal's
            do.
        flat: ``[channel, hops]`` every sample is the same.
        acc_mean_g: ``[hops, 3]`` mean acceleration.
        acc_square_g: ``[hops]`` mean squared length of the acceleration.
    """

    hops: Hops
    filtered_uv: Signal
    energy: Signal
    drift_uv: Signal
    clipped: npt.NDArray[np.int64]
    flat: Flags
    acc_mean_g: Signal
    acc_square_g: Signal


class Summing:
    """Filters whole hops and sums them; a stage (`detector.types.Stage`)."""

    def __init__(self, info: SensorInfo, grid: Grid) -> None:
        self._info = info
        self._grid = grid
        self._band_pass = BandPass(info.emg_rate_hz)
        self._gain_uv = np.array([[scale.gain] for scale in info.emg_scales])
        self._rails = np.array([[[scale.digital_min], [scale.digital_max]] for scale in info.emg_scales])

    def feed(self, item: Hops) -> Iterator[Sums]:
        """Yield the sums over a run of hops."""
        counts = np.ascontiguousarray(item.emg_counts.T)
        starts = range(0, len(item), HOPS_IN_CACHE)
        parts = [
            self._summed(
                counts[:, start * self._grid.hop : (start + HOPS_IN_CACHE) * self._grid.hop],
                fresh=item.fresh and start == 0,
            )
            for start in starts
        ]
        filtered_uv, energy, drift_uv, clipped, flat = (
            np.concatenate(one, axis=1) for one in zip(*parts, strict=True)
        )
        acc_mean_g, acc_square_g = self._acceleration(item)
        yield Sums(item, filtered_uv, energy, drift_uv, clipped, flat, acc_mean_g, acc_square_g)

    def finish(self) -> Iterator[Sums]:
        """Yield nothing: no hop waits here."""
        yield from ()

    def _summed(
        self, counts: Counts, *, fresh: bool
    ) -> tuple[Signal, Signal, Signal, npt.NDArray[np.int64], Flags]:
        """Return what `Sums` holds of the EMG, in its order."""
        # The bias of the scale is a constant, and constants do not pass the filter.
        signal_uv = counts.astype(np.float64, order="C")
        signal_uv *= self._gain_uv
        by_tick = signal_uv.reshape(len(counts), -1, self._grid.ticks_per_hop, self._grid.tick)
        drift_uv = np.einsum("chts->cht", by_tick) / self._grid.tick
        # In place: what lies by ticks is the filtered signal from here on.
        self._band_pass.filter(signal_uv, fresh=fresh)
        energy = np.einsum("chts,chts->cht", by_tick, by_tick) / self._grid.tick
        return signal_uv, energy, drift_uv, *self._extremes(counts)

    def _extremes(self, counts: Counts) -> tuple[npt.NDArray[np.int64], Flags]:
        rows = counts.reshape(len(counts), -1, self._grid.hop)
        low, high = rows.min(axis=-1, keepdims=True), rows.max(axis=-1, keepdims=True)
        span = high.astype(np.int64) - low
        railed = (low <= self._rails[:, :1]) | (high >= self._rails[:, 1:])
        extreme = count_true((rows == low) | (rows == high))[..., None]
        repeated = (span >= MIN_CLIPPED_SPAN) & (extreme > REPEATED_SHARE * self._grid.hop)
        return np.where(railed | repeated, extreme, 0)[..., 0], span[..., 0] == 0

    def _acceleration(self, hops: Hops) -> tuple[Signal, Signal]:
        scale = self._info.acc_scale
        if scale is None or not self._grid.acc_per_hop:
            return np.zeros((0, 3)), np.zeros(0)
        acc_g = (hops.acc_counts * scale.gain + scale.bias).reshape(len(hops), self._grid.acc_per_hop, 3)
        mean_g = np.einsum("hax->hx", acc_g) / self._grid.acc_per_hop
        return mean_g, np.einsum("hax,hax->h", acc_g, acc_g) / self._grid.acc_per_hop
