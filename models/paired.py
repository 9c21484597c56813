"""Two detectors on the same nights: figures beside each other, their difference, and who found what the other missed.

Events of one person are alike, so an interval comes from drawing people (not events) with replacement, both
detectors' counts of a person together: the paired percentile bootstrap (Efron & Tibshirani 1993, chapter 13). What
both were asked for is also counted one by one, as McNemar (1947) does, with the exact binomial test.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detector.scoring import NIGHT_S
from detector.scoring_labels import LabelledRecording
from detector.scoring_matching import CLONIC, CRAMP, Target, match
from detector.scoring_measures import confusion
from detector.scoring_statistics import HIGH_TAIL, LOW_TAIL

Reals = npt.NDArray[np.float64]

# Enough for two digits of an interval's ends; the same seed gives the same interval.
DRAWS, SEED = 4000, 20_260_101
# People of whom an interval can be drawn at all.
LEAST_PEOPLE = 2


class Counted(NamedTuple):
    """So many of so many, or in so many nights."""

    events: float
    of: float

    @property
    def value(self) -> float | None:
        """Events over of; None of nothing."""
        return self.events / self.of if self.of else None


def _found(target: Target) -> Callable[[LabelledRecording], Counted]:
    def counted(recording: LabelledRecording) -> Counted:
        matching = match(recording, target)
        return Counted(len(matching.hits), len(matching.hits) + len(matching.misses))

    return counted


def _false(target: Target) -> Callable[[LabelledRecording], Counted]:
    return lambda recording: Counted(len(match(recording, target).false), recording.extent_s / NIGHT_S)


def _confused(recording: LabelledRecording) -> Counted:
    share = confusion([recording]).confused
    return Counted(share.hits, share.of)


# By name, with what is better: 1 more, -1 less.
FIGURES: Mapping[str, tuple[Callable[[LabelledRecording], Counted], int]] = {
    "cramps_found": (_found(CRAMP), 1),
    "clonic_found": (_found(CLONIC), 1),
    "confused": (_confused, -1),
    "false_cramps_per_night": (_false(CRAMP), -1),
    "false_clonic_per_night": (_false(CLONIC), -1),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of both, and how they differ.

    Attributes:
        figure: Name in `FIGURES`.
        first: Of the first.
        second: Of the second.
        difference: Second less first; None where one is unknown.
        interval: 95 %, of the difference; None where there are too few people, or all are alike.
        people: How many were drawn from.
    """

    figure: str
    first: Counted
    second: Counted
    difference: float | None
    interval: tuple[float, float] | None
    people: int


@dataclass(frozen=True, slots=True)
class Discordant:
    """What was asked for, one by one: found by both, by one alone, by neither.

    Attributes:
        target: What is looked for.
        both: Found by both.
        first_only: Found by the first alone.
        second_only: Found by the second alone.
        neither: Found by neither.
    """

    target: str
    both: int
    first_only: int
    second_only: int
    neither: int

    @property
    def p(self) -> float:
        """Two-sided exact probability of a split as uneven, were both equally good; 1 where they never differ."""
        differ = self.first_only + self.second_only
        fewer = min(self.first_only, self.second_only)
        return min(1.0, 2.0 * sum(comb(differ, k) for k in range(fewer + 1)) / 2.0**differ)


def compared(first: Sequence[LabelledRecording], second: Sequence[LabelledRecording]) -> Iterator[Compared]:
    """Yield each figure of two detectors on the same recordings.

    Args:
        first: What the first said.
        second: What the second said of the same recordings, in the same order.

    Raises:
        ValueError: the recordings are not the same.
    """
    _refuse_others(first, second)
    people = sorted({one.subject for one in first})
    for name, (count, _) in FIGURES.items():
        parts = np.zeros((len(people), 4))
        for one, other in zip(first, second, strict=True):
            parts[people.index(one.subject)] += (*count(one), *count(other))
        totals = parts.sum(axis=0)
        one_side, other_side = Counted(*totals[:2].tolist()), Counted(*totals[2:].tolist())
        known = one_side.value is not None and other_side.value is not None
        difference = float(_difference(totals[None])[0]) if known else None
        yield Compared(
            name, one_side, other_side, difference, drawn_interval(parts, _difference), len(people)
        )


def _difference(sums: Reals) -> Reals:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sums[:, 2] / sums[:, 3] - sums[:, 0] / sums[:, 1], np.float64)


def ratio_of(sums: Reals) -> Reals:
    """Return events over of, of ``[draws, 2]`` sums; NaN of nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sums[:, 0] / sums[:, 1], np.float64)


def drawn_interval(parts: Reals, statistic: Callable[[Reals], Reals]) -> tuple[float, float] | None:
    """Return the 95 % interval of a statistic of sums, by drawing rows with replacement.

    None of too few rows, or where all draws are alike.

    Args:
        parts: ``[people, count]``.
        statistic: Of ``[draws, count]`` sums; NaN where a draw says nothing.
    """
    if len(parts) < LEAST_PEOPLE:
        return None
    rng = np.random.default_rng(SEED)
    times = rng.multinomial(len(parts), np.full(len(parts), 1.0 / len(parts)), size=DRAWS)
    values = statistic(times @ parts)
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    low, high = np.quantile(values, (LOW_TAIL, HIGH_TAIL)).tolist()
    # Where all people are alike (nobody had a false alarm), drawing them says nothing about the next one.
    return None if low == high else (low, high)


def discordant(
    first: Sequence[LabelledRecording], second: Sequence[LabelledRecording]
) -> Iterator[Discordant]:
    """Yield for cramps and clonic runs who found what was asked for.

    Raises:
        ValueError: the recordings are not the same.
    """
    _refuse_others(first, second)
    for target in (CRAMP, CLONIC):
        asked, by_first = _asked_and_found(first, target)
        _, by_second = _asked_and_found(second, target)
        yield Discordant(
            target.name,
            len(by_first & by_second),
            len(by_first - by_second),
            len(by_second - by_first),
            len(asked - by_first - by_second),
        )


def _asked_and_found(
    recordings: Sequence[LabelledRecording], target: Target
) -> tuple[set[tuple[str, float]], set[tuple[str, float]]]:
    asked, found = set(), set()
    for recording in recordings:
        matching = match(recording, target)
        hits = {(recording.name, hit.truth.onset_s) for hit in matching.hits}
        found |= hits
        asked |= hits | {(recording.name, miss.onset_s) for miss in matching.misses}
    return asked, found


def _refuse_others(first: Sequence[LabelledRecording], second: Sequence[LabelledRecording]) -> None:
    if [(one.name, one.truth) for one in first] != [(one.name, one.truth) for one in second]:
        raise ValueError("comparison: expected the same recordings with the same labels, in the same order")
