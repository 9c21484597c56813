"""What a recording says besides its samples: who recorded it, what was noted, and when each record began."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from firmware_bridge.edf_annotations import Annotation
from firmware_bridge.edf_header import ANNOTATIONS_LABEL, EdfError, EdfHeader
from firmware_bridge.edf_samples import EdfFile
from firmware_bridge.recorded_notes import (
    ABOUT_KINDS,
    END,
    HEARD,
    IDENTITY,
    Note,
    joined,
    read_identity,
    read_note,
    value_of,
)
from firmware_bridge.samples import Gap, Mark, SensorStatus

# Record times are written with few digits; a continuous file may be off by this much, not more.
_CLOCK_TOLERANCE_S = 0.005


@dataclass(frozen=True, slots=True)
class RecordedLog:
    """The annotations of a file.

    Attributes:
        annotations: Every text, in file order; those of our own files whole again.
        identity: The words of our recorder's first note; empty for files that others wrote.
        times_s: The time of every data record, in a file with holes; empty otherwise.
        origin_s: Time of the first record: where index 0 lies on the annotations' time axis.
        warnings: What was damaged or does not agree.
    """

    annotations: tuple[Annotation, ...]
    identity: Mapping[str, str]
    times_s: tuple[float | None, ...]
    origin_s: float
    warnings: tuple[str, ...]

    def start(self) -> datetime | None:
        """Return when our recorder took the first sample, with its zone; None where it does not say."""
        try:
            return datetime.fromisoformat(self.identity.get("start", ""))
        except ValueError:
            return None

    def values(self, rate_hz: float) -> "LoggedValues":
        """Return the annotations as values at their sample indices."""
        gaps: list[Gap] = []
        placed: list[PlacedNotice] = []
        end_index = None
        for annotation in self.annotations:
            index = round((annotation.onset_s - self.origin_s) * rate_hz)
            note = read_note(annotation.text) if self.identity else Note("note", annotation.text)
            if note.kind == END:
                end_index = index
            elif note.kind == HEARD and placed and note.text.isdecimal():
                placed[-1] = placed[-1]._replace(heard_index=int(note.text))
            elif note.kind != IDENTITY:
                duration_s = annotation.duration_s or 0.0
                value = value_of(note, index, duration_s, round(duration_s * rate_hz))
                if isinstance(value, Gap):
                    gaps.append(value)
                else:
                    placed.append(PlacedNotice(index, value))
        # Others note in any order; ours in the order in which things came.
        if not self.identity:
            placed.sort(key=lambda notice: notice.heard_index)
        return LoggedValues(tuple(gaps), tuple(placed), end_index)


class PlacedNotice(NamedTuple):
    """A notice, and the sample that was next when it came live; without that, its own."""

    heard_index: int
    notice: Mark | SensorStatus


@dataclass(frozen=True, slots=True)
class LoggedValues:
    """What was noted, on the index axis.

    Attributes:
        gaps: As the recorder noted them.
        notices: In the order of the file.
        end_index: Where the stream ended, if the recorder says so; what follows in the file is padding.
    """

    gaps: tuple[Gap, ...]
    notices: tuple[PlacedNotice, ...]
    end_index: int | None

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All marks, by index."""
        marks = (placed.notice for placed in self.notices if isinstance(placed.notice, Mark))
        return tuple(sorted(marks, key=lambda mark: mark.index))

    def replayed(self, grid: int) -> tuple[PlacedNotice, ...]:
        """Return what was part of the stream, in its order, at the multiple of ``grid`` before which it came."""
        about = (isinstance(p.notice, Mark) and p.notice.kind in ABOUT_KINDS for p in self.notices)
        placed = (
            p._replace(heard_index=p.heard_index // grid * grid)
            for p, left_out in zip(self.notices, about, strict=True)
            if not left_out
        )
        return tuple(sorted(placed, key=lambda p: p.heard_index))

    def gaps_on(self, grid: int) -> list[Gap]:
        """Return the gaps with both ends on multiples of ``grid``, where our recorder always puts them."""
        rounded = (
            (round(g.first_index / grid) * grid, round(g.end_index / grid) * grid, g) for g in self.gaps
        )
        return [Gap(first, end - first, gap.reason) for first, end, gap in rounded]


def read_log(file: EdfFile) -> RecordedLog:
    """Return everything that a file's annotation signals say.

    Raises:
        EdfError: a file with holes has no record times, or it has become shorter meanwhile.
    """
    annotations: list[Annotation] = []
    times: list[float | None] = []
    damaged = 0
    first_s: float | None = None
    drift_s = 0.0
    for record, notes in file.notes():
        first_s = notes.time_s if record == 0 else first_s
        if notes.time_s is not None and first_s is not None:
            drift_s = notes.time_s - first_s - float(record * file.header.record_s)
        annotations += notes.annotations
        damaged += notes.damaged
        if file.header.has_holes:
            times.append(notes.time_s)
    if file.header.has_holes and not times:
        raise EdfError(
            f"{file.header.kind}: expected the time of every data record, got no {ANNOTATIONS_LABEL!r} signal"
        )
    first = annotations[0].text if annotations else ""
    ours = read_note(first) if first.startswith(f"{IDENTITY}: ") else Note("note", "")
    return RecordedLog(
        annotations=tuple(joined(annotations) if ours.kind == IDENTITY else annotations),
        identity=read_identity(ours.text) if ours.kind == IDENTITY else {},
        times_s=tuple(times),
        origin_s=first_s or 0.0,
        warnings=tuple(_warnings(file.header, damaged, drift_s)),
    )


def _warnings(header: EdfHeader, damaged: int, drift_s: float) -> list[str]:
    warnings = []
    if damaged:
        warnings.append(f"{damaged} annotations could not be read and are left out")
    if not header.has_holes and abs(drift_s) > _CLOCK_TOLERANCE_S:
        warnings.append(
            f"the header calls the file continuous ({header.kind}), but the last data record's time is off "
            f"by {drift_s:+g} s; its samples are taken as continuous"
        )
    return warnings
