"""Synchronised discharges: the volleys of clonus, and isolated twitches."""

from dataclasses import dataclass

import numpy as np

from models.synthesis.drives import DRIVE_STEP_S, Discharges, gathered, grid_s
from models.synthesis.motor_units import Indices, MotorUnits, Reals

# Interval between the discharges of one unit inside a volley, seconds.
VOLLEY_INTERVAL_S = 0.027
# Rate at which the energy of synchronised potentials is integrated, Hz.
SPECTRUM_RATE_HZ = 2000.0
# Peak of u·exp(-u²): what a potential's scale is to its peak.
BIPHASIC_PEAK = 0.4289
# Potentials in an isolated twitch, at least and at most; single and grouped discharges are both seen.
TWITCH_POTENTIALS = (2, 5)
# Size of each relative to the largest.
TWITCH_SIZES = (0.4, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class VolleyDrive:
    """Bursts in which every recruited unit fires at nearly the same moments, as in clonus.

    Attributes:
        times_s: Start of each burst.
        width_s: Length of a burst.
        drive: Which units take part: those that this drive recruits.
        level_uv: RMS of the EMG within a burst.
        jitter_s: Standard deviation of a unit's firing around the common moment; 3–6 ms.
    """

    times_s: Reals
    width_s: float
    drive: float
    level_uv: float
    jitter_s: float

    @property
    def onset_s(self) -> float:
        """Start of the first burst."""
        return float(self.times_s[0])

    @property
    def end_s(self) -> float:
        """End of the last burst."""
        return float(self.times_s[-1]) + self.width_s

    def power_uv2(self, units: MotorUnits) -> Reals:  # noqa: ARG002 - the level is in µV already
        """Return the expected power of the EMG on the grid."""
        grid = self.onset_s + grid_s(self.onset_s, self.end_s)
        latest = np.searchsorted(self.times_s, grid, side="right") - 1
        bursting = grid - self.times_s[latest] < self.width_s
        return np.where(bursting, self.level_uv**2, 0.0)

    def discharges(self, units: MotorUnits, rng: np.random.Generator) -> Discharges:
        """Return every firing of the pool."""
        members = np.flatnonzero(units.threshold < self.drive)
        moments = np.arange(0.5 * VOLLEY_INTERVAL_S, self.width_s, VOLLEY_INTERVAL_S)
        common = (self.times_s[:, None] + moments).ravel() - self.onset_s
        fired = [common + rng.normal(0.0, self.jitter_s, len(common)) for _ in members]
        energy = len(moments) * volley_energy_uv2s(units, members, self.jitter_s)
        gain = self.level_uv / float(np.sqrt(energy / self.width_s))
        return gathered(units, members, fired, self.onset_s, amplitude_uv=units.amplitude_uv * gain)


def volley_energy_uv2s(units: MotorUnits, members: Indices, jitter_s: float) -> float:
    """Return the expected energy of one volley in which every member fires once, ``jitter_s`` apart.

    What the jitter leaves in phase adds as amplitudes, the rest as powers. Most of a volley's energy
    therefore lies below 60 Hz, as in the clonic phase of a convulsion (12–70 Hz; Cardenas 2020).
    """
    shapes = len(units.lambda_s)
    amplitude = np.bincount(units.shape[members], units.amplitude_uv[members], shapes)
    square = np.bincount(units.shape[members], np.square(units.amplitude_uv[members]), shapes)
    potentials = units.potentials(SPECTRUM_RATE_HZ)
    size = 1 << (potentials.shape[1] - 1).bit_length()
    spectra = np.fft.rfft(potentials, size)
    in_phase = np.exp(-np.square(2.0 * np.pi * np.fft.rfftfreq(size, 1.0 / SPECTRUM_RATE_HZ) * jitter_s))
    coherent = np.square(np.abs(amplitude @ spectra)) * in_phase
    scattered = (square @ np.square(np.abs(spectra))) * (1.0 - in_phase)
    # Parseval for a real signal: every frequency but the first and the last stands for two.
    both = 2.0 * np.sum((coherent + scattered)[1:-1]) + (coherent + scattered)[[0, -1]].sum()
    return float(both / size / SPECTRUM_RATE_HZ)


@dataclass(frozen=True, slots=True, eq=False)
class TwitchDrive:
    """Isolated twitches (fasciculation, fragmentary myoclonus): a few potentials each.

    Attributes:
        times_s: Start of each twitch, ascending.
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

    def power_uv2(self, units: MotorUnits) -> Reals:
        """Return the expected power of the EMG on the grid."""
        grid = grid_s(self.onset_s, self.end_s)
        low, high = TWITCH_SIZES
        mean_square = (high**3 - low**3) / (3.0 * (high - low))
        # The first potential has full size, the others follow.
        squares = 1.0 + (0.5 * sum(TWITCH_POTENTIALS) - 1.0) * mean_square
        energy_s = squares * float(units.shape_energy_s.mean())
        power = np.zeros(len(grid))
        cell = ((self.times_s - self.onset_s) / DRIVE_STEP_S).astype(np.int64).clip(0, len(grid) - 1)
        np.add.at(power, cell, np.square(self.peaks_uv / BIPHASIC_PEAK) * energy_s / DRIVE_STEP_S)
        return power

    def discharges(self, units: MotorUnits, rng: np.random.Generator) -> Discharges:
        """Return every potential."""
        count = rng.integers(*TWITCH_POTENTIALS, len(self.times_s), endpoint=True)
        which = np.repeat(np.arange(len(count)), count)
        time_s = self.times_s[which] + self.widths_s[which] * rng.random(len(which))
        size = rng.uniform(*TWITCH_SIZES, len(which))
        # The first potential of each twitch is its largest and marks its beginning.
        first = np.concatenate(([0], np.cumsum(count)[:-1]))
        time_s[first], size[first] = self.times_s, 1.0
        shape = rng.integers(0, len(units.lambda_s), len(which))
        return Discharges(time_s, shape, self.peaks_uv[which] / BIPHASIC_PEAK * size)
