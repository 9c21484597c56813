"""``crampwatch export --share``: a night of one's own, cleaned of its owner, as a folder to look at and give away.

Nothing is sent anywhere. The bundle is a BIDS dataset (`crampwatch.bids`) with a card, a licence and sums. Its events
are those that the detector finds in the cleaned recording, which is what anybody gets who replays it.

    ShareError    no consent, no such licence, a place that is taken, or something that must not go out was found
"""

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from crampwatch.bids import BIDS_VERSION, Dataset, add_night, begin_dataset, session_of, write_json
from crampwatch.share_card import (
    GOES_OUT,
    LICENCES,
    TAKEN_OUT,
    SharedNight,
    files_in,
    fixed_words,
    write_card,
    write_sums,
)
from crampwatch.share_cleaning import (
    Alias,
    ShareError,
    alias_of,
    clean_info,
    clean_labels,
    is_synthetic,
    kept_note,
    secrets_of,
)
from detector.detecting import detect
from detector.event_files import EventFileError, Value, write_rows
from firmware_bridge.recorder import RecorderError
from firmware_bridge.recording_copy import record_anew
from firmware_bridge.recordings import Recording, open_recording

# What a wearer types, or says by --consent.
CONSENT = "I wore it and I share it"
# Of every file of a bundle: when it was made is nobody's business.
FILE_TIME_S = 536_500_800
ZIP_TIME = (1987, 1, 1, 0, 0, 0)
LABEL_EXTRA = {"label": "What a person called it: cramp, spasm, movement, nothing or unknown"}

Rows = Sequence[dict[str, Value]]


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """What the command line asks for.

    Attributes:
        recordings: Of the night, with what people said of each.
        home: The data folder, which keeps the shift of dates.
        out: The bundle; it is not there yet.
        licence: SPDX id.
        consent: What was said by ``--consent``; None: ask.
        zipped: Make a ZIP file of it as well.
        synthetic: A simulator made the night; what says so of itself need not be told.
    """

    recordings: Sequence[tuple[Path, Rows]]
    home: Path
    out: Path
    licence: str
    consent: str | None
    zipped: bool
    synthetic: bool


def share(request: ShareRequest) -> None:
    """Ask for consent and write the bundle; it is whole or not there at all.

    Raises:
        ShareError: see above.
        RecordingError: a recording cannot be read.
        RecorderError: a cleaned one cannot be written.
    """
    archive = request.out.with_name(f"{request.out.name}.zip")
    for taken in (request.out, *([archive] if request.zipped else [])):
        if taken.exists():
            raise ShareError(
                f"{taken}: is there already; what was given away stays as it was: choose another place"
            )
    if request.licence not in LICENCES:
        raise ShareError(f"--licence: expected one of {', '.join(LICENCES)}, got {request.licence!r}")
    sources = [(open_recording(path), rows) for path, rows in request.recordings]
    recordings = [recording for recording, _ in sources]
    # A synthetic night that goes out as a person's would spoil every data set that it gets into.
    request = replace(request, synthetic=request.synthetic or any(map(is_synthetic, recordings)))
    _ask(request, recordings)
    alias = alias_of(request.home, sources[0][0].start)
    try:
        request.out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".share-", dir=request.out.parent) as work:
            bundle = Path(work) / "bundle"
            _write(bundle, Path(work), request, sources, alias)
            _look_through(bundle, sources)
            for path in (*files_in(bundle), *bundle.rglob("*"), bundle):
                os.utime(path, (FILE_TIME_S, FILE_TIME_S))
            if request.zipped:
                _zip(bundle, archive, request.out.name)
            bundle.rename(request.out)
    except OSError as error:
        raise ShareError(f"{request.out}: cannot be written: {error.strerror or error}") from error
    _tell(request, archive)


def _write(
    bundle: Path, work: Path, request: ShareRequest, sources: Sequence[tuple[Recording, Rows]], alias: Alias
) -> None:
    begin_dataset(bundle, Dataset("Nights of a leg, shared", request.licence, request.synthetic))
    nights = []
    with Console(stderr=True).status("cleaning and detecting"):
        for number, (recording, said) in enumerate(sources, 1):
            cleaned = _cleaned(recording, work / f"{number}.edf", number, alias)
            events, labels = detect(cleaned), clean_labels(said)
            added = add_night(bundle, cleaned, events, subject=alias.subject, session=session_of(cleaned))
            cleaned.path.unlink()
            if labels:
                _write_labels(bundle, added.path, labels)
            # The path of what is in the bundle, not of what it was made from.
            nights.append(SharedNight(added.path.relative_to(bundle).as_posix(), cleaned, events, labels))
    write_card(bundle, request.licence, nights, synthetic=request.synthetic)
    write_sums(bundle)


