"""Recordings that somebody labelled: which there are in a folder, whose, of which night, and what was said of them.

Labels come from three places, the first that there is: those handed over by recording (of a night log), an event table
``<stem>_events.tsv`` beside the recording (BIDS: ``…_emg.edf`` and ``…_events.tsv``), or the annotations in the file
itself (EDF+, BDF+). They must be people's own: a model that learns from what a detector said learns its mistakes.

A person is known by ``sub-…`` or ``id…`` in the path, else by the folder, or by a table of people (``recording`` and
``person``, tab-separated; by default ``people.tsv`` in the folder). A night is ``ses-…`` in the path, or runs from noon
to noon where the recording says when it began. Nobody is two people: one recording under two names is refused.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.event_files import EventFileError, EventRecord, read_events
from detector.noon import evening_of
from detector.scoring_labels import Label, ScoringError
from firmware_bridge.recordings import Recording, RecordingError, open_recording
from models.bundle_files import TrainingError
from models.own_labels import records_of_notes, sound_labels, words_of

TABLES, PEOPLE = "*_events.tsv", "people.tsv"
# Who took part, in a BIDS folder.
PARTICIPANTS, PARTICIPANT = "participants.tsv", "participant_id"
# What lies beside a recording and is none.
NO_RECORDINGS = frozenset({".tsv", ".json"})
# What BIDS writes after the stem that recording and table share.
MODALITIES = ("", "_emg", "_eeg", "_psg")
# Files that carry annotations.
ANNOTATED = ("*.edf", "*.bdf")
_PERSON = re.compile(r"(?:^|[/_])((?:sub-|id)[0-9A-Za-z]+)")
_SESSION = re.compile(r"(?:^|[/_])(ses-[0-9A-Za-z]+)")

Handed = Mapping[str, Sequence[EventRecord]]


@dataclass(frozen=True, slots=True)
class OwnRecordings:
    """What to learn from, or to be examined on.

    Attributes:
        folder: Holds the recordings, at any depth.
        labels_map: What words in labels mean, ``text=meaning`` (`models.own_labels.words_of`).
        people: Table of whose recording is whose; None: ``people.tsv`` in the folder, if there is one.
        handed: Labels by recording id; then only recordings that have some count, and all are one person's.
    """

    folder: Path
    labels_map: tuple[str, ...] = ()
    people: Path | None = None
    handed: Handed | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One recording of a folder.

    Attributes:
        path: The recording.
        table: Its labels; None: elsewhere.
        person: Whose.
        session: As the path calls it; empty if it does not.
    """

    path: Path
    table: Path | None
    person: str
    session: str = ""


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """A recording with labels that make sense.

    Attributes:
        path: The recording.
        person: Whose.
        night: Of which of their nights.
        labels: By onset.
        duration_s: Its length.
        sha256: Of the recording.
    """

    path: Path
    person: str
    night: str
    labels: tuple[Label, ...]
    duration_s: float
    sha256: str

    @property
    def labels_sha256(self) -> str:
        """What identifies the labels as they were used."""
        return hashlib.sha256(repr(self.labels).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """The labelled recordings of a folder, and a sentence for whatever could not be used as it was."""

    files: tuple[LabelledFile, ...]
    problems: tuple[str, ...] = ()


def labelled_in(own: OwnRecordings) -> Found:
    """Return the labelled recordings of a folder.

    Raises:
        TrainingError: none is left, a table of people or the map of labels is damaged, or a recording is two people's.
    """
    problems: list[str] = []
    words = words_of(own.labels_map)
    files = []
    for source in _sources(own, problems):
        try:
            file = _labelled(source, own, words, problems)
        except (RecordingError, EventFileError, ScoringError) as error:
            problems.append(f"{error}; the recording is left out")
            continue
        if file is not None:
            files.append(file)
    if not files:
        told = "; ".join(problems) or f"found none; put {TABLES} beside them, or annotations into them"
        raise TrainingError(f"{own.folder}: expected labelled recordings: {told}")
    return Found(tuple(_nobody_twice(files, problems)), tuple(problems))


def _labelled(
    source: Source, own: OwnRecordings, words: Mapping[str, str], problems: list[str]
) -> LabelledFile | None:
    recording = open_recording(source.path)
    records, notes = _records(source, own, recording)
    if records is None:
        return None
    where = str(source.table or source.path)
    sound = sound_labels(records, words, duration_s=recording.duration_s, where=where, notes=notes)
    problems += sound.problems
    # An empty table says that nothing happened; without one, or with nothing sound in it, nobody looked.
    if not sound.labels and (sound.given or notes):
        problems.append(f"{where}: expected labels that can be used, found none; the recording is left out")
        return None
    with source.path.open("rb") as raw:
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
    return LabelledFile(
        source.path, source.person, _night(source, recording), sound.labels, recording.duration_s, digest
    )


def _records(
    source: Source, own: OwnRecordings, recording: Recording
) -> tuple[Sequence[EventRecord] | None, bool]:
    """Return the labels of a recording, None if it is not asked for; and whether they are free notes."""
    if own.handed is not None:
        return own.handed.get(recording.recording_id), False
    if source.table is not None:
        return read_events(source.table), False
    return records_of_notes(recording), True


def _night(source: Source, recording: Recording) -> str:
    if source.session:
        return source.session
    if recording.start is not None:
        return evening_of(recording.start).isoformat()
    return source.path.name


def _sources(own: OwnRecordings, problems: list[str]) -> list[Source]:
    """Return the recordings of a folder, by path."""
    if not own.folder.is_dir():
        raise TrainingError(f"{own.folder}: expected a folder of recordings, found none")
    people = _people(own)
    participants = _participants(own.folder / PARTICIPANTS)
    sources = []
    for path, table in sorted(_paths(own, problems)):
        name = path.relative_to(own.folder).as_posix()
        stem = path.relative_to(own.folder).with_suffix("").as_posix()
        found, session = _PERSON.search(stem), _SESSION.search(stem)
        folder = own.folder.name if own.handed is not None else path.parent.relative_to(own.folder).as_posix()
        person = people.get(name) or (found[1] if found else folder)
        if participants and person not in participants:
            problems.append(f"{name}: {person} is not in {PARTICIPANTS}; used all the same")
        sources.append(Source(path, table, person, session[1] if session else ""))
    return sources


def _paths(own: OwnRecordings, problems: list[str]) -> Iterator[tuple[Path, Path | None]]:
    """Yield each recording with its table of labels."""
    beside: set[Path] = set()
    for table in sorted(own.folder.rglob(TABLES)) if own.handed is None else ():
        found = _recordings_of(table)
        if len(found) == 1:
            beside.add(found[0])
            yield found[0], table
            continue
        names = ", ".join(one.name for one in found) or "none"
        stem = table.name.removesuffix(TABLES[1:])
        problems.append(f"{table}: expected one recording {stem}.* beside it, found {names}; left out")
    for pattern in ANNOTATED:
        yield from ((path, None) for path in own.folder.rglob(pattern) if path not in beside)


def _recordings_of(table: Path) -> list[Path]:
    stem = table.name.removesuffix(TABLES[1:])
    return [
        path
        for modality in MODALITIES
        for path in sorted(table.parent.glob(f"{stem}{modality}.*"))
        if path.suffix not in NO_RECORDINGS and path.is_file()
    ]


def _people(own: OwnRecordings) -> dict[str, str]:
    """Return whose the recordings are, where somebody wrote it down."""
    path = own.people or own.folder / PEOPLE
    if own.people is None and not path.exists():
        return {}
    rows = _rows(path)
    if not rows or rows[0] != ["recording", "person"] or any(len(row) != len(rows[0]) for row in rows):
        raise TrainingError(f"{path}: expected two tab-separated columns, recording and person")
    return {row[0]: row[1] for row in rows[1:]}


def _participants(path: Path) -> frozenset[str]:
    rows = _rows(path) if path.exists() else []
    if not rows:
        return frozenset()
    if rows[0][0] != PARTICIPANT:
        raise TrainingError(f"{path}: expected {PARTICIPANT} as the first column, got {rows[0][0]!r}")
    return frozenset(row[0] for row in rows[1:])


def _rows(path: Path) -> list[list[str]]:
    try:
        text = path.read_text("utf-8-sig", errors="replace")
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read ({error.strerror})") from error
    return [line.split("\t") for line in text.splitlines() if line.strip()]


def _nobody_twice(files: Sequence[LabelledFile], problems: list[str]) -> Iterator[LabelledFile]:
    """Yield each recording once; the same bytes under two people would be on both sides."""
    seen: dict[str, LabelledFile] = {}
    for file in files:
        before = seen.setdefault(file.sha256, file)
        if before.person != file.person:
            raise TrainingError(
                f"{file.path}: is the same recording as {before.path}, of {file.person} and of {before.person}; "
                "say in a table of people whose it is"
            )
        if before is not file:
            problems.append(f"{file.path}: is the same recording as {before.path}; left out")
            continue
        yield file
