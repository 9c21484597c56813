"""What every reader of a foreign format gives: columns of numbers with a label, a unit and a place in time.

    FormatError
    ├── BrokenFileError      cut off, damaged, hostile, or not what its name says: another file is needed
    ├── UnclearFileError     sound, but it does not say what we must know: a montage or --rate helps
    └── MissingReaderError   the library that reads it is not installed

A reader is a module of this package with one public function, ``open_columns(path, hints) -> ColumnFile``; the
table in `firmware_bridge.formats.known` says which files it is tried on. It gives what the file says and
decides nothing: which columns are EMG, in which unit, on which common rate is settled behind it, for all
formats alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.float64]
# What a montage's table `[read]` may hold; the reader of the format knows its own keys.
Option = str | float | int | bool | list[str]
# What is sampled once in a week, and ten times faster than any EMG; in a file other rates are damage.
SLOWEST_HZ, FASTEST_HZ = 1e-6, 1e6


class FormatError(ValueError):
    """A file cannot be read as columns; the text says where, what was expected and found, and what to do.

    It does not name the file: who opened it does.
    """


class BrokenFileError(FormatError):
    """The file is cut off, damaged, hostile or of another format."""


class UnclearFileError(FormatError):
    """The file is sound, but lacks something that a person can say: its rate, which table, which stream."""


class MissingReaderError(FormatError):
    """The library that reads this format is not installed."""


@dataclass(frozen=True, slots=True)
class ReadHints:
    """What the person said about reading a file, before anything is known of its columns.

    Attributes:
        rate_hz: Sampling rate where the file does not say it, or says it wrongly; None leaves it to the file.
        options: The montage's table ``[read]``: what only this format needs, such as the path of a data set.
    """

    rate_hz: float | None = None
    options: Mapping[str, Option] = field(default_factory=dict)

    def text(self, key: str) -> str | None:
        """Return an option that is a text or number, as text; None where it is not given."""
        value = self.options.get(key)
        return None if value is None else str(value)

    def refuse_others(self, *known: str) -> None:
        """Refuse options that a format does not know.

        Raises:
            UnclearFileError: there is one.
        """
        strange = sorted(set(self.options) - set(known))
        if strange:
            raise UnclearFileError(
                f"montage [read]: expected {' or '.join(known) or 'no option for this format'}, "
                f"got {', '.join(strange)}"
            )


@dataclass(frozen=True, slots=True)
class ColumnRun:
    """Samples of a column without a hole: ``samples`` of them from ``first_sample``, the first at ``start_s``."""

    first_sample: int
    samples: int
    start_s: float


@dataclass(frozen=True, slots=True)
class Column:
    """One column of numbers.

    Attributes:
        number: Its place in the file, from 1: what a person may call it by.
        label: Its name; empty where the file has none.
        unit: Unit of what `ColumnFile.read` returns, in the file's words; empty where the file has none.
        rate_hz: Samples a second.
        samples: How many it has.
        runs: Where they lie in time, in seconds of the file's own axis, in order and without overlap; they
            hold all samples. One run from 0 s unless it is given otherwise: by a later start of this column
            than of others, or by holes.

    Raises:
        BrokenFileError: nothing is sampled at the rate, there are no samples, or the runs do not hold them.
    """

    number: int
    label: str
    unit: str
    rate_hz: float
    samples: int
    runs: tuple[ColumnRun, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be placed in time."""
        if not SLOWEST_HZ <= self.rate_hz <= FASTEST_HZ:
            raise BrokenFileError(
                f"column {self.number}: expected a rate above 0 Hz and at most {FASTEST_HZ:g} Hz, got {self.rate_hz!r}"
            )
        if self.samples < 1:
            raise BrokenFileError(f"column {self.number} {self.label!r}: expected samples, got none")
        if not self.runs:
            object.__setattr__(self, "runs", (ColumnRun(0, self.samples, 0.0),))
        _check_runs(self)

    @property
    def start_s(self) -> float:
        """Time of the first sample."""
        return self.runs[0].start_s

    @property
    def end_s(self) -> float:
        """Time just after the last sample."""
        return self.runs[-1].start_s + self.runs[-1].samples / self.rate_hz


@dataclass(frozen=True, slots=True)
class TextNote:
    """Something written in the file, at a time of its own axis."""

    onset_s: float
    text: str
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class OneFile:
    """What is fixed when a `ColumnFile` of one file is opened; each format adds how its samples are read."""

    path: Path
    kind: str
    columns: tuple[Column, ...]
    start: datetime | None = None
    notes: tuple[TextNote, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Path, ...]:
        """The file itself."""
        return (self.path,)


class ColumnFile(Protocol):
    """An open file of columns. Holds no samples and no handle that must be closed.

    What it says of itself is fixed when it is opened; `read` reaches any place, in any order, at a cost that
    does not grow with the length of the file.
    """

    @property
    def path(self) -> Path:
        """The file that was named."""
        ...

    @property
    def parts(self) -> tuple[Path, ...]:
        """Every file that the samples and their description lie in; their content is the recording's identity."""
        ...

    @property
    def kind(self) -> str:
        """Name of the format, as a person would say it: ``"CSV"``."""
        ...

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of numbers, at least one, their numbers in order."""
        ...

    @property
    def start(self) -> datetime | None:
        """Wall-clock time of 0 s of the axis; without a zone where the file gives none; None where unknown."""
        ...

    @property
    def notes(self) -> tuple[TextNote, ...]:
        """What is written in the file, by onset."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong and read all the same, or chosen where there was a choice."""
        ...

    def read(self, numbers: Sequence[int], start: int, stop: int) -> Table:
        """Return samples ``start`` to ``stop`` of some columns, NaN where one is missing.

        The same span gives the same numbers, to the last bit, whatever was read before and however it is cut.

        Args:
            numbers: Columns by number, in the order wanted; they have one rate, length and set of runs.
            start: First sample, counted over all runs of the column.
            stop: Sample after the last; within the column.

        Returns:
            ``[stop - start, len(numbers)]`` float64 in the columns' units.

        Raises:
            BrokenFileError: the file has become shorter or unreadable meanwhile, or is damaged here.
        """
        ...


def _check_runs(column: Column) -> None:
    at, end_s = 0, -np.inf
    for run in column.runs:
        # What two neighbours may overlap by: the rounding of times, half a sample.
        if run.first_sample != at or run.samples < 1 or run.start_s < end_s - 0.5 / column.rate_hz:
            raise BrokenFileError(
                f"column {column.number} {column.label!r}: expected runs of samples in order of time, "
                f"got one of {run.samples} samples from sample {run.first_sample} at {run.start_s:g} s"
            )
        at, end_s = at + run.samples, run.start_s + run.samples / column.rate_hz
    if at != column.samples:
        raise BrokenFileError(
            f"column {column.number} {column.label!r}: expected {column.samples} samples in its runs, got {at}"
        )
