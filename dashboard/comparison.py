"""Two opinions of one night, side by side: what both say, what one alone says, and how far they agree. Pure.

Neither side is the truth. Spans are paired by their overlap, the longest first, each once; the agreement beyond
chance is Cohen's kappa over seconds (Cohen 1960). What one side was never asked about counts for neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from statistics import median
from typing import Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["both", "differ", "first", "second"]
# Nothing, cramp, spasm: what a second may be called.
_CALLED = ("", "cramp", "spasm")


@dataclass(frozen=True, slots=True)
class Said:
    """A span that one side speaks of: from when to when, in seconds, and what it calls it, ``cramp`` or ``spasm``."""

    start: float
    end: float
    what: str


@dataclass(frozen=True, slots=True)
class Row:
    """A pair, or what one side alone says.

    Attributes:
        kind: Whether both say it, differ in what it is, or which side alone says it.
        first: What the first side says; None for nothing.
        second: Likewise.
    """

    kind: Kind
    first: Said | None
    second: Said | None

    @property
    def start(self) -> float:
        """When the earlier one begins."""
        return min(one.start for one in (self.first, self.second) if one)

    @property
    def end(self) -> float:
        """When the later one ends."""
        return max(one.end for one in (self.first, self.second) if one)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two opinions of one night.

    Attributes:
        rows: By start.
        kappa: Agreement beyond chance, second by second; None where both call all of them one and the same, or none was
            judged.
        onset_difference_s: Median of how far apart the onsets of pairs lie; None without pairs.
    """

    rows: tuple[Row, ...]
    kappa: float | None
    onset_difference_s: float | None

    def count(self, kind: Kind) -> int:
        """Return how many rows are of a kind."""
        return sum(row.kind == kind for row in self.rows)

    @property
    def f1(self) -> float | None:
        """Share of spans that both name alike, of all that either names; None without any."""
        named = 2 * (self.count("both") + self.count("differ")) + self.count("first") + self.count("second")
        return 2 * self.count("both") / named if named else None


def compare(
    first: Iterable[Said],
    second: Iterable[Said],
    unasked: Sequence[tuple[float, float]],
    span: tuple[float, float],
) -> Comparison:
    """Return how two sides compare.

    Args:
        first: What one says.
        second: What the other says.
        unasked: Spans that one of them was never asked about.
        span: The night, from when to when.
    """
    ours, theirs = ([one for one in side if not _touches(one, unasked)] for side in (first, second))
    pairs = _paired(ours, theirs)
    paired_first, paired_second = {a for a, _ in pairs}, {b for _, b in pairs}
    rows = [Row("both" if ours[a].what == theirs[b].what else "differ", ours[a], theirs[b]) for a, b in pairs]
    rows += [Row("first", one, None) for at, one in enumerate(ours) if at not in paired_first]
    rows += [Row("second", None, one) for at, one in enumerate(theirs) if at not in paired_second]
    rows.sort(key=lambda row: (row.start, row.end))
    apart = [abs(ours[a].start - theirs[b].start) for a, b in pairs]
    grids = [_seconds(side, span) for side in (ours, theirs)]
    judged = _seconds([Said(a, b, "cramp") for a, b in unasked], span) == 0
    return Comparison(
        tuple(rows), kappa(grids[0][judged], grids[1][judged]), median(apart) if apart else None
    )


def kappa(first: npt.NDArray[np.int8], second: npt.NDArray[np.int8]) -> float | None:
    """Return Cohen's kappa of two sequences of categories; None where chance alone explains all of it."""
    if not len(first):
        return None
    agreed = float(np.mean(first == second))
    shares = [[float(np.mean(side == called)) for called in range(len(_CALLED))] for side in (first, second)]
    by_chance = sum(a * b for a, b in zip(*shares, strict=True))
    return None if by_chance >= 1 else (agreed - by_chance) / (1 - by_chance)


def _touches(one: Said, spans: Iterable[tuple[float, float]]) -> bool:
    return any(start < one.end and one.start < end for start, end in spans)


def _paired(first: Sequence[Said], second: Sequence[Said]) -> list[tuple[int, int]]:
    """Return pairs of places, the longest overlap first, each place once."""
    common = [
        (min(one.end, other.end) - max(one.start, other.start), a, b)
        for a, one in enumerate(first)
        for b, other in enumerate(second)
        if one.start < other.end and other.start < one.end
    ]
    pairs: list[tuple[int, int]] = []
    for _, a, b in sorted(common, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if all(a != known and b != other for known, other in pairs):
            pairs.append((a, b))
    return pairs


def _seconds(side: Iterable[Said], span: tuple[float, float]) -> npt.NDArray[np.int8]:
    """Return what each second of the night is called."""
    called = np.zeros(max(0, ceil(span[1] - span[0])), np.int8)
    for one in side:
        # Half a second counts up, always: Python's round() goes to the even one.
        begin, end = (max(0, floor(at - span[0] + 0.5)) for at in (one.start, one.end))
        called[begin:end] = _CALLED.index(one.what)
    return called
