"""Rhythms that are not clonic: foot tremor and its kin, tremor, walking, swaying, rocking, vibration."""

import numpy as np

from models.synthesis.acts import Act, Setting
from models.synthesis.convulsions import JERK_LAG_S
from models.synthesis.disturbances import MotionArtefact
from models.synthesis.drives import PoolDrive
from models.synthesis.motion import Jerks, Rhythm, Shake
from models.synthesis.motor_units import Reals
from models.synthesis.shapes import burst_train, waving

# How far the bursts of a sleeping foot differ in interval, length and strength, coefficients of variation.
LOOSE = 0.12
# Steps of a walk differ less.
STEADY = 0.04
# Bursts leave this share of their interval silent.
SILENT_SHARE = 0.3
# Time over which a modulated contraction comes and goes, seconds.
EDGE_S = 1.0
# Part of a stance phase before which the heel has struck, seconds.
STRIKE_LEAD_S = 0.1


def bursts_at(s: Setting, spread: float) -> tuple[Reals, PoolDrive]:
    """Return the onsets of the event's bursts and their drive, at a constant rate with some spread."""
    interval_s = 1.0 / s["rate_hz"]
    count = max(2, int(s.duration_s / interval_s))
    intervals = interval_s * s.rng.normal(1.0, spread, count - 1).clip(0.5, 1.5)
    onsets = s.onset_s + np.concatenate(([0.0], np.cumsum(intervals)))
    longest = (1.0 - SILENT_SHARE) * np.diff(onsets, append=onsets[-1] + interval_s)
    widths = np.minimum(s["burst_s"] * s.rng.normal(1.0, spread, count).clip(0.5, 1.5), longest)
    levels = s["drive"] * s.rng.normal(1.0, spread, count).clip(0.6, 1.4)
    return onsets, s.drive(burst_train(onsets, widths, levels))


def loose_bursts(s: Setting, name: str) -> Act:
    """Return a train of bursts of a resting foot."""
    onsets, drive = bursts_at(s, LOOSE)
    jerks = Jerks(tuple((onsets + JERK_LAG_S).tolist()), s["jerk_mg"] / 1e3, s["burst_s"])
    return Act(drives=(drive,), motions=(jerks,), truth=(s.movement(name, drive, len(onsets)),))


def foot_tremor(s: Setting) -> Act:
    """Hypnagogic foot tremor: long bursts at one or two a second while falling asleep."""
    return loose_bursts(s, "foot_tremor")


def hflm(s: Setting) -> Act:
    """High-frequency leg movements."""
    return loose_bursts(s, "hflm")


def alternating(s: Setting) -> Act:
    """Alternating leg muscle activation, one of the two legs."""
    return loose_bursts(s, "alternating")


def tremor(s: Setting) -> Act:
    """A tremor: weak, constant in rate, without silences."""
    rate_hz = s["rate_hz"]
    course = waving(
        s.onset_s, s.duration_s, s["drive"], rates_hz=(rate_hz, rate_hz), depth=s["depth"], edge_s=EDGE_S
    )
    drive = s.drive(course)
    shaking = Rhythm(s.onset_s, s.duration_s, rate_hz, s["shake_mg"] / 1e3)
    truth = s.movement("tremor", drive, round(s.duration_s * rate_hz))
    return Act(drives=(drive,), motions=(shaking,), truth=(truth,))


def gait(s: Setting) -> Act:
    """Walking: a burst in each stance phase, the shank swings, the heel strikes."""
    onsets, drive = bursts_at(s, STEADY)
    swing = Rhythm(s.onset_s, s.duration_s, s["rate_hz"], s["swing_g"], sharpness=0.5)
    strikes = Jerks(tuple((onsets - STRIKE_LEAD_S).tolist()), s["strike_g"], 0.06)
    skin = MotionArtefact(s.onset_s, s.duration_s, 200.0 * s["strike_g"])
    truth = s.movement("gait", drive, len(onsets))
    return Act((drive,), (swing, strikes), disturbances=(skin,), truth=(truth,))


def sway(s: Setting) -> Act:
    """Standing: a contraction that sways, after getting up and before lying down again."""
    rate_hz = s["rate_hz"]
    course = waving(
        s.onset_s, s.duration_s, s["drive"], rates_hz=(rate_hz, rate_hz), depth=s["depth"], edge_s=EDGE_S
    )
    drive = s.drive(course)
    swaying = Rhythm(s.onset_s, s.duration_s, rate_hz, s["shake_mg"] / 1e3)
    rising = tuple(Shake(at, 2.0, s["rise_mg"] / 1e3) for at in (max(0.0, s.onset_s - 1.0), s.end_s - 1.0))
    truth = s.truth("tonic", "sway", drive)
    return Act(drives=(drive,), motions=(swaying, *rising), truth=(truth,))


def rocking(s: Setting) -> Act:
    """The bed or the leg is rocked; the calf works a little in the rhythm."""
    rate_hz = s["rate_hz"]
    course = waving(
        s.onset_s, s.duration_s, s["drive"], rates_hz=(rate_hz, rate_hz), depth=1.0, edge_s=EDGE_S
    )
    drive = s.drive(course)
    swing = Rhythm(s.onset_s, s.duration_s, rate_hz, s["peak_mg"] / 1e3, sharpness=0.2)
    skin = MotionArtefact(s.onset_s, s.duration_s, s["artefact_uv"])
    truth = s.movement("rocking", drive, round(s.duration_s * rate_hz))
    return Act((drive,), (swing,), disturbances=(skin,), truth=(truth,))


def vibration(s: Setting) -> Act:
    """Something vibrates: the leg shakes fast, the muscle answers with tone, the cable picks it up."""
    course = waving(s.onset_s, s.duration_s, s["drive"], rates_hz=(0.2, 0.2), depth=0.2, edge_s=EDGE_S)
    drive = s.drive(course)
    shaking = Rhythm(s.onset_s, s.duration_s, s["rate_hz"], s["peak_mg"] / 1e3)
    skin = MotionArtefact(s.onset_s, s.duration_s, s["artefact_uv"], high_hz=1.5 * s["rate_hz"])
    return Act((drive,), (shaking,), disturbances=(skin,), truth=(s.truth("tonic", "vibration", drive),))
