"""The acceleration as it leaves the accelerometer, chunk by chunk: gravity, breath, movements."""

import bisect

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation as Turn

from models.synthesis.motion import Motion, Rotation, direction
from models.synthesis.motor_units import Reals
from models.synthesis.person import Person
from models.synthesis.sensor import SensorModel
from models.synthesis.voices import add_overlap

Int16s = npt.NDArray[np.int16]

# Breathing is not a clock: its phase wanders by this much, radians, in this time, seconds.
BREATH_WANDER_RAD = 2.0
BREATH_WANDER_S = 97.0


def minimum_jerk(progress: Reals) -> Reals:
    """Return the share of a movement done at a share of its time (Flash and Hogan 1985)."""
    s = np.clip(progress, 0.0, 1.0)
    return np.asarray(s**3 * (10.0 - 15.0 * s + 6.0 * s**2))


class PostureStream:
    """Makes the acceleration counts of a night, one chunk after the other.

    Args:
        person: Who wears the sensor.
        sensor: What it is; has an accelerometer.
        chunk_samples: Length of every chunk, acceleration samples.
        seed: Source of noise and of the first posture.
    """

    def __init__(
        self, person: Person, sensor: SensorModel, chunk_samples: int, seed: np.random.SeedSequence
    ) -> None:
        self._person, self._sensor, self._length = person, sensor, chunk_samples
        self._rate_hz = sensor.true_rate_hz / sensor.acc_ratio
        self._rng = np.random.default_rng(seed)
        self._gravity = direction(self._rng)
        self._breath_axis = direction(self._rng)
        self._rotations: list[Rotation] = []
        self._pieces: list[tuple[int, Reals]] = []
        self._first = 0
        scale = sensor.info().acc_scale
        assert scale is not None
        self._scale = scale

    def add_rotation(self, rotation: Rotation) -> None:
        """Let the leg turn; called before the chunk in which it begins."""
        bisect.insort(self._rotations, rotation, key=lambda turn: turn.onset_s)

    def add_motion(self, motion: Motion, rng: np.random.Generator) -> None:
        """Add a movement; called before the chunk in which it begins."""
        self._pieces.append((int(np.ceil(motion.onset_s * self._rate_hz)), motion.render(self._rate_hz, rng)))

    def next_chunk(self) -> Int16s:
        """Return the next ``[chunk_samples, 3]`` counts."""
        t = (self._first + np.arange(self._length)) / self._rate_hz
        values = self._gravity_at(t)
        wander = BREATH_WANDER_RAD * np.sin(2.0 * np.pi * t / BREATH_WANDER_S)
        breath = np.sin(2.0 * np.pi * self._person.breath_hz * t + wander)
        values += self._person.breath_mg / 1e3 * breath[:, None] * self._breath_axis
        values += self._sensor.acc_noise_g * self._rng.standard_normal((self._length, 3))
        for first, piece in self._pieces:
            add_overlap(values, self._first, piece, first)
        end = self._first + self._length
        self._pieces = [(first, piece) for first, piece in self._pieces if first + len(piece) > end]
        self._first = end
        counts = np.rint((values - self._scale.bias) / self._scale.gain)
        return np.clip(counts, self._scale.digital_min, self._scale.digital_max).astype(np.int16)

    def _gravity_at(self, t: Reals) -> Reals:
        while self._rotations and self._rotations[0].end_s <= t[0]:
            done = self._rotations.pop(0)
            self._gravity = turned(self._gravity[None, :], done, np.ones(1))[0]
        gravity = np.broadcast_to(self._gravity, (len(t), 3)).copy()
        for rotation in self._rotations:
            progress = minimum_jerk((t - rotation.onset_s) / rotation.duration_s)
            if progress[-1] > 0.0:
                gravity = turned(gravity, rotation, progress)
        return gravity


def turned(vectors: Reals, rotation: Rotation, progress: Reals) -> Reals:
    """Return vectors ``[n, 3]`` turned by a share of a rotation each."""
    axis = np.array(rotation.axis) * rotation.angle_rad
    return np.asarray(Turn.from_rotvec(progress[:, None] * axis).apply(vectors))
