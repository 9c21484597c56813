"""The chosen channels of a recording as a sample block's arrays, and which instants of them were recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firmware_bridge.channel_picking import Picked
from firmware_bridge.edf_header import EdfSignal
from firmware_bridge.edf_samples import EdfFile
from firmware_bridge.samples import Counts, Scale, edf_number

Present = npt.NDArray[np.bool_]

# All axes share a scale; where a file has one each, they are taken to this one's counts. -32768 stays free
# for samples that are missing.
_COMMON_MIN, _COMMON_MAX, _FILLER = -32767, 32767, -32768
# Samples looked at in one go when searching for a change or for the last sample.
_SEARCH_SAMPLES = 1 << 16


@dataclass(frozen=True, slots=True)
class RecordedChannels:
    """EMG and acceleration of an open file, read together.

    Attributes:
        emg: One signal per EMG channel.
        acc: Three signals, or none.
        ratio: EMG samples per acceleration sample; 1 without acceleration.
        acc_scale: Scale of the acceleration that `read` returns; None without.
    """

    file: EdfFile
    emg: tuple[EdfSignal, ...]
    emg_scales: tuple[Scale, ...]
    acc: tuple[EdfSignal, ...]
    own_acc_scales: tuple[Scale, ...]
    acc_scale: Scale | None
    ratio: int

    @classmethod
    def of(cls, file: EdfFile, emg: Picked, acc: Picked) -> "RecordedChannels":
        """Return the picked channels of a file."""
        signals = tuple(channel.signal for channel in acc.channels)
        ratio = emg.channels[0].signal.samples // signals[0].samples if signals else 1
        common = common_scale(acc.scales) if signals else None
        emg_signals = tuple(channel.signal for channel in emg.channels)
        return cls(file, emg_signals, emg.scales, signals, acc.scales, common, ratio)

    @property
    def samples(self) -> int:
        """EMG sampling instants in the file's whole records."""
        return self.file.records * self.emg[0].samples

    def read(self, start: int, stop: int) -> tuple[Counts, Counts]:
        """Return ``[n, channel]`` EMG and ``[n / ratio, 3]`` acceleration counts, read-only.

        Both bounds are multiples of ``ratio``.

        Raises:
            EdfError: the file has become shorter.
        """
        emg = [self.file.counts(signal, start, stop) for signal in self.emg]
        acc = [self._axis(axis, start // self.ratio, stop // self.ratio) for axis in range(len(self.acc))]
        return _columns(emg), _columns(acc) if acc else _no_acceleration()

    def one(self, channel: int, start: int, stop: int) -> Counts:
        """Return the counts of one EMG channel, read-only, without reading the others."""
        return self.file.counts(self.emg[channel], start, stop)

    def present(self, emg: Counts, acc: Counts) -> Present | None:
        """Tell per group of ``ratio`` instants whether anything was recorded; None where all of it was.

        A group is missing if every count in it, of every channel, lies outside its digital range.
        """
        if not self._can_miss:
            return None
        outside = _outside(emg[:, 0], self.emg_scales[0])
        if not outside.any():
            return None
        for channel, scale in enumerate(self.emg_scales[1:], start=1):
            outside &= _outside(emg[:, channel], scale)
        missing: Present = np.asarray(outside.reshape(-1, self.ratio).all(axis=1))
        if self.acc_scale is not None:
            missing &= _outside(acc, self.acc_scale).all(axis=1)
        return np.logical_not(missing) if missing.any() else None

    def last_present(self, start: int, stop: int) -> int:
        """Return the sample after the last recorded one of a span of the file; ``start`` if none was."""
        while stop > start and self._can_miss:
            begin = max(start, stop - _SEARCH_SAMPLES // self.ratio * self.ratio or start)
            present = self.present(*self.read(begin, stop))
            if present is None:
                return stop
            if present.any():
                return begin + (int(np.flatnonzero(present)[-1]) + 1) * self.ratio
            stop = begin
        return stop

    def constant(self) -> list[EdfSignal]:
        """Return the channels that never change."""
        return [signal for signal in (*self.emg, *self.acc) if self._is_constant(signal)]

    def strays(self) -> int:
        """Count the instants taken for missing though they do not hold the usual filler, the lowest count."""
        total, filler, strays = self.samples, self.file.count_range[0], 0
        for begin in range(0, total if self._can_miss else 0, _SEARCH_SAMPLES):
            counts = self.one(0, begin, min(begin + _SEARCH_SAMPLES, total))
            strays += int((_outside(counts, self.emg_scales[0]) & (counts != filler)).sum())
        return strays

    @property
    def _can_miss(self) -> bool:
        """False where every count that the file can hold is a sample."""
        lowest, highest = self.file.count_range
        scales = (*self.emg_scales, *([self.acc_scale] if self.acc_scale else []))
        return all(scale.digital_min > lowest or scale.digital_max < highest for scale in scales)

    def _axis(self, axis: int, start: int, stop: int) -> Counts:
        counts, own, common = (
            self.file.counts(self.acc[axis], start, stop),
            self.own_acc_scales[axis],
            self.acc_scale,
        )
        assert common is not None
        return counts if own == common else _rescaled(counts, own, common)

    def _is_constant(self, signal: EdfSignal) -> bool:
        total = self.file.records * signal.samples
        first = None
        for begin in range(0, total, _SEARCH_SAMPLES):
            counts = self.file.counts(signal, begin, min(begin + _SEARCH_SAMPLES, total))
            first = counts[0] if first is None else first
            if (counts != first).any():
                return False
        return True


def common_scale(scales: Sequence[Scale]) -> Scale:
    """Return the scale that all axes share, or one that holds the range of each."""
    if len(set(scales)) == 1:
        return scales[0]
    limits = [limit for scale in scales for limit in (scale.physical_min, scale.physical_max)]
    low, high = (float(edf_number(limit)) for limit in (min(limits), max(limits)))
    return Scale(_COMMON_MIN, _COMMON_MAX, low, high, scales[0].unit)


def _rescaled(counts: Counts, own: Scale, common: Scale) -> Counts:
    steps = np.rint((counts * own.gain + own.bias - common.bias) / common.gain)
    moved: npt.NDArray[np.int16] = np.clip(steps, _COMMON_MIN, _COMMON_MAX).astype(np.int16)
    moved[_outside(counts, own)] = _FILLER
    moved.flags.writeable = False
    return moved


def _outside(counts: Counts, scale: Scale) -> Present:
    outside: Present = (counts < scale.digital_min) | (counts > scale.digital_max)
    return outside


def _columns(columns: Sequence[Counts]) -> Counts:
    if len(columns) == 1:
        return columns[0][:, None]
    table = np.stack(columns, axis=1)
    table.flags.writeable = False
    return table


def _no_acceleration() -> Counts:
    empty = np.zeros((0, 3), np.int16)
    empty.flags.writeable = False
    return empty
