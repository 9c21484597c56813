"""How far a signal repeats itself, and after how long: the highest peak of its autocorrelation.

It finds what beats without finding the single beats: clonus, tremor, steps (Mummidisetty 2012, Kumar 2025). A
cramp's own slow swing reaches 0.5, so that a peak alone is no proof of a rhythm (science.md section 0.1).
"""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from detector.filters import Signal

# The primes whose products transforms are quick for.
QUICK_PRIMES = (2, 3, 5)


@dataclass(frozen=True, slots=True, eq=False)
class Repeats:
    """``[rows]`` each.

    Attributes:
        peak: Autocorrelation there, 0…1; 0 where nothing repeats.
        lag_s: After how long; NaN where nothing repeats.
    """

    peak: Signal
    lag_s: Signal


class RepeatMeter:
    """Measures windows of one length.

    Args:
        samples: In a window.
        step_s: From sample to sample.
        band_hz: How often, at least and at most, it may repeat.
    """

    def __init__(self, samples: int, step_s: float, band_hz: tuple[float, float]) -> None:
        slowest_hz, fastest_hz = band_hz
        self._samples = samples
        self._step_s = step_s
        # A peak has a neighbour on either side.
        self._first = max(1, ceil(1.0 / (fastest_hz * step_s)))
        self._last = min(samples // 2, floor(1.0 / (slowest_hz * step_s)))
        self._padded = quick_length(samples + self._last + 1)

    def measure(self, swing: Signal) -> Repeats:
        """Measure ``[rows, axes, samples]`` that swing about 0, and are 0 where nothing is known.

        The products of the axes are summed, so that how a sensor is strapped on does not matter.
        """
        transformed = np.fft.rfft(swing, self._padded, axis=-1)
        power = np.add.reduce(np.square(transformed.real) + np.square(transformed.imag), axis=1)
        products = np.fft.irfft(power, self._padded, axis=-1)[:, : self._last + 2]
        alike = products / np.maximum(products[:, :1], np.finfo(np.float64).tiny)
        # Towards long lags the sums of products shrink: of many beats the first is the highest, and not its multiples.
        before, there, after = (
            alike[:, self._first + shift : self._last + 1 + shift] for shift in (-1, 0, 1)
        )
        is_peak = (there > before) & (there >= after) & (there > 0.0)
        highest = np.argmax(np.where(is_peak, there, 0.0), axis=-1)
        rows = np.arange(len(highest))
        found = is_peak[rows, highest]
        low, top, high = before[rows, highest], there[rows, highest], after[rows, highest]
        # The parabola through the peak and its neighbours.
        aside = 0.5 * (low - high) / np.where(found, low - 2.0 * top + high, -1.0)
        lag = self._first + highest + aside
        whole = top / (1.0 - (self._first + highest) / self._samples)
        return Repeats(
            np.where(found, np.minimum(whole, 1.0), 0.0), np.where(found, lag * self._step_s, np.nan)
        )


def quick_length(least: int) -> int:
    """Return the first length from ``least`` up that is a product of small primes."""
    length = least
    while _left_over(length) > 1:
        length += 1
    return length


def _left_over(length: int) -> int:
    for prime in QUICK_PRIMES:
        while length % prime == 0:
            length //= prime
    return length
