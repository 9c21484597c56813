"""Rhythmic events: clonic runs, gait."""

import numpy as np

from models.synthesis.acts import Act, Setting, Truth
from models.synthesis.motion import Rhythm
from models.synthesis.motor_units import Reals
from models.synthesis.muscle import PoolDrive
from models.synthesis.shapes import burst_train

# A run of bursts is a clonic run from five bursts and three seconds on (science.md section 10).
RUN_BURSTS = 5
RUN_S = 3.0
# Clonic bursts grow over this time, then stay (Kumar 2025).
GROWTH_S = 10.0


def lengthening_intervals(duration_s: float, first_s: float, last_s: float) -> Reals:
    """Return burst onsets from 0 whose intervals grow exponentially from first to last and fill the duration."""
    ratio = last_s / first_s
    count = 1
    onsets = np.zeros(1)
    while onsets[-1] < duration_s:
        count += 1
        intervals = first_s * ratio ** (np.arange(count) / max(1, count - 1))
        onsets = np.concatenate(([0.0], np.cumsum(intervals)))
    return np.asarray(onsets[onsets < duration_s], np.float64)


def clonic(s: Setting) -> Act:
    """Bursts of synchronous firing with silence between, slowing as the silences lengthen."""
    return clonic_run(s, s.onset_s, s["duration_s"], name="clonic", shortening=1.0)


def clonic_run(
    s: Setting,
    onset_s: float,
    duration_s: float,
    *,
    name: str,
    shortening: float,
    sequence: str | None = None,
) -> Act:
    """Return a clonic run; within a tonic-clonic event it carries the sequence and its own name."""
    onsets = lengthening_intervals(duration_s, 1.0 / s["rate_hz"], 1.0 / s["end_rate_hz"])
    # The last burst ends with the run.
    onsets = onsets[onsets + s["burst_s"] <= duration_s + 1e-9]
    widths = np.full(len(onsets), s["burst_s"])
    levels = s["drive"] * np.minimum(1.0, 0.4 + 0.6 * onsets / GROWTH_S)
    times, course = burst_train(onsets + onset_s, widths, levels)
    drive = PoolDrive(times, course, cv=s.person.voluntary_cv, shortening=shortening)
    length = drive.end_s - drive.onset_s
    is_run = len(onsets) >= RUN_BURSTS and length >= RUN_S
    alert = "none" if not is_run else "tonic_clonic" if sequence else "clonic"
    truth = Truth(
        kind="clonic",
        name=name,
        alert=alert,
        onset_s=drive.onset_s,
        duration_s=length,
        sequence=sequence,
        peak_uv=s.person.units.rms_uv(float(levels.max())),
        burst_rate_hz=(len(onsets) - 1) / float(np.ptp(onsets)) if len(onsets) > 1 else None,
        burst_count=len(onsets),
    )
    jerks = Rhythm(onset_s, length, len(onsets) / length, s["jerk_mg"] / 1e3, sharpness=0.4)
    return Act(drives=(drive,), motions=(jerks,), truth=(truth,))


def gait(s: Setting) -> Act:
    """Walking: a burst in each stance phase, and the shank swinging."""
    count = max(2, round(s["duration_s"] * s["rate_hz"]))
    step_s = 1.0 / s["rate_hz"]
    onsets = s.onset_s + step_s * (np.arange(count) + s.rng.normal(0.0, 0.03, count)).clip(0.0)
    widths = np.minimum(s["burst_s"], 0.7 * step_s) * s.rng.uniform(0.85, 1.15, count)
    levels = s["drive"] * s.rng.uniform(0.8, 1.2, count)
    drive = PoolDrive(*burst_train(onsets, widths, levels), cv=s.person.voluntary_cv)
    length = drive.end_s - drive.onset_s
    swing = Rhythm(s.onset_s, length, s["rate_hz"], s["swing_g"], sharpness=0.6)
    truth = Truth(
        "leg_movement",
        "gait",
        "none",
        drive.onset_s,
        length,
        peak_uv=s.person.units.rms_uv(float(levels.max())),
        burst_rate_hz=s["rate_hz"],
        burst_count=count,
    )
    return Act(drives=(drive,), motions=(swing,), truth=(truth,))
