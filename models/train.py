"""Trains the shipped kind of model from seeds, and says on its card what it is and how good it was found to be.

The same seeds and the same versions of numpy, scipy and scikit-learn give the same bytes: one thread fits, features
are rounded before they are learnt from, and numbers are kept with few digits, so that another processor's last bit
changes nothing but in the rarest case. The card names the versions.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version

from detector.additive import AdditiveScore
from detector.bundle import FORMAT, LEARNT, SHIPPED
from detector.classifier import CLASSES, Classifier, TrainedClassifier
from detector.features import COLUMN, FEATURES
from detector.filters import band_hz
from detector.grid import MIN_EMG_RATE_HZ
from detector.trust import Trust
from models.dataset import DIGITS, Examples, gather
from models.labelled_recordings import OwnRecordings
from models.lessons import SPLITS, WORN, Split
from models.recorded_lessons import Recorded, gather_recorded, with_recorded
from models.reliability import reliability
from models.training import CURVES, WORTH, fit, lessons_for, taught
from models.trusting import as_card, trust_of
from models.verdicts import Verdict, gather_verdicts

# Libraries whose versions decide the bytes.
LIBRARIES = ("numpy", "scipy", "scikit-learn")
# Rates whose band the card states.
USUAL_RATES_HZ = (250.0, 500.0, 1000.0, 2000.0)
# The class counts from this probability on.
LIKELY = 0.5
# Of the detector's features, in its order.
USED_FEATURES = tuple(
    feature.name
    for feature in FEATURES
    if feature.name in {"times_resting", *(name for curves in CURVES.values() for name in curves)}
)
SYNTHETIC_ALONE = (
    "Learnt from synthetic people alone. Agreement with our own simulator is not evidence about people.",
    "No recording of a real cramp, clonus or clonic run has been seen; ILAE phase 0.",
)
# Of a bundle that was learnt from somebody's recordings, too.
WITH_RECORDINGS = (
    "Learnt from synthetic people and from the recordings listed. Their labels are whoever's set them.",
)
LIMITS = (
    "Probabilities hold in the mix of the lessons, not in a night, of which nearly all is rest.",
    "Events of the EMG alone: what a person holds on purpose passes for a cramp, and is counted as false here.",
    "Not a medical device.",
)
# Events are said of these people: the first to learn from, the second to see whether it holds.
LEARN_TRUST, TEST_TRUST = "calibration", "test"

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Course:
    """What is learnt from whom.

    Attributes:
        splits: By name: ``train``, ``calibration``, and whoever the card gives scores of.
        jobs: Processes that make the examples; the result is the same for any number.
        recordings: Labelled recordings to learn from, too (`models.labelled_recordings`).
    """

    splits: Mapping[str, Split] = field(default_factory=lambda: SPLITS)
    jobs: int = 1
    recordings: OwnRecordings | None = None

    def of_people(self, share: float) -> "Course":
        """Return the same course with fewer people, for a trial."""
        return replace(
            self,
            splits={
                name: replace(split, people=max(1, round(split.people * share)))
                for name, split in self.splits.items()
            },
        )


@dataclass(frozen=True, slots=True)
class Trained:
    """A model.

    Attributes:
        scores: By the index of its classes.
        trust: How far its verdicts can be trusted.
        card: What its card says.
        problems: A sentence for whatever of own recordings could not be used.
    """

    scores: Mapping[int, AdditiveScore]
    trust: Trust
    card: Mapping[str, object]
    problems: tuple[str, ...] = ()


def train(course: Course, tell: Tell = lambda _what, _done, _of: None) -> Trained:
    """Make the examples of all splits, fit the model, see how far its verdicts hold, and score it.

    Args:
        course: Whom to learn from.
        tell: Is given the name of a split, how many of its people are done, and of how many.

    Raises:
        TrainingError: the folder of recordings has none with labels.
        RecordingError: one of them has become unreadable meanwhile.
    """
    recorded = gather_recorded(course.recordings) if course.recordings else None
    synthetic = {}
    for name, split in course.splits.items():
        synthetic[name] = gather(split, course.jobs, partial(_tell_of, tell, name, split))
    examples = with_recorded(synthetic, recorded)
    scores = {index: fit(index, examples["train"], examples["calibration"]) for index in LEARNT.values()}
    trust = trust_of(_said(course, TrainedClassifier("in training", scores), LEARN_TRUST, tell))
    tested = _said(course, TrainedClassifier("in training", scores, trust), TEST_TRUST, tell)
    card = _card(course, synthetic, scores) | {"events": as_card(tested)}
    if recorded is None:
        return Trained(scores, trust, card)
    return Trained(scores, trust, card | _of_recordings(recorded, scores), recorded.problems)


def _said(course: Course, classifier: Classifier, name: str, tell: Tell) -> list[Verdict]:
    """Return what is said of the people of a split, if the course has it."""
    split = course.splits.get(name)
    if split is None:
        return []
    return gather_verdicts(split, classifier, course.jobs, partial(_tell_of, tell, f"events, {name}", split))


def _tell_of(tell: Tell, name: str, split: Split, done: int) -> None:
    tell(name, done, split.people)


def _card(
    course: Course, examples: Mapping[str, Examples], scores: Mapping[int, AdditiveScore]
) -> dict[str, object]:
    return {
        "format": FORMAT,
        "name": SHIPPED,
        "synthetic": True,
        "kind": "gradient-boosted stumps, one monotone step curve a feature, isotonic probabilities",
        "classes": list(CLASSES),
        "learnt_classes": list(LEARNT),
        "features": {feature.name: feature.unit for feature in FEATURES if feature.name in USED_FEATURES},
        "rates": {"least_emg_rate_hz": MIN_EMG_RATE_HZ, "acceleration": "not looked at"},
        "filters": {
            f"{rate_hz:g} Hz": [round(edge, 3) for edge in band_hz(rate_hz)] for rate_hz in USUAL_RATES_HZ
        },
        "worth_of_a_moment": {CLASSES[index]: worth for index, worth in WORTH.items()},
        "digits_of_features": DIGITS,
        "people": {name: _people(split) for name, split in course.splits.items()},
        "sensors": sorted(set(WORN)),
        "examples": {name: _summary(part) for name, part in examples.items()},
        "libraries": {name: version(name) for name in LIBRARIES},
        "scores": {
            name: {CLASSES[index]: _scored(index, score, part) for index, score in scores.items()}
            for name, part in examples.items()
            if name not in {"train", "calibration"}
        },
        "limits": [*SYNTHETIC_ALONE, *LIMITS],
    }


def _of_recordings(recorded: Recorded, scores: Mapping[int, AdditiveScore]) -> dict[str, object]:
    """Return what a card says otherwise where recordings were learnt from."""
    tested = recorded.examples.get("test")
    return {
        "name": f"{SHIPPED}-recorded",
        "synthetic": False,
        "recordings": list(recorded.card),
        "scores_of_recordings": {}
        if tested is None
        else {CLASSES[index]: _scored(index, score, tested) for index, score in scores.items()},
        "limits": [*WITH_RECORDINGS, *LIMITS],
    }


def _people(split: Split) -> dict[str, object]:
    return {"seed": split.seed, "people": split.people, "population": split.population}


def _summary(part: Examples) -> dict[str, object]:
    digest = hashlib.sha256()
    # What is measured besides is not learnt from.
    used = [COLUMN[name] for name in USED_FEATURES]
    for array in (part.features[:, used], part.labels, part.people):
        digest.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return {"moments": len(part), "sha256": digest.hexdigest()}


def _scored(index: int, score: AdditiveScore, part: Examples) -> dict[str, object]:
    """Return how good a class's probabilities are, at moments in which the muscle is up."""
    lessons = lessons_for(index, part)
    said = score.probabilities(part.features[taught(index, part)])
    is_class, weights = lessons.is_class, lessons.weights
    right = {
        "found_share": (said >= LIKELY) & is_class,
        "false_share": (said >= LIKELY) & ~is_class,
    }
    of = {"found_share": is_class, "false_share": ~is_class}
    shares = {
        name: round(float(weights[right[name]].sum()) / max(float(weights[of[name]].sum()), 1e-12), 4)
        for name in right
    }
    return {**shares, **reliability(said, is_class, weights).as_card()}
