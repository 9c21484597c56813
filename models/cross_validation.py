"""Leave one person, or one night, out: how good is a model on people's recordings that it has not learnt from?

Every fold learns from the synthetic lessons and from all labelled recordings but those of one person (or of one night
of one person), and whole recordings of those pass the very pipeline that watches a sleeper. What is left out, and its
bytes, are on one side only; that is checked, not assumed.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from detector.bundle import LEARNT
from detector.classifier import TrainedClassifier
from detector.scoring_labels import LabelledRecording
from models.bundle_files import TrainingError
from models.dataset import Examples, gather
from models.labelled_recordings import LabelledFile, labelled_in
from models.own_examination import judge_file
from models.recorded_lessons import Recorded, examples_of_file, joined_by_split, split_of, with_recorded
from models.train import Course, Tell
from models.training import fit

LEAVE = ("person", "night")
# What is learnt from of the synthetic people; the other splits are scores of the card.
LEARNT_SPLITS = ("train", "calibration")
# Recordings that are not left out and would be tested on elsewhere teach, too.
TEACHES = {"test": "train"}


@dataclass(frozen=True, slots=True)
class Fold:
    """What came of leaving somebody out.

    Attributes:
        left_out: The person, or person and night.
        learnt_from: Everybody else, likewise.
        judged: The recordings that were left out, with what a model said that knew the others.
    """

    left_out: str
    learnt_from: tuple[str, ...]
    judged: tuple[LabelledRecording, ...]


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """All folds, by name, and a sentence for whatever of the recordings could not be used."""

    folds: tuple[Fold, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What all folds share: the recordings, what each teaches, and the synthetic lessons by split."""

    files: Sequence[LabelledFile]
    taught: Sequence[Examples]
    synthetic: Mapping[str, Examples]
    leave: str


def side_of(file: LabelledFile, leave: str) -> str:
    """Return what is left out together with a recording."""
    return file.person if leave == "person" else f"{file.person} {file.night}"


def cross_validate(
    course: Course, leave: str, tell: Tell = lambda _what, _done, _of: None
) -> CrossValidation:
    """Leave everybody out in turn.

    Args:
        course: Whose ``recordings`` are labelled; its synthetic people teach in every fold.
        leave: One of `LEAVE`.
        tell: Is given the name of a step, how much of it is done, and of how much.

    Raises:
        TrainingError: no labelled recordings, or of one person (or night) alone.
        RecordingError: one has become unreadable meanwhile.
    """
    if course.recordings is None:
        raise TrainingError(
            "--leave: expected labelled recordings to leave out, got none; add --recordings FOLDER"
        )
    found = labelled_in(course.recordings)
    sides = sorted({side_of(file, leave) for file in found.files})
    if len(sides) < len(LEAVE):
        other = "; leave a night out instead" if leave == "person" else ""
        raise TrainingError(
            f"{course.recordings.folder}: expected labelled recordings of two or more {leave}s, got those of "
            f"{sides[0]!r} alone{other}; a table of people says whose they are"
        )
    material = Material(found.files, _taught(found.files, tell), _synthetic(course, tell), leave)
    folds = []
    for fold in _each(material, sides, course.jobs):
        folds.append(fold)
        tell("folds", len(folds), len(sides))
    return CrossValidation(tuple(sorted(folds, key=lambda one: one.left_out)), found.problems)


def _taught(files: Sequence[LabelledFile], tell: Tell) -> list[Examples]:
    taught = []
    for number, file in enumerate(files):
        taught.append(examples_of_file(file, number))
        tell("recordings", number + 1, len(files))
    return taught


def _synthetic(course: Course, tell: Tell) -> dict[str, Examples]:
    return {
        name: gather(split, course.jobs, partial(_told, tell, name, split.people))
        for name, split in course.splits.items()
        if name in LEARNT_SPLITS
    }


def _told(tell: Tell, name: str, of: int, done: int) -> None:
    tell(name, done, of)


# In a process of a pool: what its folds share, sent once.
_given: list[Material] = []


def _give(material: Material) -> None:
    _given[:] = [material]


def _fold_of_given(side: str) -> Fold:
    return fold(_given[0], side)


def _each(material: Material, sides: Sequence[str], jobs: int) -> Iterator[Fold]:
    if jobs <= 1:
        yield from (fold(material, side) for side in sides)
        return
    with ProcessPoolExecutor(
        min(jobs, len(sides)),
        mp_context=get_context("spawn"),
        initializer=_give,
        initargs=(material,),
    ) as pool:
        yield from (
            done.result() for done in as_completed([pool.submit(_fold_of_given, side) for side in sides])
        )


def fold(material: Material, side: str) -> Fold:
    """Return what a model says of one person (or night) that learnt from the others.

    Raises:
        TrainingError: somebody would be on both sides.
        RecordingError: a recording has become unreadable meanwhile.
    """
    numbers = range(len(material.files))
    out = [number for number in numbers if side_of(material.files[number], material.leave) == side]
    others = [number for number in numbers if number not in out]
    _refuse_both_sides([material.files[n] for n in out], [material.files[n] for n in others], material.leave)
    parts: dict[str, list[Examples]] = {}
    for number in others:
        split = split_of(material.files[number].person)
        parts.setdefault(TEACHES.get(split, split), []).append(material.taught[number])
    examples = with_recorded(material.synthetic, Recorded(joined_by_split(parts), ()))
    scores = {index: fit(index, examples["train"], examples["calibration"]) for index in LEARNT.values()}
    classifier = TrainedClassifier(f"without {side}", scores)
    learnt_from = tuple(sorted({side_of(material.files[n], material.leave) for n in others}))
    return Fold(side, learnt_from, tuple(judge_file(material.files[n], classifier) for n in out))


def _refuse_both_sides(out: Sequence[LabelledFile], others: Sequence[LabelledFile], leave: str) -> None:
    for what, names in (
        (leave, [{side_of(file, leave) for file in files} for files in (out, others)]),
        ("recording", [{file.sha256 for file in files} for files in (out, others)]),
    ):
        both = names[0] & names[1]
        if both:
            raise TrainingError(f"fold: expected no {what} on both sides, got {', '.join(sorted(both))}")
