"""A file of columns as the stream of counts that a board would have sent.

Columns are physical numbers; a recording is integer counts and a scale. One rule takes the first to the second,
the same for every format: the range of each EMG channel, and of the three axes together, is found in one streamed
pass; the scale is symmetrical about 0, its ends are the next decimals that an EDF header holds, and it has
16 bits, or 24 where 16 would round away more than 0.1 µV or 1 mg.

Where nothing was recorded on any EMG channel there is a gap. A channel that alone lacks samples holds its mean
there, and so does the acceleration, which shows neither a contraction nor a movement.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from firmware_bridge.channel_lanes import Lane
from firmware_bridge.channel_range import LARGEST_STEP, LaneRange, doubt_of_acc, doubt_of_emg, scale_for
from firmware_bridge.formats.columns import BrokenFileError, Table
from firmware_bridge.formats.tracks import Track
from firmware_bridge.recorded_channels import Present, last_present
from firmware_bridge.recording_timeline import Piece, Run
from firmware_bridge.samples import Counts, Scale

# EMG samples computed in one go: the memory of a long recording does not grow beyond a few of these.
_SPAN = 1 << 16
_NO_ACC = np.zeros((0, 3), np.int16)
_NO_ACC.flags.writeable = False


@dataclass(frozen=True, slots=True)
class LaneTable:
    """Lanes of one axis, as floating-point numbers."""

    lanes: tuple[Lane, ...]
    tracks: tuple[Track, ...]

    def read(self, start: int, stop: int) -> Table:
        """Return ``[n, lane]`` values of a part of the axis; NaN where a term is missing or no number.

        Raises:
            BrokenFileError: the file cannot be read any more.
        """
        columns = {
            number: values[:, place]
            for track in self.tracks
            for values in [track.read(start, stop)]
            for place, number in enumerate(track.numbers)
        }
        table = np.zeros((stop - start, len(self.lanes)))
        for place, lane in enumerate(self.lanes):
            for term in lane.terms:
                table[:, place] += columns[term.column.number] * term.weight
        table[~np.isfinite(table)] = np.nan
        return table


@dataclass(frozen=True, slots=True)
class LaneReading:
    """EMG and acceleration lanes, read together.

    Attributes:
        emg: EMG lanes; where both are on one axis, those of the acceleration follow them.
        emg_lanes: How many of those are EMG.
        acc: Acceleration on its own, slower axis; None without, or on one axis with the EMG.
        ratio: EMG samples per acceleration sample.
    """

    emg: LaneTable
    emg_lanes: int
    acc: LaneTable | None
    ratio: int

    def read(self, start: int, stop: int) -> tuple[Table, Table]:
        """Return ``[n, channel]`` EMG and ``[n / ratio, 3]`` (or ``[0, 0]``) acceleration values.

        Raises:
            BrokenFileError: the file cannot be read any more.
        """
        both = self.emg.read(start, stop)
        if self.acc is not None:
            return both, self.acc.read(start // self.ratio, stop // self.ratio)
        return both[:, : self.emg_lanes], both[:, self.emg_lanes :]


@dataclass(frozen=True, slots=True)
class CountedColumns:
    """Lanes as counts; see `firmware_bridge.recorded_stream.SampleReader`.

    Attributes:
        emg_scales: One per EMG lane.
        acc_scale: That of all axes; None without acceleration.
        warnings: What a look at all samples has shown.
    """

    reading: LaneReading
    emg_scales: tuple[Scale, ...]
    acc_scale: Scale | None
    warnings: tuple[str, ...]
    _emg_means: tuple[float, ...]
    _acc_means: tuple[float, ...]

    @property
    def ratio(self) -> int:
        """EMG samples per acceleration sample; 1 without acceleration."""
        return self.reading.ratio

    def read(self, start: int, stop: int) -> tuple[Counts, Counts]:
        """Return EMG and acceleration counts, read-only; both bounds are multiples of ``ratio``.

        Raises:
            BrokenFileError: the file cannot be read any more.
        """
        step = max(1, _SPAN // self.ratio) * self.ratio
        edges = range(start, stop, step)
        parts = [self._counts(begin, min(begin + step, stop)) for begin in edges] or [
            self._counts(start, stop)
        ]
        emg, acc = (part[0] if len(part) == 1 else np.concatenate(part) for part in zip(*parts, strict=True))
        emg.flags.writeable = acc.flags.writeable = False
        return emg, acc

    def one(self, channel: int, start: int, stop: int) -> tuple[Counts, Present | None]:
        """Return the counts of one EMG channel, and which of them were recorded (None: all).

        Raises:
            BrokenFileError: the file cannot be read any more.
        """
        first, last = start // self.ratio * self.ratio, -(-stop // self.ratio) * self.ratio
        emg, acc = self.read(first, last)
        present = self.present(emg, acc)
        counts = emg[start - first : stop - first, channel]
        return counts, None if present is None else np.repeat(present, self.ratio)[
            start - first : stop - first
        ]

    def present(self, emg: Counts, _acc: Counts) -> Present | None:
        """Tell per group of ``ratio`` instants whether it was recorded; None where all were."""
        missing = emg[:: self.ratio, 0] < self.emg_scales[0].digital_min
        return np.logical_not(missing) if missing.any() else None

    def last_present(self, start: int, stop: int) -> int:
        """Return the sample after the last recorded one of a span; ``start`` if none was.

        Raises:
            BrokenFileError: the file cannot be read any more.
        """
        return last_present(lambda *span: self.present(*self.read(*span)), start, stop, self.ratio)

    def _counts(self, start: int, stop: int) -> tuple[Counts, Counts]:
        emg_values, acc_values = self.reading.read(start, stop)
        missing = np.isnan(emg_values).all(axis=1)
        emg = _counted(emg_values, self.emg_scales, self._emg_means)
        if missing.any():
            groups = np.repeat(missing.reshape(-1, self.ratio).any(axis=1), self.ratio)
            emg[groups] = [scale.digital_min - 1 for scale in self.emg_scales]
        if self.acc_scale is None:
            return emg, _NO_ACC
        return emg, _counted(acc_values, (self.acc_scale,) * acc_values.shape[1], self._acc_means)


def counted(reading: LaneReading, pieces: Sequence[Piece], rate_hz: float) -> CountedColumns:
    """Return lanes as counts, after one look at all of them.

    Raises:
        BrokenFileError: the file is damaged, or no EMG channel holds a number.
        ChannelError: values are beyond what any scale holds.
    """
    emg_lanes = reading.emg.lanes[: reading.emg_lanes]
    acc_lanes = reading.emg.lanes[reading.emg_lanes :] or (reading.acc.lanes if reading.acc else ())
    emg, acc = [LaneRange() for _ in emg_lanes], [LaneRange() for _ in acc_lanes]
    instants = 0
    for start, stop in _spans(pieces, reading.ratio):
        instants += stop - start
        for ranges, values, hz in zip(
            (emg, acc), reading.read(start, stop), (rate_hz, rate_hz / reading.ratio), strict=True
        ):
            for one, lane_values in zip(ranges, values.T, strict=True):
                one.feed(lane_values, max(1, round(hz)))
    empty = [lane.name for lane, one in zip(emg_lanes, emg, strict=True) if not one.present]
    if empty:
        raise BrokenFileError(f"EMG {', '.join(empty)}: expected numbers, got none")
    has_acc = bool(acc) and all(one.present for one in acc)
    emg_scales = tuple(scale_for([one], lane.unit) for lane, one in zip(emg_lanes, emg, strict=True))
    warnings = [
        *_emg_warnings(emg_lanes, emg, emg_scales, instants / rate_hz),
        *_acc_warnings(acc_lanes, acc, instants / reading.ratio, rate_hz / reading.ratio),
    ]
    if not has_acc:
        reading = LaneReading(LaneTable(emg_lanes, reading.emg.tracks), len(emg_lanes), None, 1)
    acc_scale = scale_for(acc, "g") if has_acc else None
    return CountedColumns(
        reading,
        emg_scales,
        acc_scale,
        tuple(warnings),
        tuple(one.mean for one in emg),
        tuple(one.mean for one in acc),
    )


def _spans(pieces: Sequence[Piece], ratio: int) -> Iterator[tuple[int, int]]:
    step = max(1, _SPAN // ratio) * ratio
    for run in pieces:
        if isinstance(run, Run):
            for begin in range(run.first_index, run.end_index, step):
                yield begin, min(begin + step, run.end_index)


def _counted(values: Table, scales: Sequence[Scale], means: Sequence[float]) -> Counts:
    """Values to counts, lane by lane; where a lane alone lacks some, its mean."""
    wide = any(scale.digital_max > np.iinfo(np.int16).max for scale in scales)
    counts: Counts = np.empty(values.shape, np.int32 if wide else np.int16)
    for place, (scale, mean) in enumerate(zip(scales, means, strict=True)):
        lane = values[:, place]
        steps = np.rint(np.where(np.isnan(lane), mean, lane) / scale.gain)
        counts[:, place] = np.clip(steps, scale.digital_min, scale.digital_max)
    return counts


def _emg_warnings(
    lanes: Sequence[Lane], ranges: Sequence[LaneRange], scales: Sequence[Scale], duration_s: float
) -> Iterator[str]:
    most = max(one.present for one in ranges)
    for lane, one, scale in zip(lanes, ranges, scales, strict=True):
        if one.low == one.high:
            yield f"channel {lane.name} never changes"
        doubt = doubt_of_emg(one.rest) if lane.unit == "uV" else None
        if doubt:
            yield f"EMG {lane.name}: {doubt}"
        if scale.gain > LARGEST_STEP.get(lane.unit, np.inf):
            yield f"EMG {lane.name}: values up to {scale.physical_max:g} µV are rounded to {scale.gain:.3g} µV"
        if one.present < most:
            missing_s = (most - one.present) * duration_s / most
            yield f"EMG {lane.name}: {missing_s:.3g} s are missing here alone, and stand as a flat line"


def _acc_warnings(
    lanes: Sequence[Lane], ranges: Sequence[LaneRange], triples: float, rate_hz: float
) -> Iterator[str]:
    missing = round(triples - min((one.present for one in ranges), default=triples))
    if ranges and not all(one.present for one in ranges):
        yield f"acceleration ignored ({', '.join(lane.name for lane in lanes)}): expected numbers, got none"
        return
    if missing > 0:
        yield f"acceleration: {missing / rate_hz:.3g} s are missing, and stand as no movement"
    doubt = doubt_of_acc(float(np.linalg.norm([one.mean for one in ranges]))) if ranges else None
    if doubt:
        yield f"acceleration: {doubt}"
