"""What the base station sounds like: bursts of tones after IEC 60601-1-8, made as WAV files in memory.

Every priority has its own rhythm, so that a person half asleep can tell them apart: three pulses for MEDIUM, two
groups of five for HIGH, two for LOW. Loudness is in the samples themselves; the system's own volume is never
touched.
"""

import io
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

# Enough for the fifth harmonic of the highest tone, and every player takes it, Hz.
SAMPLE_RATE_HZ = 22_050
_FULL_SCALE = 32_767
_SAMPLE_BYTES = 2
# IEC 60601-1-8: a fundamental of 150 to 1000 Hz with at least four harmonics, so that a small loudspeaker, and an
# ear that no longer hears high tones, still get some of it. These are a, c and e above middle c, Hz.
_LOW_HZ, _MIDDLE_HZ, _HIGH_HZ = 440.0, 523.25, 659.26
# Weights of the fundamental and its four harmonics; none is more than 15 dB below it.
_HARMONICS = (1.0, 0.5, 0.35, 0.25, 0.2)
# A pulse rises and falls this fast: no click, and still sudden enough to wake, s.
_EDGE_S = 0.02

# Name of a sound that the base station can make.
Sound = Literal["low", "medium", "high", "cancel", "pip", "test"]
# How loud, as amplitude; about 45 dB, then in steps to all that the loudspeaker has, on a speaker that gives 75 dB.
LOUDNESS: Mapping[str, float] = MappingProxyType({"soft": 0.03, "louder": 0.12, "loud": 0.4, "full": 1.0})


@dataclass(frozen=True, slots=True)
class Pulse:
    """One tone and the silence behind it, Hz and s."""

    tone_hz: float
    lasts_s: float
    silence_s: float


def _pulses(*tones_hz: float, lasts_s: float = 0.18, silence_s: float = 0.12) -> tuple[Pulse, ...]:
    return tuple(Pulse(tone_hz, lasts_s, silence_s) for tone_hz in tones_hz)


_FIVE = (
    *_pulses(_LOW_HZ, _MIDDLE_HZ, _HIGH_HZ, lasts_s=0.12, silence_s=0.08),
    Pulse(_LOW_HZ, 0.12, 0.08),
    Pulse(_HIGH_HZ, 0.12, 0.4),
)

BURSTS: Mapping[Sound, tuple[Pulse, ...]] = MappingProxyType(
    {
        "low": _pulses(_HIGH_HZ, _LOW_HZ),
        "medium": _pulses(_LOW_HZ, _MIDDLE_HZ, _HIGH_HZ),
        "high": (*_FIVE, *_FIVE),
        # Falling: something is about to happen, and it can still be called off.
        "cancel": _pulses(_HIGH_HZ, _LOW_HZ, lasts_s=0.1, silence_s=0.05),
        "pip": _pulses(_MIDDLE_HZ, lasts_s=0.1, silence_s=0.0),
        # Rising, and like no alarm.
        "test": _pulses(_LOW_HZ, _HIGH_HZ, 2 * _LOW_HZ, lasts_s=0.25, silence_s=0.05),
    }
)


def duration_s(sound: Sound) -> float:
    """Return how long one burst lasts."""
    return sum(pulse.lasts_s + pulse.silence_s for pulse in BURSTS[sound])


def wav(sound: Sound, amplitude: float) -> bytes:
    """Return one burst as a WAV file: 16 bit, one channel, `SAMPLE_RATE_HZ`.

    Args:
        sound: Which.
        amplitude: Of its highest sample, above 0 and up to 1.

    Raises:
        ValueError: the amplitude is out of range.
    """
    if not 0 < amplitude <= 1:
        raise ValueError(f"amplitude: expected above 0 and up to 1, got {amplitude}")
    samples = np.concatenate([_tone(pulse) for pulse in BURSTS[sound]])
    samples *= amplitude * _FULL_SCALE / np.abs(samples).max()
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(_SAMPLE_BYTES)
        writer.setframerate(SAMPLE_RATE_HZ)
        writer.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def _tone(pulse: Pulse) -> npt.NDArray[np.float64]:
    times_s = np.arange(round(pulse.lasts_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    wave_form = sum(
        weight * np.sin(2 * np.pi * pulse.tone_hz * number * times_s)
        for number, weight in enumerate(_HARMONICS, 1)
    )
    edge = np.clip(np.minimum(times_s, times_s[::-1]) / _EDGE_S, 0, 1)
    silence = np.zeros(round(pulse.silence_s * SAMPLE_RATE_HZ))
    return np.concatenate([wave_form * np.sin(edge * np.pi / 2) ** 2, silence])
