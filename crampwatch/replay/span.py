"""The part of a recording that is replayed: from when to when, as a person writes it.

    SpanError    a time is none, or lies outside a recording; the text says which and what was expected

A detector that begins in the middle of a night knows nothing of what went before: its resting level, the quality of the
electrode and the night so far begin anew there, as after a long gap. The sample axis stays the file's, so onsets do.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from firmware_bridge.recordings import Recording
from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorStatus, StreamItem

SECONDS_PER_MINUTE = 60
_SECONDS = re.compile(r"\d+(\.\d+)?", re.ASCII)
_CLOCK = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]\d(?:\.\d+)?)", re.ASCII)
_EXPECTED = "expected seconds (90), a length (1:30:00) or a time of day with its date (2026-03-01T23:15)"


class SpanError(ValueError):
    """A time cannot be used."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a person writes it: seconds from the beginning of a recording, or a time of day."""

    option: str
    text: str
    at: float | datetime

    @classmethod
    def parse(cls, option: str, text: str) -> "Moment":
        """Read a time.

        Raises:
            SpanError: it is none.
        """
        text = text.strip()
        if _SECONDS.fullmatch(text):
            return cls(option, text, float(text))
        if found := _CLOCK.fullmatch(text):
            hours, minutes, seconds = (float(part or 0) for part in found.groups())
            return cls(option, text, (hours * SECONDS_PER_MINUTE + minutes) * SECONDS_PER_MINUTE + seconds)
        try:
            when = datetime.fromisoformat(text)
        except ValueError as error:
            raise SpanError(f"{option}: {_EXPECTED}, got {text!r}") from error
        return cls(option, text, when)

    def seconds_into(self, recording: Recording) -> float:
        """Return the seconds from the beginning of a recording.

        Raises:
            SpanError: it is a time of day, and the recording does not say when it began.
        """
        if isinstance(self.at, float):
            return self.at
        if recording.start is None:
            raise SpanError(
                f"{recording.path}: {self.option} {self.text}: the recording does not say when it began; "
                "give seconds from its beginning"
            )
        return (_same_kind(self.at, recording.start) - recording.start).total_seconds()


def _same_kind(when: datetime, like: datetime) -> datetime:
    """Return a time that can be compared: one without a zone is in the recording's, as it stands on its clock."""
    if when.tzinfo is None or like.tzinfo is None:
        return when.replace(tzinfo=like.tzinfo)
    return when


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when; None is the beginning or the end of a file.

    Attributes:
        start: Where to begin.
        end: Where to stop.
        duration_s: How much from the start, instead of an end.
    """

    start: Moment | None = None
    end: Moment | None = None
    duration_s: float | None = None

    @classmethod
    def parse(cls, start: str | None, end: str | None, duration: str | None) -> "Span":
        """Read what the command line says.

        Raises:
            SpanError: a time is none, or there is both an end and a duration.
        """
        if end is not None and duration is not None:
            raise SpanError("--end and --duration: expected one of them")
        length = None if duration is None else Moment.parse("--duration", duration).at
        if length is not None and not (isinstance(length, float) and length > 0):
            raise SpanError(f"--duration: expected a length above 0, such as 90 or 1:30:00, got {duration!r}")
        return cls(
            None if start is None else Moment.parse("--start", start),
            None if end is None else Moment.parse("--end", end),
            length,
        )

    def within(self, recording: Recording) -> tuple[int, int]:
        """Return the first sample and the one after the last; the first lies on an acceleration sample.

        Raises:
            SpanError: nothing of the recording lies in it.
        """
        rate_hz, grid = recording.info.emg_rate_hz, recording.info.acc_ratio
        start_s = self.start.seconds_into(recording) if self.start else 0.0
        end_s = recording.duration_s
        if self.end is not None:
            end_s = self.end.seconds_into(recording)
        elif self.duration_s is not None:
            end_s = start_s + self.duration_s
        if self == EVERYTHING:
            return 0, recording.samples
        first = max(0, round(start_s * rate_hz)) // grid * grid
        stop = min(recording.samples, round(end_s * rate_hz)) // grid * grid
        if first >= stop:
            raise SpanError(
                f"{recording.path}: expected --start before --end, both within its {recording.duration_s:g} s, "
                f"got {start_s:g} s to {end_s:g} s"
            )
        return first, stop


EVERYTHING = Span()


def clipped(items: Iterable[StreamItem], first: int, stop: int) -> Iterator[StreamItem]:
    """Yield what lies from ``first`` up to ``stop``; a block or a gap across an edge is cut there."""
    for item in items:
        match item:
            case SampleBlock() | Gap():
                if item.first_index >= stop:
                    return
                if item.end_index > first:
                    yield _cut(item, first, stop)
            case Mark() | SensorStatus():
                if first <= item.index < stop:
                    yield item
            case _:
                yield item


def _cut(item: SampleBlock | Gap, first: int, stop: int) -> SampleBlock | Gap:
    begin, end = max(item.first_index, first), min(item.end_index, stop)
    if (begin, end) == (item.first_index, item.end_index):
        return item
    if isinstance(item, Gap):
        return Gap(begin, end - begin, item.reason)
    ratio, low, high = item.info.acc_ratio, begin - item.first_index, end - item.first_index
    return SampleBlock(
        item.info, begin, item.emg_counts[low:high], item.acc_counts[low // ratio : high // ratio]
    )
