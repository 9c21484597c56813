"""Stretches of time, and the arithmetic that scoring needs of them.

Everything here is pure, and nothing that is passed in is changed. Merging takes the farthest end of all that
it merges: a stretch within another one does not shorten it (the `timescoring` package gets that wrong,
STYLE.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar


class Stretch(Protocol):
    """Anything with a beginning and an end, seconds from the recording's start."""

    @property
    def onset_s(self) -> float:
        """When it begins."""
        ...

    @property
    def end_s(self) -> float:
        """When it is over."""
        ...


Some = TypeVar("Some", bound=Stretch)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time, seconds from the recording's start.

    Raises:
        ValueError: it ends before it begins, or a time is not a number.
    """

    onset_s: float
    end_s: float

    def __post_init__(self) -> None:
        """Refuse a stretch of negative length."""
        if not self.onset_s <= self.end_s:
            raise ValueError(
                f"span: expected an end at or after its onset, got {self.onset_s} to {self.end_s} s"
            )

    @property
    def duration_s(self) -> float:
        """Its length."""
        return self.end_s - self.onset_s


def overlap_s(one: Stretch, other: Stretch) -> float:
    """Return how long both last at the same time."""
    return max(0.0, min(one.end_s, other.end_s) - max(one.onset_s, other.onset_s))


def overlaps(one: Stretch, other: Stretch) -> bool:
    """Tell whether two stretches have time in common.

    Touching is not enough, as in SzCORE; but a moment (of no length) is in common with a stretch that holds
    it, ends included.
    """
    latest, earliest = max(one.onset_s, other.onset_s), min(one.end_s, other.end_s)
    has_moment = one.onset_s == one.end_s or other.onset_s == other.end_s
    return latest <= earliest if has_moment else latest < earliest


def grouped(stretches: Iterable[Some], within_s: float = 0.0) -> list[list[Some]]:
    """Return groups, by onset, of stretches that overlap or lie less than ``within_s`` apart."""
    groups: list[list[Some]] = []
    end_s = 0.0
    for stretch in sorted(stretches, key=lambda s: (s.onset_s, s.end_s)):
        if groups and (stretch.onset_s - end_s < within_s or stretch.onset_s < end_s):
            groups[-1].append(stretch)
            end_s = max(end_s, stretch.end_s)
        else:
            groups.append([stretch])
            end_s = stretch.end_s
    return groups


def hull(stretches: Sequence[Stretch]) -> Span:
    """Return the span from the first onset to the last end.

    Raises:
        ValueError: there is none.
    """
    return Span(min(s.onset_s for s in stretches), max(s.end_s for s in stretches))


def merged(stretches: Iterable[Stretch], within_s: float = 0.0) -> tuple[Span, ...]:
    """Return the time that the stretches cover, with pauses shorter than ``within_s`` filled."""
    return tuple(hull(group) for group in grouped(stretches, within_s))


def common(some: Iterable[Stretch], others: Iterable[Stretch]) -> tuple[Span, ...]:
    """Return the time that is covered by some of both."""
    left, right = merged(some), merged(others)
    shared = []
    i = j = 0
    while i < len(left) and j < len(right):
        onset_s, end_s = max(left[i].onset_s, right[j].onset_s), min(left[i].end_s, right[j].end_s)
        if onset_s < end_s:
            shared.append(Span(onset_s, end_s))
        if left[i].end_s <= right[j].end_s:
            i += 1
        else:
            j += 1
    return tuple(shared)


def without(whole: Stretch, holes: Iterable[Stretch]) -> tuple[Span, ...]:
    """Return what the holes leave of a stretch."""
    left, at_s = [], whole.onset_s
    for hole in merged(holes):
        if at_s < min(hole.onset_s, whole.end_s):
            left.append(Span(at_s, min(hole.onset_s, whole.end_s)))
        at_s = max(at_s, hole.end_s)
    if at_s < whole.end_s:
        left.append(Span(at_s, whole.end_s))
    return tuple(left)


def total_s(stretches: Iterable[Stretch]) -> float:
    """Return how long the stretches last together, what they share counted once."""
    return sum(span.duration_s for span in merged(stretches))
