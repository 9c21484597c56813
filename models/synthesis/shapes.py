"""Time courses of a drive as breakpoints: trapezoids, trains of bursts."""

import numpy as np

from models.synthesis.motor_units import Reals

Course = tuple[Reals, Reals]

# Share of a burst's width that its rise takes, and its fall.
EDGE_SHARE = 0.25


def trapezoid(onset_s: float, duration_s: float, level: float, *, rise_s: float, fall_s: float) -> Course:
    """Return times and levels of a rise, a plateau and a fall; rise and fall shrink together where too long."""
    shrink = min(1.0, duration_s / (rise_s + fall_s + 1e-9))
    end_s = onset_s + duration_s
    times = np.array([onset_s, onset_s + rise_s * shrink, end_s - fall_s * shrink, end_s])
    return times, np.array([0.0, level, level, 0.0])


def burst_train(onsets_s: Reals, widths_s: Reals, levels: Reals, floor: float = 0.0) -> Course:
    """Return times and levels of bursts with linear edges, ``floor`` between them and 0 at both ends."""
    edge = EDGE_SHARE * widths_s
    times = np.stack([onsets_s, onsets_s + edge, onsets_s + widths_s - edge, onsets_s + widths_s], axis=1)
    base = np.full_like(levels, floor)
    course = np.stack([base, levels, levels, base], axis=1).ravel()
    course[[0, -1]] = 0.0
    return times.ravel(), course


def irregular(
    onset_s: float, duration_s: float, level: float, pieces: int, rng: np.random.Generator
) -> Course:
    """Return times and levels that wander between 0 and ``level`` in ``pieces`` steps, 0 at both ends."""
    times = onset_s + duration_s * np.concatenate(([0.0], np.sort(rng.random(pieces)), [1.0]))
    levels = np.concatenate(([0.0], level * rng.beta(1.2, 1.2, pieces), [0.0]))
    levels[1 + rng.integers(pieces)] = level
    return times, levels
