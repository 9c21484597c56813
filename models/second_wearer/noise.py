"""Muscle as shaped noise, and shaking as shaped noise."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt, sosfreqz

from models.second_wearer.chance import direction
from models.second_wearer.person import Spectrum
from models.second_wearer.scene import ACC_HZ, ENVELOPE_HZ, Activation, Floats, Shake

# No edge comes nearer to half the sampling rate than this share of the rate.
_NYQUIST_SHARE = 0.45
# The filter settles before the first sample that counts, s.
_SETTLING_S = 0.25
# The slow fluctuation of an envelope's height lies below this, Hz.
_ROUGH_HZ = 6.0
# An envelope never turns negative or doubles by fluctuating.
_ROUGH_LIMITS = (0.45, 1.8)


@lru_cache(maxsize=256)
def _shaper(low_hz: float, high_hz: float, order: int, rate_hz: float) -> tuple[Floats, float]:
    """Return a band-pass in sections, and the RMS that unit white noise leaves it with."""
    edges = (low_hz, min(high_hz, _NYQUIST_SHARE * rate_hz))
    sections = np.asarray(butter(order, edges, "bandpass", fs=rate_hz, output="sos"))
    _, response = sosfreqz(sections, 4096)
    return sections, float(np.sqrt(np.mean(np.abs(response) ** 2)))


def shaped_noise(rng: np.random.Generator, samples: int, rate_hz: float, spectrum: Spectrum) -> Floats:
    """Return noise of unit RMS with a person's spectrum."""
    sections, gain = _shaper(spectrum.low_hz, spectrum.high_hz, spectrum.order, rate_hz)
    settling = int(_SETTLING_S * rate_hz)
    white = _white(rng, samples + settling, spectrum.tail)
    return np.asarray(sosfilt(sections, white)[settling:] / gain)


def _white(rng: np.random.Generator, samples: int, tail: str) -> Floats:
    if tail == "laplace":
        # Scaled to unit variance.
        return rng.laplace(scale=np.sqrt(0.5), size=samples)
    return rng.standard_normal(samples)


def rough(rng: np.random.Generator, samples: int, depth: float) -> Floats:
    """Return a factor around 1 that fluctuates slowly, at `ENVELOPE_HZ`."""
    sections, gain = _shaper(0.3, _ROUGH_HZ, 1, ENVELOPE_HZ)
    slow = sosfilt(sections, rng.standard_normal(samples)) / gain
    return np.clip(1.0 + depth * slow, *_ROUGH_LIMITS)


def muscle(
    rng: np.random.Generator, activation: Activation, spectrum: Spectrum, rate_hz: float
) -> npt.NDArray[np.float32]:
    """Return the signal of an activation, µV."""
    samples = int(len(activation.envelope_uv) / ENVELOPE_HZ * rate_hz)
    times = np.arange(samples) * (ENVELOPE_HZ / rate_hz)
    envelope = np.interp(times, np.arange(len(activation.envelope_uv)), activation.envelope_uv)
    signal: npt.NDArray[np.float32] = (envelope * shaped_noise(rng, samples, rate_hz, spectrum)).astype(
        np.float32
    )
    return signal


def jostle(
    rng: np.random.Generator, start_s: float, duration_s: float, rms_g: float, band_hz: tuple[float, float]
) -> Shake:
    """Return a shake that swells and ebbs, of a given RMS at its height."""
    samples = max(8, int(duration_s * ACC_HZ))
    sections, gain = _shaper(*band_hz, 1, ACC_HZ)
    noise = sosfilt(sections, rng.standard_normal((samples, 3)), axis=0) / gain
    ease = np.minimum(1.0, np.minimum(np.arange(samples), np.arange(samples)[::-1]) / (0.15 * samples))
    return Shake(start_s, rms_g * noise * np.sin(0.5 * np.pi * ease)[:, None])


def oscillation(
    rng: np.random.Generator, start_s: float, duration_s: float, peak_g: float, rate_hz: float
) -> Shake:
    """Return a shake to and fro in one direction, with a little of its overtone."""
    times_s = np.arange(int(duration_s * ACC_HZ)) / ACC_HZ
    phase = 2.0 * np.pi * rate_hz * times_s + rng.uniform(0.0, 2.0 * np.pi)
    wave = np.sin(phase) + rng.uniform(0.0, 0.4) * np.sin(2.0 * phase)
    ease = np.minimum(1.0, np.minimum(times_s, times_s[::-1]) / 0.5)
    return Shake(start_s, peak_g * (wave * ease)[:, None] * direction(rng))
