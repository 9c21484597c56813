"""Columns on the index axis of a recording: placed in time, at one rate, NaN where nothing was recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np

from firmware_bridge.formats.columns import Column, ColumnFile, ColumnRun, Table
from firmware_bridge.formats.resampling import Resampled, ratio_of
from firmware_bridge.recording_timeline import Run

# A rate that is so far off that a recording's end is a sample away is another rate.
_SAME_PLACE = 0.5


@dataclass(frozen=True, slots=True)
class Axis:
    """An index axis.

    Attributes:
        rate_hz: Its samples a second.
        origin_s: Time of index 0, on the file's own axis.
    """

    rate_hz: float
    origin_s: float

    def index(self, time_s: float) -> int:
        """Return the index nearest to a time."""
        return round((time_s - self.origin_s) * self.rate_hz)


@dataclass(frozen=True, slots=True)
class Track:
    """Columns that were sampled together, on an axis.

    Attributes:
        numbers: Their numbers in the file.
        runs: Where their stretches lie on the axis: ``first_sample`` counts their samples as they come out.
    """

    file: ColumnFile
    numbers: tuple[int, ...]
    runs: tuple[Run, ...]
    _stretches: tuple[Resampled, ...] | None

    @property
    def end_index(self) -> int:
        """Index after the last sample."""
        return self.runs[-1].end_index

    def read(self, start: int, stop: int) -> Table:
        """Return ``[stop - start, column]`` values of a part of the axis, NaN outside of the runs.

        Raises:
            BrokenFileError: the file cannot be read any more.
        """
        values = np.full((stop - start, len(self.numbers)), np.nan)
        for place, run in enumerate(self.runs):
            first, end = max(start, run.first_index), min(stop, run.end_index)
            if first < end:
                values[first - start : end - start] = self._of_run(place, run, first, end)
        return values

    def _of_run(self, place: int, run: Run, first: int, end: int) -> Table:
        if self._stretches is not None:
            return self._stretches[place].read(first - run.first_index, end - run.first_index)
        shift = run.first_sample - run.first_index
        return self.file.read(self.numbers, first + shift, end + shift)


def tracks_of(file: ColumnFile, columns: Sequence[Column], axis: Axis) -> list[Track]:
    """Return the columns as tracks on an axis; those that were sampled together are read together."""
    groups: dict[tuple[float, int, tuple[ColumnRun, ...]], list[Column]] = {}
    for column in dict.fromkeys(columns):
        groups.setdefault((column.rate_hz, column.samples, column.runs), []).append(column)
    return [_track(file, group, axis) for group in groups.values()]


def is_same_rate(rate_hz: float, other_hz: float, duration_s: float) -> bool:
    """Tell whether samples of two rates stay at the same places of an axis for a whole recording."""
    return abs(rate_hz - other_hz) * duration_s < _SAME_PLACE


def _track(file: ColumnFile, group: Sequence[Column], axis: Axis) -> Track:
    column, numbers = group[0], tuple(column.number for column in group)
    duration_s = column.end_s - column.start_s
    if is_same_rate(column.rate_hz, axis.rate_hz, duration_s):
        placed = _placed([(run.start_s, run.first_sample, run.samples) for run in column.runs], axis)
        return Track(file, numbers, placed, None)
    ratio = ratio_of(axis.rate_hz, column.rate_hz, duration_s)
    stretches = tuple(_stretch(file, numbers, run, ratio) for run in column.runs)
    lengths = [stretch.resampled for stretch in stretches]
    starts = [run.start_s for run in column.runs]
    return Track(
        file, numbers, _placed([(s, 0, n) for s, n in zip(starts, lengths, strict=True)], axis), stretches
    )


def _stretch(file: ColumnFile, numbers: tuple[int, ...], run: ColumnRun, ratio: Fraction) -> Resampled:
    return Resampled(partial(_shifted, file, numbers, run.first_sample), run.samples, ratio)


def _shifted(file: ColumnFile, numbers: Sequence[int], shift: int, start: int, stop: int) -> Table:
    return file.read(numbers, start + shift, stop + shift)


def _placed(runs: Sequence[tuple[float, int, int]], axis: Axis) -> tuple[Run, ...]:
    """Runs at their indices; rounding moves none before the end of the one before it."""
    placed: list[Run] = []
    for start_s, first_sample, samples in runs:
        first = max(axis.index(start_s), placed[-1].end_index if placed else axis.index(start_s))
        placed.append(Run(first, first_sample, samples))
    return tuple(placed)
