"""Counts of more bits than the wire carries, rounded to 16."""

import numpy as np

from firmware_bridge.samples import Counts, Scale, edf_number

_LOWEST, _HIGHEST = -(1 << 15), (1 << 15) - 1


def surplus_bits(scale: Scale) -> int:
    """Return how many low bits have to go until the scale's counts fit 16."""
    bits = 0
    while scale.digital_min >> bits < _LOWEST or scale.digital_max >> bits > _HIGHEST:
        bits += 1
    return bits


def narrow_scale(scale: Scale) -> Scale:
    """Return the scale of the counts that `narrow_counts` makes; the same one where they fit already."""
    bits = surplus_bits(scale)
    if not bits:
        return scale
    low, high = scale.digital_min >> bits, scale.digital_max >> bits
    bottom, top = (float(edf_number((count << bits) * scale.gain + scale.bias)) for count in (low, high))
    return Scale(low, high, bottom, top, scale.unit)


def narrow_counts(counts: Counts, surplus: tuple[int, ...]) -> Counts:
    """Return ``[n, channel]`` counts as 16 bits, ``surplus`` low bits of each channel rounded away."""
    if not any(surplus):
        return counts.astype(np.int16, copy=False)
    bits = np.array(surplus)
    half = np.where(bits > 0, 1 << np.maximum(bits - 1, 0), 0)
    narrow: Counts = np.clip((counts.astype(np.int64) + half) >> bits, _LOWEST, _HIGHEST).astype(np.int16)
    return narrow
