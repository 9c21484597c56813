"""Envelopes: rises, holds, bursts, all between 0 and 1 on the grid of `ENVELOPE_HZ`."""

from collections.abc import Sequence

import numpy as np

from models.second_wearer.scene import ENVELOPE_HZ, Floats


def grid(duration_s: float) -> Floats:
    """Return the times of an envelope, s."""
    return np.arange(max(1, int(duration_s * ENVELOPE_HZ))) / ENVELOPE_HZ


def plateau(duration_s: float, rise_s: float, fall_s: float) -> Floats:
    """Return a rise by half a cosine, a level, and a fall by half a cosine."""
    times_s = grid(duration_s)
    return ramp(times_s, rise_s) * ramp(times_s[-1] - times_s, fall_s)


def ramp(times_s: Floats, rise_s: float) -> Floats:
    """Return 0 at 0 s and 1 from ``rise_s`` on, by half a cosine between."""
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip(times_s / max(rise_s, 1e-3), 0.0, 1.0)))


def decay(duration_s: float, length_s: float) -> Floats:
    """Return a fall towards nothing by a straight line over ``length_s``."""
    return np.clip(1.0 - grid(duration_s) / length_s, 0.0, 1.0)


def train(duration_s: float, onsets_s: Sequence[float], widths_s: Sequence[float], heights: Floats) -> Floats:
    """Return bursts, each a sine's arch flattened by a root: steep sides, a round top."""
    envelope = np.zeros(len(grid(duration_s)))
    for onset_s, width_s, height in zip(onsets_s, widths_s, heights, strict=True):
        first = int(onset_s * ENVELOPE_HZ)
        samples = max(4, int(width_s * ENVELOPE_HZ))
        arch = np.sqrt(np.sin(np.pi * (np.arange(samples) + 0.5) / samples))
        room = envelope[first : first + samples]
        np.maximum(room, height * arch[: len(room)], out=room)
    return envelope


def steady_onsets(
    rng: np.random.Generator, duration_s: float, rate_hz: float, variation: float
) -> list[float]:
    """Return onsets at a constant rate, with a coefficient of variation."""
    count = int(duration_s * rate_hz)
    steps = np.clip(1.0 + variation * rng.normal(size=count), 0.5, 1.5) / rate_hz
    return [float(onset) for onset in np.cumsum(steps) - steps[0] if onset < duration_s]


def slowing_onsets(duration_s: float, first_hz: float, last_hz: float) -> list[float]:
    """Return onsets whose intervals grow, each by the same factor, from one rate to the other."""
    # Intervals of a geometric series add up to the duration where the last is the factor times all before it.
    first_s, last_s = 1.0 / first_hz, 1.0 / last_hz
    factor = 1.0 + (last_s - first_s) / duration_s
    onsets, at_s, step_s = [], 0.0, first_s
    while at_s < duration_s:
        onsets.append(at_s)
        at_s += step_s
        step_s *= factor
    return onsets
