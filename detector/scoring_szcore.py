"""The second opinion: SzCORE's event score, computed by its authors' own package where that is installed.

SzCORE (Dan et al., Epilepsia 2024; package ``timescoring``): any overlap with the truth extended by 30 s
before and 60 s after, labels less than 90 s apart merged, longer than 5 min split, false detections per 24 h.
Its merging shortens a label that holds another one, so it is given labels that do not overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from math import ceil

from detector.scoring_labels import LabelledRecording
from detector.scoring_matching import Target
from detector.scoring_statistics import Proportion
from detector.spans import merged

# The package works on a grid of this rate.
GRID_HZ = 10
SECONDS_PER_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Szcore:
    """SzCORE's event score.

    Attributes:
        sensitivity: True events found, of all (after its merging and splitting).
        false: False detections.
        days: Length of the recordings; None where one is unknown.
    """

    sensitivity: Proportion
    false: int
    days: float | None

    @property
    def precision(self) -> float | None:
        """Share of detections that are true, by its own count."""
        detected = self.sensitivity.hits + self.false
        return self.sensitivity.hits / detected if detected else None

    @property
    def false_per_day(self) -> float | None:
        """False detections per 24 h."""
        return self.false / self.days if self.days else None


def szcore(recordings: Sequence[LabelledRecording], target: Target) -> Szcore | None:
    """Return SzCORE's score of a target; None where the package is not installed (extra ``research``)."""
    try:
        scoring, annotations = import_module("timescoring.scoring"), import_module("timescoring.annotations")
    except ImportError:
        return None
    hits = of = false = 0
    for recording in recordings:
        length = max(1, ceil(recording.extent_s * GRID_HZ))
        truth, hypothesis = (
            annotations.Annotation(
                [(span.onset_s, span.end_s) for span in merged(one for one in labels if target.wants(one))],
                GRID_HZ,
                length,
            )
            for labels in (recording.truth, recording.hypothesis)
        )
        score = scoring.EventScoring(truth, hypothesis)
        hits, of, false = hits + int(score.tp), of + int(score.refTrue), false + int(score.fp)
    known = [recording.duration_s for recording in recordings if recording.duration_s is not None]
    days = sum(known) / SECONDS_PER_DAY if len(known) == len(recordings) else None
    return Szcore(Proportion(hits, of), false, days)
