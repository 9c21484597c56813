"""The last second of one channel's band-passed EMG: its spectrum and its waveform, at the hops that need them."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from detector.filters import Signal
from detector.grid import HOPS_PER_SECOND, Grid
from detector.hops import Flags
from detector.levels import HopLevels
from detector.portions import portions
from detector.spectrum import Spectra, SpectrumMeter
from detector.sums import Sums
from detector.waveform import Waveform, waveform

Indices = npt.NDArray[np.intp]
Columns = TypeVar("Columns", Spectra, Waveform)

# At rest, a spectrum every so many hops keeps watch on the mains.
WATCH_HOPS = 40


class SecondMeter:
    """Measures seconds that end with a hop, run of hops by run of hops."""

    def __init__(self, grid: Grid, channel: int) -> None:
        self._grid = grid
        self._channel = channel
        self._spectrum = SpectrumMeter(grid)
        # What the first seconds of a run reach back to.
        self._past_uv = np.zeros((HOPS_PER_SECOND - 1) * grid.hop)
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
        spectra, shapes = self._measured(self._seconds(sums), rows, up, levels.resting_uv)
        place = _places(hops, rows)
        mains_share = self._last_known(spectra.mains_share, place)
        return spectra.at(place[moments]), shapes.at(_places(hops, loud)[moments]), mains_share

    def _measured(
        self, seconds_uv: "_Seconds", rows: Indices, up: Flags, resting_uv: Signal
    ) -> tuple[Spectra, Waveform]:
        """Return the spectra of all the rows, and the waveforms of those that are up."""
        spectra, shapes = [], []
        for part in portions(len(rows)):
            some = rows[part]
            some_uv, is_up = seconds_uv.at(some), up[some]
            spectra.append(self._spectrum.measure(some_uv))
            loud_uv = some_uv if is_up.all() else some_uv[is_up]
            shapes.append(waveform(loud_uv, resting_uv[some[is_up]], self._grid.rate_hz))
        return _joined(spectra), _joined(shapes)

    def _seconds(self, sums: Sums) -> "_Seconds":
        """Return the last second at the end of each hop."""
        fresh_uv = sums.filtered_uv[self._channel]
        past = len(self._past_uv)
        early_uv = np.concatenate([self._past_uv, fresh_uv[:past]])
        self._past_uv = early_uv[-past:] if len(fresh_uv) < past else fresh_uv[-past:].copy()
        return _Seconds(early_uv, fresh_uv, self._spectrum.samples, self._grid.hop)

    def _last_known(self, mains_share: Signal, place: Indices) -> Signal:
        known = np.concatenate([[self._mains_share], mains_share])
        latest: Signal = known[np.maximum.accumulate(place) + 1]
        self._mains_share = float(latest[-1])
        return latest


class _Seconds:
    """The seconds that end with the hops of a run, read where they lie.

    Args:
        early_uv: The last three hops before the run, and its first three.
        fresh_uv: The run.
        samples: In a second.
        hop: Samples in a hop.
    """

    def __init__(self, early_uv: Signal, fresh_uv: Signal, samples: int, hop: int) -> None:
        self._samples = samples
        self._early_uv, self._late_uv = (
            np.lib.stride_tricks.sliding_window_view(signal_uv, min(samples, len(signal_uv)))[::hop]
            for signal_uv in (early_uv, fresh_uv)
        )

    def at(self, rows: Indices) -> Signal:
        """Return ``[rows, samples]``, a copy; the rows are hops of the run, rising."""
        early = int(np.searchsorted(rows, HOPS_PER_SECOND - 1))
        seconds_uv = np.empty((len(rows), self._samples))
        if early:
            seconds_uv[:early] = self._early_uv[rows[:early]]
        if early < len(rows):
            seconds_uv[early:] = self._late_uv[rows[early:] - (HOPS_PER_SECOND - 1)]
        return seconds_uv


def _places(hops: int, rows: Indices) -> Indices:
    """Return the place of each hop among the rows; -1 for those that are none."""
    place = np.full(hops, -1)
    place[rows] = np.arange(len(rows))
    return place


def _joined(parts: Sequence[Columns]) -> Columns:
    """Return the columns of several portions end to end."""
    kind = type(parts[0])
    return kind(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(kind)))
