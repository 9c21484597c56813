"""Power spectra of the last second, made only where the amplitude is up and, at rest, every ten seconds."""

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from detector.counting import count_true
from detector.filters import Signal, band_hz
from detector.grid import HOPS_PER_SECOND, Grid

Places = npt.NDArray[np.intp]

# The nominal frequencies of the world's mains.
MAINS_HZ = (50.0, 60.0)
# Half width of a mains line in a 1-s Hann spectrum, with the mains up to 0.5 Hz off its nominal frequency.
LINE_HALF_WIDTH_HZ = 2.0
# What surrounds a line, for telling it from the muscle's own power there.
NEIGHBOUR_HZ = 6.0
# Tonic contractions are rich above (Conradsen 2011, Cardenas 2020); science.md section 3.
HIGH_HZ = 150.0
# Where the pass band is parted below that: what a moved cable leaves and the edge of clonic bursts (12–70 Hz, Cardenas
# 2020), the lower and the upper side of a calf's median frequency (75–190 Hz; science.md section 0, point 5).
PARTS_HZ = (20.0, 45.0, 95.0, HIGH_HZ)
# Slower rates do not carry the high band (science.md section 0, point 4), and shares of what is left compare with none.
MIN_RATE_FOR_HIGH_HZ = 800.0


@dataclass(frozen=True, slots=True, eq=False)
class Spectra:
    """What each spectrum says, ``[rows]`` each; shares are of the power in the pass band.

    Shares of bands are NaN at rates that do not carry the high one: 20–45, 45–95, 95–150 Hz, and above.
    """

    mean_hz: Signal
    median_hz: Signal
    low_share: Signal
    middle_share: Signal
    upper_share: Signal
    high_share: Signal
    mains_share: Signal

    def at(self, places: Places) -> "Spectra":
        """Return the spectra at these places; NaN for the place -1."""
        return Spectra(*(np.append(getattr(self, one.name), np.nan)[places] for one in fields(self)))


class SpectrumMeter:
    """Takes spectra of the last second of band-passed EMG."""

    def __init__(self, grid: Grid) -> None:
        self.samples = HOPS_PER_SECOND * grid.hop
        low_hz, high_hz = band_hz(grid.rate_hz)
        bins_hz = np.fft.rfftfreq(self.samples, 1.0 / grid.rate_hz)
        self._first, self._last = (int(np.searchsorted(bins_hz, edge)) for edge in (low_hz, high_hz))
        self._bins_hz: Signal = bins_hz[self._first : self._last].astype(np.float64)
        self._window = np.hanning(self.samples + 1)[:-1]
        self._lines = [_line_weights(self._bins_hz, mains_hz) for mains_hz in MAINS_HZ]
        self._parts = np.searchsorted(self._bins_hz, PARTS_HZ)
        self._high = (
            np.where(self._bins_hz >= HIGH_HZ, 1.0, 0.0) if grid.rate_hz >= MIN_RATE_FOR_HIGH_HZ else None
        )

    def measure(self, seconds_uv: Signal) -> Spectra:
        """Return what the spectra of ``[rows, samples]`` say; an all-zero one gives zeros."""
        transformed = np.fft.rfft(seconds_uv * self._window, axis=-1)[:, self._first : self._last]
        power = np.square(transformed.real) + np.square(transformed.imag)
        cumulated = np.cumsum(power, axis=-1)
        total = np.maximum(cumulated[:, -1], np.finfo(np.float64).tiny)
        median_bin = count_true(cumulated < 0.5 * total[:, None])
        median_hz = self._bins_hz[np.minimum(median_bin, len(self._bins_hz) - 1)]
        excess = np.maximum(*(_weighted(power, weights) for weights in self._lines)) / total
        mean_hz = _weighted(power, self._bins_hz) / total
        low, middle, upper, high = self._shares(power, cumulated, total)
        return Spectra(mean_hz, median_hz, low, middle, upper, high, np.clip(excess, 0.0, 1.0))

    def _shares(self, power: Signal, cumulated: Signal, total: Signal) -> tuple[Signal, ...]:
        """Return the shares of the bands, from the lowest."""
        if self._high is None:
            return (np.full(len(power), np.nan),) * len(PARTS_HZ)
        up_to = [np.zeros(len(power)), *(cumulated[:, end - 1] for end in self._parts[1:])]
        lower = ((high - low) / total for low, high in pairwise(up_to))
        return *lower, _weighted(power, self._high) / total


def _line_weights(bins_hz: npt.NDArray[np.floating], mains_hz: float) -> Signal:
    """Return what each bin counts in the power on the lines of a mains frequency beyond what stands beside them."""
    distance_hz = np.abs(bins_hz - mains_hz * np.maximum(1.0, np.round(bins_hz / mains_hz)))
    line = distance_hz <= LINE_HALF_WIDTH_HZ
    beside = ~line & (distance_hz <= NEIGHBOUR_HZ)
    share = float(line.sum()) / max(1.0, float(beside.sum()))
    return np.where(line, 1.0, np.where(beside, -share, 0.0))


def _weighted(power: Signal, weights: npt.NDArray[np.floating]) -> Signal:
    """Return the weighted sum of each row; numpy's own loop, whose last bit no other row changes."""
    summed: Signal = np.einsum("rb,b->r", power, weights)
    return summed
