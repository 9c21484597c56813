"""The levels of one channel, hop by hop: how strong, against which rest, up or not."""

from dataclasses import dataclass

import numpy as np

from detector.filters import Signal
from detector.grid import HOPS_PER_SECOND, Grid
from detector.hops import Flags
from detector.resting import REST_CAP_UV, Rest, RestingLevel
from detector.sums import Sums
from firmware_bridge.samples import Scale

# Activity begins at twice the resting level and 5 µV above it, and ends at 1.5 times and 2.5 µV: below the 8
# µV of the leg-movement rules, so that the ramp of a cramp is dated early; a verdict asks for more.
ON_TIMES, ON_RISE_UV = 2.0, 5.0
OFF_TIMES, OFF_RISE_UV = 1.5, 2.5
# A coarser converter cannot show microvolts: only ratios are judged, and higher ones (science.md section 0,
# point 3).
FINE_COUNT_UV = 1.0
COARSE_ON_TIMES, COARSE_OFF_TIMES = 2.5, 1.8
# Rounding to counts alone makes noise of this part of a count (RMS).
ROUNDING = 12**-0.5
# A hop with fewer of its ticks seen than this says nothing.
SEEN_SHARE = 0.5


def shows_microvolts(scale: Scale) -> bool:
    """Tell whether thresholds in µV mean something on this scale."""
    return scale.unit == "uV" and abs(scale.gain) <= FINE_COUNT_UV


@dataclass(frozen=True, slots=True, eq=False)
class HopLevels:
    """``[hops]`` each; NaN where nothing was seen or known.

    Attributes:
        hop_uv: RMS of the hop.
        second_uv: RMS of the last second, as far as it was seen.
        resting_uv: Resting level from before the hop …
        resting_age_s: … and for how long it has been frozen.
        on_uv: Level at which activity begins …
        off_uv: … and below which it ends.
        drift_uv: RMS, over the last second, of what moves below 20 Hz.
    """

    hop_uv: Signal
    second_uv: Signal
    resting_uv: Signal
    resting_age_s: Signal
    on_uv: Signal
    off_uv: Signal
    drift_uv: Signal

    @property
    def is_on(self) -> Flags:
        """Hops in which activity may begin."""
        return self.hop_uv >= self.on_uv


class LevelMeter:
    """Follows the levels of one channel."""

    def __init__(self, grid: Grid, scale: Scale, channel: int) -> None:
        self._channel = channel
        self._seen_least = SEEN_SHARE * grid.ticks_per_hop
        self._fine = shows_microvolts(scale)
        self._second_s = HOPS_PER_SECOND * grid.hop_s
        floor_uv = ROUNDING * abs(scale.gain)
        self._resting = RestingLevel(floor_uv, REST_CAP_UV if scale.unit == "uV" else None)
        # Of the three hops before: ticks seen, and sums over them of energy, drift and squared drift.
        self._before = np.zeros((HOPS_PER_SECOND - 1, 4))

    def feed(self, sums: Sums) -> HopLevels:
        """Return the levels over the hops of ``sums``."""
        if sums.hops.fresh:
            self._before[:] = 0.0
        seen = ~sums.hops.unseen
        drift = sums.drift_uv[self._channel]
        by_tick = (np.ones_like(drift), sums.energy[self._channel], drift, np.square(drift))
        by_hop = np.stack([np.add.reduce(np.where(seen, values, 0.0), axis=-1) for values in by_tick], axis=1)
        so_far = np.concatenate([self._before, by_hop])
        self._before = so_far[-len(self._before) :]
        # The same additions in the same order for every row, whatever else is in the run.
        by_second = (so_far[3:] + so_far[2:-1]) + (so_far[1:-2] + so_far[:-3])
        with np.errstate(invalid="ignore", divide="ignore"):
            hop_uv = np.sqrt(by_hop[:, 1] / by_hop[:, 0])
            second_uv = np.sqrt(by_second[:, 1] / by_second[:, 0])
            variance = by_second[:, 3] / by_second[:, 0] - np.square(by_second[:, 2] / by_second[:, 0])
        hop_uv = np.where(by_hop[:, 0] >= self._seen_least, hop_uv, np.nan)
        rest = self._follow_rest(sums, hop_uv)
        on_uv, off_uv = self._thresholds(rest.level)
        drift_uv = np.sqrt(np.maximum(variance, 0.0))
        return HopLevels(hop_uv, second_uv, rest.level, rest.age * self._second_s, on_uv, off_uv, drift_uv)

    def _follow_rest(self, sums: Sums, hop_uv: Signal) -> Rest:
        """Return the resting level at each hop; flat and clipped inputs teach nothing about rest."""
        dead = sums.flat[self._channel] & self._fine
        blind = dead | (sums.clipped[self._channel] > 0) | sums.hops.lead_off[:, self._channel]
        return self._resting.feed(sums.hops.first_hop, np.where(blind, np.nan, hop_uv))

    def _thresholds(self, resting_uv: Signal) -> tuple[Signal, Signal]:
        if not self._fine:
            return COARSE_ON_TIMES * resting_uv, COARSE_OFF_TIMES * resting_uv
        on_uv = np.maximum(ON_TIMES * resting_uv, resting_uv + ON_RISE_UV)
        return on_uv, np.maximum(OFF_TIMES * resting_uv, resting_uv + OFF_RISE_UV)
