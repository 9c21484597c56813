"""What the accelerometer on the calf feels: turns of gravity, thrashing, knocks, rhythms.

Motions are values; ``render`` gives their own acceleration in g at the accelerometer's rate. `Rotation` is
apart: it turns gravity for good, and rotations are composed in order (see `models.synthesis.posture`).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from scipy import signal

from models.synthesis.motor_units import Reals

# Share of a movement that its smooth beginning and end take together.
SMOOTH_SHARE = 0.3
# Standard deviation of a rhythm's phase after one second, radians: people are not clocks.
WANDER_RAD = 0.3
# Durations of its decay that a knock is followed for: to exp(-4) of its peak.
KNOCK_DECAYS = 4.0


class Motion(Protocol):
    """An acceleration that comes and goes."""

    @property
    def onset_s(self) -> float:
        """When it begins."""
        ...

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n, 3]`` g from the first sample at or after ``onset_s`` on."""
        ...


@dataclass(frozen=True, slots=True)
class Rotation:
    """The leg turns about an axis along a minimum-jerk path (Flash and Hogan 1985) and stays there."""

    onset_s: float
    duration_s: float
    axis: tuple[float, float, float]
    angle_rad: float

    @property
    def end_s(self) -> float:
        """When it has arrived."""
        return self.onset_s + self.duration_s

    def back(self, onset_s: float) -> "Rotation":
        """Return the way back."""
        return Rotation(onset_s, self.duration_s, self.axis, -self.angle_rad)


@dataclass(frozen=True, slots=True)
class Shake:
    """Irregular movement: noise in a band; ``rms_g`` is that of the vector between its smooth ends."""

    onset_s: float
    duration_s: float
    rms_g: float
    low_hz: float = 0.5
    high_hz: float = 6.0

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n, 3]`` g."""
        count = samples(self.duration_s, rate_hz)
        noise = np.stack(
            [band_noise(count, self.low_hz, self.high_hz, rate_hz, rng) for _ in range(3)], axis=1
        )
        return np.asarray(noise * (self.rms_g / np.sqrt(3.0)) * fade(count)[:, None], np.float64)


@dataclass(frozen=True, slots=True)
class Knock:
    """A blow through the mattress: a ringing that dies away."""

    onset_s: float
    decay_s: float
    peak_g: float
    ring_hz: float

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n, 3]`` g."""
        t = np.arange(samples(KNOCK_DECAYS * self.decay_s, rate_hz)) / rate_hz
        ringing = self.peak_g * np.exp(-t / self.decay_s) * np.sin(2.0 * np.pi * self.ring_hz * t)
        return np.asarray(ringing[:, None] * direction(rng), np.float64)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A periodic movement: swinging, rocking, a tremor; ``sharpness`` (0…1) adds harmonics."""

    onset_s: float
    duration_s: float
    rate_hz: float
    peak_g: float
    sharpness: float = 0.0

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n, 3]`` g."""
        count = samples(self.duration_s, rate_hz)
        wander = np.cumsum(rng.normal(0.0, WANDER_RAD / np.sqrt(rate_hz), count))
        phase = 2.0 * np.pi * self.rate_hz * np.arange(count) / rate_hz + wander
        value = np.zeros((count, 3))
        for order in range(3):
            wave = self.sharpness**order * np.sin((order + 1) * phase + rng.uniform(0.0, 2.0 * np.pi))
            value += wave[:, None] * direction(rng)
        return np.asarray(self.peak_g * value * fade(count)[:, None], np.float64)


@dataclass(frozen=True, slots=True)
class Jerks:
    """One damped push in one direction at each burst: the jerks of a clonic run, the steps of a walk."""

    times_s: tuple[float, ...]
    peak_g: float
    width_s: float

    @property
    def onset_s(self) -> float:
        """When the first comes."""
        return self.times_s[0]

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n, 3]`` g."""
        # There and back: one period of a sine under a falling exponential.
        t = np.arange(samples(2.0 * self.width_s, rate_hz)) / rate_hz
        push = np.sin(2.0 * np.pi * t / (2.0 * self.width_s)) * np.exp(-t / self.width_s)
        push *= self.peak_g / np.abs(push).max()
        first = np.round((np.array(self.times_s) - self.times_s[0]) * rate_hz).astype(np.int64)
        train = np.zeros(first[-1] + 1)
        train[first] = rng.uniform(0.7, 1.3, len(first))
        return np.asarray(np.convolve(train, push)[:, None] * direction(rng), np.float64)


def samples(duration_s: float, rate_hz: float) -> int:
    """Return how many samples a duration has, at least two."""
    return max(2, round(duration_s * rate_hz))


def fade(count: int) -> Reals:
    """Return a window that rises and falls smoothly at its ends."""
    return np.asarray(signal.windows.tukey(count, SMOOTH_SHARE), np.float64)


def direction(rng: np.random.Generator) -> Reals:
    """Return a unit vector, all directions alike."""
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector), np.float64)


def band_noise(count: int, low_hz: float, high_hz: float, rate_hz: float, rng: np.random.Generator) -> Reals:
    """Return Gaussian noise of RMS 1 in a band (second-order skirts), without a start-up transient."""
    # A little below half the rate, where a band-pass can still be made.
    high_hz = min(high_hz, 0.45 * rate_hz)
    sos = band_pass(low_hz, high_hz, rate_hz)
    # The filter forgets its start in two periods of its lowest frequency.
    lead = round(2.0 * rate_hz / low_hz)
    noise = signal.sosfilt(sos, rng.standard_normal(count + lead))[lead:]
    # White noise of RMS 1 has 2/rate per hertz; a second-order Butterworth band is 1.11 times its nominal
    # width.
    width_hz = 1.11 * (high_hz - low_hz)
    return np.asarray(noise / np.sqrt(2.0 * width_hz / rate_hz), np.float64)


@lru_cache(maxsize=256)
def band_pass(low_hz: float, high_hz: float, rate_hz: float) -> Reals:
    """Return a second-order Butterworth band-pass as sections; the same few bands come again and again."""
    return np.asarray(signal.butter(2, [low_hz, high_hz], "bandpass", fs=rate_hz, output="sos"), np.float64)