def _cleaned(recording: Recording, path: Path, number: int, alias: Alias) -> Recording:
    start = alias.moved(recording.start)
    recording_id = f"{alias.subject}-{start:%Y%m%d}-{number}"
    try:
        record_anew(
            recording,
            path,
            clean_info(recording.info),
            recording_id=recording_id,
            start=start,
            keep=kept_note,
        )
    except RecorderError as error:
        raise ShareError(f"{recording.path}: cannot be shared: {error}") from error
    return open_recording(path)


def _write_labels(bundle: Path, path: Path, labels: Rows) -> None:
    """Write people's labels as a derivative: what the detector said must not be taken for them."""
    derived = bundle / "derivatives" / "labels"
    place = derived / path.parent.relative_to(bundle)
    place.mkdir(parents=True, exist_ok=True)
    description = {
        "Name": "What people said of these nights",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [{"Name": "people, on crampwatch's pages"}],
    }
    write_json(derived / "dataset_description.json", description)
    table = place / f"{path.stem.removesuffix('_emg')}_desc-people_events.tsv"
    try:
        write_rows(table, labels, extra=LABEL_EXTRA)
    except EventFileError as error:
        raise ShareError(str(error)) from error


def _look_through(bundle: Path, sources: Iterable[tuple[Recording, Rows]]) -> None:
    """Refuse a bundle in which anything stands that was to be taken out."""
    unwanted = set().union(*(secrets_of(recording, rows, fixed_words()) for recording, rows in sources))
    for path in files_in(bundle):
        content = path.read_bytes() if path.suffix != ".edf" else _texts(path)
        found = [secret for secret in unwanted if secret in content or secret in path.name.encode()]
        if found:
            raise ShareError(
                f"{path.relative_to(bundle)}: {len(found)} of the words that were to be taken out are in it, and "
                "nothing has been written; please report this, without the night"
            )


def _texts(path: Path) -> bytes:
    """Return what an EDF file says in words: its header and its notes; samples may look like anything."""
    recording = open_recording(path)
    with path.open("rb") as raw:
        header = raw.read(256 * (2 + len(recording.info.sites) + 3))
    return header + "\n".join(mark.text for mark in recording.annotations).encode()


def _ask(request: ShareRequest, recordings: Sequence[Recording]) -> None:
    licence = LICENCES[request.licence]
    hours = sum(recording.duration_s for recording in recordings) / 3600.0
    console = Console(stderr=True)
    console.print(f"This makes a copy of a night, {hours:.2f} h, that anybody may have.")
    console.print(f"Licence: {licence.title}: {licence.means}. What was given away cannot be taken back.")
    console.print("\n".join(["In it:", *(f"  + {one}" for one in GOES_OUT)]), markup=False)
    console.print("\n".join(["Taken out:", *(f"  - {one}" for one in TAKEN_OUT)]), markup=False)
    said = request.consent
    if said is None and sys.stdin.isatty():
        console.print(f"Nothing is sent anywhere. If you wore the sensor and want this, type: {CONSENT}")
        said = sys.stdin.readline()
    if said is None or " ".join(said.split()).casefold() != CONSENT.casefold():
        raise ShareError(f'--consent: expected the wearer to say "{CONSENT}"; nothing was written')


def _zip(bundle: Path, archive: Path, name: str) -> None:
    with archive.open("xb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in files_in(bundle):
            entry = zipfile.ZipInfo(f"{name}/{path.relative_to(bundle).as_posix()}", ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as content, packed.open(entry, "w", force_zip64=True) as inside:
                shutil.copyfileobj(content, inside)


def _tell(request: ShareRequest, archive: Path) -> None:
    files = files_in(request.out)
    size_mb = sum(path.stat().st_size for path in files) / 1e6
    sys.stdout.write(
        f"{request.out}: {len(files)} files, {size_mb:.1f} MB{f', and {archive}' if request.zipped else ''}\n"
        f"Look at it before you give it away: {request.out / 'README'}, dataset_card.json, the tables, and the signals "
        "in any EDF viewer. Nothing was sent anywhere; it is yours to hand on, or to delete.\n"
    )
