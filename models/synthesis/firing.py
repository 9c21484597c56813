"""When motor units fire: gamma renewal in operational time, doublets, synchronised volleys.

In operational time (the integral of the rate) a unit's intervals are gamma distributed with mean 1 and the wanted
coefficient of variation; mapping back through the integral gives any time course of rate with the same irregularity.
"""

import numpy as np

from models.synthesis.motor_units import Reals

# Shortest interval that a motor unit can fire at, seconds: refractory period.
REFRACTORY_S = 0.003
# Interval inside a doublet, seconds.
DOUBLET_S = (0.004, 0.010)
# Room for irregularity when drawing intervals, standard deviations of their sum.
MARGIN_SD = 6.0


def renewal_times(rate_pps: Reals, step_s: float, cv: float, rng: np.random.Generator) -> Reals:
    """Return the firing times in seconds of a unit whose rate is given on a grid of ``step_s``.

    Args:
        rate_pps: Rate at each grid point, pulses per second, 0 where silent.
        step_s: Grid step.
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
    return np.asarray(np.interp(fired, passed, np.arange(len(passed)) * step_s), np.float64)


def with_doublets(times_s: Reals, share: float, rng: np.random.Generator) -> Reals:
    """Return the firings with a second one 4–10 ms after a ``share`` of them, none within the refractory period."""
    doubled = times_s[rng.random(len(times_s)) < share]
    times = np.sort(np.concatenate((times_s, doubled + rng.uniform(*DOUBLET_S, len(doubled)))))
    return times[np.diff(times, prepend=-1.0) >= REFRACTORY_S]
