"""Which truth belongs to which hypothesis, and what is known of the recording that both are about.

    ScoreFilesError    files that cannot be paired or found; the text says which and what to do

Files are matched by their stem: ``night-3_truth.tsv`` and ``night-3_events.tsv``. Where two folders hold the
same stem several times, by subject say, the path inside the folder counts, too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.event_files import EventRecord, read_events
from detector.scoring_labels import SUBJECT, LabelledRecording, implies_alerts, labels_of
from firmware_bridge.recordings import RecordingError, open_recording

# What files are called after their stem. A folder without truth files may hold hand-made labels in events
# files.
TRUTH_ENDINGS, HYPOTHESIS_ENDINGS = ("_truth.tsv", "_events.tsv"), ("_events.tsv",)
RECORDING_SUFFIXES = (".edf", ".bdf", ".EDF", ".BDF")
# How many names an error message lists.
MOST_NAMES = 5
SECONDS_PER_HOUR = 3600.0
# How the reason of a row begins whose truth was made, not observed.
SYNTHETIC = "synthetic"
_BIDS_SUBJECT = re.compile(r"(?:^|[_/])(sub-[A-Za-z0-9]+)")


class ScoreFilesError(ValueError):
    """The files cannot be paired."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tables about one recording."""

    name: str
    truth: Path
    hypothesis: Path


@dataclass(frozen=True, slots=True)
class Loaded:
    """A recording to score, and what a reader of its score should know.

    Attributes:
        recording: The labels of both sides.
        notes: Sentences.
        synthetic: The truth says of itself that it is.
    """

    recording: LabelledRecording
    notes: tuple[str, ...]
    synthetic: bool


def pair_files(truth: Path, hypothesis: Path) -> list[Pair]:
    """Return the pairs of two files, of two folders, or of a file and a folder, by name.

    Raises:
        ScoreFilesError: something is not there, a folder holds nothing to score, or a table has no
        counterpart.
    """
    for path in (truth, hypothesis):
        if not path.exists():
            raise ScoreFilesError(f"{path}: expected an events table or a folder of them, found nothing")
    if truth.is_file() and hypothesis.is_file():
        return [Pair(_stem(truth, TRUTH_ENDINGS), truth, hypothesis)]
    truths, hypotheses = _tables(truth, TRUTH_ENDINGS), _tables(hypothesis, HYPOTHESIS_ENDINGS)
    by_truth, by_hypothesis = _by_key([truths, hypotheses])
    # A single file asks for one pair; two folders for all.
    alone = by_truth if truth.is_file() else by_hypothesis if hypothesis.is_file() else {}
    _refuse_single(hypothesis, set(by_truth) - set(by_hypothesis), HYPOTHESIS_ENDINGS[0], alone)
    _refuse_single(truth, set(by_hypothesis) - set(by_truth), TRUTH_ENDINGS[0], alone)
    return [
        Pair(key, by_truth[key], by_hypothesis[key]) for key in sorted(set(by_truth) & set(by_hypothesis))
    ]


@dataclass(frozen=True, slots=True)
class _Table:
    """A table, its stem, and the path to it inside its folder."""

    path: Path
    stem: str
    inside: str


def _tables(place: Path, endings: Sequence[str]) -> list[_Table]:
    if place.is_file():
        stem = _stem(place, endings)
        return [_Table(place, stem, stem)]
    for ending in endings:
        paths = sorted(place.rglob(f"*{ending}"))
        if paths:
            return [
                _Table(p, _stem(p, [ending]), p.relative_to(place).as_posix().removesuffix(ending))
                for p in paths
            ]
    raise ScoreFilesError(
        f"{place}: expected files called *{' or *'.join(endings)} in this folder, found none"
    )


def _stem(path: Path, endings: Iterable[str]) -> str:
    return next((path.name.removesuffix(end) for end in endings if path.name.endswith(end)), path.stem)


def _by_key(sides: Sequence[Sequence[_Table]]) -> Iterator[dict[str, Path]]:
    """Yield each side's tables by stem; by the path inside their folders where a stem is there twice."""
    unique = all(len({table.stem for table in side}) == len(side) for side in sides)
    for side in sides:
        yield {table.stem if unique else table.inside: table.path for table in side}


def _refuse_single(place: Path, missing: set[str], ending: str, alone: Mapping[str, Path]) -> None:
    missing = missing & set(alone) if alone else missing
    if missing:
        names = [f"{name}{ending}" for name in sorted(missing)[:MOST_NAMES]]
        more = f" and {len(missing) - MOST_NAMES} more" if len(missing) > MOST_NAMES else ""
        raise ScoreFilesError(
            f"{place}: expected a counterpart for every table, found no {', '.join(names)}{more}; "
            "add it, or move what it belongs to out of the other folder"
        )


def load(pair: Pair, hours: float | None = None) -> Loaded:
    """Read both tables of a pair, and look for the recording's length.

    Args:
        pair: The tables.
        hours: Length of the recording where it does not lie beside one of them.

    Raises:
        EventFileError: a table cannot be read.
        ScoringError: its labels cannot be scored.
    """
    tables = read_events(pair.truth), read_events(pair.hypothesis)
    sides = zip(tables, (pair.truth, pair.hypothesis), strict=True)
    truth, hypothesis = (labels_of(records, str(path)) for records, path in sides)
    duration_s, notes = _duration_s(pair, hours)
    if any(implies_alerts(records) for records in tables):
        notes.append(
            "no alert column: a tonic contraction of 10 s counts as cramp, a clonic one of 3 s as clonic"
        )
    subject = _subject(tables[0], pair)
    recording = LabelledRecording(pair.name, subject, truth, hypothesis, duration_s)
    return Loaded(recording, tuple(notes), _is_synthetic(tables[0]))


def _subject(truth: Sequence[EventRecord], pair: Pair) -> str:
    said = next((record.extra[SUBJECT] for record in truth if SUBJECT in record.extra), None)
    named = _BIDS_SUBJECT.search(pair.truth.as_posix())
    return said or (named.group(1) if named else pair.name)


def _duration_s(pair: Pair, hours: float | None) -> tuple[float | None, list[str]]:
    """Return the length of the recording beside either table, and what has to be said about it."""
    stem = pair.name.rsplit("/", 1)[-1]
    beside = (
        table.with_name(stem + end) for table in (pair.truth, pair.hypothesis) for end in RECORDING_SUFFIXES
    )
    path = next((path for path in beside if path.is_file()), None)
    notes: list[str] = []
    if path is not None:
        try:
            return open_recording(path).duration_s, notes
        except RecordingError as error:
            notes.append(f"length unknown: {error}")
    if hours is not None:
        return hours * SECONDS_PER_HOUR, notes
    if path is None:
        notes.append("length unknown, so no rates: put the recording beside its table, or give --hours")
    return None, notes


def _is_synthetic(truth: Iterable[EventRecord]) -> bool:
    """Tell whether a truth calls one of its rows synthetic, as `crampwatch simulate` does."""
    return any((record.reason or "").lower().startswith(SYNTHETIC) for record in truth)
