"""Nights as a BIDS dataset of EMG (BIDS 1.11.1, which took in the EMG extension, BEP042), and read back.

    sub-01/ses-20260502/emg/sub-01_ses-20260502_task-sleep_emg.edf, _emg.json, _channels.tsv, _events.tsv, _events.json

    BidsError    no dataset, or one that cannot be written as asked

docs/bids.md says where this leaves the specification.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path

from crampwatch.bids_sidecars import CHANNEL_COLUMNS, channel_rows, emg_sidecar
from detector.event_files import Value, write_rows
from firmware_bridge.recording_copy import record_anew
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import Mark

BIDS_VERSION = "1.11.1"
TASK = "sleep"
DESCRIPTION, PARTICIPANTS = "dataset_description.json", "participants.tsv"
# Formats that BIDS takes as they are.
AS_THEY_ARE = frozenset({".edf", ".bdf"})
_LABEL = re.compile(r"[0-9A-Za-z]+", re.ASCII)
_NAME = re.compile(
    r"sub-(?P<subject>[0-9A-Za-z]+)(?:_ses-(?P<session>[0-9A-Za-z]+))?_task-(?:[0-9A-Za-z]+)"
    r"(?:_acq-[0-9A-Za-z]+)?(?:_run-(?P<run>[0-9]+))?_emg\.(?:edf|bdf)",
    re.ASCII,
)


class BidsError(ValueError):
    """The dataset cannot be written or read; the text says which, why and what to do."""


@dataclass(frozen=True, slots=True)
class BidsNight:
    """One recording of a dataset.

    Attributes:
        path: The EDF or BDF file.
        subject: Label of the person, without ``sub-``.
        session: Label of the session, without ``ses-``; empty for none.
        run: Number of the run; empty for none.
        events: Its events table; None where there is none.
    """

    path: Path
    subject: str
    session: str
    run: str
    events: Path | None


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is said of a dataset as a whole.

    Attributes:
        name: Its title.
        licence: SPDX id; empty where none was chosen.
        synthetic: All of it was made by a simulator.
    """

    name: str
    licence: str = ""
    synthetic: bool = False


def begin_dataset(folder: Path, dataset: Dataset) -> None:
    """Write what every dataset has; one that is there already is added to.

    Raises:
        BidsError: the folder holds something else, or cannot be written.
    """
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (folder / DESCRIPTION).exists():
            return
        if any(folder.iterdir()):
            raise BidsError(f"{folder}: expected a BIDS dataset or an empty folder; choose another one")
        made_by = {"Name": "crampwatch", "Version": version("crampwatch")}
        description: dict[str, object] = {
            "Name": dataset.name,
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "raw",
            "GeneratedBy": [made_by],
        }
        if dataset.licence:
            description["License"] = dataset.licence
        (folder / "README").write_text(_readme(dataset), "utf-8")
        (folder / PARTICIPANTS).write_text("participant_id\n", "utf-8")
        # Last: what has it is a dataset, and is added to.
        write_json(folder / DESCRIPTION, description)


def add_night(
    folder: Path, recording: Recording, events: Sequence[Mapping[str, Value]], *, subject: str, session: str
) -> BidsNight:
    """Add a recording with its events to a dataset.

    EDF and BDF files are copied byte for byte; of any other format, EMG and acceleration become EDF+.

    Raises:
        BidsError: a label is none that BIDS takes, or something cannot be written.
        RecorderError: the recording cannot be kept as EDF+.
    """
    for what, label in (("subject", subject), ("session", session)):
        if not _LABEL.fullmatch(label):
            raise BidsError(f"{what}: expected letters and digits alone, got {label!r}")
    place = folder / f"sub-{subject}" / f"ses-{session}" / "emg"
    suffix = recording.path.suffix.lower()
    suffix = suffix if suffix in AS_THEY_ARE else ".edf"
    with _writing(place):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        run, stem = _free_stem(place, f"sub-{subject}_ses-{session}_task-{TASK}")
    target = place / f"{stem}_emg{suffix}"
    with _writing(target):
        _keep(recording, target)
    sidecar, channels = place / f"{stem}_emg.json", place / f"{stem}_channels.tsv"
    with _writing(sidecar):
        write_json(sidecar, emg_sidecar(recording))
    with _writing(channels):
        _write_table(channels, CHANNEL_COLUMNS, channel_rows(target))
    table = place / f"{stem}_events.tsv"
    with _writing(table):
        write_rows(table, events)
    with _writing(folder / PARTICIPANTS):
        _add_participant(folder / PARTICIPANTS, f"sub-{subject}")
    return BidsNight(target, subject, session, run, table)


