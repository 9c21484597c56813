"""From the movements of single legs to those of the sleeper, and from these to periodic series."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from detector.leg_movement_rules import TIMING_S, WASM_2016, Rules
from detector.leg_movement_types import LegMovement, Series, is_candidate
from detector.spans import Span, grouped, overlap_s


def join_legs(legs: Mapping[str, Sequence[LegMovement]], rules: Rules = WASM_2016) -> tuple[LegMovement, ...]:
    """Return the movements of all legs in order, those that the rules count as one joined.

    - WASM 2016, appendix 1: movements that overlap, or with less than 0.5 s between the end of one and the
      onset of the other, are one; this goes on from movement to movement. On a single leg they are one
      movement, not two parts.
    - AASM: movements of two different legs with less than 5 s between their onsets are one. We count from the
      first onset, so that a chain does not grow for ever; movements of a single leg stay apart.

    What is shorter than the rules' shortest movement, once joined on its leg, is left out.
    """
    single = [
        movement for leg, movements in legs.items() for movement in _join_one_leg(leg, movements, rules)
    ]
    if rules.join_from_end:
        groups = grouped(single, rules.join_s - TIMING_S)
    else:
        groups = _grouped_by_onset(single, rules.join_s - TIMING_S)
    return tuple(_as_one(group) for group in groups)


def _join_one_leg(leg: str, movements: Sequence[LegMovement], rules: Rules) -> Iterable[LegMovement]:
    for group in grouped(movements, rules.join_s - TIMING_S if rules.join_from_end else 0.0):
        onset_s, end_s = group[0].onset_s, max(movement.end_s for movement in group)
        if end_s - onset_s >= rules.shortest_s - TIMING_S:
            yield LegMovement.of_one_leg(onset_s, end_s, leg, cut=any(movement.cut for movement in group))


def _grouped_by_onset(movements: Iterable[LegMovement], within_s: float) -> list[list[LegMovement]]:
    groups: list[list[LegMovement]] = []
    waiting = sorted(movements, key=lambda m: (m.onset_s, m.end_s))
    while waiting:
        near = [m for m in waiting if m.onset_s - waiting[0].onset_s < within_s]
        group = near if len({m.legs for m in near}) > 1 else near[:1]
        groups.append(group)
        waiting = waiting[len(group) :]
    return groups


def _as_one(group: Sequence[LegMovement]) -> LegMovement:
    return LegMovement(
        onset_s=group[0].onset_s,
        end_s=max(movement.end_s for movement in group),
        legs=tuple(sorted({leg for movement in group for leg in movement.legs})),
        parts=len(group),
        longest_part_s=max(movement.longest_part_s for movement in group),
        cut=any(movement.cut for movement in group),
    )


@dataclass(frozen=True, slots=True)
class Runs:
    """What the order of the movements shows.

    Attributes:
        series: Runs of periodic leg movements.
        short_intervals: Candidates outside series that follow the one before too soon.
        intervals: Known intervals between neighbouring candidates.
    """

    series: tuple[Series, ...]
    short_intervals: int
    intervals: int


class _Runner:
    """Collects runs, movement by movement."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._run: list[LegMovement] = []
        self._series: list[Series] = []
        self._too_soon: list[LegMovement] = []
        self._intervals = 0
        self.last: LegMovement | None = None

    def end_run(self) -> None:
        """Close the run that was open; what follows begins another."""
        if len(self._run) >= self._rules.fewest:
            self._series.append(Series(tuple(self._run)))
        self._run = []
        self.last = None

    def take(self, movement: LegMovement) -> None:
        """Take a candidate."""
        if self.last is not None:
            interval_s = movement.onset_s - self.last.onset_s
            self._intervals += 1
            if interval_s < self._rules.shortest_interval_s - TIMING_S:
                self._too_soon.append(movement)
                if not self._rules.interruptible:
                    return
                self.end_run()
            elif interval_s > self._rules.longest_interval_s + TIMING_S:
                self.end_run()
        self._run.append(movement)
        self.last = movement

    def finish(self) -> Runs:
        """Return what was found."""
        self.end_run()
        periodic = {movement for run in self._series for movement in run.movements}
        return Runs(tuple(self._series), len(set(self._too_soon) - periodic), self._intervals)


def find_series(
    movements: Sequence[LegMovement], rules: Rules = WASM_2016, blind: Sequence[Span] = ()
) -> Runs:
    """Return the series of periodic leg movements among the movements of a sleeper, in order of onset.

    - At least four candidates in a row, from onset to onset 10–90 s (WASM 2016) or 5–90 s (AASM), both ends
      included.
    - WASM 2016: a run ends at an interval below 10 s or above 90 s, and at a movement that is no candidate;
      to and from such a movement there is no interval. The candidate after a short interval may begin the
      next run, as in the program of one of the standard's authors (PLMScoRe); others read the text so that it
      may not.
    - AASM says nothing of what comes between: as most scorers do, we pass over a movement that follows within
      5 s and one that is longer than 10 s, and measure on from the last that counted.
    - Ours: a run ends where the signal was lost for 0.5 s or more, since a movement may hide there, and at a
      movement whose length is unknown.

    Args:
        movements: Joined, in order of onset.
        rules: The standard.
        blind: When nothing could be seen.
    """
    runner = _Runner(rules)
    for movement in movements:
        if runner.last is not None and _was_lost(runner.last, movement, blind, rules.shortest_s):
            runner.end_run()
        if is_candidate(movement, rules):
            runner.take(movement)
        elif movement.cut or rules.interruptible:
            runner.end_run()
    return runner.finish()


def _was_lost(before: LegMovement, after: LegMovement, blind: Sequence[Span], least_s: float) -> bool:
    between = Span(before.onset_s, max(before.onset_s, after.onset_s))
    return any(overlap_s(between, span) >= least_s - TIMING_S for span in blind)
