"""Lessons from real recordings: whoever has some, with labels by people beside them, may let them be learnt from.

The shipped bundle is learnt from seeds alone, so that everybody can make it again. A folder of recordings
(`models.labelled_recordings`) adds to that. ``tonic`` and ``clonic`` are examples of these, ``artefact`` of an
artefact; a movement, and what somebody found to be nothing, is activity that is neither. What nobody labelled is not
the rhythm of a spasm, but may well be a muscle that is held.

Nobody is in two groups, and a person keeps their group whoever else is there.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast, get_args

import numpy as np

from detector.classifier import CLASSES
from detector.scoring_labels import Label
from detector.types import Alert, Kind
from firmware_bridge.recordings import Recording, open_recording
from models.bundle_files import sha256
from models.dataset import Examples, examples_from, joined
from models.labelled_recordings import LabelledFile, OwnRecordings, labelled_in
from models.labels import UNLABELLED, Labels, Reals, labels_at
from models.synthesis.truth import Truth

# Of so many groups of people the first is tested on, the second turns scores into probabilities, the rest teach.
GROUPS = 5
SPLIT_OF: Mapping[int, str] = {0: "test", 1: "calibration"}
# The finer class of the simulator that is taught alike.
NAMES: Mapping[str, str] = {"tonic": "hold", "clonic": "clonic"}
BLOCK_S = 256.0
HASH_DIGITS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """What real recordings teach.

    Attributes:
        examples: By split; only splits that have any.
        card: An entry for each recording: hashes, no names.
        problems: A sentence for whatever could not be used.
    """

    examples: Mapping[str, Examples]
    card: Sequence[Mapping[str, object]]
    problems: tuple[str, ...] = ()


def split_of(person: str) -> str:
    """Return the group that a person, and so all their recordings, belong to."""
    group = int.from_bytes(hashlib.sha256(person.encode()).digest()[:4]) % GROUPS
    return SPLIT_OF.get(group, "train")


def gather_recorded(own: OwnRecordings) -> Recorded:
    """Return what the recordings of a folder teach.

    Raises:
        TrainingError: no labelled recordings.
        RecordingError: one has become unreadable meanwhile.
    """
    found = labelled_in(own)
    parts: dict[str, list[Examples]] = {}
    card: list[Mapping[str, object]] = []
    for number, file in enumerate(found.files):
        examples = examples_of_file(file, number)
        parts.setdefault(split_of(file.person), []).append(examples)
        card.append(_entry(file, examples))
    return Recorded(joined_by_split(parts), card, found.problems)


def joined_by_split(parts: Mapping[str, Sequence[Examples]]) -> dict[str, Examples]:
    """Return the examples of each split as one."""
    return {name: joined(ones) for name, ones in parts.items()}


def examples_of_file(file: LabelledFile, number: int) -> Examples:
    """Return the named moments of a recording, of person ``number``."""
    return joined(list(_examples_of(open_recording(file.path), file.labels, number)))


def _entry(file: LabelledFile, found: Examples) -> Mapping[str, object]:
    named = {name: int(np.count_nonzero(found.labels == index)) for index, name in enumerate(CLASSES)}
    return {
        "recording_sha256": file.sha256,
        "labels_sha256": file.labels_sha256,
        "person": sha256(file.person.encode())[:HASH_DIGITS],
        "split": split_of(file.person),
        "seconds": round(file.duration_s, 1),
        "moments": {name: count for name, count in named.items() if count},
    }


def _examples_of(recording: Recording, labels: Sequence[Label], number: int) -> Iterator[Examples]:
    """Yield the named moments of each channel; a label with a site is about the channels there."""
    info = recording.info
    for channel, site in enumerate(info.sites):
        truth = [_truth(one) for one in labels if not one.site or one.site == site]

        def named(ends_s: Reals, truth: Sequence[Truth] = truth) -> tuple[Labels, list[str]]:
            return _named(ends_s, truth)

        yield examples_from(info, recording.items(block_s=BLOCK_S), named, number, channel)


def _truth(label: Label) -> Truth:
    # Moments of a rise in tension are left out of what is learnt, and so are those that nobody understood.
    if label.kind == "unknown":
        return Truth("tension_rise", "unknown", "none", label.onset_s, label.end_s - label.onset_s)
    kind = cast("Kind", label.kind) if label.kind in get_args(Kind) else "leg_movement"
    alert: Alert = "clonic" if kind == "clonic" else "none"
    return Truth(kind, NAMES.get(kind, kind), alert, label.onset_s, label.end_s - label.onset_s)


def _named(ends_s: Reals, truth: Sequence[Truth]) -> tuple[Labels, list[str]]:
    labels, names = labels_at(ends_s, truth)
    unsaid = np.array([name == "rest" for name in names], np.bool_)
    labels[unsaid] = UNLABELLED
    return labels, [f"recorded {name}" for name in names]


def with_recorded(examples: Mapping[str, Examples], recorded: Recorded | None) -> dict[str, Examples]:
    """Return the examples of the people that are learnt from with those of recordings added."""
    added = dict(examples)
    for name in ("train", "calibration"):
        if recorded is not None and name in recorded.examples:
            real = recorded.examples[name]
            # Real people's numbers follow on those of the synthetic ones.
            after = replace(real, people=real.people + int(examples[name].people.max(initial=-1)) + 1)
            added[name] = joined([examples[name], after])
    return added
