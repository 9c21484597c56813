"""What drives the motor units, as values, and the discharges that follow.

A drive is a declaration (small, cheap to make, comparable in a test); ``discharges`` does the work when the
signal is rendered. Times are seconds from the start of the night. ``power_uv2`` is what Campbell's theorem
expects of the surface EMG: it gives the truth its µV without rendering anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.synthesis.firing import renewal_times
from models.synthesis.motion import band_noise
from models.synthesis.motor_units import HIGHEST_DRIVE, Indices, MotorUnits, Reals

# Grid on which drives are evaluated, seconds: a fifth of the shortest burst's rise.
DRIVE_STEP_S = 0.004
# Bands in which a voluntary drive wavers, Hz, and the least that is left of it.
COMMON_DRIVE_HZ = (0.5, 3.0)
TREMOR_HZ = (6.0, 12.0)
LEAST_FACTOR = 0.1
# Units that carry a resting tone, and their rates: few and slow.
TONE_UNITS = 24
TONE_RATE_PPS = (8.0, 12.0)


@dataclass(frozen=True, slots=True, eq=False)
class Discharges:
    """Firings: when, which potential, how large; ``shortening`` scales the potentials' time constants."""

    time_s: Reals
    shape: Indices
    amplitude_uv: Reals
    shortening: float = 1.0


