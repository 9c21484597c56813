"""The self-sustained discharge of a cramp: part of the muscle, every unit for itself.

Elicited cramps in the foot (Minetto 2009, 2011): units fire at 14.5 ± 5.1 pps with a variability of intervals
of 44.6 ± 9.7 % and some doublets, each for 23.6 ± 16.2 s, with a common oscillation near 1.4 Hz in part of
them; they start at 20–25 pps and slow to 6–8. No paper gives the same for a calf cramp at night.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.synthesis.drives import DRIVE_STEP_S, Discharges, gathered, grid_s, strongest_second_uv
from models.synthesis.firing import renewal_times, with_doublets
from models.synthesis.motor_units import Indices, MotorUnits, Reals

# Fewest units that keep a cramp together; smaller territories fire in fragments.
LEAST_UNITS = 6
# How long a unit fires on end, seconds: mean, spread and the least (Minetto 2009), and its rest relative to
# that.
ACTIVE_S = (24.0, 16.0, 4.0)
REST_SHARE = 0.5
# The first fifth of a territory fires throughout, so that a cramp has no hole.
THROUGHOUT = 0.2
# A unit begins at this multiple of its mean rate and slows to that one: 14.5 pps from 22 to 8.
FIRST_RATE, LAST_RATE = 1.5, 0.55
# Slowest mean rate of a unit, pulses per second, and the spread of rates among units.
LEAST_RATE_PPS = 6.0
RATE_SPREAD = 0.25
# How far units are out of step in the common oscillation, radians.
WAVE_SPREAD_RAD = 0.7


def levelled(units: MotorUnits) -> Reals:
    """Return the units' amplitudes, drawn together: a neighbourhood lies at about one depth.

    Only their ratios mean anything; a cramp's level sets the scale.
    """
    return np.sqrt(units.amplitude_uv)


@dataclass(frozen=True, slots=True, eq=False)
class CrampDrive:
    """A cramp.

    Attributes:
        onset_s: First units fire.
        end_s: Last units stop.
        rise_s: Over which the territory joins in.
        fall_s: Over which it drops out before ``end_s``.
        level_uv: RMS of its strongest second, a stretch apart.
        territory: Fraction of the pool that takes part, a neighbourhood in the muscle.
        rate_pps: Mean firing rate of its units.
        decay_s: Time constant of a unit's slowing.
        wave_hz: Common slow oscillation.
        wave_depth: Its depth.
        cv: Coefficient of variation of the intervals.
        doublets: Share of discharges doubled.
        shortening: Scales the potentials' time constants.
        seed: Chooses the territory and each unit's course.
        boost: ``(start_s, end_s, factor)``: EMG rises while the muscle is stretched (Ross and Thomas 1995).
    """

    onset_s: float
    end_s: float
    rise_s: float
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
    seed: int
    boost: tuple[float, float, float] | None = None

    def power_uv2(self, units: MotorUnits) -> Reals:
        """Return the expected power of the EMG on the grid."""
        power = self._own_power(units)
        boost = self._boost_at(self.onset_s + grid_s(self.onset_s, self.end_s))
        return power * np.square(self.level_uv / strongest_second_uv(power) * boost)

    def discharges(self, units: MotorUnits, rng: np.random.Generator) -> Discharges:
        """Return every firing of the territory."""
        members, fired = [], []
        for unit, rate in self._courses(units):
            members.append(unit)
            fired.append(with_doublets(renewal_times(rate, DRIVE_STEP_S, self.cv, rng), self.doublets, rng))
        gain = self.level_uv / strongest_second_uv(self._own_power(units))
        which = np.array(members, np.int64)
        whole = gathered(units, which, fired, self.onset_s, self.shortening, levelled(units) * gain)
        amplitude_uv = whole.amplitude_uv * self._boost_at(whole.time_s)
        return Discharges(whole.time_s, whole.shape, amplitude_uv, self.shortening)

    def _own_power(self, units: MotorUnits) -> Reals:
        """Return the expected power at levelled amplitudes."""
        power = np.zeros(len(grid_s(self.onset_s, self.end_s)))
        for unit, rate in self._courses(units):
            energy = levelled(units)[unit] ** 2 * units.shape_energy_s[units.shape[unit]]
            power += energy * self.shortening * (1.0 + self.doublets) * rate
        return power

    def _boost_at(self, times_s: Reals) -> Reals:
        if self.boost is None:
            return np.ones(len(times_s))
        begin, end, factor = self.boost
        return np.where((times_s >= begin) & (times_s < end), factor, 1.0)

    def _members(self, units: MotorUnits, rng: np.random.Generator) -> Indices:
        """Return the units of the territory: the nearest to a random place, small ones first."""
        count = max(LEAST_UNITS, round(self.territory * len(units.position)))
        near = np.argsort(np.abs(units.position - rng.random()), kind="stable")[:count]
        return np.asarray(np.sort(near), np.int64)

    def _courses(self, units: MotorUnits) -> Iterator[tuple[int, Reals]]:
        """Yield each unit of the territory and its firing rate on the grid."""
        rng = np.random.default_rng(self.seed)
        members = self._members(units, rng)
        grid = grid_s(self.onset_s, self.end_s)
        phase = rng.uniform(0.0, 2.0 * np.pi)
        for place, unit in zip(np.arange(len(members)) / len(members), members, strict=True):
            since = self._since_start(grid, float(place), rng)
            own = max(LEAST_RATE_PPS, rng.normal(self.rate_pps, RATE_SPREAD * self.rate_pps))
            slowing = LAST_RATE + (FIRST_RATE - LAST_RATE) * np.exp(-np.maximum(since, 0.0) / self.decay_s)
            lag = phase + rng.normal(0.0, WAVE_SPREAD_RAD)
            wave = 1.0 + self.wave_depth * np.sin(2.0 * np.pi * self.wave_hz * grid + lag)
            yield int(unit), np.where(since >= 0.0, own * slowing * wave, 0.0)

    def _since_start(self, grid: Reals, place: float, rng: np.random.Generator) -> Reals:
        """Return the time since a unit last began to fire, negative where it is silent.

        ``place`` (0…1) orders the joining in and, backwards, the dropping out.
        """
        since = np.full(len(grid), -1.0)
        start, stop = place * self.rise_s, grid[-1] - place * self.fall_s + DRIVE_STEP_S
        mean, spread, least = ACTIVE_S
        while start < stop:
            length = max(least, rng.normal(mean, spread)) if place >= THROUGHOUT else stop - start
            first, last = np.searchsorted(grid, (start, min(stop, start + length)))
            since[first:last] = grid[first:last] - grid[min(first, len(grid) - 1)]
            start += length + rng.exponential(length * REST_SHARE)
        return since
