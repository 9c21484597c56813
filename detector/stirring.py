"""When the leg last moved, how far back that movement goes, and when it was last as still as a sleeper's."""

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


class Stirring:
    """Follows the movements of the leg over runs of hops."""

    def __init__(self, grid: Grid, settings: DetectorSettings) -> None:
        self._settings = settings
        self._same_hops = grid.hops(SAME_MOVEMENT_S)
        self._last = [NEVER] * 4

    def feed(self, numbers: Indices, movement: Movement) -> tuple[Indices, ...]:
        """Return ``[hops]`` each: where the latest movement began, and when it, a large one, any stir last was."""
        moving_hop, moved_hop, large_hop, stirred_hop = self._last
        settings, dynamic_mg = self._settings, movement.dynamic_mg
        turning = movement.turning
        moved = (dynamic_mg >= settings.movement_mg) | ((movement.tilt_deg >= settings.tilt_deg) & turning)
        large = (dynamic_mg >= settings.large_movement_mg) | ((movement.tilt_deg >= LARGE_TILT_DEG) & turning)
        still_mg = np.fmax(STIRRED_TIMES * movement.resting_mg, STIRRED_MG)
        all_moved = latest(numbers, moved, moved_hop)
        before = np.concatenate([[moved_hop], all_moved[:-1]])
        found = (
            latest(numbers, moved & (numbers - before > self._same_hops), moving_hop),
            all_moved,
            latest(numbers, large, large_hop),
            latest(numbers, moved | (dynamic_mg >= still_mg), stirred_hop),
        )
        self._last = [int(one[-1]) for one in found]
        return found


def latest(numbers: Indices, where: Flags | Signal, before: int) -> Indices:
    """Return, for each hop, the last hop up to it at which ``where`` holds."""
    hops: Indices = np.maximum.accumulate(np.where(where, numbers, before))
    return hops
