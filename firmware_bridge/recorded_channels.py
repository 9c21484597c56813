"""The chosen channels of a recording as a sample block's arrays, and which instants of them were recorded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firmware_bridge.channel_picking import ChannelError, Picked
from firmware_bridge.edf_header import EdfSignal
from firmware_bridge.edf_samples import EdfFile, Span
from firmware_bridge.samples import Counts, Scale, edf_number

Present = npt.NDArray[np.bool_]

# All axes share a scale; where a file has one each, they are taken to this one's counts. -32768 stays free
# for samples that are missing.
_COMMON_MIN, _COMMON_MAX, _FILLER = -32767, 32767, -32768
# Samples looked at in one go when searching for a change or for the last sample.
_SEARCH_SAMPLES = 1 << 16
_NO_ACC = np.zeros((0, 3), np.int16)
_NO_ACC.flags.writeable = False


@dataclass(frozen=True, slots=True)
class RecordedChannels:
    """EMG and acceleration of an open file, read together.

    Attributes:
        emg: One signal per EMG channel.
        acc: Three signals, or none.
        acc_scale: Scale of the acceleration that `read` returns; None without.
        ratio: EMG samples per acceleration sample; 1 without acceleration.
        is_ours: Our recorder wrote the file.
    """

    file: EdfFile
    emg: tuple[EdfSignal, ...]
    emg_scales: tuple[Scale, ...]
    acc: tuple[EdfSignal, ...]
    own_acc_scales: tuple[Scale, ...]
    acc_scale: Scale | None
    ratio: int
    is_ours: bool

    @classmethod
    def of(cls, file: EdfFile, emg: Picked, acc: Picked, *, is_ours: bool) -> "RecordedChannels":
        """Return the picked channels of a file."""
        signals = tuple(channel.signal for channel in acc.channels)
        ratio = emg.channels[0].signal.samples // signals[0].samples if signals else 1
        common = common_scale(acc.scales) if signals else None
        emg_signals = tuple(channel.signal for channel in emg.channels)
        return cls(file, emg_signals, emg.scales, signals, acc.scales, common, ratio, is_ours)

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
        times = start // self.ratio, stop // self.ratio
        spans = [Span(signal, start, stop) for signal in self.emg] + [
            Span(signal, *times) for signal in self.acc
        ]
        counts = self.file.counts(*spans)
        emg, acc = counts[: len(self.emg)], counts[len(self.emg) :]
        return _columns(emg), _columns([self._common(*axis) for axis in enumerate(acc)]) if acc else _NO_ACC

    def one(self, channel: int, start: int, stop: int) -> tuple[Counts, Present | None]:
        """Return the counts of one EMG channel, and which of them were recorded (None: all)."""
        (counts,) = self.file.counts(Span(self.emg[channel], start, stop))
        outside = _outside(counts, self.emg_scales[channel])
        return counts, None if self.is_ours or not outside.any() else np.logical_not(outside)

    def present(self, emg: Counts, acc: Counts) -> Present | None:
        """Tell per group of ``ratio`` instants whether anything was recorded; None where all of it was.

        In files of others a group is missing if every count in it, of every channel, lies outside its digital
        range. Ours say what is missing, so there a count is a sample whatever its value, as it was live.
        """
        return None if self.is_ours or not self._can_miss else self._in_range(emg, acc)

    def last_present(self, start: int, stop: int) -> int:
        """Return the sample after the last recorded one of a span of the file; ``start`` if none was."""
        if not self._can_miss:
            return stop
        return last_present(lambda *span: self._in_range(*self.read(*span)), start, stop, self.ratio)

    def constant(self) -> list[EdfSignal]:
        """Return the channels that never change."""
        return [signal for signal in (*self.emg, *self.acc) if self._is_constant(signal)]

    def strays(self) -> int:
        """Count the instants taken for missing though they do not hold the usual filler, the lowest count."""
        total, filler, strays = self.samples, self.file.count_range[0], 0
        for begin in range(0, 0 if self.is_ours or not self._can_miss else total, _SEARCH_SAMPLES):
            counts, _ = self.one(0, begin, min(begin + _SEARCH_SAMPLES, total))
            strays += int((_outside(counts, self.emg_scales[0]) & (counts != filler)).sum())
        return strays

    @property
    def _can_miss(self) -> bool:
        """False where every count that the file can hold is a sample."""
        lowest, highest = self.file.count_range
        scales = (*self.emg_scales, *([self.acc_scale] if self.acc_scale else []))
        return all(scale.digital_min > lowest or scale.digital_max < highest for scale in scales)

    def _in_range(self, emg: Counts, acc: Counts) -> Present | None:
        """Tell per group whether any count lies in its digital range; None where in all groups one does."""
        outside = _outside(emg[:, 0], self.emg_scales[0])
        if not outside.any():
            return None
        for channel, scale in enumerate(self.emg_scales[1:], start=1):
            outside &= _outside(emg[:, channel], scale)
        missing: Present = np.asarray(outside.reshape(-1, self.ratio).all(axis=1))
        if self.acc_scale is not None:
            missing &= _outside(acc, self.acc_scale).all(axis=1)
        return np.logical_not(missing) if missing.any() else None

    def _common(self, axis: int, counts: Counts) -> Counts:
        """Return an axis's counts in the scale that all axes share."""
        own, common = self.own_acc_scales[axis], self.acc_scale
        return counts if common is None or own == common else _rescaled(counts, own, common)

    def _is_constant(self, signal: EdfSignal) -> bool:
        total = self.file.records * signal.samples
        first = None
        for begin in range(0, total, _SEARCH_SAMPLES):
            (counts,) = self.file.counts(Span(signal, begin, min(begin + _SEARCH_SAMPLES, total)))
            first = counts[0] if first is None else first
            if (counts != first).any():
                return False
        return True


def last_present(present: Callable[[int, int], Present | None], start: int, stop: int, ratio: int) -> int:
    """Return the sample after the last recorded one of a span, looked for from its end; ``start`` if none was.

    Args:
        present: Tells per group of ``ratio`` samples of a span whether it was recorded; None where all were.
        start: First sample.
        stop: Sample after the last.
        ratio: Samples of a group.
    """
    step = max(1, _SEARCH_SAMPLES // ratio) * ratio
    while stop > start:
        begin = max(start, stop - step)
        recorded = present(begin, stop)
        if recorded is None:
            return stop
        if recorded.any():
            return begin + (int(np.flatnonzero(recorded)[-1]) + 1) * ratio
        stop = begin
    return start


def common_scale(scales: Sequence[Scale]) -> Scale:
    """Return the scale that all axes share, or one that holds the range of each.

    Raises:
        ChannelError: no scale of an EDF header holds them.
    """
    if len(set(scales)) == 1:
        return scales[0]
    limits = [limit for scale in scales for limit in (scale.physical_min, scale.physical_max)]
    try:
        low, high = (float(edf_number(limit)) for limit in (min(limits), max(limits)))
    except ValueError as error:
        raise ChannelError(f"acceleration: its axes have no scale in common: {error}") from error
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
