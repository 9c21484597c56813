"""Exact minimum and maximum of any span of a long signal, at the cost of the pixels it fills.

The extremes of every 16 samples, of 64, of 256, … lie in one file a level and are memory-mapped, so that a
whole night is drawn from kilobytes. They are made once, from the samples as they come: a level only ever
grows at its end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int16]

# Samples in the finest bin, and bins in one of the next level: 17 % beside the samples (UX.md section 2.3).
BASE, STEP = 16, 4
# Levels kept: the coarsest bin is 16 × 4⁸ samples, a quarter of an hour at 1 kHz.
LEVELS = 9
_STEP_BITS = STEP.bit_length() - 1
# No sample in a bin: its minimum lies above its maximum. Counts that are missing come as this, too.
MISSING = np.iinfo(np.int16).min
_HIGHEST = np.iinfo(np.int16).max
_BYTES_PER_BIN = 4


@dataclass(frozen=True, slots=True)
class Extremes:
    """Minimum and maximum over bins of equal width.

    Attributes:
        first: Sample at which the first bin begins.
        width: Samples a bin; the last bin may end with the signal.
        pairs: ``[bins, 2]`` counts; the minimum above the maximum where no sample came.
    """

    first: int
    width: int
    pairs: Counts


class Pyramid:
    """The levels of one channel.

    Args:
        folder: Where its files lie.
        name: What they begin with.
        samples: How many samples it holds; a multiple of `BASE`. What lies beyond them in the files goes.

    Raises:
        OSError: the files are shorter than that, or cannot be opened.
    """

    def __init__(self, folder: Path, name: str, samples: int = 0) -> None:
        self._paths = [folder / f"{name}.{level}" for level in range(LEVELS)]
        self.samples = samples
        for level, path in enumerate(self._paths):
            path.touch(mode=0o600)
            expected = self._bins(level) * _BYTES_PER_BIN
            if path.stat().st_size < expected:
                raise OSError(f"{path}: expected {expected} bytes or more, got {path.stat().st_size}")
            with path.open("r+b") as file:
                file.truncate(expected)

    def append(self, counts: Counts) -> None:
        """Take the next samples: a multiple of `BASE`, `MISSING` where none came.

        Raises:
            OSError: the disk refuses; the files must be opened anew.
        """
        bins = counts.reshape(-1, BASE)
        highest = bins.max(axis=1)
        # A bin with a missing sample has the minimum of the others.
        lowest = (
            np.where(bins == MISSING, _HIGHEST, bins).min(axis=1) if MISSING in counts else bins.min(axis=1)
        )
        pairs = np.stack([lowest, highest], axis=1)
        before = self.samples
        self.samples += counts.size
        for level in range(LEVELS):
            with self._paths[level].open("ab") as file:
                file.write(pairs.astype("<i2").tobytes())
            # Bins of this level that wait for the next one's bin to be whole, then the new ones.
            done = before // (BASE << (level + 1) * _STEP_BITS) * STEP
            pairs = _merged(self._level(level)[done:], STEP, whole=True)

    def extremes(self, first: int, stop: int, width: int) -> Extremes:
        """Return the extremes of the bins that touch ``[first, stop)``.

        Args:
            first: Sample at which the window begins.
            stop: Sample just after it.
            width: Widest bin wanted, in samples; `BASE` at the least.
        """
        level = max(n for n in range(LEVELS) if n == 0 or BASE << n * _STEP_BITS <= width)
        own = BASE << level * _STEP_BITS
        group = max(1, width // own)
        begin = max(0, first) // (own * group) * group
        end = -(-min(stop, self.samples) // (own * group)) * group
        pairs = self._level(level)[begin:end]
        if end > len(self._level(level)):
            # The end of the signal does not fill a bin of this level: the finest one knows what is in it.
            rest = self._level(0)[self._bins(level) << level * _STEP_BITS :]
            pairs = np.concatenate([pairs, _merged(rest, max(1, len(rest)), whole=False)])
        return Extremes(begin * own, own * group, _merged(pairs, group, whole=False))

    def _bins(self, level: int) -> int:
        return self.samples // (BASE << level * _STEP_BITS)

    def _level(self, level: int) -> Counts:
        bins = self._bins(level)
        if not bins:
            return np.zeros((0, 2), "<i2")
        return np.memmap(self._paths[level], "<i2", "r", shape=(bins, 2))


def _merged(pairs: Counts, group: int, *, whole: bool) -> Counts:
    """Return the extremes of each ``group`` bins; of a last, smaller group too unless only whole ones count."""
    if whole:
        pairs = pairs[: len(pairs) // group * group]
    if group == 1 or not len(pairs):
        return pairs
    starts = np.arange(0, len(pairs), group)
    lowest, highest = np.minimum.reduceat(pairs[:, 0], starts), np.maximum.reduceat(pairs[:, 1], starts)
    return np.stack([lowest, highest], axis=1)


def batches(first: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    """Cut a span into pieces of at most ``size``.

    >>> list(batches(0, 5, 2))
    [(0, 2), (2, 4), (4, 5)]
    """
    return ((begin, min(stop, begin + size)) for begin in range(first, stop, size))
