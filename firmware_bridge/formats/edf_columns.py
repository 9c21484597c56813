"""An EDF or BDF file as columns of numbers, for what integers cannot hold: differences, gains and other rates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from firmware_bridge.channel_units import limits_of
from firmware_bridge.edf_samples import EdfFile, Span
from firmware_bridge.formats.columns import Column, ColumnRun, Table, TextNote
from firmware_bridge.formats.guard import reading
from firmware_bridge.recorded_log import RecordedLog, read_log
from firmware_bridge.recording_timeline import Run, by_times


@dataclass(frozen=True, slots=True)
class EdfColumns:
    """An open EDF or BDF file; a count outside of its digital range is a missing sample."""

    file: EdfFile
    columns: tuple[Column, ...]
    start: datetime | None
    notes: tuple[TextNote, ...]
    warnings: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The file."""
        return self.file.path

    @property
    def parts(self) -> tuple[Path, ...]:
        """The file itself."""
        return (self.file.path,)

    @property
    def kind(self) -> str:
        """What the header calls it."""
        return self.file.header.kind

    def read(self, numbers: Sequence[int], start: int, stop: int) -> Table:
        """Return samples of some columns; see `firmware_bridge.formats.columns.ColumnFile.read`.

        Raises:
            BrokenFileError: the file has become shorter, or a channel's limits are no numbers.
        """
        table = np.empty((stop - start, len(numbers)))
        signals = {signal.number: signal for signal in self.file.header.signals}
        if start == stop:
            return table
        with reading(self.kind):
            spans = (Span(signals[number], start, stop) for number in numbers)
            for place, (number, counts) in enumerate(zip(numbers, self.file.counts(*spans), strict=True)):
                (low, high), (bottom, top) = limits_of(signals[number])
                gain = (top - bottom) / (high - low)
                table[:, place] = (counts.astype(np.float64) - low) * gain + bottom
                table[(counts < low) | (counts > high), place] = np.nan
        return table


def edf_columns(file: EdfFile) -> EdfColumns:
    """Return a file of the EDF family as columns.

    Raises:
        EdfError: its annotations are damaged so that its times are unknown.
    """
    log, record_s = read_log(file), file.header.record_s
    columns = tuple(
        Column(
            number=signal.number,
            label=signal.label,
            unit=signal.unit,
            rate_hz=float(signal.samples / record_s),
            samples=signal.samples * file.records,
            runs=_runs(file, log, signal.samples),
        )
        for signal in file.header.signals
        if signal.samples and not signal.is_annotations
    )
    notes = sorted((a.onset_s - log.origin_s, a.text, a.duration_s or 0.0) for a in log.annotations)
    warnings = (*file.header.warnings, *log.warnings)
    return EdfColumns(file, columns, file.header.start, tuple(TextNote(*note) for note in notes), warnings)


def _runs(file: EdfFile, log: RecordedLog, samples: int) -> tuple[ColumnRun, ...]:
    rate_hz = float(samples / file.header.record_s)
    if not file.header.has_holes:
        return (ColumnRun(0, samples * file.records, 0.0),)
    pieces = by_times(log.times_s, samples, rate_hz, 1)
    runs = (piece for piece in pieces if isinstance(piece, Run))
    return tuple(ColumnRun(run.first_sample, run.samples, run.first_index / rate_hz) for run in runs)
