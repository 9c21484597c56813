"""When the leg last moved, how far back that movement goes, and when it was last as still as a sleeper's."""

from typing import NamedTuple

import numpy as np

from detector.filters import Signal
from detector.grid import Grid
from detector.hops import Flags
from detector.measuring import Indices
from detector.movement import Movement
from detector.settings import DetectorSettings

# A standing leg sways by more than this many times what the sensor shows of a sleeping one …
STIRRED_TIMES = 2.0
# … and by more than a cramp's own tremor (science.md section 11: 1–5 mg).
STIRRED_MG = 5.0
# Movements with less than this between them are one.
SAME_MOVEMENT_S = 2.0
# A whole-body movement turns the leg by this much, or shakes it (science.md section 10: repositioning).
LARGE_TILT_DEG = 15.0
# No hop has this number: it was never.
NEVER = -(1 << 60)


class Stirs(NamedTuple):
    """``[hops]`` each.

    Attributes:
        moving_hop: Where the latest movement of the leg began; `NEVER` if there was none.
        moved_hop: The last hop of it so far; so in the next two.
        large_hop: The last hop in which the whole body moved.
        stirred_hop: The last hop in which the leg was not as still as a sleeper's.
        turns: Where a movement shows to be of the whole body.
    """

    moving_hop: Indices
    moved_hop: Indices
    large_hop: Indices
    stirred_hop: Indices
    turns: Flags


class Stirring:
    """Follows the movements of the leg over runs of hops."""

    def __init__(self, grid: Grid, settings: DetectorSettings) -> None:
        self._settings = settings
        self._same_hops = grid.hops(SAME_MOVEMENT_S)
        self._last = [NEVER] * 4

    def feed(self, numbers: Indices, movement: Movement) -> Stirs:
        """Return when the leg moved, and how much, up to each of these hops."""
        moving_hop, moved_hop, large_hop, stirred_hop = self._last
        settings, dynamic_mg = self._settings, movement.dynamic_mg
        turning = movement.turning
        moved = (dynamic_mg >= settings.movement_mg) | ((movement.tilt_deg >= settings.tilt_deg) & turning)
        large = (dynamic_mg >= settings.large_movement_mg) | ((movement.tilt_deg >= LARGE_TILT_DEG) & turning)
        still_mg = np.fmax(STIRRED_TIMES * movement.resting_mg, STIRRED_MG)
        all_moved, all_large = latest(numbers, moved, moved_hop), latest(numbers, large, large_hop)
        begins = moved & (numbers - _before(all_moved, moved_hop) > self._same_hops)
        all_moving = latest(numbers, begins, moving_hop)
        all_stirred = latest(numbers, moved | (dynamic_mg >= still_mg), stirred_hop)
        turns = large & (_before(all_large, large_hop) < all_moving)
        self._last = [int(one[-1]) for one in (all_moving, all_moved, all_large, all_stirred)]
        return Stirs(all_moving, all_moved, all_large, all_stirred, turns)


def _before(hops: Indices, first: int) -> Indices:
    """Return the value of the hop before each."""
    return np.concatenate([[first], hops[:-1]])


def latest(numbers: Indices, where: Flags | Signal, before: int) -> Indices:
    """Return, for each hop, the last hop up to it at which ``where`` holds."""
    hops: Indices = np.maximum.accumulate(np.where(where, numbers, before))
    return hops
