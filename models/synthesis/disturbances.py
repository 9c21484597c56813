"""What electrodes, cables and mains add to the EMG, before the amplifier's filter."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import signal

from models.synthesis.motor_units import Reals


class Disturbance(Protocol):
    """Something that adds to the EMG for a while; ``muscle_gain`` is what is left of the muscle meanwhile."""

    @property
    def onset_s(self) -> float:
        """When it begins."""
        ...

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        ...

    @property
    def muscle_gain(self) -> float:
        """Factor on the muscle's own signal while it lasts; 0 when the electrode hangs in the air."""
        ...

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n]`` µV from the first sample at or after ``onset_s`` on."""
        ...


@dataclass(frozen=True, slots=True)
class MotionArtefact:
    """Skin and cable movement: 0.5–15 Hz, of the order of 0.1–5 mV."""

    onset_s: float
    duration_s: float
    rms_uv: float
    high_hz: float = 8.0
    muscle_gain: float = 1.0

    def render(self, rate_hz: float, rng: np.random.Generator) -> Reals:
        """Return ``[n]`` µV."""
        count = max(2, round(self.duration_s * rate_hz))
        sos = signal.butter(2, [0.5, self.high_hz], "bandpass", fs=rate_hz, output="sos")
        lead = round(rate_hz)
        noise = signal.sosfilt(sos, rng.standard_normal(count + lead))[lead:]
        scale = np.sqrt((self.high_hz - 0.5) / (0.5 * rate_hz))
        return np.asarray(noise / scale * self.rms_uv * signal.windows.tukey(count, 0.3))


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
        count = max(2, round(self.duration_s * rate_hz))
        phase = 2.0 * np.pi * self.line_hz * np.arange(count) / rate_hz
        # Third and fifth harmonic of a rectifier's current, relative to the line.
        shares = ((1, 1.0), (3, rng.uniform(0.05, 0.4)), (5, rng.uniform(0.02, 0.2)))
        wave = sum(share * np.sin(order * phase + rng.uniform(0.0, 6.28)) for order, share in shares)
        norm = np.sqrt(sum(share**2 for _, share in shares) / 2.0)
        return np.asarray(
            self.rms_uv / norm * wave * signal.windows.tukey(count, min(1.0, 1.0 / self.duration_s))
        )
