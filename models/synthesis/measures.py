"""What is measured of a stretch of EMG to hold it against the literature.

Plain statistics of whole stretches for reports and tests, apart from the detector's causal features on purpose:
two pieces of code that agree by construction could not disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import signal

from models.synthesis.motor_units import Reals

# Window of the envelope, seconds: bursts up to 8 Hz show (science.md section 6).
ENVELOPE_S = 0.05
# The envelope counts as silent below this share of its 90th percentile (science.md section 6).
SILENT_SHARE = 0.2
# Length of the spectrum's segments, seconds.
SEGMENT_S = 0.512
# Above it lies the tonic part of a convulsion, Hz (Cardenas 2020: 150–270); below, to 70 Hz, the clonic part.
HIGH_HZ = 150.0
LOW_BAND_HZ = (12.0, 70.0)
# Range in which rhythms are looked for, Hz.
RHYTHM_HZ = (0.5, 12.0)


@dataclass(frozen=True, slots=True)
class Measures:
    """What a stretch of EMG is like.

    Attributes:
        rms_uv: Root mean square.
        median_hz: Frequency that halves the power (MDF).
        mean_hz: Power-weighted mean frequency (MNF).
        high_share: Share of power from 150 Hz on.
        low_share: Share of power in 12–70 Hz.
        modulation: (p90 - p10) / (p90 + p10) of the 50-ms RMS.
        silent: Share of time in which the 50-ms RMS is below a fifth of its 90th percentile.
        envelope_cv: Coefficient of variation of the 50-ms RMS.
        rhythm: Highest autocorrelation of the 50-ms RMS at a lag of 0.083–2 s.
        rhythm_hz: One over that lag.
    """

    rms_uv: float
    median_hz: float
    mean_hz: float
    high_share: float
    low_share: float
    modulation: float
    silent: float
    envelope_cv: float
    rhythm: float
    rhythm_hz: float

    @classmethod
    def of(cls, emg_uv: Reals, rate_hz: float) -> "Measures":
        """Return the measures of a stretch of at least a few seconds."""
        frequency, power = signal.welch(emg_uv, rate_hz, nperseg=round(SEGMENT_S * rate_hz))
        share = np.cumsum(power) / power.sum()
        low, high = LOW_BAND_HZ
        envelope = envelope_uv(emg_uv, rate_hz)
        p10, p90 = np.percentile(envelope, (10.0, 90.0))
        rhythm, rhythm_hz = rhythm_of(envelope)
        return cls(
            rms_uv=float(np.sqrt(np.mean(np.square(emg_uv)))),
            median_hz=float(np.interp(0.5, share, frequency)),
            mean_hz=float(np.sum(frequency * power) / power.sum()),
            high_share=float(power[frequency >= HIGH_HZ].sum() / power.sum()),
            low_share=float(power[(frequency >= low) & (frequency < high)].sum() / power.sum()),
            modulation=float((p90 - p10) / (p90 + p10)),
            silent=float(np.mean(envelope < SILENT_SHARE * p90)),
            envelope_cv=float(envelope.std() / envelope.mean()),
            rhythm=rhythm,
            rhythm_hz=rhythm_hz,
        )

    def named(self) -> Mapping[str, float]:
        """Return the measures by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def envelope_uv(emg_uv: Reals, rate_hz: float) -> Reals:
    """Return the RMS of successive windows of 50 ms."""
    width = round(ENVELOPE_S * rate_hz)
    windows = emg_uv[: len(emg_uv) // width * width].reshape(-1, width)
    return np.asarray(np.sqrt(np.mean(np.square(windows), axis=1)), np.float64)


def rhythm_of(envelope: Reals) -> tuple[float, float]:
    """Return the highest autocorrelation peak of an envelope in the rhythms' range, and its rate in Hz."""
    centred = np.asarray(signal.detrend(envelope), np.float64)
    correlation = signal.correlate(centred, centred)[len(centred) - 1 :]
    correlation = correlation / correlation[0]
    first = max(1, int(1.0 / RHYTHM_HZ[1] / ENVELOPE_S))
    last = min(len(correlation) - 1, round(1.0 / RHYTHM_HZ[0] / ENVELOPE_S))
    peaks = signal.find_peaks(correlation[: last + 2])[0]
    peaks = peaks[peaks >= first]
    if not len(peaks):
        return 0.0, 0.0
    best = peaks[np.argmax(correlation[peaks])]
    return float(correlation[best]), float(1.0 / (best * ENVELOPE_S))


def interval_statistics(times_s: Reals) -> tuple[float, float]:
    """Return mean rate in pulses per second and coefficient of variation of the intervals of one unit."""
    intervals = np.diff(times_s)
    return float(1.0 / intervals.mean()), float(intervals.std() / intervals.mean())
