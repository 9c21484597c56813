"""What drives the motor units, as values, and the discharges that follow.

A drive is a declaration (cheap to make, small, comparable in a test); ``discharges`` does the work when the signal is
rendered. Times are seconds from the start of the night.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.synthesis.firing import renewal_times, with_doublets
from models.synthesis.motor_units import Indices, MotorUnits, Reals

# Grid on which drives are evaluated, seconds: a fifth of the shortest burst's rise.
DRIVE_STEP_S = 0.004
# Interval between the discharges of one unit inside a synchronised volley, seconds.
VOLLEY_INTERVAL_S = (0.022, 0.032)
# Peak of the biphasic potential in its own units: max of u·exp(-u²).
BIPHASIC_PEAK = 0.43
# Potentials in an isolated twitch; needle recordings of fasciculation show single and grouped discharges.
TWITCH_POTENTIALS = (2, 6)


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

    def discharges(self, units: MotorUnits, rng: np.random.Generator) -> Discharges:
        """Return every firing of the pool."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class PoolDrive:
    """One drive common to the whole pool: voluntary contractions, leg movements, clonic bursts.

    Attributes:
        times_s: Breakpoints, increasing.
        levels: Drive at each (0…1.2; 1 is the greatest voluntary drive), linear between them.
        cv: Coefficient of variation of the intervals; 0.12–0.25 in voluntary contractions.
        shortening: Scales the potentials' time constants; below 1 in convulsive contractions.
        gain: Multiplies amplitudes; 1 keeps the pool's own µV.
    """

    times_s: Reals
    levels: Reals
    cv: float
    shortening: float = 1.0
    gain: float = 1.0

    @property
    def onset_s(self) -> float:
        """When the drive leaves zero."""
        return float(self.times_s[0])

    @property
    def end_s(self) -> float:
        """When it is back at zero."""
        return float(self.times_s[-1])

    def discharges(self, units: MotorUnits, rng: np.random.Generator) -> Discharges:
        """Return every firing of the pool."""
        grid = np.arange(0.0, self.end_s - self.onset_s, DRIVE_STEP_S)
        drive = np.interp(grid + self.onset_s, self.times_s, self.levels)
        recruited = np.flatnonzero(units.threshold < drive.max(initial=0.0))
        fired = [renewal_times(units.rates(drive, int(u)), DRIVE_STEP_S, self.cv, rng) for u in recruited]
        return gathered(units, recruited, fired, self.onset_s, self.gain, self.shortening)


@dataclass(frozen=True, slots=True, eq=False)
class VolleyDrive:
    """Synchronised volleys, as in clonus: in each burst every recruited unit fires at nearly the same moments.

    Attributes:
        times_s: Start of each burst.
        width_s: Length of a burst.
        level: Drive that decides which units take part.
        jitter_s: Standard deviation of a unit's firing around the common moment; 3–6 ms.
        gain: Multiplies amplitudes.
    """

    times_s: Reals
    width_s: float
    level: float
    jitter_s: float
    gain: float = 1.0

    @property
    def onset_s(self) -> float:
        """Start of the first burst."""
        return float(self.times_s[0])

    @property
    def end_s(self) -> float:
        """End of the last burst."""
        return float(self.times_s[-1]) + self.width_s

    def discharges(self, units: MotorUnits, rng: np.random.Generator) -> Discharges:
        """Return every firing of the pool."""
        recruited = np.flatnonzero(units.threshold < self.level)
        interval = rng.uniform(*VOLLEY_INTERVAL_S)
        moments = np.arange(0.5 * interval, self.width_s, interval)
        common = (self.times_s[:, None] + moments).ravel() - self.onset_s
        fired = [common + rng.normal(0.0, self.jitter_s, len(common)) for _ in recruited]
        return gathered(units, recruited, fired, self.onset_s, self.gain)


@dataclass(frozen=True, slots=True, eq=False)
class TwitchDrive:
    """Isolated twitches (fasciculation, fragmentary myoclonus): a few potentials of a unit or two each.

    Attributes:
        times_s: Start of each twitch.
        widths_s: Length of each, 0.075–0.15 s.
        peaks_uv: Peak amplitude of each.
    """

    times_s: Reals
    widths_s: Reals
    peaks_uv: Reals

    @property
    def onset_s(self) -> float:
        """Start of the first twitch."""
        return float(self.times_s[0])

    @property
    def end_s(self) -> float:
        """End of the last twitch."""
        return float(self.times_s[-1] + self.widths_s[-1])

    def discharges(self, units: MotorUnits, rng: np.random.Generator) -> Discharges:
        """Return every potential."""
        count = rng.integers(*TWITCH_POTENTIALS, len(self.times_s))
        which = np.repeat(np.arange(len(count)), count)
        time_s = self.times_s[which] + self.widths_s[which] * rng.random(len(which))
        amplitude = self.peaks_uv[which] / BIPHASIC_PEAK * rng.uniform(0.4, 1.0, len(which))
        shape = rng.integers(0, len(units.lambda_s), len(which))
        return Discharges(time_s, shape, amplitude)


