"""The values of leg-movement scoring: a movement, a series, what was watched, and what a night comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from detector.leg_movement_rules import TIMING_S, Rules
from detector.spans import Span, total_s, without

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class LegMovement:
    """One leg movement (LM): of one leg, or of both where the rules make them one.

    Attributes:
        onset_s: When it began, seconds from the recording's start.
        end_s: When it was over.
        legs: Which legs moved, sorted.
        parts: Of how many movements of single legs it consists.
        longest_part_s: Length of the longest of them.
        cut: The signal was lost at its onset, within it or at its end: its true length is unknown.

    Raises:
        ValueError: it ends before it begins.
    """

    onset_s: float
    end_s: float
    legs: tuple[str, ...]
    parts: int
    longest_part_s: float
    cut: bool = False

    def __post_init__(self) -> None:
        """Refuse a movement of negative length."""
        if not self.onset_s <= self.end_s:
            raise ValueError(
                f"leg movement: expected an end after its onset, got {self.onset_s} to {self.end_s} s"
            )

    @classmethod
    def of_one_leg(
        cls, onset_s: float, end_s: float, leg: str = "leg", *, cut: bool = False
    ) -> "LegMovement":
        """Return a movement of a single leg."""
        return cls(onset_s, end_s, (leg,), 1, end_s - onset_s, cut)

    @property
    def duration_s(self) -> float:
        """Its length."""
        return self.end_s - self.onset_s


def is_candidate(movement: LegMovement, rules: Rules) -> bool:
    """Tell whether a movement is a candidate (CLM): one that a periodic series may count.

    WASM 2016: 0.5–10 s on one leg; 0.5–15 s on both, of at most four movements, each of them a candidate
    itself. AASM has no word for it: there it is what makes a leg movement at all. A movement whose length is
    unknown is none (ours).
    """
    longest_s = rules.longest_s if movement.parts == 1 else rules.longest_bilateral_s
    return (
        not movement.cut
        and rules.shortest_s - TIMING_S <= movement.duration_s <= longest_s + TIMING_S
        and movement.longest_part_s <= rules.longest_s + TIMING_S
        and movement.parts <= rules.most_parts
    )


@dataclass(frozen=True, slots=True)
class Series:
    """A run of periodic leg movements (PLM), in order."""

    movements: tuple[LegMovement, ...]

    @property
    def onset_s(self) -> float:
        """Onset of the first."""
        return self.movements[0].onset_s

    @property
    def end_s(self) -> float:
        """End of the last."""
        return self.movements[-1].end_s

    @property
    def intervals_s(self) -> tuple[float, ...]:
        """From onset to onset."""
        onsets = [movement.onset_s for movement in self.movements]
        return tuple(after - before for before, after in pairwise(onsets))


@dataclass(frozen=True, slots=True)
class Watched:
    """How long a recording of one leg is, and when nothing could be seen in it.

    Raises:
        ValueError: its length is negative.
    """

    duration_s: float
    blind: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a recording of negative length."""
        if not self.duration_s >= 0:
            raise ValueError(f"watched: expected a length of 0 s or more, got {self.duration_s} s")

    @property
    def seen(self) -> tuple[Span, ...]:
        """The stretches in which the leg could be seen."""
        return without(Span(0.0, self.duration_s), self.blind)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a night's leg movements come to, each figure with what it is out of.

    Attributes:
        rules: Name of the rules that were applied.
        amplitude: Name of the amplitude rule; empty where intervals were scored.
        movements: All leg movements, in order; of both legs where the rules join them.
        candidates: Those that are candidates (CLM).
        series: Runs of periodic movements (PLM).
        short_intervals: Candidates outside series that follow another one too soon (WASM reports them apart).
        intervals: How many intervals between neighbouring candidates are known.
        seen: When at least one leg could be seen: the denominator of the rates.
        leg_monitored_h: Hours in which each leg could be seen.
        asleep_h: Hours of sleep within the monitored time; None where nobody said when the sleeper slept.
        plms: Periodic movements that began in sleep; likewise.
    """

    rules: str
    amplitude: str
    movements: tuple[LegMovement, ...]
    candidates: tuple[LegMovement, ...]
    series: tuple[Series, ...]
    short_intervals: int
    intervals: int
    seen: tuple[Span, ...]
    leg_monitored_h: Mapping[str, float]
    asleep_h: float | None = None
    plms: int | None = None

    @property
    def monitored_h(self) -> float:
        """Hours in which at least one leg could be seen."""
        return total_s(self.seen) / SECONDS_PER_HOUR

    @property
    def plm(self) -> int:
        """How many periodic leg movements."""
        return sum(len(run.movements) for run in self.series)

    @property
    def isolated(self) -> int:
        """Candidates that are neither periodic nor too close to the one before."""
        return len(self.candidates) - self.plm - self.short_intervals

    @property
    def plm_per_h(self) -> float | None:
        """PLM index: periodic movements per monitored hour; None where nothing was monitored."""
        return _per(self.plm, self.monitored_h)

    @property
    def candidates_per_h(self) -> float | None:
        """Candidates per monitored hour."""
        return _per(len(self.candidates), self.monitored_h)

    @property
    def plms_per_h(self) -> float | None:
        """PLMS index: periodic movements that began in sleep per hour of it; None where sleep is unknown."""
        return None if self.plms is None or self.asleep_h is None else _per(self.plms, self.asleep_h)

    @property
    def mean_plm_duration_s(self) -> float | None:
        """Mean length of the periodic movements."""
        return _per(sum(m.duration_s for run in self.series for m in run.movements), self.plm)

    @property
    def periodicity(self) -> float | None:
        """Share of all known intervals that lie in series (after Ferri et al., Sleep 29 (2006) 759–769)."""
        return _per(sum(len(run.intervals_s) for run in self.series), self.intervals)


def _per(count: float, of: float) -> float | None:
    return count / of if of > 0 else None
