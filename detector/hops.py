"""From the stream to whole hops: everything after this stage sees the same arrays however the stream was cut.

Short losses are bridged and counted; after a long one the signal begins anew on the same grid. The
sensor's own vibration and lost samples are told to the later stages as unseen ticks.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.grid import Grid
from firmware_bridge.samples import (
    Counts,
    Gap,
    LinkState,
    Mark,
    SampleBlock,
    SensorInfo,
    SensorStatus,
    StreamItem,
)

Flags = npt.NDArray[np.bool_]
Span = tuple[int, int]

# Losses up to this are bridged by the last value seen (DESIGN section 2).
BRIDGED_S = 0.100
# The board's motor coasts, and the muscle answers, for about this long after the last pulse.
CUE_TAIL_S = 0.3
# A cue of unknown length: the longest pattern of pulses a board plays on its own.
CUE_DEFAULT_S = 1.0
# Hops handed on at once: enough to make numpy's cost per call vanish, few enough for a small machine's memory.
HOPS_AT_ONCE = 4096
# A tick with more of it hidden than this says nothing.
HIDDEN_SHARE = 0.5


class BrokenStreamError(ValueError):
    """The stream contradicts itself: samples go back, or another sensor speaks."""


@dataclass(frozen=True, slots=True, eq=False)
class Hops:
    """A run of whole hops.

    Attributes:
        first_hop: Number of the first one; its first sample is ``first_hop * grid.hop``.
        fresh: The signal begins anew here: nothing of before may reach in.
        emg_counts: ``[hops * grid.hop, channel]``; where samples are missing a held value stands.
        acc_counts: ``[hops * grid.acc_per_hop, 3]``, likewise.
        missing: ``[hops]`` samples that never came.
        unseen: ``[hops, tick]`` ticks that say nothing: mostly missing, or under the sensor's own vibration.
        lead_off: ``[hops, channel]`` the board says that an electrode is off.
    """

    first_hop: int
    fresh: bool
    emg_counts: Counts
    acc_counts: Counts
    missing: npt.NDArray[np.int64]
    unseen: Flags
    lead_off: Flags

    def __len__(self) -> int:
        """Number of hops."""
        return len(self.missing)


class HopCutter:
    """Cuts the stream into whole hops; a stage (`detector.types.Stage`).

    A mark or a status belongs before the first sample at or after its index; from there on it takes effect.
    Where a long gap begins and ends within one hop, the samples before it in that hop are given up.

    Raises:
        BrokenStreamError: from `feed`, where samples go back or the sensor changes within a stream.
    """

    def __init__(self, info: SensorInfo, grid: Grid) -> None:
        self._info = info
        self._grid = grid
        self._hop = 0
        self._emg: list[Counts] = []
        self._acc: list[Counts] = []
        self._samples = 0
        self._last: tuple[Counts, Counts] | None = None
        self._fresh = True
        self._missing: list[Span] = []
        self._cues: list[Span] = []
        self._lead_off: list[tuple[int, tuple[bool, ...]]] = []

    def feed(self, item: StreamItem) -> Iterator[Hops]:
        """Take one item of the stream; yield the hops that it completes."""
        match item:
            case SampleBlock():
                yield from self._block(item)
            case Mark(kind="cue"):
                end = item.index + round(
                    ((item.duration_s or CUE_DEFAULT_S) + CUE_TAIL_S) * self._grid.rate_hz
                )
                self._cues.append((item.index, end))
            case SensorStatus():
                self._lead_off.append((item.index, item.lead_off))
            case SensorInfo() if not item.same_signal(self._info):
                raise BrokenStreamError(
                    f"{item.sensor_id}: expected the signal this stream began with, "
                    "got other rates, sites or scales; start a new recording and a new pipeline"
                )
            case Gap() | Mark() | SensorInfo() | LinkState():
                # A gap shows in the index of the block after it, and so does one that nobody announced.
                pass

    def finish(self) -> Iterator[Hops]:
        """Yield what is left, its last hop filled up; the stream has ended."""
        yield from self._close_hop()

    @property
    def _position(self) -> int:
        return self._hop * self._grid.hop + self._samples

    def _block(self, block: SampleBlock) -> Iterator[Hops]:
        lost = block.first_index - self._position
        if lost < 0:
            raise BrokenStreamError(
                f"{self._info.sensor_id}: expected samples from index {self._position} on, "
                f"got a block at {block.first_index}"
            )
        if not block.samples:
            return
        if lost and lost <= BRIDGED_S * self._grid.rate_hz:
            self._hold(lost, self._last or _edge(block, 0))
        elif lost:
            yield from self._begin_anew(block)
        self._take(block.emg_counts, block.acc_counts)
        self._last = _edge(block, -1)
        yield from self._whole_hops()

    def _begin_anew(self, block: SampleBlock) -> Iterator[Hops]:
        hop = block.first_index // self._grid.hop
        if hop > self._hop:
            yield from self._close_hop()
        self._emg, self._acc, self._samples, self._last = [], [], 0, None
        self._hop, self._fresh = hop, True
        self._hold(block.first_index - self._position, _edge(block, 0))

    def _close_hop(self) -> Iterator[Hops]:
        if self._samples and self._last:
            self._hold(self._grid.hop - self._samples, self._last)
            yield from self._whole_hops()

    def _hold(self, samples: int, value: tuple[Counts, Counts]) -> None:
        """Stand in for missing samples with one value."""
        emg, acc = value
        self._missing.append((self._position, self._position + samples))
        self._take(np.repeat(emg, samples, axis=0), np.repeat(acc, samples // self._info.acc_ratio, axis=0))

    def _take(self, emg: Counts, acc: Counts) -> None:
        self._emg.append(emg)
        self._acc.append(acc if self._grid.acc_per_hop else acc[:0])
        self._samples += len(emg)

    def _whole_hops(self) -> Iterator[Hops]:
        hop, acc_per_hop = self._grid.hop, self._grid.acc_per_hop
        whole = self._samples // hop
        if not whole:
            return
        emg, acc = _joined(self._emg), _joined(self._acc)
        for start in range(0, whole, HOPS_AT_ONCE):
            stop = min(start + HOPS_AT_ONCE, whole)
            yield self._hops(
                emg[start * hop : stop * hop], acc[start * acc_per_hop : stop * acc_per_hop], stop - start
            )
        self._emg, self._acc = [emg[whole * hop :].copy()], [acc[whole * acc_per_hop :].copy()]
        self._samples -= whole * hop

    def _hops(self, emg: Counts, acc: Counts, count: int) -> Hops:
        grid = self._grid
        missing = self._hidden(self._missing, count)
        hops = Hops(
            first_hop=self._hop,
            fresh=self._fresh,
            emg_counts=emg,
            acc_counts=acc,
            missing=missing.sum(axis=1),
            unseen=(missing > HIDDEN_SHARE * grid.tick) | (self._hidden(self._cues, count) > 0),
            lead_off=self._lead_off_over(count),
        )
        self._fresh = False
        self._hop += count
        end = self._hop * grid.hop
        self._missing = [span for span in self._missing if span[1] > end]
        self._cues = [span for span in self._cues if span[1] > end]
        return hops

    def _hidden(self, spans: list[Span], count: int) -> npt.NDArray[np.int64]:
        """Return ``[hops, tick]`` how many samples of each tick of the next hops lie in one of the spans."""
        grid, begin = self._grid, self._hop * self._grid.hop
        if all(start >= begin + count * grid.hop for start, _ in spans):
            return np.zeros((count, grid.ticks_per_hop), np.int64)
        hidden = np.zeros(count * grid.hop, np.bool_)
        for start, end in spans:
            hidden[max(0, start - begin) : max(0, end - begin)] = True
        by_tick: npt.NDArray[np.int64] = hidden.reshape(count, grid.ticks_per_hop, grid.tick).sum(axis=2)
        return by_tick

    def _lead_off_over(self, count: int) -> Flags:
        """Return what the board said last before the end of each hop."""
        flags = np.zeros((count, len(self._info.sites)), np.bool_)
        end = (self._hop + count) * self._grid.hop
        for index, state in self._lead_off:
            row = max(0, index // self._grid.hop - self._hop)
            flags[row:] = state or False
        while len(self._lead_off) > 1 and self._lead_off[1][0] < end:
            del self._lead_off[0]
        return flags


def _edge(block: SampleBlock, row: int) -> tuple[Counts, Counts]:
    """Return the first (0) or last (-1) sample of a block as arrays of one row."""
    rows = slice(row, row + 1 or None)
    return block.emg_counts[rows].copy(), block.acc_counts[rows].copy()


def _joined(parts: list[Counts]) -> Counts:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