def gathered(
    units: MotorUnits,
    which: Indices,
    fired: list[Reals],
    onset_s: float,
    gain: float,
    shortening: float = 1.0,
) -> Discharges:
    """Return the firings of several units (seconds after ``onset_s``) as one value."""
    unit = np.repeat(which, [len(times) for times in fired])
    time_s = np.concatenate([*fired, np.empty(0)]) + onset_s
    return Discharges(time_s, units.shape[unit], units.amplitude_uv[unit] * gain, shortening)


@dataclass(frozen=True, slots=True, eq=False)
class CrampDrive:
    """A cramp's self-sustained discharge in part of the muscle; every unit for itself (science.md sections 1 and 11).

    Attributes:
        onset_s: First units fire.
        rise_s: Until the last units of the territory have joined.
        end_s: Last unit stops.
        fall_s: Over which the units drop out before ``end_s``.
        level_uv: RMS at which the whole territory fires, µV.
        territory: Fraction of the pool that takes part, a neighbourhood.
        rate_pps: Mean firing rate of the units.
        decay_s: Time constant at which a unit slows from 20–25 pps to 6–8.
        wave_hz: Common slow oscillation, about 1.4 Hz.
        wave_depth: Its depth, 0.05–0.5.
        cv: Coefficient of variation of the intervals, 0.35–0.55.
        doublets: Share of discharges doubled.
        shortening: Scales the potentials' time constants, 0.75–1.
        boosts: ``(start_s, end_s, factor)`` spans where firing rises, as when the muscle is stretched.
    """

    onset_s: float
    rise_s: float
    end_s: float
    fall_s: float
    level_uv: float
    territory: float
    rate_pps: float
    decay_s: float
    wave_hz: float
    wave_depth: float
    cv: float
    doublets: float
    shortening: float
    boosts: tuple[tuple[float, float, float], ...] = ()

    def discharges(self, units: MotorUnits, rng: np.random.Generator) -> Discharges:
        """Return every firing of the territory."""
        members = self.members(units, rng)
        grid = np.arange(0.0, self.end_s - self.onset_s, DRIVE_STEP_S)
        phase = rng.uniform(0.0, 2.0 * np.pi)
        fired = []
        spent = 0.0
        for place, unit in enumerate(members):
            rate = self.unit_rate(grid, place / len(members), phase, rng)
            spent += (
                units.power()[unit]
                * self.shortening
                * float(np.max(rate, initial=0.0) and rate[rate > 0].mean())
            )
            fired.append(with_doublets(renewal_times(rate, DRIVE_STEP_S, self.cv, rng), self.doublets, rng))
        # Two units in three are active at a time, so the full level is met by two thirds of the power.
        gain = self.level_uv / np.sqrt(max(spent * ACTIVE_SHARE, 1e-12))
        return gathered(units, members, fired, self.onset_s, float(gain), self.shortening)

    def members(self, units: MotorUnits, rng: np.random.Generator) -> Indices:
        """Return the units of the territory: the nearest to a random place, small ones first."""
        count = max(LEAST_UNITS, round(self.territory * len(units.position)))
        near = np.argsort(np.abs(units.position - rng.random()))[:count]
        return np.asarray(np.sort(near), np.int64)

    def unit_rate(self, grid: Reals, place: float, phase: float, rng: np.random.Generator) -> Reals:
        """Return one unit's rate on the grid; ``place`` 0…1 orders recruitment and the dropping out."""
        own = max(6.0, rng.normal(self.rate_pps, 0.2 * self.rate_pps))
        start = place * self.rise_s
        stop = grid[-1] - place * self.fall_s
        since = np.zeros_like(grid)
        active = np.zeros(len(grid), bool)
        while start < stop:
            length = float(np.clip(rng.normal(24.0, 16.0), 4.0, None))
            if place < ALWAYS_ACTIVE:
                length = stop - start
            span = (grid >= start) & (grid < min(stop, start + length))
            active |= span
            since[span] = grid[span] - start
            start += length + rng.exponential(length * (1.0 - ACTIVE_SHARE) / ACTIVE_SHARE)
        slowing = own * (0.55 + 0.9 * np.exp(-since / self.decay_s))
        wave = 1.0 + self.wave_depth * np.sin(
            2.0 * np.pi * self.wave_hz * grid + phase + rng.normal(0.0, 0.7)
        )
        rate = np.where(active, slowing * wave, 0.0)
        for begin, end, factor in self.boosts:
            rate[(grid + self.onset_s >= begin) & (grid + self.onset_s < end)] *= factor
        return np.asarray(rate, np.float64)


# Fewest units that keep a cramp together; smaller territories fire in fragments.
LEAST_UNITS = 6
# Share of a territory that fires at any moment: 24 s on, and off so that two in three are on.
ACTIVE_SHARE = 2.0 / 3.0
# The first units of a territory fire throughout, so that a cramp has no hole.
ALWAYS_ACTIVE = 0.2
