"""What the accelerometer on the calf feels: turns of gravity, thrashing, knocks, rhythms.

Motions are values; ``render`` gives their own acceleration in g at the accelerometer's rate. `Rotation` is different:
it turns gravity for good, so the night composes rotations in order (see `models.synthesis.posture`).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import signal

from models.synthesis.motor_units import Reals


class Motion(Protocol):
    """An acceleration that comes and goes."""

    @property
    def onset_s(self) -> float:
        """When it begins."""
        ...

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
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


@dataclass(frozen=True, slots=True)
class Shake:
    """Irregular movement: noise in a band with a smooth beginning and end; ``rms_g`` over its middle, per axis."""

    onset_s: float
    duration_s: float
    rms_g: float
    low_hz: float = 0.5
    high_hz: float = 6.0

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n, 3]`` g."""
        count = max(2, round(self.duration_s * rate_hz))
        high = min(self.high_hz, 0.45 * rate_hz)
        sos = signal.butter(2, [self.low_hz, high], "bandpass", fs=rate_hz, output="sos")
        # A second is enough for the filter to forget its start.
        lead = round(rate_hz)
        noise = signal.sosfilt(sos, rng.standard_normal((count + lead, 3)), axis=0)[lead:]
        scale = np.sqrt((high - self.low_hz) / (0.5 * rate_hz))
        return np.asarray(noise / scale * self.rms_g * signal.windows.tukey(count, 0.3)[:, None])


@dataclass(frozen=True, slots=True)
class Knock:
    """A blow through the mattress: a ringing that dies away."""

    onset_s: float
    duration_s: float
    peak_g: float
    ring_hz: float

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n, 3]`` g."""
        # Three durations: it falls to exp(-3) of its peak.
        t = np.arange(max(2, round(3.0 * self.duration_s * rate_hz))) / rate_hz
        direction = rng.normal(size=3)
        direction /= np.linalg.norm(direction)
        ringing = self.peak_g * np.exp(-t / self.duration_s) * np.sin(2.0 * np.pi * self.ring_hz * t)
        return np.asarray(ringing[:, None] * direction)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A periodic movement: steps, jerks, rocking, a tremor; ``sharpness`` adds harmonics (0 is a sine)."""

    onset_s: float
    duration_s: float
    rate_hz: float
    peak_g: float
    sharpness: float = 0.0

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n, 3]`` g."""
        count = max(2, round(self.duration_s * rate_hz))
        t = np.arange(count) / rate_hz
        # The period wanders by a few per cent, as a person's does.
        wander = np.cumsum(rng.normal(0.0, 0.05, count)) / rate_hz
        phase = 2.0 * np.pi * self.rate_hz * (t + wander)
        weights = rng.normal(size=(3, 3))
        weights /= np.linalg.norm(weights, axis=1, keepdims=True)
        value = sum(
            self.sharpness**order * np.sin((order + 1) * phase + order)[:, None] * weights[order]
            for order in range(3)
        )
        return np.asarray(
            self.peak_g * value * signal.windows.tukey(count, min(1.0, 1.0 / self.duration_s))[:, None]
        )
