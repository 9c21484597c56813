"""What scoring returns: one score a target, and the report over all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detector.scoring_labels import LabelledRecording
from detector.scoring_matching import Rule
from detector.scoring_measures import Confusion, Samples, Warnings, share
from detector.scoring_statistics import Proportion, Rate, Spread
from detector.scoring_szcore import Szcore


def total_or_unknown(values: Iterable[float | None]) -> float | None:
    """Return a sum; None where a part of it is unknown."""
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return total


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the recordings or episodes, such as one subject.

    Attributes:
        name: Which part.
        sensitivity: Found, of those asked for.
        false: False alarms; None where they cannot belong to one part.
        duration_s: Recorded time in it; None where unknown, or likewise.
    """

    name: str
    sensitivity: Proportion
    false: int | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class TargetScore:
    """All scores of one target.

    Attributes:
        target: Its name.
        rule: How labels were matched.
        sensitivity: Found, of those asked for.
        precision: True, of those found; what nobody asked for is on neither side.
        false: False alarms.
        false_per_night: Per 8 h of recording; None where a length is unknown.
        false_per_hour: Per hour that the hypothesis did not call artefact; likewise.
        unasked: Found rightly without being asked for.
        faint: In the truth, but too faint to be asked for.
        latency: From true onset to verdict, seconds; negative: before.
        onset_error: Found onset less true onset, seconds.
        end_error: Found end less true end, seconds.
        samples: Agreement second by second.
        szcore: SzCORE's score; None where its package is not installed.
        by_subject: Worst first.
        by_snr: Weakest first; the last for those of unknown strength.
        by_class: By finer class of the truth.
        false_by_class: What truly lay under the false alarms.
    """

    target: str
    rule: Rule
    sensitivity: Proportion
    precision: Proportion
    false: int
    false_per_night: Rate | None
    false_per_hour: Rate | None
    unasked: int
    faint: int
    latency: Spread
    onset_error: Spread
    end_error: Spread
    samples: Samples
    szcore: Szcore | None
    by_subject: tuple[Group, ...]
    by_snr: tuple[Group, ...]
    by_class: tuple[Group, ...]
    false_by_class: Mapping[str, int]

    @property
    def f1(self) -> float | None:
        """Harmonic mean of sensitivity and precision."""
        if not self.sensitivity.of + self.precision.of:
            return None
        found, true = self.sensitivity.value or 0.0, self.precision.value or 0.0
        return share(2.0 * found * true, found + true) or 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of some recordings.

    Attributes:
        recordings: What was scored, by name.
        targets: One score for each target.
        confusion: What true contractions were called.
        warnings: What rises in tension were worth.
    """

    recordings: tuple[LabelledRecording, ...]
    targets: tuple[TargetScore, ...]
    confusion: Confusion
    warnings: Warnings

    @property
    def duration_s(self) -> float | None:
        """Length of all recordings; None where one is unknown."""
        return total_or_unknown(recording.duration_s for recording in self.recordings)

    @property
    def monitored_s(self) -> float | None:
        """The same less what the hypothesis calls artefact."""
        return total_or_unknown(recording.monitored_s for recording in self.recordings)
