"""The EMG as it leaves the converter, chunk by chunk: muscle, heart, mains, noise, filter, counts.

Only stretches with discharges cost a convolution. Chunks come in order and have one length, so filters carry their
state and nothing depends on how the result is cut up afterwards.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft, signal

from models.synthesis.disturbances import Disturbance
from models.synthesis.motor_units import Indices, MotorUnits, Reals
from models.synthesis.muscle import Discharges
from models.synthesis.person import Person
from models.synthesis.sensor import HIGHEST_CORNER, SensorModel

Int16s = npt.NDArray[np.int16]

# Width of a QRS complex as the calf sees it, seconds (time constant of a biphasic pulse).
QRS_S = 0.012
# Relative spread of the interval between heart beats, asleep.
HEART_CV = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """The discharges of one drive, at inner sample indices in ascending order, and their potentials."""

    index: Indices
    shape: Indices
    amplitude_uv: Reals
    potentials: Reals

    @property
    def reach(self) -> int:
        """Samples that a potential extends to either side."""
        return self.potentials.shape[1] // 2

    @classmethod
    def of(cls, discharges: Discharges, units: MotorUnits, rate_hz: float) -> "Voice":
        """Return the voice of discharges at a sampling rate."""
        index = np.rint(discharges.time_s * rate_hz).astype(np.int64)
        order = np.argsort(index, kind="stable")
        potentials = units.potentials(rate_hz, discharges.shortening)
        return cls(index[order], discharges.shape[order], discharges.amplitude_uv[order], potentials)

    def add_to(self, chunk: Reals, first: int) -> None:
        """Add the potentials that touch ``chunk``, whose first inner sample index is ``first``."""
        low, high = np.searchsorted(self.index, (first - self.reach, first + len(chunk) + self.reach))
        if low == high:
            return
        index = self.index[low:high]
        base, length = int(index[0]), int(index[-1] - index[0]) + 1
        shapes = len(self.potentials)
        place = self.shape[low:high] * length + (index - base)
        trains = np.bincount(place, self.amplitude_uv[low:high], shapes * length).reshape(shapes, length)
        size = fft.next_fast_len(length + self.potentials.shape[1] - 1, real=True)
        spectrum = np.einsum("ij,ij->j", fft.rfft(trains, size), fft.rfft(self.potentials, size))
        pulse = fft.irfft(spectrum, size)[: length + self.potentials.shape[1] - 1]
        start = base - self.reach - first
        left, right = max(0, start), min(len(chunk), start + len(pulse))
        if left < right:
            chunk[left:right] += pulse[left - start : right - start]


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A rendered disturbance from an inner sample index on."""

    first: int
    values_uv: Reals
    muscle_gain: float

    def overlap(self, first: int, length: int) -> tuple[slice, slice]:
        """Return where it lies in a chunk, and which part of it that is."""
        left, right = max(first, self.first), min(first + length, self.first + len(self.values_uv))
        right = max(left, right)
        return slice(left - first, right - first), slice(left - self.first, right - self.first)


