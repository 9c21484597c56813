"""What was found, missed and imagined: labels of the truth against labels of the hypothesis.

The primary rule (science.md section 7): any overlap with the truth extended by 5 s before and 10 s after;
labels less than 10 s apart are merged on both sides; long ones are not split. SzCORE's 90 s would fuse
movements of one series.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detector.scoring_labels import Label, LabelledRecording
from detector.spans import Some, Span, Stretch, grouped, hull, overlap_s, overlaps

# What a false alarm is called that no row of the truth explains.
NOTHING = "nothing there"


@dataclass(frozen=True, slots=True)
class Rule:
    """How near is near enough.

    Attributes:
        before_s: The truth counts from so long before its onset …
        after_s: … until so long after its end.
        merge_s: Labels less than this apart are one.
    """

    before_s: float
    after_s: float
    merge_s: float

    def extended(self, truth: Stretch) -> Span:
        """Return the time in which a label finds this one."""
        return Span(max(0.0, truth.onset_s - self.before_s), truth.end_s + self.after_s)


PRIMARY = Rule(before_s=5.0, after_s=10.0, merge_s=10.0)
# Leg movements follow each other every few seconds: nothing is merged, and only what touches counts.
CLOSE = Rule(before_s=0.5, after_s=0.5, merge_s=0.0)


@dataclass(frozen=True, slots=True)
class Target:
    """What is looked for.

    Attributes:
        name: For reports.
        alerts: Verdicts that count; empty: kinds do.
        kinds: Kinds that count; with ``alerts``: kinds that may be found without being asked for.
        rule: How they are matched.
        unasked: Classes of the truth that are found rightly, though too short for the verdict to be asked
            for.
    """

    name: str
    alerts: frozenset[str]
    kinds: frozenset[str]
    rule: Rule
    unasked: frozenset[str] = frozenset()
    least_s: float = 0.0

    def wants(self, label: Label) -> bool:
        """Tell whether a label is of what is looked for."""
        is_kind = label.alert in self.alerts if self.alerts else label.kind in self.kinds
        return is_kind and label.end_s - label.onset_s >= self.least_s


_CRAMPS = frozenset({"cramp"})
_CLONIC = frozenset({"clonic", "clonus", "tonic_clonic.clonic"})
CRAMP = Target("cramp", frozenset({"cramp"}), frozenset({"tonic"}), PRIMARY, _CRAMPS)
CLONIC = Target("clonic", frozenset({"clonic", "tonic_clonic"}), frozenset({"clonic"}), PRIMARY, _CLONIC)
ALARM = Target(
    "any alarm", CRAMP.alerts | CLONIC.alerts, frozenset({"tonic", "clonic"}), PRIMARY, _CRAMPS | _CLONIC
)
# WASM 2016: what is shorter than half a second is no leg movement but a twitch. Times carry three decimals.
SHORTEST_MOVEMENT_S = 0.4995
LEG_MOVEMENT = Target(
    "leg movement", frozenset(), frozenset({"leg_movement"}), CLOSE, least_s=SHORTEST_MOVEMENT_S
)
TARGETS = (CRAMP, CLONIC, ALARM, LEG_MOVEMENT)


@dataclass(frozen=True, slots=True)
class Episode:
    """Labels that count as one; ``members`` by onset."""

    members: tuple[Label, ...]
    span: Span

    @property
    def onset_s(self) -> float:
        """When the first begins."""
        return self.span.onset_s

    @property
    def end_s(self) -> float:
        """When the last is over."""
        return self.span.end_s

    @property
    def finer(self) -> str:
        """Class of the longest member."""
        return max(self.members, key=lambda label: label.end_s - label.onset_s).finer


def episodes(labels: Iterable[Label], merge_s: float) -> tuple[Episode, ...]:
    """Return the labels, by onset, with those less than ``merge_s`` apart as one."""
    return tuple(Episode(tuple(group), hull(group)) for group in grouped(labels, merge_s))


@dataclass(frozen=True, slots=True)
class Hit:
    """A true episode that was found, and all that found it, by onset."""

    truth: Episode
    found: tuple[Episode, ...]
    extended: Span

    @property
    def detected_at_s(self) -> float | None:
        """When the first verdict on it stood; None where nobody noted it."""
        near = [one for by in self.found for one in by.members if overlaps(one, self.extended)]
        return min((one.detected_at_s for one in near if one.detected_at_s is not None), default=None)

    @property
    def latency_s(self) -> float | None:
        """From the true onset to the first verdict; negative where the verdict came before."""
        return None if self.detected_at_s is None else self.detected_at_s - self.truth.onset_s

    @property
    def onset_error_s(self) -> float:
        """Found onset less true onset."""
        return self.found[0].onset_s - self.truth.onset_s

    @property
    def end_error_s(self) -> float:
        """Found end less true end."""
        return max(episode.end_s for episode in self.found) - self.truth.end_s


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """Something was said where it is not true; ``there`` is the class of what truly lies there."""

    episode: Episode
    there: str


@dataclass(frozen=True, slots=True)
class Matching:
    """What came of one recording and one target.

    Attributes:
        hits: Asked for, and found.
        misses: Asked for, and not found.
        false: Found, and not true.
        unasked: Found rightly, though nobody asked: too faint or too short for the verdict to be asked for.
        faint: How many of the truth's own were not asked for.
        correct: How many found episodes belong to hits.
    """

    hits: tuple[Hit, ...]
    misses: tuple[Episode, ...]
    false: tuple[FalseAlarm, ...]
    unasked: tuple[Episode, ...]
    faint: int
    correct: int


def match(recording: LabelledRecording, target: Target, *, ask_faint: bool = False) -> Matching:
    """Return what of the target was found in a recording.

    The site of a label plays no part: an alarm wakes a person, whichever of the two legs it was on.

    Args:
        recording: Truth and hypothesis.
        target: What is looked for.
        ask_faint: Ask for cramps, too, that never reach the level from which they deserve an alarm.
    """
    rule = target.rule
    wanted = [label for label in recording.truth if target.wants(label)]
    asked = [label for label in wanted if ask_faint or not label.is_faint]
    true = episodes(asked, rule.merge_s)
    found = episodes(filter(target.wants, recording.hypothesis), rule.merge_s)
    by_truth = [(one, extended, _overlapping(found, extended)) for one, extended in _extended(true, rule)]
    hits = [Hit(one, by, extended) for one, extended, by in by_truth if by]
    right = {one for hit in hits for one in hit.found}
    other = [extended for _, extended in _extended(_unasked(recording.truth, target, asked), rule)]
    rest = [one for one in found if one not in right]
    unasked = [one for one in rest if any(overlaps(one, span) for span in other)]
    return Matching(
        hits=tuple(hits),
        misses=tuple(one for one, _, by in by_truth if not by),
        false=tuple(FalseAlarm(one, lies_there(one, recording.truth)) for one in rest if one not in unasked),
        unasked=tuple(unasked),
        faint=len(wanted) - len(asked),
        correct=len(right),
    )


def _extended(stretches: Iterable[Some], rule: Rule) -> list[tuple[Some, Span]]:
    return [(one, rule.extended(one)) for one in stretches]


def _overlapping(apart: Sequence[Episode], span: Span) -> tuple[Episode, ...]:
    """Return those of some episodes, by onset and without overlap, that have time in common with a span."""
    first = bisect_left(apart, span.onset_s, key=lambda one: one.end_s)
    after = bisect_right(apart, span.end_s, key=lambda one: one.onset_s)
    return tuple(one for one in apart[first:after] if overlaps(one, span))


def _unasked(truth: Sequence[Label], target: Target, asked: Sequence[Label]) -> list[Label]:
    """Return labels on which a verdict is right without being asked for.

    They are faint cramps, contractions too short for the verdict, and phases of a sequence that deserves an
    alarm.
    """
    asked_for = set(asked)
    alarming = {label.sequence for label in truth if label.sequence and label.alert != "none"}
    return [
        label
        for label in truth
        if label not in asked_for
        and (target.wants(label) or label.name in target.unasked or _is_phase(label, target, alarming))
    ]


def _is_phase(label: Label, target: Target, alarming: set[str]) -> bool:
    return bool(target.alerts) and label.sequence in alarming and label.kind in target.kinds


def lies_there(found: Episode, truth: Sequence[Label]) -> str:
    """Return the class of what truly lies under a label: most of it, or else just before it (its tail is one)."""
    near = [label for label in truth if overlaps(PRIMARY.extended(label), found)]
    if not near:
        return NOTHING
    return max(near, key=lambda label: (overlap_s(label, found), -abs(label.onset_s - found.onset_s))).finer
