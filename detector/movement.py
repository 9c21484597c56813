"""What the acceleration says about the leg, hop by hop: how much it moves, and whether it turned."""

import math
from dataclasses import dataclass

import numpy as np

from detector.filters import Signal
from detector.grid import HOPS_PER_SECOND, Grid
from detector.hops import Flags
from detector.resting import RestingLevel
from detector.sums import Sums

# A turn is a change of posture within this time (science.md section 11: rotations take 0.5–3 s).
TURN_S = 3.0
MG_PER_G = 1000.0
# Whether it still turns shows in the last half second: faster than this many degrees in it (a third of what 10°
# in 3 s are).
TURNING_HOPS = 2
TURNING_DEG = 1.5
# No sensor is quieter.
QUIETEST_MG = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """Movement of the leg at the end of each hop; NaN where it is not known.

    Attributes:
        dynamic_mg: ``[hops]`` RMS deviation of the acceleration vector from its mean over the last second.
            Gravity and breathing drop out, steps, thrashing and turning stay.
        resting_mg: ``[hops]`` what the sensor shows of a leg at rest: its own noise, and breathing.
        tilt_deg: ``[hops]`` change of the direction of gravity within 3 s, as the chord of the angle: true to
            1 % up to 30°, and 81 for a right angle.
        turning: ``[hops]`` the direction still changes; a quick turn is over before ``tilt_deg`` forgets it.
    """

    dynamic_mg: Signal
    resting_mg: Signal
    tilt_deg: Signal
    turning: Flags


class MovementMeter:
    """Measures movement over runs of hops, keeping as much of the past as a turn takes."""

    def __init__(self, grid: Grid) -> None:
        self._present = grid.acc_per_hop > 0
        self._turn = grid.hops(TURN_S)
        self._past = max(self._turn, HOPS_PER_SECOND) + HOPS_PER_SECOND
        self._mean_g = np.full((self._past, 3), np.nan)
        self._square_g = np.full(self._past, np.nan)
        self._resting = RestingLevel(QUIETEST_MG, None)

    def feed(self, sums: Sums) -> Movement:
        """Return the movement over the hops of ``sums``."""
        hops = len(sums.hops)
        if not self._present:
            unknown = np.full(hops, np.nan)
            return Movement(unknown, unknown, unknown, np.zeros(hops, np.bool_))
        if sums.hops.fresh:
            self._mean_g[:] = np.nan
            self._square_g[:] = np.nan
        # The sensor's own vibration is not the leg's.
        hidden = np.logical_or.reduce(sums.hops.unseen, axis=1)
        mean_g = np.concatenate([self._mean_g, np.where(hidden[:, None], np.nan, sums.acc_mean_g)])
        square_g = np.concatenate([self._square_g, np.where(hidden, np.nan, sums.acc_square_g)])
        self._mean_g, self._square_g = mean_g[-self._past :], square_g[-self._past :]
        gravity_g = _last_second(mean_g)
        variance = _last_second(square_g) - _squared_length(gravity_g)
        dynamic_mg = MG_PER_G * np.sqrt(np.maximum(variance, 0.0))
        length_g = np.sqrt(_squared_length(gravity_g))
        upright = gravity_g / np.where(length_g > 0.0, length_g, np.nan)[:, None]
        chord: Signal = np.sqrt(_squared_length(upright[self._turn :] - upright[: -self._turn]))
        dynamic_mg = dynamic_mg[-hops:]
        resting_mg = self._resting.feed(sums.hops.first_hop, dynamic_mg).level
        change_g = mean_g[TURNING_HOPS:] - mean_g[:-TURNING_HOPS]
        turning = np.sqrt(_squared_length(change_g))[-hops:] >= math.radians(TURNING_DEG)
        return Movement(dynamic_mg, resting_mg, np.degrees(chord)[-hops:], turning)


def _last_second(values: Signal) -> Signal:
    """Return the mean over each row and the three before it; the first three rows have no such mean."""
    means: Signal = (values[3:] + values[2:-1] + (values[1:-2] + values[:-3])) / HOPS_PER_SECOND
    return np.concatenate([np.full_like(values[:3], np.nan), means])


def _squared_length(vectors: Signal) -> Signal:
    x, y, z = vectors[:, 0], vectors[:, 1], vectors[:, 2]
    return x * x + y * y + z * z