class Drive(Protocol):
    """Something that makes units fire between two times."""

    @property
    def onset_s(self) -> float:
        """When the drive leaves zero."""
        ...

    @property
    def end_s(self) -> float:
        """When it is back at zero."""
        ...

    def power_uv2(self, units: MotorUnits) -> Reals:
        """Return the expected power of the EMG on a grid of ``DRIVE_STEP_S`` from ``onset_s`` on."""
        ...

    def discharges(self, units: MotorUnits, rng: np.random.Generator) -> Discharges:
        """Return every firing of the pool."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class PoolDrive:
    """One drive common to the whole pool: voluntary contractions, leg movements, clonic bursts.

    Attributes:
        times_s: Breakpoints, increasing.
        levels: Drive at each (0…1.25; 1 is the greatest voluntary drive), linear between them.
        cv: Coefficient of variation of the firing intervals; 0.12–0.25 in voluntary contractions.
        unsteadiness: Standard deviation of the drive relative to itself: common drive and physiological tremor.
        seed: Draws that unsteadiness.
        shortening: Scales the potentials' time constants; below 1 in convulsive contractions.
    """

    times_s: Reals
    levels: Reals
    cv: float
    unsteadiness: float = 0.0
    seed: int = 0
    shortening: float = 1.0

    @property
    def onset_s(self) -> float:
        """When the drive leaves zero."""
        return float(self.times_s[0])

    @property
    def end_s(self) -> float:
        """When it is back at zero."""
        return float(self.times_s[-1])

    def course(self) -> Reals:
        """Return the drive on the grid."""
        grid = self.onset_s + grid_s(self.onset_s, self.end_s)
        level = np.interp(grid, self.times_s, self.levels)
        if self.unsteadiness:
            level = level * unsteady(len(grid), self.unsteadiness, self.seed)
        return np.asarray(np.minimum(level, HIGHEST_DRIVE), np.float64)

    def power_uv2(self, units: MotorUnits) -> Reals:
        """Return the expected power of the EMG on the grid."""
        return units.power_uv2(self.course()) * self.shortening

    def discharges(self, units: MotorUnits, rng: np.random.Generator) -> Discharges:
        """Return every firing of the pool."""
        drive = self.course()
        recruited = np.flatnonzero(units.threshold < drive.max(initial=0.0))
        fired = [
            renewal_times(units.rates(drive, int(unit)), DRIVE_STEP_S, self.cv, rng) for unit in recruited
        ]
        return gathered(units, recruited, fired, self.onset_s, self.shortening)


@dataclass(frozen=True, slots=True, eq=False)
class ToneDrive:
    """A steady discharge of a few slow units whose RMS follows a course in µV: tone, rising tension.

    Attributes:
        times_s: Breakpoints, increasing.
        rms_uv: RMS of the EMG at each, linear between them.
        cv: Coefficient of variation of the firing intervals.
        seed: Chooses the units.
    """

    times_s: Reals
    rms_uv: Reals
    cv: float
    seed: int

    @property
    def onset_s(self) -> float:
        """When the drive leaves zero."""
        return float(self.times_s[0])

    @property
    def end_s(self) -> float:
        """When it is back at zero."""
        return float(self.times_s[-1])

    def power_uv2(self, units: MotorUnits) -> Reals:  # noqa: ARG002 - the course is in µV already
        """Return the expected power of the EMG on the grid."""
        grid = self.onset_s + grid_s(self.onset_s, self.end_s)
        return np.asarray(np.square(np.interp(grid, self.times_s, self.rms_uv)), np.float64)

    def discharges(self, units: MotorUnits, rng: np.random.Generator) -> Discharges:
        """Return every firing; its size follows the course."""
        chooser = np.random.default_rng(self.seed)
        members = chooser.choice(len(units.threshold), TONE_UNITS, replace=False)
        rates = chooser.uniform(*TONE_RATE_PPS, TONE_UNITS)
        steady = np.ones(len(grid_s(self.onset_s, self.end_s)))
        fired = [renewal_times(steady * rate, DRIVE_STEP_S, self.cv, rng) for rate in rates]
        whole = gathered(units, members, fired, self.onset_s)
        own_uv = np.sqrt(np.sum(rates * units.energy_uv2s[members]))
        course = np.interp(whole.time_s, self.times_s, self.rms_uv)
        return Discharges(whole.time_s, whole.shape, whole.amplitude_uv * course / own_uv)


def unsteady(count: int, spread: float, seed: int) -> Reals:
    """Return the factor by which a drive wavers on the grid, 1 on average.

    Half of its power is the common drive to all units (De Luca 1982: below 3 Hz), half physiological tremor.
    """
    rng = np.random.default_rng(seed)
    slow, fast = (band_noise(count, *band, 1.0 / DRIVE_STEP_S, rng) for band in (COMMON_DRIVE_HZ, TREMOR_HZ))
    return np.asarray(np.maximum(LEAST_FACTOR, 1.0 + spread * np.sqrt(0.5) * (slow + fast)), np.float64)


def grid_s(onset_s: float, end_s: float, step_s: float = DRIVE_STEP_S) -> Reals:
    """Return the grid that covers a drive, seconds from its onset; at least one point."""
    return np.asarray(np.arange(max(1, round((end_s - onset_s) / step_s))) * step_s, np.float64)


def gathered(
    units: MotorUnits,
    which: Indices,
    fired: Sequence[Reals],
    onset_s: float,
    shortening: float = 1.0,
    amplitude_uv: Reals | None = None,
) -> Discharges:
    """Return the firings of several units (seconds after ``onset_s``) as one value.

    Args:
        units: The pool.
        which: Units that fire, by number.
        fired: When each does.
        onset_s: What the times are counted from.
        shortening: Scales the potentials' time constants.
        amplitude_uv: Amplitude of every unit of the pool; its own if None.
    """
    unit = np.repeat(which, [len(times) for times in fired])
    time_s = np.concatenate([*fired, np.empty(0)]) + onset_s
    amplitude = units.amplitude_uv if amplitude_uv is None else amplitude_uv
    return Discharges(time_s, units.shape[unit], amplitude[unit], shortening)


def strongest_second_uv(power_uv2: Reals, step_s: float = DRIVE_STEP_S) -> float:
    """Return the RMS of the strongest second of an expected power, silence around it."""
    points = round(1.0 / step_s)
    passed = np.concatenate((np.zeros(points), np.cumsum(power_uv2)))
    if len(power_uv2) < points:
        return float(np.sqrt(passed[-1] / points))
    return float(np.sqrt(np.max(passed[points:] - passed[:-points], initial=0.0) / points))
