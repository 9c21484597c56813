"""Lessons from real recordings: whoever has some, with labels by people beside them, may let them be learnt from.

The shipped bundle is learnt from seeds alone, so that everybody can make it again. A folder of recordings adds to
that: every ``<stem>_events.tsv`` (onset, duration, trial_type) that lies beside one recording of the same stem.
``tonic`` and ``clonic`` are examples of these, ``artefact`` of an artefact; any other (``leg_movement``, ``stance``) is
activity that is neither. What nobody labelled is not the rhythm of a spasm, but may well be a muscle that is held.
Labels must be people's own: a model that learns from what a detector said learns its mistakes.

Nobody is in two groups: a person is known by ``sub-…`` or ``id…`` in the path, or else by the folder, or by a
``people.tsv`` (recording, person) in the folder given; and keeps their group whoever else is there.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast, get_args

import numpy as np

from detector.classifier import CLASSES
from detector.event_files import read_events
from detector.scoring_labels import Label, labels_of
from detector.types import Alert, Kind
from firmware_bridge.recordings import Recording, open_recording
from models.bundle_files import TrainingError, sha256
from models.dataset import Examples, examples_from, joined
from models.labels import UNLABELLED, Labels, Reals, labels_at
from models.synthesis.truth import Truth

TABLES, PEOPLE = "*_events.tsv", "people.tsv"
# What lies beside a recording and is none.
NO_RECORDINGS = frozenset({".tsv", ".json"})
_PERSON = re.compile(r"(?:^|[/_])((?:sub-|id)[0-9A-Za-z]+)")
# Of so many groups of people the first is tested on, the second turns scores into probabilities, the rest teach.
GROUPS = 5
SPLIT_OF: Mapping[int, str] = {0: "test", 1: "calibration"}
# The finer class of the simulator that is taught alike.
NAMES: Mapping[str, str] = {"tonic": "hold", "clonic": "clonic"}
BLOCK_S = 256.0
HASH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Source:
    """One labelled recording.

    Attributes:
        path: The recording.
        table: Its labels.
        person: Whose.
    """

    path: Path
    table: Path
    person: str

    @property
    def split(self) -> str:
        """The group that this person, and so all their recordings, belong to."""
        group = int.from_bytes(hashlib.sha256(self.person.encode()).digest()[:4]) % GROUPS
        return SPLIT_OF.get(group, "train")


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """What real recordings teach.

    Attributes:
        examples: By split; only splits that have any.
        card: An entry for each recording: hashes, no names.
    """

    examples: Mapping[str, Examples]
    card: Sequence[Mapping[str, object]]


def sources_in(folder: Path) -> list[Source]:
    """Return the labelled recordings below a folder, by path.

    Raises:
        TrainingError: there are none, a table has no recording or two, or ``people.tsv`` is damaged.
    """
    tables = sorted(folder.rglob(TABLES))
    if not tables:
        raise TrainingError(
            f"{folder}: expected recordings with {TABLES} beside them, found none; label them, or name another folder"
        )
    people = _people(folder / PEOPLE)
    sources = []
    for table in tables:
        path = _recording_of(table)
        name = path.relative_to(folder).as_posix()
        found = _PERSON.search(path.relative_to(folder).with_suffix("").as_posix())
        person = people.get(name) or (found[1] if found else path.parent.relative_to(folder).as_posix())
        sources.append(Source(path, table, person))
    return sources


def _recording_of(table: Path) -> Path:
    stem = table.name.removesuffix(TABLES[1:])
    found = [one for one in sorted(table.parent.glob(f"{stem}.*")) if one.suffix not in NO_RECORDINGS]
    if len(found) != 1:
        names = ", ".join(one.name for one in found) or "none"
        raise TrainingError(f"{table}: expected one recording {stem}.* beside it, found {names}")
    return found[0]


def _people(path: Path) -> dict[str, str]:
    """Return whose the recordings are, where somebody wrote it down."""
    if not path.exists():
        return {}
    rows = [
        line.split("\t") for line in path.read_text("utf-8", errors="replace").splitlines() if line.strip()
    ]
    if not rows or rows[0] != ["recording", "person"] or any(len(row) != len(rows[0]) for row in rows):
        raise TrainingError(f"{path}: expected two tab-separated columns, recording and person")
    return {row[0]: row[1] for row in rows[1:]}


def gather_recorded(folder: Path) -> Recorded:
    """Return what the recordings below a folder teach.

    Raises:
        TrainingError: no labelled recordings, or not one for each table.
        RecordingError: one cannot be read.
        EventFileError: a table cannot be read.
        ScoringError: labels have impossible times, or overlap.
    """
    parts: dict[str, list[Examples]] = {}
    card: list[Mapping[str, object]] = []
    for number, source in enumerate(sources_in(folder)):
        recording = open_recording(source.path)
        labels = labels_of(read_events(source.table), str(source.table))
        found = joined(list(_examples_of(recording, labels, number)))
        parts.setdefault(source.split, []).append(found)
        card.append(_entry(source, recording, found))
    return Recorded({name: joined(ones) for name, ones in parts.items()}, card)


def _entry(source: Source, recording: Recording, found: Examples) -> Mapping[str, object]:
    named = {name: int(np.count_nonzero(found.labels == index)) for index, name in enumerate(CLASSES)}
    return {
        "recording_sha256": sha256(source.path.read_bytes()),
        "labels_sha256": sha256(source.table.read_bytes()),
        "person": sha256(source.person.encode())[:HASH_DIGITS],
        "split": source.split,
        "seconds": round(recording.duration_s, 1),
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
