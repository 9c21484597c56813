"""Columns brought from one rate to another, block by block, the same to the last bit however they are read.

The filter is scipy's for polyphase resampling (`scipy.signal.resample_poly`: a Kaiser window of beta 5, ten samples
of the slower rate to each side). Each block of the output is computed by itself, always the same blocks,
always from the same input; so a span is the same numbers whatever was read before it. Both ends of a stretch
go on with their last value, so that no step rings into it, and stretches know nothing of one another.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.columns import Table

# Samples of the slower rate that the filter reaches to each side, and the shape of its window (scipy's).
_REACH = 10
_KAISER_BETA = 5.0
# Denominators that a ratio of rates is tried with: the smallest whose drift over the recording is below half a
# sample is taken, the largest bounds the filter at some hundred thousand taps.
_DENOMINATORS = (100, 1000, 10_000)
# Output samples of a block: long against the filter, and little memory.
_BLOCK = 1 << 13


def ratio_of(target_hz: float, source_hz: float, duration_s: float) -> Fraction:
    """Return the ratio of two rates as a fraction of bounded size, half a sample off at the end at most."""
    exact = Fraction(target_hz) / Fraction(source_hz)
    for limit in _DENOMINATORS:
        ratio = exact.limit_denominator(limit)
        if ratio and abs(float(ratio / exact) - 1) * duration_s * target_hz < 1 / 2:
            return ratio
    return exact.limit_denominator(_DENOMINATORS[-1]) or Fraction(1, _DENOMINATORS[-1])


@dataclass(slots=True)
class Resampled:
    """A stretch of columns without a hole, at another rate.

    Args:
        source: Reads samples ``start`` to ``stop`` of the stretch, ``[n, column]``.
        samples: How many it has.
        ratio: New rate by old rate.
    """

    source: Callable[[int, int], Table]
    samples: int
    ratio: Fraction
    _taps: npt.NDArray[np.float64] = field(init=False)
    _reach: int = field(init=False)
    # The block read last: what reads on in small steps computes each block once.
    _kept: tuple[int, Table] | None = None

    def __post_init__(self) -> None:
        """Design the filter."""
        from scipy.signal import firwin

        widest = max(self.ratio.numerator, self.ratio.denominator)
        self._reach = _REACH * widest
        taps = firwin(2 * self._reach + 1, 1 / widest, window=("kaiser", _KAISER_BETA)) if widest > 1 else 1.0
        self._taps = np.atleast_1d(np.asarray(taps, np.float64)) * self.ratio.numerator
        if widest == 1:
            self._reach = 0

    @property
    def resampled(self) -> int:
        """How many samples come out."""
        return int((self.samples - 1) * self.ratio) + 1

    def read(self, start: int, stop: int) -> Table:
        """Return samples ``start`` to ``stop`` at the new rate.

        Raises:
            BrokenFileError: the source cannot be read any more.
        """
        pieces = [np.empty((0, self._block(0).shape[1]))]
        for block in range(start // _BLOCK, -(-stop // _BLOCK) if stop > start else 0):
            first = block * _BLOCK
            pieces.append(self._block(block)[max(0, start - first) : stop - first])
        return np.concatenate(pieces)

    def _block(self, block: int) -> Table:
        if self._kept is None or self._kept[0] != block:
            first = block * _BLOCK
            self._kept = block, self._computed(first, min(first + _BLOCK, self.resampled))
        return self._kept[1]

    def _computed(self, first: int, stop: int) -> Table:
        from scipy.signal import upfirdn

        up, down = self.ratio.numerator, self.ratio.denominator
        begin = -(-(first * down - self._reach) // up)
        end = ((stop - 1) * down + self._reach) // up + 1
        values = self._held(begin, end)
        # Where the first output stands among all that the filter gives, at the rate of both together.
        place = first * down + self._reach - begin * up
        lead = -place % down
        taps = np.concatenate([np.zeros(lead), self._taps])
        skipped = (place + lead) // down
        out: Table = upfirdn(taps, values, up, down, axis=0)[skipped : skipped + stop - first]
        return out

    def _held(self, begin: int, end: int) -> Table:
        """Samples of the source, its first and last values going on beyond its ends."""
        inside = self.source(max(0, begin), min(self.samples, end))
        before, after = max(0, -begin), max(0, end - self.samples)
        if before or after:
            inside = np.pad(inside, ((before, after), (0, 0)), mode="edge")
        return inside
