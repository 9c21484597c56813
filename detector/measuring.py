"""From sums to rows: the levels of every hop, and the features of the moments that matter."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.bursts import LATEST, LONGEST_INTERVAL_S, RHYTHM_S, Burst, BurstFinder, Rhythm, rhythm
from detector.features import Moments, feature_matrix
from detector.filters import Signal
from detector.grid import HOPS_PER_SECOND, Grid
from detector.levels import HopLevels, LevelMeter
from detector.movement import Movement, MovementMeter
from detector.spectrum import Spectra, SpectrumMeter
from detector.steadiness import steadiness
from detector.sums import Sums
from firmware_bridge.samples import SensorInfo

Indices = npt.NDArray[np.intp]

# Steadiness is judged over this long: two beats of a rhythm at 0.7 Hz, and soon after an onset.
STEADINESS_S = 3.0
# A hop this many times above rest is looked at, however few µV that are: so begins a rise of tension.
TENSE_TIMES = 2.0
# So long after activity the features are still made: a pause in a slow rhythm is not its end.
AWAKE_S = 2.5
# At rest, a spectrum every so many hops keeps watch on the mains.
WATCH_HOPS = 40


@dataclass(frozen=True, slots=True, eq=False)
class ChannelRows:
    """What one channel shows over a run of hops.

    Attributes:
        levels: Of every hop.
        moments: ``[rows]`` the hops, counted within the run, that have features.
        features: ``[rows, feature]`` see `detector.features.FEATURES`.
        bursts: Those that ended within the run.
        envelope_uv: ``[hops, tick]`` 50-ms RMS.
        mains_share: ``[hops]`` as last measured; NaN before the first time.
    """

    levels: HopLevels
    moments: Indices
    features: Signal
    bursts: tuple[Burst, ...]
    envelope_uv: Signal
    mains_share: Signal


@dataclass(frozen=True, slots=True, eq=False)
class FeatureRows:
    """What all channels, and the leg, show over a run of hops."""

    sums: Sums
    movement: Movement
    channels: tuple[ChannelRows, ...]


class Measuring:
    """Measures runs of hops; a stage (`detector.types.Stage`)."""

    def __init__(self, info: SensorInfo, grid: Grid) -> None:
        self._movement = MovementMeter(grid)
        self._channels = [_Channel(info, grid, channel) for channel in range(len(info.sites))]

    def feed(self, item: Sums) -> Iterator[FeatureRows]:
        """Yield the rows over a run of hops."""
        movement = self._movement.feed(item)
        yield FeatureRows(item, movement, tuple(channel.feed(item, movement) for channel in self._channels))

    def finish(self) -> Iterator[FeatureRows]:
        """Yield nothing: no hop waits here."""
        yield from ()


class _Channel:
    """The windows of one channel."""

    def __init__(self, info: SensorInfo, grid: Grid, channel: int) -> None:
        self._grid = grid
        self._channel = channel
        self._levels = LevelMeter(grid, info.emg_scales[channel], channel)
        self._finder = BurstFinder(grid)
        self._spectrum = SpectrumMeter(grid)
        self._steady_ticks = grid.ticks(STEADINESS_S)
        self._awake_hops = grid.hops(AWAKE_S)
        # Energy of the ticks that windows of this run may reach back to, and one before them.
        self._energy = np.full(self._steady_ticks + 1, np.nan)
        self._filtered_uv = np.zeros((HOPS_PER_SECOND - 1) * grid.hop)
        self._begun_hop = 0
        self._last_on = -self._awake_hops - 1
        self._recent: list[Burst] = []
        self._mains_share = np.nan

    def feed(self, sums: Sums, movement: Movement) -> ChannelRows:
        if sums.hops.fresh:
            self._forget(sums.hops.first_hop)
        levels = self._levels.feed(sums)
        envelope_uv = self._envelope(sums)
        fresh_uv = envelope_uv[self._steady_ticks :]
        first_tick = sums.hops.first_hop * self._grid.ticks_per_hop
        on_uv = np.repeat(levels.on_uv, self._grid.ticks_per_hop)
        bursts = self._finder.feed(first_tick, fresh_uv, on_uv, fresh=sums.hops.fresh)
        moments = self._awake(levels, sums.hops.first_hop)
        spectra, mains_share = self._spectra(sums, levels, moments)
        windows = (moments[:, None] + 1) * self._grid.ticks_per_hop + np.arange(self._steady_ticks)
        features = feature_matrix(
            Moments(
                second_uv=levels.second_uv[moments],
                resting_uv=levels.resting_uv[moments],
                steadiness=steadiness(envelope_uv[windows], self._grid.tick_s),
                spectra=spectra,
                rhythms=self._rhythms(bursts, moments + sums.hops.first_hop),
                drift_uv=levels.drift_uv[moments],
                clipped_share=sums.clipped[self._channel][moments] / self._grid.hop,
                dynamic_mg=movement.dynamic_mg[moments],
                tilt_deg=movement.tilt_deg[moments],
            )
        )
        shape = (len(sums.hops), self._grid.ticks_per_hop)
        return ChannelRows(levels, moments, features, tuple(bursts), fresh_uv.reshape(shape), mains_share)

    def _forget(self, first_hop: int) -> None:
        """Let no window reach back over a hole."""
        self._energy[:] = np.nan
        self._begun_hop = first_hop
        self._recent = []

    def _envelope(self, sums: Sums) -> Signal:
        """Return the 50-ms RMS at every tick of this run and of the steadiness window before it."""
        energy = np.where(sums.hops.unseen, np.nan, sums.energy[self._channel]).reshape(-1)
        so_far = np.concatenate([self._energy, energy])
        self._energy = so_far[-len(self._energy) :]
        envelope_uv: Signal = np.sqrt((so_far[1:] + so_far[:-1]) / 2.0)
        return envelope_uv

    def _awake(self, levels: HopLevels, first_hop: int) -> Indices:
        """Return the hops in which something is, or just was, going on."""
        numbers = np.arange(first_hop, first_hop + len(levels.hop_uv))
        awake = levels.is_on | (levels.hop_uv >= TENSE_TIMES * levels.resting_uv)
        last_on = np.maximum.accumulate(np.where(awake, numbers, self._last_on))
        self._last_on = int(max(self._last_on, last_on[-1]))
        return np.flatnonzero(numbers - last_on <= self._awake_hops)

    def _spectra(self, sums: Sums, levels: HopLevels, moments: Indices) -> tuple[Spectra, Signal]:
        """Return the spectra at the moments (NaN where the level is low), and the last mains share."""
        hops, first_hop = len(sums.hops), sums.hops.first_hop
        numbers = np.arange(first_hop, first_hop + hops)
        wanted = numbers % WATCH_HOPS == WATCH_HOPS - 1
        wanted[moments] |= (levels.second_uv >= levels.on_uv)[moments]
        wanted &= numbers - self._begun_hop >= HOPS_PER_SECOND - 1
        rows = np.flatnonzero(wanted)
        so_far = np.concatenate([self._filtered_uv, sums.filtered_uv[self._channel]])
        self._filtered_uv = so_far[-len(self._filtered_uv) :]
        windows = np.lib.stride_tricks.sliding_window_view(so_far, self._spectrum.samples)[:: self._grid.hop]
        measured = self._spectrum.measure(windows, rows)
        place = np.full(hops, -1)
        place[rows] = np.arange(len(rows))
        return measured.at(place[moments]), self._last_known(measured.mains_share, place)

    def _last_known(self, mains_share: Signal, place: Indices) -> Signal:
        known = np.concatenate([[self._mains_share], mains_share])
        latest: Signal = known[np.maximum.accumulate(place) + 1]
        self._mains_share = float(latest[-1])
        return latest

    def _rhythms(self, bursts: list[Burst], hops: Indices) -> tuple[Rhythm | None, ...]:
        """Return the rhythm at the end of each of the hops."""
        recent = self._recent + bursts
        found = [self._rhythm_at(recent, (hop + 1) * self._grid.ticks_per_hop) for hop in hops.tolist()]
        if bursts:
            oldest = bursts[-1].end - 2 * self._grid.ticks(RHYTHM_S)
            self._recent = [burst for burst in recent if burst.begin >= oldest]
        return tuple(found)

    def _rhythm_at(self, bursts: list[Burst], tick: int) -> Rhythm | None:
        """Describe the latest of the unbroken series of bursts that leads up to a tick."""
        longest = self._grid.ticks(LONGEST_INTERVAL_S)
        oldest = tick - self._grid.ticks(RHYTHM_S)
        series: list[Burst] = []
        later = tick
        for burst in reversed(bursts):
            # The tick that showed its end lies after this moment.
            if burst.end >= tick:
                continue
            if burst.begin < oldest or later - burst.begin > longest or len(series) == LATEST:
                break
            series.append(burst)
            later = burst.begin
        return rhythm(series[::-1], self._grid.tick_s)
