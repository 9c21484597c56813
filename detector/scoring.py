"""How good the detector is: found, missed and imagined, each figure with its denominator and interval.

Pure functions on frozen labels. The steps: `scoring_labels` (rows to labels), `scoring_matching` (the primary
rule), `scoring_measures` (seconds, confusion, warning), `scoring_szcore` (the second opinion),
`scoring_statistics` (intervals), `scoring_types` (the scores).

    >>> from detector.scoring_labels import Label, LabelledRecording
    >>> truth = (Label(100.0, 160.0, "tonic", "cramp"), Label(900.0, 930.0, "tonic", "cramp"))
    >>> said = (Label(101.0, 158.0, "tonic", "cramp", detected_at_s=108.5),)
    >>> report = score([LabelledRecording("night", "a", truth, said, duration_s=28800.0)])
    >>> cramp = report.targets[0]
    >>> cramp.sensitivity.hits, cramp.sensitivity.of, cramp.latency.median, cramp.false_per_night.value
    (1, 2, 8.5, 0.0)
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from detector.scoring_labels import LabelledRecording
from detector.scoring_matching import PRIMARY, TARGETS, Episode, Matching, Target, match
from detector.scoring_measures import Samples, confusion, sample_agreement, warnings_before
from detector.scoring_statistics import Proportion, Rate, Spread
from detector.scoring_szcore import szcore
from detector.scoring_types import Group, Report, TargetScore, total_or_unknown

# A night, wherever rates are given per night (science.md section 7).
NIGHT_S = 8 * 3600.0
HOUR_S = 3600.0
# Edges between groups of signal-to-noise ratio: 6 dB is a factor of two.
SNR_EDGES_DB = (6.0, 12.0, 18.0, 24.0, 30.0)
SNR_GROUPS = (*(f"below {edge:g} dB" for edge in SNR_EDGES_DB), f"from {SNR_EDGES_DB[-1]:g} dB", "unknown")


def score(
    recordings: Sequence[LabelledRecording], *, targets: Sequence[Target] = TARGETS, ask_faint: bool = False
) -> Report:
    """Score recordings, all together.

    Args:
        recordings: In any order; it does not matter.
        targets: What is looked for.
        ask_faint: Ask for cramps, too, that never reach the level from which they deserve an alarm.
    """
    ordered = tuple(sorted(recordings, key=lambda one: (one.name, one.subject)))
    return Report(
        recordings=ordered,
        targets=tuple(_score_target(ordered, target, ask_faint=ask_faint) for target in targets),
        confusion=confusion(ordered, ask_faint=ask_faint),
        warnings=warnings_before(ordered, ask_faint=ask_faint),
    )


def _score_target(recordings: Sequence[LabelledRecording], target: Target, *, ask_faint: bool) -> TargetScore:
    matchings = [match(recording, target, ask_faint=ask_faint) for recording in recordings]
    hits = [hit for matching in matchings for hit in matching.hits]
    false = sum(len(matching.false) for matching in matchings)
    correct = sum(matching.correct for matching in matchings)
    samples = [sample_agreement(recording, target) for recording in recordings]
    return TargetScore(
        target=target.name,
        rule=target.rule,
        sensitivity=_sensitivity(matchings),
        precision=Proportion(correct, correct + false),
        false=false,
        false_per_night=_rate(
            false, total_or_unknown(recording.duration_s for recording in recordings), NIGHT_S
        ),
        false_per_hour=_rate(
            false, total_or_unknown(recording.monitored_s for recording in recordings), HOUR_S
        ),
        unasked=sum(len(matching.unasked) for matching in matchings),
        faint=sum(matching.faint for matching in matchings),
        latency=Spread.of_values(hit.latency_s for hit in hits),
        onset_error=Spread.of_values(hit.onset_error_s for hit in hits),
        end_error=Spread.of_values(hit.end_error_s for hit in hits),
        samples=sum(samples, Samples(0, 0, 0, 0)),
        # Its merging and tolerances are made for seizures minutes apart, not for leg movements.
        szcore=szcore(recordings, target) if target.rule == PRIMARY else None,
        by_subject=_by_subject(recordings, matchings),
        by_snr=_by_episode(matchings, snr_group),
        by_class=_by_episode(matchings, class_group),
        false_by_class=_false_by_class(matchings),
    )


def _sensitivity(matchings: Sequence[Matching]) -> Proportion:
    found = sum(len(matching.hits) for matching in matchings)
    return Proportion(found, found + sum(len(matching.misses) for matching in matchings))


def _rate(count: int, seconds: float | None, unit_s: float) -> Rate | None:
    return Rate(count, seconds / unit_s) if seconds else None


def _by_subject(recordings: Sequence[LabelledRecording], matchings: Sequence[Matching]) -> tuple[Group, ...]:
    parts: dict[str, list[tuple[LabelledRecording, Matching]]] = {}
    for recording, matching in zip(recordings, matchings, strict=True):
        parts.setdefault(recording.subject, []).append((recording, matching))
    groups = [
        Group(
            subject,
            _sensitivity([matching for _, matching in part]),
            sum(len(matching.false) for _, matching in part),
            total_or_unknown(recording.duration_s for recording, _ in part),
        )
        for subject, part in parts.items()
    ]
    return tuple(sorted(groups, key=_worst_first))


def _worst_first(group: Group) -> tuple[float, float, str]:
    value = group.sensitivity.value
    false = (group.false or 0) / group.duration_s if group.duration_s else float(group.false or 0)
    return (1.0 if value is None else value, -false, group.name)


def snr_group(episode: Episode) -> str:
    """Return the name of an episode's group of signal-to-noise ratio, by its strongest label."""
    known = [label.snr_db for label in episode.members if label.snr_db is not None]
    return SNR_GROUPS[bisect_right(SNR_EDGES_DB, max(known))] if known else SNR_GROUPS[-1]


def class_group(episode: Episode) -> str:
    """Return the finer class of an episode as the name of a group."""
    return episode.finer


def in_order(names: Iterable[str]) -> list[str]:
    """Return names of groups once each: those of signal-to-noise ratio from weak to strong, others by letter."""
    return sorted(set(names), key=lambda name: (SNR_GROUPS.index(name) if name in SNR_GROUPS else 0, name))


def _by_episode(matchings: Iterable[Matching], group: Callable[[Episode], str]) -> tuple[Group, ...]:
    found: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for matching in matchings:
        found.update(group(hit.truth) for hit in matching.hits)
        missed.update(group(episode) for episode in matching.misses)
    names = in_order((*found, *missed))
    return tuple(Group(name, Proportion(found[name], found[name] + missed[name])) for name in names)


def _false_by_class(matchings: Iterable[Matching]) -> dict[str, int]:
    there = Counter(alarm.there for matching in matchings for alarm in matching.false)
    return dict(sorted(there.items(), key=lambda item: (-item[1], item[0])))
