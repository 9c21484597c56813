"""The last second of one channel's band-passed EMG: its spectrum and its waveform, at the hops that need them."""

import numpy as np
import numpy.typing as npt

from detector.filters import Signal
from detector.grid import HOPS_PER_SECOND, Grid
from detector.levels import HopLevels
from detector.spectrum import Spectra, SpectrumMeter
from detector.sums import Sums
from detector.waveform import Waveform, waveform

Indices = npt.NDArray[np.intp]

# At rest, a spectrum every so many hops keeps watch on the mains.
WATCH_HOPS = 40


class SecondMeter:
    """Measures seconds that end with a hop, run of hops by run of hops."""

    def __init__(self, grid: Grid, channel: int) -> None:
        self._grid = grid
        self._channel = channel
        self._spectrum = SpectrumMeter(grid)
        # What a second may reach back to, and the latest run after it: one place for all runs, since a new one of
        # this size costs more than its filling.
        self._past = (HOPS_PER_SECOND - 1) * grid.hop
        self._so_far_uv = np.zeros(self._past)
        self._samples = self._past
        self._begun_hop = 0
        self._mains_share = np.nan

    def feed(self, sums: Sums, levels: HopLevels, moments: Indices) -> tuple[Spectra, Waveform, Signal]:
        """Return spectra and waveforms at the moments, NaN where the level is low, and the last mains share.

        Args:
            sums: Over a run of hops.
            levels: Of these hops.
            moments: The hops, counted within the run, that have features.
        """
        hops, first_hop = len(sums.hops), sums.hops.first_hop
        if sums.hops.fresh:
            self._begun_hop = first_hop
        numbers = np.arange(first_hop, first_hop + hops)
        up = np.zeros(hops, np.bool_)
        up[moments] = (levels.second_uv >= levels.on_uv)[moments]
        # No second reaches back over a hole.
        whole = numbers - self._begun_hop >= HOPS_PER_SECOND - 1
        rows = np.flatnonzero((up | (numbers % WATCH_HOPS == WATCH_HOPS - 1)) & whole)
        loud = np.flatnonzero(up & whole)
        seconds_uv = self._seconds(sums)
        measured = self._spectrum.measure(seconds_uv, rows)
        shapes = waveform(seconds_uv, loud, levels.resting_uv[loud], self._grid.rate_hz)
        place = _places(hops, rows)
        mains_share = self._last_known(measured.mains_share, place)
        return measured.at(place[moments]), shapes.at(_places(hops, loud)[moments]), mains_share

    def _seconds(self, sums: Sums) -> Signal:
        """Return ``[hops, samples]``, a view: the last second at the end of each hop."""
        fresh_uv = sums.filtered_uv[self._channel]
        past_uv = self._so_far_uv[self._samples - self._past : self._samples].copy()
        self._samples = self._past + len(fresh_uv)
        if len(self._so_far_uv) < self._samples:
            self._so_far_uv = np.empty(self._samples)
        self._so_far_uv[: self._past] = past_uv
        self._so_far_uv[self._past : self._samples] = fresh_uv
        so_far_uv = self._so_far_uv[: self._samples]
        views: Signal = np.lib.stride_tricks.sliding_window_view(so_far_uv, self._spectrum.samples)
        return views[:: self._grid.hop]

    def _last_known(self, mains_share: Signal, place: Indices) -> Signal:
        known = np.concatenate([[self._mains_share], mains_share])
        latest: Signal = known[np.maximum.accumulate(place) + 1]
        self._mains_share = float(latest[-1])
        return latest


def _places(hops: int, rows: Indices) -> Indices:
    """Return the place of each hop among the rows; -1 for those that are none."""
    place = np.full(hops, -1)
    place[rows] = np.arange(len(rows))
    return place
