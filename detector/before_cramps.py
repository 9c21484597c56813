"""The ten minutes before cramps, held against the rest of the same nights so far.

Every cramp is its own control: what went before it is set beside the night before those ten minutes. Nothing here
forecasts a cramp, and a difference is no cause: six people's nights are all that has been published (science.md
section 2).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean, median

from detector.types import Before

SECONDS_PER_HOUR = 3600.0
# Less than this of the night went before the ten minutes: there is nothing to hold them against.
EARLIER_LEAST_S = 600.0


@dataclass(frozen=True, slots=True)
class Measure:
    """What is compared.

    Attributes:
        name: In the order of the report.
        unit: Of both sides.
        before: In the ten minutes before a cramp; None where not known.
        earlier: The same of the night before them.
    """

    name: str
    unit: str
    before: Callable[[Before], float | None]
    earlier: Callable[[Before], float | None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure over all cramps that can be compared.

    Attributes:
        measure: What.
        cramps: How many cramps have both sides.
        before: Mean in the ten minutes before them; None of none.
        earlier: Mean in the nights before.
        difference: Median of the single cramps' differences.
        more: Cramps with more of it before than earlier.
        less: Cramps with less of it.
    """

    measure: Measure
    cramps: int
    before: float | None
    earlier: float | None
    difference: float | None
    more: int
    less: int


def _per_hour(count: int | None, seconds: float) -> float | None:
    return None if count is None or not seconds else count / (seconds / SECONDS_PER_HOUR)


def _moved_s_per_h(share: float | None) -> float | None:
    return None if share is None else share * SECONDS_PER_HOUR


POSTURE = Measure(
    "changes of posture",
    "1/h",
    lambda one: _per_hour(one.turns, one.seen_s),
    lambda one: one.turns_earlier_per_h,
)
MOVEMENT = Measure(
    "movement of the leg",
    "s/h",
    lambda one: _moved_s_per_h(one.moved_share),
    lambda one: _moved_s_per_h(one.moved_share_earlier),
)
TENSION = Measure(
    "tension above twice rest",
    "share of time",
    lambda one: one.tense_share,
    lambda one: one.tense_share_earlier,
)
LAST_MINUTE = Measure(
    "the same, in the last minute",
    "share of time",
    lambda one: one.tense_share_last_minute,
    lambda one: one.tense_share_earlier,
)
MEASURES = (POSTURE, MOVEMENT, TENSION, LAST_MINUTE)


def pairs(measure: Measure, befores: Iterable[Before | None]) -> list[tuple[float, float]]:
    """Return a measure before each cramp and in the night before that, where both sides are known.

    Args:
        measure: Which.
        befores: Of the cramps of one night or of several; None and those too early in a night do not count.
    """
    known = [one for one in befores if one is not None and one.earlier_s >= EARLIER_LEAST_S]
    both = [(measure.before(one), measure.earlier(one)) for one in known]
    return [(now, then) for now, then in both if now is not None and then is not None]


def compared(befores: Iterable[Before | None]) -> tuple[Comparison, ...]:
    """Return a comparison for each of `MEASURES`.

    Args:
        befores: As of `pairs`.
    """
    told = tuple(befores)
    return tuple(_compared(measure, pairs(measure, told)) for measure in MEASURES)


def _compared(measure: Measure, both: list[tuple[float, float]]) -> Comparison:
    if not both:
        return Comparison(measure, 0, None, None, None, 0, 0)
    return Comparison(
        measure,
        len(both),
        fmean(now for now, _ in both),
        fmean(then for _, then in both),
        median(now - then for now, then in both),
        sum(now > then for now, then in both),
        sum(now < then for now, then in both),
    )