class EmgStream:
    """Makes the EMG counts of a night, one chunk after the other.

    Args:
        person: Who wears the sensor.
        sensor: What it is.
        chunk_samples: Length of every chunk, sensor samples.
        seed: Source of noise and heart beats.
    """

    def __init__(
        self, person: Person, sensor: SensorModel, chunk_samples: int, seed: np.random.SeedSequence
    ) -> None:
        self._person, self._sensor = person, sensor
        self._inner = chunk_samples * sensor.oversampling
        self._rate_hz = sensor.true_rate_hz * sensor.oversampling
        noise_seed, heart_seed = seed.spawn(2)
        self._noise_rng, self._heart_rng = (
            np.random.default_rng(noise_seed),
            np.random.default_rng(heart_seed),
        )
        self._first = 0
        self._voices: list[Voice] = []
        self._sounds: list[Sound] = []
        self._next_beat_s = 0.3
        corner = min(sensor.lowpass_hz, HIGHEST_CORNER * sensor.emg_rate_hz)
        self._band = np.concatenate(
            (
                signal.butter(2, sensor.highpass_hz, "highpass", fs=self._rate_hz, output="sos"),
                signal.butter(4, corner, "lowpass", fs=self._rate_hz, output="sos"),
            )
        )
        self._band_state = np.zeros((len(self._band), 2))
        self._pink = flicker_filter(sensor.corner_hz, self._rate_hz)
        self._pink_state = np.zeros((1, 2))
        self._noise_scale = sensor.noise_uv / noise_rms(np.concatenate((self._pink, self._band)))
        scale = sensor.info().emg_scales[0]
        self._gain, self._bias = scale.gain, scale.bias
        self._limits = (scale.digital_min, scale.digital_max)

    def add_discharges(self, discharges: Discharges) -> None:
        """Let the motor units fire; called before the chunk in which they begin."""
        self._voices.append(Voice.of(discharges, self._person.units, self._rate_hz))

    def add_disturbance(self, disturbance: Disturbance, rng: np.random.Generator) -> None:
        """Add a disturbance; called before the chunk in which it begins."""
        first = int(np.ceil(disturbance.onset_s * self._rate_hz))
        self._sounds.append(Sound(first, disturbance.render(self._rate_hz, rng), disturbance.muscle_gain))

    def next_chunk(self) -> Int16s:
        """Return the next ``chunk_samples`` counts."""
        chunk = np.zeros(self._inner)
        for voice in self._voices:
            voice.add_to(chunk, self._first)
        chunk *= self._contact()
        for sound in self._sounds:
            here, part = sound.overlap(self._first, self._inner)
            chunk[here] = chunk[here] * sound.muscle_gain + sound.values_uv[part]
        self._add_mains(chunk)
        self._add_heart(chunk)
        white = self._noise_rng.standard_normal(self._inner)
        noise, self._pink_state = signal.sosfilt(self._pink, white, zi=self._pink_state)
        chunk += self._noise_scale * noise
        filtered, self._band_state = signal.sosfilt(self._band, chunk, zi=self._band_state)
        self._first += self._inner
        self._forget()
        seen = filtered[:: self._sensor.oversampling] + self._sensor.offset_uv
        return np.clip(np.rint((seen - self._bias) / self._gain), *self._limits).astype(np.int16)

    def _contact(self) -> float:
        """Return the gain of skin and electrodes now: settling after they were put on, then drifting."""
        now_s = self._first / self._rate_hz
        settled = 1.0 - 0.15 * np.exp(-now_s / self._sensor.settling_s) if self._sensor.gain_drift else 1.0
        # A night's drift is one slow swing; nine hours are its period.
        return float(settled * (1.0 + self._sensor.gain_drift * np.sin(2.0 * np.pi * now_s / 32400.0)))

    def _add_mains(self, chunk: Reals) -> None:
        """Add the line that is always there; its frequency wanders by a few hundredths of a hertz in minutes."""
        if not self._sensor.mains_uv:
            return
        t = (self._first + np.arange(self._inner)) / self._rate_hz
        phase = 2.0 * np.pi * self._sensor.mains_hz * t + 3.0 * np.sin(2.0 * np.pi * t / 600.0)
        fundamental = np.sin(phase)
        # sin 3φ = 3 sin φ - 4 sin³ φ: the third harmonic, a fifth of the line.
        third = 3.0 * fundamental - 4.0 * fundamental**3
        chunk += self._sensor.mains_uv * np.sqrt(2.0) * (fundamental + 0.2 * third)

    def _add_heart(self, chunk: Reals) -> None:
        """Add what reaches the calf of the heart's field."""
        end_s = (self._first + self._inner) / self._rate_hz
        reach = int(np.ceil(4.0 * QRS_S * self._rate_hz))
        u = np.arange(-reach, reach + 1) / self._rate_hz / QRS_S
        pulse = self._person.ecg_uv / 0.43 * u * np.exp(-np.square(u))
        while self._next_beat_s < end_s:
            first = int(self._next_beat_s * self._rate_hz) - self._first
            # A complex at the seam of two chunks is cut to the later one's start: microvolts under the noise.
            first = max(0, min(first, self._inner - len(pulse)))
            chunk[first : first + len(pulse)] += pulse
            interval = self._heart_rng.normal(1.0, HEART_CV) / self._person.heart_hz
            self._next_beat_s += max(0.4, interval)

    def _forget(self) -> None:
        """Drop what lies wholly in the past."""
        self._voices = [v for v in self._voices if len(v.index) and v.index[-1] + v.reach >= self._first]
        self._sounds = [s for s in self._sounds if s.first + len(s.values_uv) > self._first]


def flicker_filter(corner_hz: float, rate_hz: float) -> Reals:
    """Return one section that lifts white noise below a corner, as 1/f noise of amplifier and skin does."""
    zero, pole = (np.exp(-2.0 * np.pi * hz / rate_hz) for hz in (2.0 * corner_hz, 0.25 * corner_hz))
    return np.array([[1.0, -zero, 0.0, 1.0, -pole, 0.0]])


def noise_rms(sections: Reals) -> float:
    """Return the RMS that unit white noise has after a filter."""
    impulse = np.zeros(1 << 15)
    impulse[0] = 1.0
    return float(np.sqrt(np.sum(np.square(signal.sosfilt(sections, impulse)))))
