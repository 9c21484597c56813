"""What a board whose clock runs fast or slow makes of a signal: the same wearer, sampled at other instants."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from firmware_bridge.samples import Counts, Gap, SampleBlock, SensorInfo, StreamItem

# A windowed sinc: so many samples to either side, at so many places between two samples. Wrong by less than a count.
HALF_WIDTH, PHASES = 16, 4096
KAISER_BETA = 8.0
_OFFSETS = np.arange(-HALF_WIDTH + 1, HALF_WIDTH + 1)
BLOCK_S = 60.0


def kernel() -> npt.NDArray[np.float32]:
    """Return the weights ``[phase, tap]``."""
    away = _OFFSETS[None, :] - np.arange(PHASES)[:, None] / PHASES
    window = np.i0(KAISER_BETA * np.sqrt(np.clip(1 - (away / HALF_WIDTH) ** 2, 0, 1))) / np.i0(KAISER_BETA)
    weights = np.sinc(away) * window
    weights /= weights.sum(axis=1, keepdims=True)
    exact: npt.NDArray[np.float32] = weights.astype(np.float32)
    return exact


_KERNEL = kernel()


def sampled_at(counts: Counts, places: npt.NDArray[np.float64]) -> Counts:
    """Return the signal ``[n, channel]`` between its samples, at places in samples."""
    whole = np.floor(places).astype(np.int64)
    phase = np.minimum(((places - whole) * PHASES).astype(np.int64), PHASES - 1)
    taps = np.clip(whole[:, None] + _OFFSETS, 0, len(counts) - 1)
    weights = _KERNEL[phase]
    columns = [np.einsum("nt,nt->n", weights, column.astype(np.float32)[taps]) for column in counts.T]
    between: Counts = np.clip(np.rint(np.stack(columns, axis=1)), -32768, 32767).astype(np.int16)
    return between


def drifting(items: Iterator[StreamItem], ppm: float) -> Iterator[SampleBlock | Gap]:
    """Yield a stream as a board samples it whose clock runs this much faster; all but samples is left out.

    Its holes lie where they lay in time, to within an acceleration sample.
    """
    index = 0
    for first, blocks in stretches(items):
        info = blocks[0].info
        emg = np.concatenate([block.emg_counts for block in blocks])
        acc = np.concatenate([block.acc_counts for block in blocks])
        begin, end = (fast(info, edge, ppm) for edge in (first, first + len(emg)))
        if begin > index:
            yield Gap(index, begin - index, "not recorded")
        step = round(BLOCK_S * info.emg_rate_hz)
        for a, b in pairwise([*range(begin, end, step), end]):
            pace = 1 + ppm / 1e6
            own_acc = np.arange(a // info.acc_ratio, b // info.acc_ratio) / pace - first / info.acc_ratio
            own_emg = np.arange(a, b) / pace - first
            yield SampleBlock(info, a, sampled_at(emg, own_emg), sampled_at(acc, own_acc))
        index = end


def fast(info: SensorInfo, index: int, ppm: float) -> int:
    """Return the fast board's index of the acceleration sample next to an index."""
    return round(index * (1 + ppm / 1e6) / info.acc_ratio) * info.acc_ratio


def stretches(items: Iterator[StreamItem]) -> Iterator[tuple[int, list[SampleBlock]]]:
    """Yield the blocks between two holes together, with the index of the first sample."""
    blocks: list[SampleBlock] = []
    for item in items:
        if isinstance(item, SampleBlock):
            blocks.append(item)
        elif isinstance(item, Gap) and blocks:
            yield blocks[0].first_index, blocks
            blocks = []
    if blocks:
        yield blocks[0].first_index, blocks
