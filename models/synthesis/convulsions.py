"""Clonic runs, clonus and tonic-clonic events of the calf.

One calf shows neither both sides of the body nor consciousness: these are rhythmic contractions, whatever
their cause.
"""

import numpy as np

from detector.types import Alert
from models.synthesis.acts import Act, Setting
from models.synthesis.drives import Drive, PoolDrive
from models.synthesis.motion import Jerks, Rhythm, Rotation
from models.synthesis.motor_units import HIGHEST_DRIVE, Reals
from models.synthesis.shapes import burst_train, random_axis, trapezoid, waving
from models.synthesis.volleys import VolleyDrive

# A run of bursts is a clonic run from five bursts and three seconds on (science.md section 10).
RUN_BURSTS = 5
RUN_S = 3.0
# Clonic bursts grow over this time, from this share of their final height (Kumar 2025).
GROWTH_S = 10.0
FIRST_SHARE = 0.4
# Which units take part in a volley of clonus: nearly all.
VOLLEY_DRIVE = 0.7
# Longest volley relative to the mean interval: some silence remains at every rate.
VOLLEY_SHARE = 0.6
# A leg moves this long after its muscle fires, seconds (electromechanical delay).
JERK_LAG_S = 0.03
# Vibratory phase: rate at its start and its end, Hz.
VIBRATORY_HZ = (8.0, 4.0)
# How the tonic phase gives way to the next, seconds.
RELEASE_S = 0.3
# Fine tremble of a leg in tonic contraction, Hz and g.
TREMBLE_HZ = 10.0
TREMBLE_G = 0.012
# How far a leg that lies in bed turns as it stiffens, radians.
EXTENSION_RAD = (0.02, 0.12)


def lengthening(duration_s: float, first_s: float, last_s: float) -> Reals:
    """Return burst onsets from 0 that fill a duration, intervals growing exponentially."""
    count = 1
    onsets = np.zeros(2)
    while onsets[-1] < duration_s:
        count += 1
        growth = np.arange(count) / (count - 1)
        onsets = np.concatenate(([0.0], np.cumsum(first_s * (last_s / first_s) ** growth)))
    return np.asarray(onsets[onsets < duration_s], np.float64)


def run_of_bursts(s: Setting, onset_s: float, duration_s: float) -> tuple[PoolDrive, int]:
    """Return the drive of a clonic run and how many bursts it has."""
    onsets = lengthening(duration_s, 1.0 / s["rate_hz"], 1.0 / s["end_rate_hz"])
    # Bursts never touch: a silence of a fifth of the interval remains where the rate is high.
    width = min(s["burst_s"], 0.8 / s["rate_hz"])
    onsets = onsets[: max(1, np.count_nonzero(onsets + width <= duration_s))]
    levels = s["drive"] * np.minimum(1.0, FIRST_SHARE + (1.0 - FIRST_SHARE) * onsets / GROWTH_S)
    course = burst_train(onset_s + onsets, np.full(len(onsets), width), levels)
    return s.drive(course, shortening=s.values.get("shortening", 1.0)), len(onsets)


def jerks(s: Setting, drive: PoolDrive) -> Jerks:
    """Return what the leg does at each burst: it jerks."""
    onsets = drive.times_s[::4] + JERK_LAG_S
    return Jerks(tuple(onsets.tolist()), s["jerk_mg"] / 1e3, s["burst_s"])


def verdict(drive: Drive, bursts: int, alert: Alert = "clonic") -> Alert:
    """Return the alert that bursts deserve: none where they are too few or too short for a clonic run."""
    return alert if bursts >= RUN_BURSTS and drive.end_s - drive.onset_s >= RUN_S else "none"


def clonic(s: Setting) -> Act:
    """Bursts of synchronous drive with silence between, slowing as the silences lengthen."""
    drive, bursts = run_of_bursts(s, s.onset_s, s.duration_s)
    truth = s.truth("clonic", "clonic", drive, alert=verdict(drive, bursts), bursts=bursts)
    return Act(drives=(drive,), motions=(jerks(s, drive),), truth=(truth,))


