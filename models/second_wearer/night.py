"""A whole night: who, with what sensor, what happened, and the counts that came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firmware_bridge.samples import Gap, SampleBlock, SensorInfo, StreamItem
from models.second_wearer.disturbances import Surroundings, draw_surroundings, heart
from models.second_wearer.motion import acceleration
from models.second_wearer.noise import muscle, shaped_noise
from models.second_wearer.person import Person, draw_person
from models.second_wearer.scene import ACC_HZ, Fact, Floats, Scene
from models.second_wearer.sensors import SENSORS, Sensor
from models.second_wearer.timetable import PROGRAMMES, draw_scenes

_NIGHT_STREAM = 72
# The signal is made and handed out in pieces of this length, s.
PIECE_S = 600.0
# A stream's gaps last 0.5 to 40 s.
_GAP_S = (0.5, 40.0)


@dataclass(frozen=True, slots=True, eq=False)
class Night:
    """A synthetic night.

    Attributes:
        name: Stem for its files.
        info: The sensor.
        person: The wearer.
        rest_uv: Resting level in the band, µV: muscle tone and the sensor's noise.
        emg_counts: ``[n]``, read-only.
        acc_counts: ``[m, 3]``, read-only; ``[0, 3]`` without an accelerometer.
        gaps: What is missing of the stream; counts there mean nothing.
        facts: The truth, by onset.
    """

    name: str
    info: SensorInfo
    person: Person
    rest_uv: float
    emg_counts: npt.NDArray[np.int16]
    acc_counts: npt.NDArray[np.int16]
    gaps: tuple[Gap, ...]
    facts: tuple[Fact, ...]

    @property
    def duration_s(self) -> float:
        """Its length."""
        return len(self.emg_counts) / self.info.emg_rate_hz

    def items(self) -> Iterator[StreamItem]:
        """Yield the night as a sensor sends it."""
        yield self.info
        step = round(PIECE_S * self.info.emg_rate_hz)
        first = 0
        for gap in (*self.gaps, None):
            stop = gap.first_index if gap else len(self.emg_counts)
            for start in range(first, stop, step):
                yield self.block(start, min(stop, start + step))
            if gap:
                yield gap
                first = gap.end_index

    def block(self, first: int, stop: int) -> SampleBlock:
        """Return the samples between two indices, both of them on an acceleration sample."""
        ratio = self.info.acc_ratio
        acc = self.acc_counts[first // ratio : stop // ratio] if self.info.acc_scale else self.acc_counts
        return SampleBlock(self.info, first, self.emg_counts[first:stop, None], acc)


def make_night(kind: str, seed: int, *, sensor: str = "usual", hours: float = 8.0) -> Night:
    """Return a night.

    Args:
        kind: Which of `PROGRAMMES`.
        seed: Of the person and of the night: the same seed gives the same night, to the bit.
        sensor: Which of `SENSORS`.
        hours: Its length.

    Raises:
        KeyError: there is no such programme or sensor.
    """
    programme, worn, length_s = PROGRAMMES[kind], SENSORS[sensor], round(hours * 3600.0)
    person = draw_person(seed)
    code = (list(PROGRAMMES).index(kind), list(SENSORS).index(sensor))
    rng = np.random.default_rng([_NIGHT_STREAM, seed, *code])
    noise_uv = rng.uniform(*worn.noise_uv)
    # A converter's step adds its own noise: a twelfth of its square.
    in_band_uv = worn.band_share * np.hypot(noise_uv, worn.step_uv / np.sqrt(12.0))
    rest_uv = float(np.hypot(person.tone_uv, in_band_uv))
    scenes = draw_scenes(rng, programme, person, rest_uv, length_s)
    surroundings = draw_surroundings(rng, worn, length_s, programme.trouble)
    emg = _emg(rng, worn, person, noise_uv, surroundings, scenes, length_s)
    acc = acceleration(rng, person, scenes, length_s) if worn.has_acc else np.zeros((0, 3), np.int16)
    for array in (emg, acc):
        array.flags.writeable = False
    facts = [fact for scene in scenes for fact in scene.facts] + [one.fact for one in surroundings.episodes]
    name = f"second_{kind}_{sensor.replace(' ', '-')}_{seed}"
    gaps = _gaps(rng, worn, length_s)
    ordered = tuple(sorted(facts, key=lambda fact: (fact.onset_s, fact.name)))
    return Night(name, worn.info(f"second-{seed}"), person, rest_uv, emg, acc, gaps, ordered)


def _emg(
    rng: np.random.Generator,
    sensor: Sensor,
    person: Person,
    noise_uv: float,
    surroundings: Surroundings,
    scenes: Sequence[Scene],
    length_s: float,
) -> npt.NDArray[np.int16]:
    rate_hz = sensor.rate_hz
    total = round(length_s * rate_hz)
    at_work = np.zeros(total, np.float32)
    for scene in scenes:
        for activation in scene.activations:
            signal = muscle(rng, activation, person.spectra[activation.state], rate_hz)
            first = round(activation.start_s * rate_hz)
            room = at_work[first : first + len(signal)]
            room += signal[: len(room)]
    counts = np.empty(total, np.int16)
    drift = rng.uniform(0.0, 0.3), rng.uniform(0.0, 6.0)
    step = round(PIECE_S * rate_hz)
    for first in range(0, total, step):
        times_s = np.arange(first, min(total, first + step)) / rate_hz
        rest = _rest(rng, person, times_s, rate_hz) + noise_uv * rng.standard_normal(len(times_s))
        gain = 1.0 + drift[0] * np.sin(2.0 * np.pi * times_s / length_s + drift[1])
        signal_uv = gain * (rest + at_work[first : first + step]) + surroundings.wave(rng, times_s)
        counts[first : first + step] = sensor.counts(signal_uv)
    return counts


def _rest(rng: np.random.Generator, person: Person, times_s: Floats, rate_hz: float) -> Floats:
    """Return resting muscle, µV, and the heart where it reaches the leg."""
    tone = person.tone_uv * shaped_noise(rng, len(times_s), rate_hz, person.spectra["voluntary"])
    return tone + heart(person, times_s) if person.heart_uv else tone


def _gaps(rng: np.random.Generator, sensor: Sensor, length_s: float) -> tuple[Gap, ...]:
    if not sensor.hours_apart:
        return ()
    ratio = round(sensor.rate_hz / ACC_HZ) if sensor.has_acc else 1
    # One record of an EDF+D file lasts a second, and its times are whole milliseconds.
    gaps, at_s = [], 60.0 + round(3600.0 * sensor.hours_apart * rng.exponential())
    while at_s < length_s - 2 * _GAP_S[1]:
        missing = round(rng.uniform(*_GAP_S) * sensor.rate_hz) // ratio * ratio
        first = round(at_s * sensor.rate_hz)
        # Samples go on a whole second after the gap, as the records of the file do.
        missing += -(first + missing) % round(sensor.rate_hz)
        gaps.append(Gap(first, missing, "not recorded"))
        at_s = (
            (first + missing) / sensor.rate_hz + 60 + round(3600.0 * sensor.hours_apart * rng.exponential())
        )
    return tuple(gaps)
