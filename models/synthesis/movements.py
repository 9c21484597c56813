"""Movements of a sleeping or waking leg: twitches, leg movements, holds, turning over, resting tone."""

import numpy as np

from models.synthesis.acts import Act, Setting
from models.synthesis.disturbances import MotionArtefact
from models.synthesis.drives import ToneDrive
from models.synthesis.motion import Rotation, Shake
from models.synthesis.motor_units import Reals
from models.synthesis.shapes import irregular, random_axis, trapezoid
from models.synthesis.volleys import TwitchDrive

# Band of a quick leg movement's acceleration, and of a slow one's, Hz.
QUICK_HZ = (1.0, 8.0)
SLOW_HZ = (0.7, 5.0)
# Shortest movement into and out of a hold, seconds.
HOLD_EDGE_S = 0.6
# Least and greatest interval between periodic leg movements, seconds (WASM 2016), and the fewest that make a
# series.
PLM_INTERVAL_S = (10.5, 90.0)
PLM_LEAST = 4
PLM_MOST = 60
# A periodic leg movement is a leg movement: half a second to ten (WASM 2016).
LM_DURATION_S = (0.5, 10.0)
# How far the movements of one series differ in strength.
PLM_SPREAD = 0.25
# Least drive that recruits anybody's first unit.
LEAST_DRIVE = 0.03
# Changes of force per second of an irregular movement.
PIECES_PER_S = 1.5


def twitch(s: Setting) -> Act:
    """A single twitch of a unit or two; the leg does not move."""
    drive = TwitchDrive(np.array([s.onset_s]), np.array([s.duration_s]), np.array([s["peak_uv"]]))
    return Act(drives=(drive,), truth=(s.movement("twitch", drive),))


def leg_movement(s: Setting) -> Act:
    """A phasic leg movement; some move nothing that a sensor feels."""
    return phasic(s, "leg_movement", s.onset_s, s.duration_s, s["drive"])


def plm_series(s: Setting) -> Act:
    """Periodic leg movements: at least four alike, at nearly even intervals; each is a truth of its own."""
    act = Act()
    for onset_s in series_onsets(s):
        length_s = float(np.clip(s["movement_s"] * s.rng.normal(1.0, 0.2), *LM_DURATION_S))
        strength = s["drive"] * float(np.exp(s.rng.normal(0.0, PLM_SPREAD)))
        act += phasic(s, "plm", float(onset_s), length_s, float(np.clip(strength, LEAST_DRIVE, 1.0)))
    return act


def series_onsets(s: Setting) -> Reals:
    """Return when the movements of a series begin."""
    count = int(np.clip(s.duration_s / s["interval_s"], PLM_LEAST, PLM_MOST))
    intervals = s.rng.normal(s["interval_s"], s["interval_spread_s"], count - 1).clip(*PLM_INTERVAL_S)
    return np.asarray(s.onset_s + np.concatenate(([0.0], np.cumsum(intervals))), np.float64)


def phasic(s: Setting, name: str, onset_s: float, duration_s: float, level: float) -> Act:
    """Return one leg movement."""
    course = trapezoid(onset_s, duration_s, level, rise_s=s["rise_s"], fall_s=s["fall_s"])
    drive = s.drive(course)
    felt = s.rng.random() >= s.person.silent_share
    motions = (Shake(onset_s, duration_s, s["shake_mg"] / 1e3, *QUICK_HZ),) if felt else ()
    return Act(drives=(drive,), motions=motions, truth=(s.movement(name, drive),))


def step(s: Setting) -> Act:
    """A short voluntary contraction."""
    return voluntary(s, "step")


def hold(s: Setting) -> Act:
    """A voluntary hold: the leg moves into it, stays, and moves out of it."""
    return voluntary(s, "hold")


def point_toe(s: Setting) -> Act:
    """The toes are pointed and held so: the calf as tight as in a cramp, by will."""
    return voluntary(s, "point_toe")


def voluntary(s: Setting, name: str) -> Act:
    """Return a voluntary contraction with a movement into it and one out of it."""
    edge_s = max(HOLD_EDGE_S, s["rise_s"])
    course = trapezoid(s.onset_s, s.duration_s, s["drive"], rise_s=s["rise_s"], fall_s=s["rise_s"])
    drive = s.drive(course)
    leave_s = max(s.end_s - 0.5 * edge_s, s.onset_s + edge_s)
    motions = tuple(Shake(at, edge_s, s["shake_mg"] / 1e3, *SLOW_HZ) for at in (s.onset_s, leave_s))
    there = Rotation(s.onset_s, edge_s, random_axis(s.rng), np.deg2rad(s["tilt_deg"]))
    truth = s.movement(name, drive) if name == "step" else s.truth("tonic", name, drive)
    return Act((drive,), motions, (there, there.back(leave_s)), truth=(truth,))


def turn_over(s: Setting) -> Act:
    """The sleeper turns: irregular EMG for seconds, the leg tilts, the electrodes feel it."""
    return reposition(s, "turn_over")


def small_movement(s: Setting) -> Act:
    """The leg is shifted a little."""
    return reposition(s, "small_movement")


def reposition(s: Setting, name: str) -> Act:
    """Return a movement to another place."""
    pieces = max(3, round(s.duration_s * PIECES_PER_S))
    course = irregular(s.onset_s, s.duration_s, s["drive"], pieces, s.rng)
    drives = [s.drive(course)]
    if s["braces"]:
        length_s = s.duration_s * s.rng.uniform(0.4, 0.9)
        begin = s.onset_s + s.rng.uniform(0.0, s.duration_s - length_s)
        brace = trapezoid(begin, length_s, 0.7 * s["drive"], rise_s=0.5, fall_s=0.5)
        drives.append(s.drive(brace))
    turn_s = min(s["turn_s"], s.duration_s)
    begin = s.onset_s + s.rng.uniform(0.0, s.duration_s - turn_s)
    turn = Rotation(begin, turn_s, random_axis(s.rng), np.deg2rad(s["tilt_deg"]))
    thrash = Shake(s.onset_s, s.duration_s, s["shake_mg"] / 1e3)
    skin = MotionArtefact(s.onset_s, s.duration_s, s["artefact_uv"])
    return Act(tuple(drives), (thrash,), (turn,), (skin,), truth=(s.movement(name, drives[0]),))


def tone(s: Setting) -> Act:
    """Resting tone: a unit or two fire slowly for a while. Nothing has happened, so it has no truth."""
    height = s.sensor.rest_uv * np.sqrt(s["ratio"] ** 2 - 1.0)
    edge_s = 0.2 * s.duration_s
    times = np.array([s.onset_s, s.onset_s + edge_s, s.end_s - edge_s, s.end_s])
    course = np.array([0.0, height, height, 0.0])
    return Act(drives=(ToneDrive(times, course, s.person.voluntary_cv, s.seed()),))
