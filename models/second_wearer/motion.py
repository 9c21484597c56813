"""Acceleration: gravity seen from a leg that turns, and what shakes it."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from models.second_wearer.chance import direction
from models.second_wearer.person import Person
from models.second_wearer.scene import ACC_HZ, Floats, Scene, Turn
from models.second_wearer.sensors import ACC_SCALE

# 150 to 300 µg per root Hz over 50 Hz, g.
_NOISE_G = (0.0011, 0.0021)


def acceleration(
    rng: np.random.Generator, person: Person, scenes: Iterable[Scene], length_s: float
) -> npt.NDArray[np.int16]:
    """Return a night's acceleration in counts of `ACC_SCALE`, ``[n, 3]``."""
    samples = int(length_s * ACC_HZ)
    shown = list(scenes)
    pitch_deg, roll_deg = _angles(rng, (turn for scene in shown for turn in scene.turns), samples)
    pitch, roll = np.radians(pitch_deg), np.radians(roll_deg)
    acc_g = np.stack([np.sin(pitch), np.cos(pitch) * np.sin(roll), np.cos(pitch) * np.cos(roll)], axis=1)
    acc_g += rng.normal(0.0, rng.uniform(*_NOISE_G), acc_g.shape)
    times_s = np.arange(samples) / ACC_HZ
    breath = person.breath_mg / 1000.0 * np.sin(2.0 * np.pi * person.breath_hz * times_s)
    acc_g += breath[:, None] * direction(rng)
    for scene in shown:
        for shake in scene.shakes:
            first = int(shake.start_s * ACC_HZ)
            room = acc_g[first : first + len(shake.acc_g)]
            room += shake.acc_g[: len(room)]
    counts = np.clip(np.rint(acc_g / ACC_SCALE.gain), ACC_SCALE.digital_min, ACC_SCALE.digital_max)
    return counts.astype(np.int16)


def _angles(rng: np.random.Generator, turns: Iterable[Turn], samples: int) -> tuple[Floats, Floats]:
    """Return pitch and roll in degrees; every turn eases in and out."""
    rates = np.zeros((samples + 1, 2))
    for turn in turns:
        steps = max(2, int(turn.duration_s * ACC_HZ))
        ease = np.sin(np.pi * (np.arange(steps) + 0.5) / steps)
        first = int(turn.start_s * ACC_HZ)
        room = rates[first : first + steps]
        room += ((ease / ease.sum())[:, None] * [turn.pitch_deg, turn.roll_deg])[: len(room)]
    start = rng.uniform((-20.0, -180.0), (20.0, 180.0))
    angles = start + np.cumsum(rates[:samples], axis=0)
    return angles[:, 0], angles[:, 1]
