"""When motor units fire: gamma renewal in operational time, doublets.

In operational time (the integral of the rate) a unit's intervals are gamma distributed with mean 1 and the
wanted coefficient of variation; mapping back through the integral gives any course of rate with the same
irregularity.
"""

import numpy as np

from models.synthesis.motor_units import Reals

# Shortest interval that a motor unit can fire at, seconds: its refractory period.
REFRACTORY_S = 0.003
# Interval inside a doublet, seconds.
DOUBLET_S = (0.004, 0.010)
# Room for irregularity when drawing intervals, standard deviations of their sum.
MARGIN_SD = 6.0


def renewal_times(rate_pps: Reals, step_s: float, cv: float, rng: np.random.Generator) -> Reals:
    """Return the firing times, seconds from the grid's start, of a unit whose rate is given on a grid.

    Args:
        rate_pps: Rate in each step of the grid, pulses per second, 0 where silent.
        step_s: The grid's step.
        cv: Coefficient of variation of the intervals at constant rate.
        rng: Source of the irregularity.
    """
    passed = np.concatenate(([0.0], np.cumsum(rate_pps) * step_s))
    total = passed[-1]
    count = int(np.ceil(total + MARGIN_SD * cv * np.sqrt(total + 1.0) + MARGIN_SD))
    shape = 1.0 / cv**2
    intervals = rng.gamma(shape, 1.0 / shape, count)
    # The first interval is met somewhere in its middle: units do not all start together.
    intervals[0] *= rng.random()
    fired = np.cumsum(intervals)
    fired = fired[fired < total]
    times = np.interp(fired, passed, np.arange(len(passed)) * step_s)
    return refractory(np.asarray(times, np.float64))


def with_doublets(times_s: Reals, share: float, rng: np.random.Generator) -> Reals:
    """Return the firings with a second one 4–10 ms after a ``share`` of them."""
    doubled = times_s[rng.random(len(times_s)) < share]
    second = doubled + rng.uniform(*DOUBLET_S, len(doubled))
    return refractory(np.sort(np.concatenate((times_s, second))))


def refractory(times_s: Reals) -> Reals:
    """Return the firings (ascending) without those that come within the refractory period of one kept."""
    while np.any(close := np.diff(times_s, prepend=-1.0) < REFRACTORY_S):
        # The first of a close group stays; one pass may leave a third firing too near, hence the loop.
        first = close & ~np.concatenate(([False], close[:-1]))
        times_s = times_s[~first]
    return times_s
