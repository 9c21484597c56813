"""From sums to rows: the levels of every hop, and the features of the moments that matter."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.bursts import Burst, BurstFinder
from detector.envelope import EnvelopeMeter
from detector.features import Moments, feature_matrix
from detector.filters import Signal
from detector.gait import CoherenceMeter, Leg
from detector.grid import Grid
from detector.levels import HopLevels, LevelMeter
from detector.movement import Movement, MovementMeter
from detector.portions import portions
from detector.rhythms import RhythmMeter, rates_hz
from detector.seconds import SecondMeter
from detector.sums import Sums
from firmware_bridge.samples import SensorInfo

Indices = npt.NDArray[np.intp]

# A hop this many times above rest is looked at, however few µV that are: so begins a rise of tension.
TENSE_TIMES = 2.0
# So long after activity the features are still made: a pause in a slow rhythm is not its end.
AWAKE_S = 2.5


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
        self._leg = Leg(grid)
        self._channels = [_Channel(info, grid, channel, self._leg) for channel in range(len(info.sites))]

    def feed(self, item: Sums) -> Iterator[FeatureRows]:
        """Yield the rows over a run of hops."""
        movement = self._movement.feed(item)
        self._leg.feed(item)
        yield FeatureRows(item, movement, tuple(channel.feed(item, movement) for channel in self._channels))

    def finish(self) -> Iterator[FeatureRows]:
        """Yield nothing: no hop waits here."""
        yield from ()


class _Channel:
    """The windows of one channel."""

    def __init__(self, info: SensorInfo, grid: Grid, channel: int, leg: Leg) -> None:
        self._grid = grid
        self._channel = channel
        self._leg = leg
        self._levels = LevelMeter(grid, info.emg_scales[channel], channel)
        self._envelope = EnvelopeMeter(grid, channel)
        self._finder = BurstFinder(grid)
        self._rhythms = RhythmMeter(grid)
        self._seconds = SecondMeter(grid, channel)
        self._coherence = CoherenceMeter(grid)
        self._awake_hops = grid.hops(AWAKE_S)
        self._last_on = -self._awake_hops - 1

    def feed(self, sums: Sums, movement: Movement) -> ChannelRows:
        levels = self._levels.feed(sums)
        envelope_uv = self._envelope.feed(sums)
        first_hop, fresh = sums.hops.first_hop, sums.hops.fresh
        on_uv = np.repeat(levels.on_uv, self._grid.ticks_per_hop)
        bursts = self._finder.feed(first_hop * self._grid.ticks_per_hop, envelope_uv, on_uv, fresh=fresh)
        moments = self._awake(levels, first_hop)
        spectra, shapes, mains_share = self._seconds.feed(sums, levels, moments)
        # What costs most is looked at where the amplitude is up, and not in the seconds after it.
        loud = np.flatnonzero((levels.second_uv >= levels.on_uv)[moments])
        rhythms = self._rhythms.feed(bursts, moments + first_hop, fresh=fresh)
        features = feature_matrix(
            Moments(
                second_uv=levels.second_uv[moments],
                resting_uv=levels.resting_uv[moments],
                resting_age_s=levels.resting_age_s[moments],
                steadiness=self._envelope.steadiness(moments),
                repeats=self._envelope.repeats(moments, loud),
                spectra=spectra,
                waveform=shapes,
                rhythms=rhythms,
                drift_uv=levels.drift_uv[moments],
                clipped_share=sums.clipped[self._channel][moments] / self._grid.hop,
                dynamic_mg=movement.dynamic_mg[moments],
                tilt_deg=movement.tilt_deg[moments],
                gait=self._leg.gait(moments, loud),
                coherence=self._cohere(moments, rates_hz(rhythms)),
            )
        )
        shape = (len(sums.hops), self._grid.ticks_per_hop)
        return ChannelRows(levels, moments, features, tuple(bursts), envelope_uv.reshape(shape), mains_share)

    def _awake(self, levels: HopLevels, first_hop: int) -> Indices:
        """Return the hops in which something is, or just was, going on."""
        numbers = np.arange(first_hop, first_hop + len(levels.hop_uv))
        awake = levels.is_on | (levels.hop_uv >= TENSE_TIMES * levels.resting_uv)
        last_on = np.maximum.accumulate(np.where(awake, numbers, self._last_on))
        self._last_on = int(max(self._last_on, last_on[-1]))
        return np.flatnonzero(numbers - last_on <= self._awake_hops)

    def _cohere(self, moments: Indices, rate_hz: Signal) -> Signal:
        """Return, where there is a rhythm and the leg is seen, whether the two go together."""
        found = np.full(len(moments), np.nan)
        hops = self._coherence.hops
        places = self._leg.known(moments, hops)
        places = places[~np.isnan(rate_hz[places])]
        for part in portions(len(places)):
            some = places[part]
            if len(some):
                envelope_uv = self._envelope.windows(moments[some], hops * self._grid.ticks_per_hop)
                leg = self._leg.windows(moments[some], hops)
                found[some] = self._coherence.measure(envelope_uv, leg, rate_hz[some])
        return found
