"""Signal quality, second by second: what could be seen, and what stood in the way; it never alarms."""

from collections.abc import Iterator
from itertools import chain, repeat

import numpy as np
import numpy.typing as npt

from detector.due import Due
from detector.grid import HOPS_PER_SECOND, Grid
from detector.hops import Flags
from detector.measuring import FeatureRows
from detector.resting import REST_CAP_UV
from detector.types import QUALITY_FLAGS, SignalQuality
from firmware_bridge.samples import SensorInfo

Whole = npt.NDArray[np.int64]

# Parts of a second (science.md section 10, artefact).
LOST_SHARE = 0.05
CLIPPED_SHARE = 0.01
MAINS_SHARE = 0.50
DRIFT_SHARE = 0.60
# Hum and drift below these are in every recording and hide nothing.
LEAST_HUM_UV = 5.0
LEAST_DRIFT_UV = 100.0
# From here on the whole body moves (science.md section 10).
MOTION_MG = 100.0


# Flags of a hop or a second as bits. One that stands in a hop stands in its second; but a signal that is not flat
# throughout is not flat, so that of hops it is the opposite that is kept.
LOST, FLAT, RAILED, LEAD_OFF, MAINS, MOTION, NOISE = (1 << bit for bit in range(len(QUALITY_FLAGS)))
EVERY_FLAG_SET = [
    tuple(flag for bit, flag in enumerate(QUALITY_FLAGS) if code >> bit & 1)
    for code in range(1 << len(QUALITY_FLAGS))
]
# What quality keeps of a hop: samples that came, samples clipped, its flags.
CAME, CLIPPED, CODE = range(3)


class QualityMeter:
    """Judges whole seconds; a stage (`detector.types.Stage`).

    A second is four hops of the grid, counted from index 0; one of which no hop came has no item.
    """

    def __init__(self, info: SensorInfo, grid: Grid) -> None:
        self._grid = grid
        self._in_uv = tuple(scale.unit == "uV" for scale in info.emg_scales)
        self._numbers = np.zeros(0, np.int64)
        self._counts = np.zeros((len(info.sites), 3, 0), np.int64)
        self._levels = np.zeros((len(info.sites), 2, 0))

    def feed(self, item: FeatureRows) -> Iterator[Due]:
        """Yield the seconds that a run of hops completes."""
        hops, channels = item.sums.hops, range(len(self._in_uv))
        numbers = np.arange(hops.first_hop, hops.first_hop + len(hops))
        counts = np.array([self._counted(item, channel) for channel in channels])
        levels = np.array([(one.levels.resting_uv, one.mains_share) for one in item.channels])
        self._numbers = np.concatenate([self._numbers, numbers])
        self._counts = np.concatenate([self._counts, counts], axis=2)
        self._levels = np.concatenate([self._levels, np.fmax(levels, 0.0)], axis=2)
        last = int(numbers[-1])
        open_hop = last // HOPS_PER_SECOND * HOPS_PER_SECOND if (last + 1) % HOPS_PER_SECOND else last + 1
        yield from self._close(int(np.searchsorted(self._numbers, open_hop)), ended=False)

    def finish(self) -> Iterator[Due]:
        """Yield the second that was under way."""
        yield from self._close(len(self._numbers), ended=True)

    def _counted(self, item: FeatureRows, channel: int) -> tuple[Whole, Whole, Whole]:
        sums, rows = item.sums, item.channels[channel]
        levels, in_uv = rows.levels, self._in_uv[channel]
        hum_uv = np.fmax(levels.second_uv * np.sqrt(np.fmax(rows.mains_share, 0.0)), 0.0)
        drift, muscle = np.square(levels.drift_uv), np.square(np.fmax(levels.second_uv, 0.0))
        pulled = (np.fmax(levels.drift_uv, 0.0) > LEAST_DRIFT_UV) & (drift > DRIFT_SHARE * (drift + muscle))
        stands: tuple[tuple[int, Flags], ...] = (
            (FLAT, ~sums.flat[channel]),
            (LEAD_OFF, sums.hops.lead_off[:, channel]),
            (MAINS, (rows.mains_share > MAINS_SHARE) & ((hum_uv > LEAST_HUM_UV) | (not in_uv))),
            (MOTION, (pulled & in_uv) | (item.movement.dynamic_mg > MOTION_MG)),
            (NOISE, (levels.resting_uv > REST_CAP_UV) & in_uv),
        )
        code = np.zeros(len(sums.hops), np.int64)
        for flag, where in stands:
            code += flag * where
        return self._grid.hop - sums.hops.missing, sums.clipped[channel], code

    def _close(self, count: int, *, ended: bool) -> list[Due]:
        """Return the seconds of the first ``count`` waiting hops; the end of a stream cuts the last one."""
        if not count:
            return []
        numbers, counts, levels = (
            self._numbers[:count],
            self._counts[:, :, :count],
            self._levels[:, :, :count],
        )
        # The hop whose coming showed that the second is over: its own last, or the first after a hole.
        known = np.append(self._numbers[1:], self._numbers[-1])[:count]
        self._numbers = self._numbers[count:]
        self._counts, self._levels = self._counts[:, :, count:].copy(), self._levels[:, :, count:].copy()
        starts = np.flatnonzero(np.diff(numbers // HOPS_PER_SECOND, prepend=-1))
        ends = np.append(starts[1:], count) - 1
        whole = (numbers[ends] + 1) % HOPS_PER_SECOND == 0
        hops = np.where(whole, numbers[ends], known[ends]).tolist()
        firsts = (numbers[starts] * self._grid.hop).tolist()
        expected = np.full(len(starts), HOPS_PER_SECOND * self._grid.hop)
        if ended:
            # What the stream did not live to see is not lost.
            expected[-1] = counts[0, CAME, starts[-1] :].sum()
        by_channel = []
        for channel, one in enumerate(counts):
            came, flags = _judged(one, starts, expected)
            noise_uv, mains_share = levels[channel][:, ends].tolist()
            items = map(SignalQuality, firsts, came, repeat(channel), flags, noise_uv, mains_share)
            by_channel.append(map(Due, hops, items))
        return list(chain.from_iterable(zip(*by_channel, strict=True)))


def _judged(counts: Whole, starts: Whole, expected: Whole) -> tuple[list[int], list[tuple[str, ...]]]:
    """Return samples that came, and flags, of each second."""
    came, clipped = np.add.reduceat(counts[: CLIPPED + 1], starts, axis=1)
    code = np.bitwise_or.reduceat(counts[CODE], starts) ^ FLAT
    code += LOST * (expected - came > LOST_SHARE * expected)
    code += RAILED * (clipped > CLIPPED_SHARE * expected)
    return came.tolist(), [EVERY_FLAG_SET[one] for one in code.tolist()]
