"""Movements of a sleeping or waking leg: leg movements, holds, turning over."""

import numpy as np

from models.synthesis.acts import Act, Setting, Truth
from models.synthesis.disturbances import MotionArtefact
from models.synthesis.motion import Rotation, Shake
from models.synthesis.muscle import PoolDrive
from models.synthesis.shapes import irregular, trapezoid


def random_axis(rng: np.random.Generator) -> tuple[float, float, float]:
    """Return a direction, all alike."""
    x, y, z = rng.normal(size=3)
    norm = float(np.sqrt(x * x + y * y + z * z))
    return float(x) / norm, float(y) / norm, float(z) / norm


def leg_movement(s: Setting) -> Act:
    """A phasic leg movement of half a second to ten seconds."""
    course = trapezoid(s.onset_s, s["duration_s"], s["drive"], rise_s=s["rise_s"], fall_s=s["fall_s"])
    drive = PoolDrive(*course, cv=s.person.voluntary_cv)
    felt = s.rng.random() >= s.person.silent_share
    motions = (Shake(s.onset_s, s["duration_s"], s["shake_mg"] / 1e3, 1.0, 8.0),) if felt else ()
    truth = Truth(
        "leg_movement",
        "leg_movement",
        "none",
        s.onset_s,
        s["duration_s"],
        peak_uv=s.person.units.rms_uv(s["drive"]),
    )
    return Act(drives=(drive,), motions=motions, truth=(truth,))


def hold(s: Setting) -> Act:
    """A voluntary hold: the leg moves into it, stays, and moves out of it."""
    course = trapezoid(s.onset_s, s["duration_s"], s["drive"], rise_s=s["rise_s"], fall_s=s["rise_s"])
    drive = PoolDrive(*course, cv=s.person.voluntary_cv)
    edge_s = max(0.4, s["rise_s"])
    motions = tuple(
        Shake(at, edge_s, s["shake_mg"] / 1e3, 0.7, 5.0)
        for at in (s.onset_s, s.onset_s + s["duration_s"] - 0.5 * edge_s)
    )
    angle = np.deg2rad(s["tilt_deg"])
    axis = random_axis(s.rng)
    rotations = (
        Rotation(s.onset_s, edge_s, axis, angle),
        Rotation(s.onset_s + s["duration_s"] - 0.5 * edge_s, edge_s, axis, -angle),
    )
    truth = Truth(
        "tonic", "hold", "none", s.onset_s, s["duration_s"], peak_uv=s.person.units.rms_uv(s["drive"])
    )
    return Act(drives=(drive,), motions=motions, rotations=rotations, truth=(truth,))


def turn_over(s: Setting) -> Act:
    """The sleeper turns: irregular EMG for seconds, the leg tilts, the electrodes feel it."""
    pieces = max(3, round(s["duration_s"] * 1.5))
    drive = PoolDrive(
        *irregular(s.onset_s, s["duration_s"], s["drive"], pieces, s.rng), cv=s.person.voluntary_cv
    )
    turn_s = min(s["turn_s"], s["duration_s"])
    begin = s.onset_s + s.rng.uniform(0.0, s["duration_s"] - turn_s)
    rotation = Rotation(begin, turn_s, random_axis(s.rng), np.deg2rad(s["tilt_deg"]))
    thrash = Shake(s.onset_s, s["duration_s"], s["shake_mg"] / 1e3)
    skin = MotionArtefact(s.onset_s, s["duration_s"], s["artefact_uv"])
    truth = Truth(
        "leg_movement",
        "turn_over",
        "none",
        s.onset_s,
        s["duration_s"],
        peak_uv=s.person.units.rms_uv(s["drive"]),
    )
    return Act((drive,), (thrash,), (rotation,), (skin,), truth=(truth,))
