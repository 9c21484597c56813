"""The EMG as it leaves the converter, chunk by chunk: muscle, heart, mains, noise, filter, counts.

Chunks come in order and have one length, so filters carry their state and nothing depends on how the result
is cut up afterwards. Only stretches with discharges cost a convolution.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import signal

from models.synthesis.disturbances import Disturbance
from models.synthesis.drives import Discharges
from models.synthesis.motor_units import Reals
from models.synthesis.person import Person
from models.synthesis.sensor import SensorModel
from models.synthesis.voices import Sound, Voice, add_overlap
from models.synthesis.volleys import BIPHASIC_PEAK

Int16s = npt.NDArray[np.int16]

# Time constant of a QRS complex as the calf sees it, seconds, and its half-length in time constants.
QRS_S = 0.012
QRS_REACH = 4.0
# Relative spread of the interval between heart beats, asleep, and the shortest interval, seconds.
HEART_CV = 0.05
SHORTEST_BEAT_S = 0.4
# The line's third harmonic relative to the line; its frequency wanders by ±0.005 Hz over ten minutes.
THIRD_HARMONIC = 0.2
MAINS_WANDER_RAD = 3.0
MAINS_WANDER_S = 600.0
# A night's gain drift is one slow swing of this period, seconds.
DRIFT_S = 32400.0
# Length of the impulse response over which noise power is summed, samples.
RESPONSE = 1 << 15


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
        self._noise_rng = np.random.default_rng(noise_seed)
        self._heart_rng = np.random.default_rng(heart_seed)
        self._first = 0
        self._voices: list[Voice] = []
        self._sounds: list[Sound] = []
        self._beats: list[int] = []
        self._next_beat_s = 0.0
        self._band = band_filter(sensor, self._rate_hz)
        self._pink = flicker_filter(sensor.corner_hz, self._rate_hz)
        self._noise_scale = sensor.noise_uv / noise_rms(np.concatenate((self._pink, self._band)))
        self._band_state = np.zeros((len(self._band), 2))
        self._pink_state = np.zeros((len(self._pink), 2))
        self._scale = sensor.info().emg_scales[0]

    def add_discharges(self, discharges: Discharges) -> None:
        """Let motor units fire; called before the chunk in which they begin."""
        if len(discharges.time_s):
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
        self._add_heart(chunk)
        chunk *= self._contact()
        for sound in self._sounds:
            sound.add_to(chunk, self._first)
        self._add_mains(chunk)
        white = self._noise_rng.standard_normal(self._inner)
        noise, self._pink_state = signal.sosfilt(self._pink, white, zi=self._pink_state)
        chunk += self._noise_scale * noise
        filtered, self._band_state = signal.sosfilt(self._band, chunk, zi=self._band_state)
        self._first += self._inner
        self._forget()
        return self._converted(filtered[:: self._sensor.oversampling])

    def _converted(self, values_uv: Reals) -> Int16s:
        counts = np.rint((values_uv + (self._sensor.offset_uv - self._scale.bias)) / self._scale.gain)
        return np.clip(counts, self._scale.digital_min, self._scale.digital_max).astype(np.int16)

    def _contact(self) -> float:
        """Return the gain of skin and electrodes now: settling after they were put on, then drifting."""
        now_s = self._first / self._rate_hz
        settled = 1.0 - self._sensor.settling * np.exp(-now_s / self._sensor.settling_s)
        return float(settled * (1.0 + self._sensor.gain_drift * np.sin(2.0 * np.pi * now_s / DRIFT_S)))

    def _add_mains(self, chunk: Reals) -> None:
        """Add the line that is always there."""
        if not self._sensor.mains_uv:
            return
        ends_s = np.array([self._first, self._first + self._inner]) / self._rate_hz
        # Within a chunk the frequency stands still.
        wander = MAINS_WANDER_RAD * np.sin(2.0 * np.pi * ends_s / MAINS_WANDER_S)
        begin, end = 2.0 * np.pi * self._sensor.mains_hz * ends_s + wander
        line = np.sin(np.linspace(begin, end, self._inner, endpoint=False))
        # sin 3φ = 3 sin φ - 4 sin³ φ
        third = (3.0 - 4.0 * np.square(line)) * line
        chunk += self._sensor.mains_uv * np.sqrt(2.0) * (line + THIRD_HARMONIC * third)

    def _add_heart(self, chunk: Reals) -> None:
        """Add what reaches the calf of the heart's field."""
        reach = int(np.ceil(QRS_REACH * QRS_S * self._rate_hz))
        u = np.arange(-reach, reach + 1) / self._rate_hz / QRS_S
        pulse = self._person.ecg_uv / BIPHASIC_PEAK * u * np.exp(-np.square(u))
        end = self._first + self._inner
        while self._next_beat_s * self._rate_hz - reach < end:
            self._beats.append(round(self._next_beat_s * self._rate_hz) - reach)
            interval_s = self._heart_rng.normal(1.0, HEART_CV) / self._person.heart_hz
            self._next_beat_s += max(SHORTEST_BEAT_S, interval_s)
        for beat in self._beats:
            add_overlap(chunk, self._first, pulse, beat)
        self._beats = [beat for beat in self._beats if beat + len(pulse) > end]

    def _forget(self) -> None:
        """Drop what lies wholly in the past."""
        self._voices = [voice for voice in self._voices if voice.end > self._first]
        self._sounds = [sound for sound in self._sounds if sound.end > self._first]


def band_filter(sensor: SensorModel, rate_hz: float) -> npt.NDArray[Any]:
    """Return the sensor's analogue filter as second-order sections."""
    high_pass = signal.butter(2, sensor.highpass_hz, "highpass", fs=rate_hz, output="sos")
    low_pass = signal.butter(4, sensor.corner_of_lowpass_hz, "lowpass", fs=rate_hz, output="sos")
    return np.concatenate((high_pass, low_pass))


def flicker_filter(corner_hz: float, rate_hz: float) -> Reals:
    """Return a section that lifts white noise below a corner, as 1/f noise of amplifier and skin does."""
    # A zero an octave above the corner and a pole two octaves below it follow 1/√f in between.
    zero, pole = (np.exp(-2.0 * np.pi * hz / rate_hz) for hz in (2.0 * corner_hz, 0.25 * corner_hz))
    return np.array([[1.0, -zero, 0.0, 1.0, -pole, 0.0]])


def noise_rms(sections: npt.NDArray[Any]) -> float:
    """Return the RMS that white noise of RMS 1 has after a filter."""
    impulse = np.zeros(RESPONSE)
    impulse[0] = 1.0
    return float(np.sqrt(np.sum(np.square(signal.sosfilt(sections, impulse)))))
