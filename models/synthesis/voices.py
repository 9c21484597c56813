"""Stretches of signal that chunks are put together from: trains of potentials, rendered disturbances."""

from dataclasses import dataclass

import numpy as np
from scipy import fft

from models.synthesis.drives import Discharges
from models.synthesis.motor_units import Indices, MotorUnits, Reals


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """The discharges of one drive, at least one: inner sample indices, ascending, and the potentials."""

    index: Indices
    shape: Indices
    amplitude_uv: Reals
    potentials: Reals

    @classmethod
    def of(cls, discharges: Discharges, units: MotorUnits, rate_hz: float) -> "Voice":
        """Return the voice of discharges at a sampling rate."""
        index = np.rint(discharges.time_s * rate_hz).astype(np.int64)
        order = np.argsort(index, kind="stable")
        potentials = units.potentials(rate_hz, discharges.shortening)
        return cls(index[order], discharges.shape[order], discharges.amplitude_uv[order], potentials)

    @property
    def reach(self) -> int:
        """Samples that a potential extends to either side."""
        return int(self.potentials.shape[1]) // 2

    @property
    def end(self) -> int:
        """Index just after its last sample."""
        return int(self.index[-1]) + self.reach + 1

    def add_to(self, chunk: Reals, first: int) -> None:
        """Add the potentials that touch a chunk whose first inner sample index is ``first``."""
        low, high = np.searchsorted(self.index, (first - self.reach, first + len(chunk) + self.reach))
        if low == high:
            return
        index = self.index[low:high]
        base, length = int(index[0]), int(index[-1] - index[0]) + 1
        shapes, width = self.potentials.shape
        place = self.shape[low:high] * length + (index - base)
        trains = np.bincount(place, self.amplitude_uv[low:high], shapes * length).reshape(shapes, length)
        size = fft.next_fast_len(length + width - 1, real=True)
        spectra = fft.rfft(trains, size, overwrite_x=True)
        spectra *= fft.rfft(self.potentials, size)
        pulses = fft.irfft(spectra.sum(axis=0), size)[: length + width - 1]
        add_overlap(chunk, first, pulses, base - self.reach)


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A rendered disturbance from an inner sample index on."""

    first: int
    values_uv: Reals
    muscle_gain: float

    @property
    def end(self) -> int:
        """Index just after its last sample."""
        return self.first + len(self.values_uv)

    def add_to(self, chunk: Reals, first: int) -> None:
        """Add it to a chunk whose first inner sample index is ``first``, what was there damped."""
        chunk[max(0, self.first - first) : max(0, self.end - first)] *= self.muscle_gain
        add_overlap(chunk, first, self.values_uv, self.first)


def add_overlap(chunk: Reals, first: int, values: Reals, values_first: int) -> None:
    """Add to ``chunk``, which begins at index ``first``, what of ``values`` falls into it."""
    left, right = max(first, values_first), min(first + len(chunk), values_first + len(values))
    if left < right:
        chunk[left - first : right - first] += values[left - values_first : right - values_first]
