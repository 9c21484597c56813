"""Measures beside hits and misses: seconds in common, tonic taken for clonic, and warning before a cramp."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from detector.scoring_labels import Label, LabelledRecording
from detector.scoring_matching import ALARM, CLONIC, CRAMP, PRIMARY, Target, episodes
from detector.scoring_statistics import Proportion, Spread
from detector.spans import overlap_s, overlaps

# Families of verdicts, for the confusion matrix.
TONIC, RHYTHMIC, NEITHER = "tonic", "clonic", "neither"
FAMILIES = dict.fromkeys(CRAMP.alerts, TONIC) | dict.fromkeys(CLONIC.alerts, RHYTHMIC)
# A rise in tension announces a cramp that follows within this time, seconds: as long as the detector looks
# back.
HORIZON_S = 600.0


def share(part: float, of: float) -> float | None:
    """Return a share; None of nothing."""
    return part / of if of else None


@dataclass(frozen=True, slots=True)
class Samples:
    """Agreement second by second, at 1 Hz as in SzCORE.

    Attributes:
        both: Seconds that truth and hypothesis label.
        truth: Seconds that the truth labels.
        hypothesis: Seconds that the hypothesis labels.
        seconds: Seconds in all.
    """

    both: int
    truth: int
    hypothesis: int
    seconds: int

    def __add__(self, other: "Samples") -> "Samples":
        """Return both together."""
        return Samples(
            self.both + other.both,
            self.truth + other.truth,
            self.hypothesis + other.hypothesis,
            self.seconds + other.seconds,
        )

    @property
    def sensitivity(self) -> float | None:
        """Share of the true seconds that were found."""
        return share(self.both, self.truth)

    @property
    def precision(self) -> float | None:
        """Share of the found seconds that are true."""
        return share(self.both, self.hypothesis)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two; None where nothing is labelled on either side."""
        return share(2.0 * self.both, self.truth + self.hypothesis)


def sample_agreement(recording: LabelledRecording, target: Target) -> Samples:
    """Return how many seconds of the target truth and hypothesis share. Labels are rounded to whole seconds."""
    seconds = ceil(recording.extent_s)
    truth = _mask(filter(target.wants, recording.truth), seconds)
    hypothesis = _mask(filter(target.wants, recording.hypothesis), seconds)
    return Samples(int((truth & hypothesis).sum()), int(truth.sum()), int(hypothesis.sum()), seconds)


def _mask(labels: Iterable[Label], seconds: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros(seconds, np.bool_)
    for label in labels:
        mask[_nearest(label.onset_s) : _nearest(label.end_s)] = True
    return mask


def _nearest(time_s: float) -> int:
    # Half a second counts up, always: Python's round() goes to the even one.
    return floor(time_s + 0.5)


@dataclass(frozen=True, slots=True)
class Confusion:
    """What true contractions were called: (truth, verdict) to how many; verdicts tonic, clonic, neither."""

    counts: Mapping[tuple[str, str], int]

    @property
    def confused(self) -> Proportion:
        """Tonic called clonic or the reverse, of all that got a verdict."""
        decided = sum(count for (_, verdict), count in self.counts.items() if verdict != NEITHER)
        right = sum(count for (truth, verdict), count in self.counts.items() if truth == verdict)
        return Proportion(decided - right, decided)


def confusion(recordings: Iterable[LabelledRecording], *, ask_faint: bool = False) -> Confusion:
    """Return what every contraction that deserves an alarm was called.

    Of several verdicts the one with the longest overlap counts, or the nearest where they only lie within the
    primary rule's tolerance.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for recording in recordings:
        verdicts = [label for label in recording.hypothesis if ALARM.wants(label)]
        for label in filter(ALARM.wants, recording.truth):
            if ask_faint or not label.is_faint:
                counts[FAMILIES[label.alert], _called(label, verdicts)] += 1
    return Confusion({key: counts[key] for key in sorted(counts)})


def _called(label: Label, verdicts: Sequence[Label]) -> str:
    window = PRIMARY.extended(label)
    near = [one for one in verdicts if overlaps(one, window)]
    if not near:
        return NEITHER
    best = max(near, key=lambda one: (overlap_s(one, label), -abs(one.onset_s - label.onset_s)))
    return FAMILIES[best.alert]


@dataclass(frozen=True, slots=True)
class Warnings:
    """What rises in tension (experimental) were worth. A rise announces the next cramp, and no later one.

    Attributes:
        announced: Cramps that a rise preceded by at most ten minutes, of all asked for.
        lead: From the last such rise to the cramp, seconds.
        idle: Rises that no cramp followed, of all.
    """

    announced: Proportion
    lead: Spread
    idle: Proportion


def warnings_before(recordings: Iterable[LabelledRecording], *, ask_faint: bool = False) -> Warnings:
    """Return how often, and how long before, a rise in tension announced a cramp."""
    leads: list[float] = []
    cramps, rises, idle = 0, 0, 0
    for recording in recordings:
        asked = [one for one in recording.truth if CRAMP.wants(one) and (ask_faint or not one.is_faint)]
        onsets = [cramp.onset_s for cramp in episodes(asked, CRAMP.rule.merge_s)]
        said = [_said_at(label) for label in recording.hypothesis if label.kind == "tension_rise"]
        announced: dict[float, float] = {}
        for at in sorted(said):
            following = min((onset for onset in onsets if onset > at), default=None)
            if following is not None and following - at <= HORIZON_S:
                announced[following] = following - at
            else:
                idle += 1
        leads += announced.values()
        cramps, rises = cramps + len(onsets), rises + len(said)
    return Warnings(Proportion(len(leads), cramps), Spread.of_values(leads), Proportion(idle, rises))


def _said_at(label: Label) -> float:
    return label.onset_s if label.detected_at_s is None else label.detected_at_s