def read_dataset(folder: Path) -> list[BidsNight]:
    """Return the EMG recordings of a dataset, by subject, session and run.

    ``detect``, ``crampwatch replay``, ``score`` and ``train`` take the paths; other modalities are left alone.

    Raises:
        BidsError: the folder is no BIDS dataset.
    """
    description = folder / DESCRIPTION
    try:
        stated = json.loads(description.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BidsError(f"{description}: expected the description of a BIDS dataset: {error}") from error
    if not isinstance(stated, dict) or not isinstance(stated.get("BIDSVersion"), str):
        raise BidsError(f"{description}: expected a BIDSVersion, got none")
    return [night for path in sorted(folder.glob("sub-*/**/emg/*")) if (night := _night(path)) is not None]


def session_of(recording: Recording) -> str:
    """Return a session's label: the date on which the recording began, ``unknown`` where it does not say."""
    return f"{recording.start:%Y%m%d}" if recording.start else "unknown"


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file.

    Raises:
        OSError: the disk refuses.
    """
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _night(path: Path) -> BidsNight | None:
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    events = path.with_name(f"{path.stem.removesuffix('_emg')}_events.tsv")
    labels = {name: found[name] or "" for name in ("subject", "session", "run")}
    return BidsNight(path, **labels, events=events if events.is_file() else None)


def _free_stem(place: Path, stem: str) -> tuple[str, str]:
    """Return the number of the run and the stem of the next recording of a session."""
    runs = (f"{number:02}" for number in count(1))
    run = next(run for run in runs if not any(place.glob(f"{stem}_run-{run}_*")))
    return run, f"{stem}_run-{run}"


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BidsError(
            f"{path}: cannot be written: {error.strerror or error}; free some space, or choose another folder"
        ) from error


def _keep(recording: Recording, target: Path) -> None:
    """Copy a file that may stay as it is, and record any other anew; it is whole or not there at all."""
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        if recording.path.suffix.lower() in AS_THEY_ARE:
            with recording.path.open("rb") as raw, part.open("xb") as copy:
                shutil.copyfileobj(raw, copy)
            part.chmod(0o600)
        else:
            record_anew(
                recording,
                part,
                recording.info,
                recording_id=re.sub(r"[^A-Za-z0-9._+-]", "-", recording.recording_id),
                start=(recording.start or datetime(2000, 1, 1, tzinfo=UTC)).astimezone(),
                keep=_everything,
            )
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def _everything(mark: Mark) -> Mark:
    return mark


def _write_table(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    lines = ["\t".join(columns), *("\t".join(row[name] for name in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _add_participant(path: Path, participant: str) -> None:
    known = path.read_text("utf-8").splitlines()
    if participant not in {line.split("\t")[0] for line in known}:
        # Columns that somebody added are not known of a new one.
        row = [participant, *["n/a"] * known[0].count("\t")]
        path.write_text("\n".join([*known, "\t".join(row)]) + "\n", "utf-8")


def _readme(dataset: Dataset) -> str:
    kind = "Synthetic signals, made by crampwatch's simulator." if dataset.synthetic else "Recorded signals."
    return (
        f"{dataset.name}\n\nSurface EMG of a leg, and its acceleration, during sleep. {kind}\n"
        "The events tables hold what crampwatch's detector found, unless their sidecars say otherwise; their JSON\n"
        "files describe every column. A comfort aid, not a medical device: nothing here is a diagnosis.\n"
    )
