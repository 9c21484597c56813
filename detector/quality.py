"""Signal quality, second by second: what could be seen, and what stood in the way; it never alarms."""

from collections.abc import Iterator
from itertools import chain, repeat

import numpy as np
import numpy.typing as npt

from detector.due import Due
from detector.filters import Signal
from detector.grid import HOPS_PER_SECOND, Grid
from detector.measuring import FeatureRows
from detector.resting import REST_CAP_UV
from detector.types import QUALITY_FLAGS, SignalQuality
from firmware_bridge.samples import SensorInfo

Places = npt.NDArray[np.intp]
# Of each second.
Judgements = tuple[list[int], list[tuple[str, ...]], list[float], list[float]]

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


# The columns of what quality needs of a hop: samples that came, samples clipped, and for each flag whether it
# stands (``flat`` must stand in all hops of a second, the others in one), resting level, mains share.
CAME, CLIPPED, FLAT, LEAD_OFF, MAINS, MOTION, NOISE, NOISE_UV, SHARE = range(9)
EVERY_FLAG_SET = [
    tuple(flag for bit, flag in enumerate(QUALITY_FLAGS) if code >> bit & 1)
    for code in range(1 << len(QUALITY_FLAGS))
]


class QualityMeter:
    """Judges whole seconds; a stage (`detector.types.Stage`).

    A second is four hops of the grid, counted from index 0; one of which no hop came has no item.
    """

    def __init__(self, info: SensorInfo, grid: Grid) -> None:
        self._grid = grid
        self._in_uv = tuple(scale.unit == "uV" for scale in info.emg_scales)
        self._numbers = np.zeros(0, np.int64)
        self._waiting = np.zeros((len(info.sites), 0, 9))

    def feed(self, item: FeatureRows) -> Iterator[Due]:
        """Yield the seconds that a run of hops completes."""
        hops = item.sums.hops
        numbers = np.arange(hops.first_hop, hops.first_hop + len(hops))
        columns = np.stack([self._columns(item, channel) for channel in range(len(self._in_uv))])
        self._numbers = np.concatenate([self._numbers, numbers])
        self._waiting = np.concatenate([self._waiting, columns], axis=1)
        seconds = self._numbers // HOPS_PER_SECOND
        open_second = seconds[-1] if (self._numbers[-1] + 1) % HOPS_PER_SECOND else seconds[-1] + 1
        yield from self._close(int(np.searchsorted(seconds, open_second)), ended=False)

    def finish(self) -> Iterator[Due]:
        """Yield the second that was under way."""
        yield from self._close(len(self._numbers), ended=True)

    def _columns(self, item: FeatureRows, channel: int) -> Signal:
        sums, rows = item.sums, item.channels[channel]
        levels, in_uv = rows.levels, self._in_uv[channel]
        hum_uv = np.fmax(levels.second_uv * np.sqrt(np.fmax(rows.mains_share, 0.0)), 0.0)
        drift, muscle = np.square(levels.drift_uv), np.square(np.fmax(levels.second_uv, 0.0))
        pulled = (np.fmax(levels.drift_uv, 0.0) > LEAST_DRIFT_UV) & (drift > DRIFT_SHARE * (drift + muscle))
        columns = (
            self._grid.hop - sums.hops.missing,
            sums.clipped[channel],
            sums.flat[channel],
            sums.hops.lead_off[:, channel],
            (rows.mains_share > MAINS_SHARE) & ((hum_uv > LEAST_HUM_UV) | (not in_uv)),
            (pulled & in_uv) | (item.movement.dynamic_mg > MOTION_MG),
            (levels.resting_uv > REST_CAP_UV) & in_uv,
            np.fmax(levels.resting_uv, 0.0),
            np.fmax(rows.mains_share, 0.0),
        )
        return np.stack(columns, axis=1).astype(np.float64)

    def _close(self, count: int, *, ended: bool) -> list[Due]:
        """Return the seconds of the first ``count`` waiting hops; the end of a stream cuts the last one."""
        if not count:
            return []
        numbers, waiting = self._numbers[:count], self._waiting[:, :count]
        # The hop whose coming showed that the second is over: its own last, or the first after a hole.
        known = np.append(self._numbers[1:], self._numbers[-1])[:count]
        self._numbers, self._waiting = self._numbers[count:], self._waiting[:, count:].copy()
        starts = np.flatnonzero(np.diff(numbers // HOPS_PER_SECOND, prepend=-1))
        ends = np.append(starts[1:], count) - 1
        whole = (numbers[ends] + 1) % HOPS_PER_SECOND == 0
        hops = np.where(whole, numbers[ends], known[ends]).tolist()
        firsts = (numbers[starts] * self._grid.hop).tolist()
        expected = np.full(len(starts), HOPS_PER_SECOND * self._grid.hop)
        if ended:
            # What the stream did not live to see is not lost.
            expected[-1] = waiting[0, starts[-1] :, CAME].sum()
        by_channel = []
        for channel, one in enumerate(waiting):
            came, flags, noise_uv, mains_share = _judged(one, starts, ends, expected)
            items = map(SignalQuality, firsts, came, repeat(channel), flags, noise_uv, mains_share)
            by_channel.append(map(Due, hops, items))
        return list(chain.from_iterable(zip(*by_channel, strict=True)))


def _judged(waiting: Signal, starts: Places, ends: Places, expected: Places) -> Judgements:
    """Return samples that came, flags, resting level and mains share of each second."""
    sums, most, least = (how.reduceat(waiting, starts, axis=0) for how in (np.add, np.maximum, np.minimum))
    stands = {
        "lost": expected - sums[:, CAME] > LOST_SHARE * expected,
        "flat": least[:, FLAT] > 0,
        "railed": sums[:, CLIPPED] > CLIPPED_SHARE * expected,
        "lead_off": most[:, LEAD_OFF] > 0,
        "mains": most[:, MAINS] > 0,
        "motion": most[:, MOTION] > 0,
        "noise": most[:, NOISE] > 0,
    }
    codes = np.zeros(len(starts), np.int64)
    for bit, flag in enumerate(QUALITY_FLAGS):
        codes |= stands[flag].astype(np.int64) << bit
    last = waiting[ends]
    flags = [EVERY_FLAG_SET[code] for code in codes.tolist()]
    came: list[int] = sums[:, CAME].astype(np.int64).tolist()
    return came, flags, last[:, NOISE_UV].tolist(), last[:, SHARE].tolist()
