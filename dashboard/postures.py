"""How the leg lay, hour by hour: positions that were kept, from where gravity pulled. Pure.

Nobody knows how a sensor sits on a calf, so a position has a number and no name: the same number is the same way of
lying, whenever in the night it comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]

# Gravity is looked at so often: a turn takes a few seconds.
BIN_S = 5.0
# Positions closer than this are one: a foot that moves a little is no turn.
SAME_DEG = 30.0
# What is kept for less is on the way to somewhere else.
KEPT_S = 30.0
# A pull far from 1 g is a blow, or no gravity at all.
_LIKELY_G = (0.7, 1.3)
# So much of a new look goes into where a position is thought to be: a strap slips in the course of a night.
_LEARNING = 0.02


@dataclass(frozen=True, slots=True)
class Kept:
    """A position that was kept: from when to when, in seconds, and which one, from 1."""

    start_s: float
    end_s: float
    number: int


def positions(gravity_g: Reals, bin_s: float) -> list[Kept]:
    """Return the positions that were kept, by start.

    Args:
        gravity_g: ``[bins, 3]`` mean acceleration, NaN where nothing came.
        bin_s: Seconds a bin.
    """
    strength = np.linalg.norm(gravity_g, axis=1)
    is_likely = (strength > _LIKELY_G[0]) & (strength < _LIKELY_G[1])
    looks = np.full_like(gravity_g, np.nan)
    looks[is_likely] = gravity_g[is_likely] / strength[is_likely, None]
    known: list[Reals] = []
    found: list[Kept] = []
    at = 0
    for stop in _ends(looks):
        run = looks[at:stop]
        number = _number(run, known) if (stop - at) * bin_s >= KEPT_S else 0
        if number:
            if found and found[-1].number == number and at * bin_s - found[-1].end_s < KEPT_S:
                found[-1] = Kept(found[-1].start_s, stop * bin_s, number)
            else:
                found.append(Kept(at * bin_s, stop * bin_s, number))
        at = stop
    return found


def _ends(looks: Reals) -> Sequence[int]:
    """Return where each run of looks ends in which the leg lies as at the run's beginning."""
    ends, middle = [], np.full(3, np.nan)
    nearest = np.cos(np.radians(SAME_DEG))
    for at, look in enumerate(looks):
        is_same = float(look @ middle) >= nearest
        if at and not is_same and not (np.isnan(look).any() and np.isnan(middle).any()):
            ends.append(at)
        if is_same:
            middle = middle + _LEARNING * (look - middle)
            middle /= np.linalg.norm(middle)
        else:
            middle = look
    return [*ends, len(looks)] if len(looks) else []


def _number(run: Reals, known: list[Reals]) -> int:
    """Return which position a run is in; 0 where nothing came; a new one gets the next number."""
    if np.isnan(run).any():
        return 0
    middle = np.median(run, axis=0)
    middle /= np.linalg.norm(middle)
    near = [float(middle @ other) for other in known]
    if near and max(near) >= np.cos(np.radians(SAME_DEG)):
        return 1 + int(np.argmax(near))
    known.append(middle)
    return len(known)
