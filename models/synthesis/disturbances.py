"""What electrodes, cables and mains add to the EMG, before the amplifier's filter."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.synthesis.motion import band_noise, fade, samples
from models.synthesis.motor_units import Reals

# Third and fifth harmonic of a rectifier's current relative to the line, at least and at most.
THIRD_HARMONIC = (0.05, 0.4)
FIFTH_HARMONIC = (0.02, 0.2)
# Lowest frequency of skin and cable movement, Hz.
MOTION_LOW_HZ = 0.5


class Disturbance(Protocol):
    """Something that adds to the EMG for a while."""

    @property
    def onset_s(self) -> float:
        """When it begins."""
        ...

    @property
    def muscle_gain(self) -> float:
        """What is left of the muscle's own signal while it lasts; 0 when the electrode hangs in the air."""
        ...

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n]`` µV from the first sample at or after ``onset_s`` on."""
        ...


@dataclass(frozen=True, slots=True)
class MotionArtefact:
    """Skin and cable movement: a band of noise, 0.5–15 Hz and of the order of 0.1–5 mV."""

    onset_s: float
    duration_s: float
    rms_uv: float
    high_hz: float = 8.0
    muscle_gain: float = 1.0

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n]`` µV."""
        count = samples(self.duration_s, rate_hz)
        return self.rms_uv * band_noise(count, MOTION_LOW_HZ, self.high_hz, rate_hz, rng) * fade(count)


@dataclass(frozen=True, slots=True)
class Hum:
    """Mains or a charger: a line and its odd harmonics."""

    onset_s: float
    duration_s: float
    rms_uv: float
    line_hz: float
    muscle_gain: float = 1.0

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n]`` µV."""
        count = samples(self.duration_s, rate_hz)
        phase = 2.0 * np.pi * self.line_hz * np.arange(count) / rate_hz + rng.uniform(0.0, 2.0 * np.pi)
        third, fifth = rng.uniform(*THIRD_HARMONIC), rng.uniform(*FIFTH_HARMONIC)
        wave = np.sin(phase) + third * np.sin(3.0 * phase) + fifth * np.sin(5.0 * phase)
        norm = np.sqrt(0.5 * (1.0 + third**2 + fifth**2))
        return np.asarray(self.rms_uv / norm * wave * fade(count), np.float64)


@dataclass(frozen=True, slots=True)
class Lift:
    """An electrode in the air: broad noise and the mains picked up, nothing of the muscle."""

    onset_s: float
    duration_s: float
    noise_uv: float
    line_uv: float
    line_hz: float
    muscle_gain: float = 0.0

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n]`` µV."""
        count = samples(self.duration_s, rate_hz)
        phase = 2.0 * np.pi * self.line_hz * np.arange(count) / rate_hz
        noise = self.noise_uv * rng.standard_normal(count)
        return np.asarray(noise + np.sqrt(2.0) * self.line_uv * np.sin(phase), np.float64)


@dataclass(frozen=True, slots=True)
class Steps:
    """Jumps of the electrode's potential that die away: pops, a tug at the cable."""

    times_s: tuple[float, ...]
    peak_uv: float
    decay_s: float
    muscle_gain: float = 1.0

    @property
    def onset_s(self) -> float:
        """When the first comes."""
        return self.times_s[0]

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n]`` µV."""
        first = np.round((np.array(self.times_s) - self.times_s[0]) * rate_hz).astype(np.int64)
        train = np.zeros(first[-1] + 1)
        np.add.at(train, first, rng.choice([-1.0, 1.0], len(first)) * rng.uniform(0.3, 1.0, len(first)))
        # Five time constants: 0.7 % is left.
        fall = self.peak_uv * np.exp(
            -np.arange(samples(5.0 * self.decay_s, rate_hz)) / rate_hz / self.decay_s
        )
        return np.convolve(train, fall)


@dataclass(frozen=True, slots=True)
class Drift:
    """Sweat under the electrode: a slow wave of millivolts that the amplifier's filter removes."""

    onset_s: float
    duration_s: float
    peak_uv: float
    wave_hz: float
    muscle_gain: float = 1.0

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n]`` µV."""
        count = samples(self.duration_s, rate_hz)
        phase = 2.0 * np.pi * self.wave_hz * np.arange(count) / rate_hz + rng.uniform(0.0, 2.0 * np.pi)
        return np.asarray(self.peak_uv * np.sin(phase) * fade(count), np.float64)
