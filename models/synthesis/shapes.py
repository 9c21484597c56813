"""Time courses of a drive as breakpoints, and axes to turn about."""

import numpy as np

from models.synthesis.motion import direction
from models.synthesis.motor_units import Reals

Course = tuple[Reals, Reals]

# Share of a burst's width that its rise takes, and its fall.
EDGE_SHARE = 0.25
# Points per period of a modulated drive: enough for straight lines to make a sine.
POINTS_PER_PERIOD = 16


def trapezoid(onset_s: float, duration_s: float, level: float, *, rise_s: float, fall_s: float) -> Course:
    """Return a rise, a plateau and a fall; rise and fall shrink together where they are too long."""
    # Nine tenths at most, so that a plateau is left.
    shrink = min(1.0, 0.9 * duration_s / (rise_s + fall_s))
    end_s = onset_s + duration_s
    times = np.array([onset_s, onset_s + rise_s * shrink, end_s - fall_s * shrink, end_s])
    return times, np.array([0.0, level, level, 0.0])


def burst_train(onsets_s: Reals, widths_s: Reals, levels: Reals) -> Course:
    """Return bursts with linear edges and silence between; bursts do not overlap."""
    edge = EDGE_SHARE * widths_s
    ends = onsets_s + widths_s
    times = np.stack([onsets_s, onsets_s + edge, ends - edge, ends], axis=1)
    silent = np.zeros_like(levels)
    return times.ravel(), np.stack([silent, levels, levels, silent], axis=1).ravel()


def irregular(
    onset_s: float, duration_s: float, level: float, pieces: int, rng: np.random.Generator
) -> Course:
    """Return a drive that wanders between 0 and ``level`` and reaches it at least once, 0 at both ends."""
    times = onset_s + duration_s * np.concatenate(([0.0], np.sort(rng.random(pieces)), [1.0]))
    levels = np.concatenate(([0.0], level * rng.beta(1.2, 1.2, pieces), [0.0]))
    levels[1 + rng.integers(pieces)] = level
    return times, levels


def waving(
    onset_s: float,
    duration_s: float,
    level: float,
    *,
    rates_hz: tuple[float, float],
    depth: float,
    edge_s: float,
) -> Course:
    """Return a plateau modulated by a gliding sine, ``level`` at most, ``depth`` up and down from its middle."""
    count = max(8, round(duration_s * max(rates_hz) * POINTS_PER_PERIOD))
    t = np.linspace(0.0, duration_s, count)
    first_hz, last_hz = rates_hz
    phase = 2.0 * np.pi * (first_hz * t + 0.5 * (last_hz - first_hz) * np.square(t) / duration_s)
    edges = np.clip(np.minimum(t, duration_s - t) / min(edge_s, 0.5 * duration_s), 0.0, 1.0)
    return onset_s + t, level * (1.0 + depth * np.cos(phase)) / (1.0 + depth) * edges


def random_axis(rng: np.random.Generator) -> tuple[float, float, float]:
    """Return a direction, all alike."""
    x, y, z = direction(rng)
    return float(x), float(y), float(z)