def clonus(s: Setting) -> Act:
    """A stretch reflex that oscillates: short synchronised volleys at a constant rate."""
    width = min(s["burst_s"], VOLLEY_SHARE / s["rate_hz"])
    count = max(2, int((s.duration_s - width) * s["rate_hz"]) + 1)
    intervals = s.rng.normal(1.0, s["interval_cv"], count - 1).clip(VOLLEY_SHARE) / s["rate_hz"]
    onsets = s.onset_s + np.concatenate(([0.0], np.cumsum(intervals)))
    drive = VolleyDrive(onsets, width, VOLLEY_DRIVE, s["level"] * s.person.mvc_uv, s["jitter_s"])
    beats = Jerks(tuple((onsets + JERK_LAG_S).tolist()), s["jerk_mg"] / 1e3, width)
    truth = s.truth("clonic", "clonus", drive, alert=verdict(drive, count), bursts=count)
    return Act(drives=(drive,), motions=(beats,), truth=(truth,))


def tonic_clonic(s: Setting) -> Act:
    """A tonic phase that breaks up, through a vibratory one or at once, into a slowing clonic run."""
    sequence = f"tonic-clonic-{s.onset_s:.3f}"
    act, at = Act(), s.onset_s
    has_clonic = bool(s["has_clonic"])
    if s["has_tonic"] or not has_clonic:
        act += tonic_phase(s, at, sequence)
        at = act.drives[-1].end_s
    if s["has_vibratory"]:
        act += vibratory_phase(s, at, sequence)
        at = act.drives[-1].end_s
    if has_clonic:
        act += clonic_phase(s, at, max(RUN_S, s.end_s - at), sequence)
    return act


def tonic_phase(s: Setting, onset_s: float, sequence: str) -> Act:
    """A contraction near or above the strongest voluntary one."""
    level = min(HIGHEST_DRIVE, s["drive"])
    course = trapezoid(onset_s, s["tonic_s"], level, rise_s=s["rise_s"], fall_s=RELEASE_S)
    drive = s.drive(course, shortening=s["shortening"])
    truth = s.tonic_truth("tonic_clonic.tonic", drive, sequence=sequence)
    extend = Rotation(onset_s, s["rise_s"], random_axis(s.rng), s.rng.uniform(*EXTENSION_RAD))
    tremble = Rhythm(onset_s, s["tonic_s"], TREMBLE_HZ, TREMBLE_G)
    return Act(drives=(drive,), motions=(tremble,), rotations=(extend,), truth=(truth,))


def vibratory_phase(s: Setting, onset_s: float, sequence: str) -> Act:
    """The contraction trembles ever more slowly before silences appear."""
    depth = s["vibratory_depth"]
    course = waving(
        onset_s,
        s["vibratory_s"],
        min(HIGHEST_DRIVE, s["drive"]),
        rates_hz=VIBRATORY_HZ,
        depth=depth,
        edge_s=RELEASE_S,
    )
    drive = s.drive(course, shortening=s["shortening"])
    tremble = Rhythm(onset_s, s["vibratory_s"], float(np.mean(VIBRATORY_HZ)), 2.0 * TREMBLE_G)
    truth = s.truth("tonic", "tonic_clonic.vibratory", drive, sequence=sequence)
    return Act(drives=(drive,), motions=(tremble,), truth=(truth,))


def clonic_phase(s: Setting, onset_s: float, duration_s: float, sequence: str) -> Act:
    """The clonic run of a tonic-clonic event."""
    drive, bursts = run_of_bursts(s, onset_s, duration_s)
    follows = bool(s["has_tonic"])
    alert = verdict(drive, bursts, "tonic_clonic" if follows else "clonic")
    truth = s.truth("clonic", "tonic_clonic.clonic", drive, alert=alert, sequence=sequence, bursts=bursts)
    return Act(drives=(drive,), motions=(jerks(s, drive),), truth=(truth,))
