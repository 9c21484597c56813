"""Power spectra of the last second, made only where the amplitude is up and, at rest, every ten seconds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
# Slower rates do not carry the high band (science.md section 0, point 4).
MIN_RATE_FOR_HIGH_HZ = 800.0


@dataclass(frozen=True, slots=True, eq=False)
class Spectra:
    """What each spectrum says, ``[rows]`` each; shares are of the power in the pass band.

    ``high_share`` is NaN at rates that do not carry it.
    """

    mean_hz: Signal
    median_hz: Signal
    high_share: Signal
    mains_share: Signal

    def at(self, places: Places) -> "Spectra":
        """Return the spectra at these places; NaN for the place -1."""
        columns = (self.mean_hz, self.median_hz, self.high_share, self.mains_share)
        return Spectra(
            *(np.where(places < 0, np.nan, np.append(column, np.nan)[places]) for column in columns)
        )


class SpectrumMeter:
    """Takes spectra of the last second of band-passed EMG."""

    def __init__(self, grid: Grid) -> None:
        self.samples = HOPS_PER_SECOND * grid.hop
        low_hz, high_hz = band_hz(grid.rate_hz)
        bins_hz = np.fft.rfftfreq(self.samples, 1.0 / grid.rate_hz)
        self._first, self._last = (int(np.searchsorted(bins_hz, edge)) for edge in (low_hz, high_hz))
        self._bins_hz = bins_hz[self._first : self._last].copy()
        self._window = np.hanning(self.samples + 1)[:-1]
        self._lines = [_around_lines(self._bins_hz, mains_hz) for mains_hz in MAINS_HZ]
        self._high = (
            int(np.searchsorted(self._bins_hz, HIGH_HZ)) if grid.rate_hz >= MIN_RATE_FOR_HIGH_HZ else None
        )

    def measure(self, seconds_uv: Signal) -> Spectra:
        """Return what the spectra of ``[rows, samples]`` say; an all-zero row gives zeros."""
        transformed = np.fft.rfft(seconds_uv * self._window, axis=-1)[:, self._first : self._last]
        power = np.ascontiguousarray(np.square(transformed.real) + np.square(transformed.imag))
        cumulated = np.cumsum(power, axis=-1)
        total = np.maximum(cumulated[:, -1], np.finfo(np.float64).tiny)
        mean_hz = np.add.reduce(power * self._bins_hz, axis=-1) / total
        median_bin = np.count_nonzero(cumulated < 0.5 * total[:, None], axis=-1)
        high_share = np.full(len(power), np.nan)
        if self._high is not None:
            high_share = np.add.reduce(np.ascontiguousarray(power[:, self._high :]), axis=-1) / total
        excess = [_line_excess(power, line, neighbours) for line, neighbours in self._lines]
        return Spectra(
            mean_hz=mean_hz,
            median_hz=self._bins_hz[np.minimum(median_bin, len(self._bins_hz) - 1)],
            high_share=high_share,
            mains_share=np.clip(np.maximum(*excess) / total, 0.0, 1.0),
        )


def _around_lines(bins_hz: npt.NDArray[np.floating], mains_hz: float) -> tuple[Places, Places]:
    """Return the bins on the lines of a mains frequency, and those beside them."""
    distance_hz = np.abs(bins_hz - mains_hz * np.maximum(1.0, np.round(bins_hz / mains_hz)))
    line = distance_hz <= LINE_HALF_WIDTH_HZ
    return np.flatnonzero(line), np.flatnonzero(~line & (distance_hz <= NEIGHBOUR_HZ))


def _line_excess(power: Signal, line: Places, neighbours: Places) -> Signal:
    """Return the power on the lines beyond what stands beside them."""
    on_line: Signal = np.add.reduce(np.ascontiguousarray(power[:, line]), axis=-1)
    beside: Signal = np.add.reduce(np.ascontiguousarray(power[:, neighbours]), axis=-1)
    return on_line - beside * (len(line) / max(1, len(neighbours)))
