"""All events of all recordings in one Parquet file: a row an event, every column of one type whatever is in it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crampwatch.replay.one import Found
from crampwatch.replay.receipts import writing
from crampwatch.replay.request import ReplayError
from detector.noon import evening_of

if TYPE_CHECKING:
    import pyarrow

# A column's name to the name of its Arrow type.
COLUMNS: Mapping[str, str] = {
    "file": "string",
    "recording": "string",
    "sensor": "string",
    "person": "string",
    "night": "string",
    "recording_start": "string",
    "onset": "float64",
    "duration": "float64",
    "trial_type": "string",
    "alert": "string",
    "detected_at": "float64",
    "confidence": "float64",
    "site": "string",
    "peak_uv": "float64",
    "burst_rate_hz": "float64",
    "sequence": "string",
    "reason": "string",
}
# What the file says of itself: whose collection it is, so that the same command may make it anew.
MADE_FROM = b"crampwatch.events_dir"
# BIDS: sub-XX somewhere on the way to the file.
_PERSON = re.compile(r"sub-([0-9A-Za-z]+)", re.ASCII)
_NIGHT = re.compile(r"(?:^|[^0-9])(\d{4}-\d{2}-\d{2})(?:[^0-9]|$)", re.ASCII)


def check_parquet(path: Path, events_dir: Path | None, *, force: bool) -> None:
    """Refuse a file that may not be written, before the work.

    Raises:
        ReplayError: it is there already and is not this folder's collection, or pyarrow is missing.
    """
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise ReplayError(
            f"--parquet needs {error.name}, which is not installed; "
            'bring it in with: pip install "crampwatch[research]"'
        ) from error
    with writing(path.parent, "--parquet"):
        path.parent.mkdir(parents=True, exist_ok=True)
    if force or not path.exists():
        return
    try:
        made_from = (parquet.read_schema(path).metadata or {}).get(MADE_FROM)
    except (OSError, ValueError):
        made_from = None
    if events_dir is None or made_from != _mark(events_dir):
        raise ReplayError(
            f"--parquet {path}: is there already; choose another name, or --force to overwrite it"
        )


def write_parquet(path: Path, found: Sequence[Found], events_dir: Path | None) -> None:
    """Write the events of all recordings, whole or not at all.

    Raises:
        ReplayError: the disk refuses.
    """
    import pyarrow as pa
    from pyarrow import parquet

    schema = _schema(events_dir)
    rows = [row for one in found for row in _rows(one)]
    part = path.with_name(f".{path.name}.part")
    with writing(path, "--parquet"):
        try:
            parquet.write_table(pa.Table.from_pylist(rows, schema=schema), part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _schema(events_dir: Path | None) -> "pyarrow.Schema":
    import pyarrow as pa

    types = {"string": pa.string(), "float64": pa.float64()}
    metadata = {MADE_FROM: _mark(events_dir)} if events_dir else None
    return pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()], metadata=metadata)


def _mark(events_dir: Path) -> bytes:
    return str(events_dir.resolve()).encode()


def _rows(found: Found) -> Iterator[dict[str, Any]]:
    about = {
        "file": found.file,
        "recording": found.recording,
        "sensor": found.sensor,
        "person": person_of(found.file),
        "night": night_of(found),
        "recording_start": found.start,
    }
    for event in found.events:
        yield about | {name: event.get(name) for name in COLUMNS.keys() - about.keys()}


def person_of(file: str) -> str | None:
    """Return who was recorded, where the way to the file says so as BIDS does."""
    found = _PERSON.search(file)
    return found[1] if found else None


def night_of(found: Found) -> str | None:
    """Return the date of the evening: from the recording's start, or else from the way to its file."""
    if found.start is not None:
        return evening_of(datetime.fromisoformat(found.start)).isoformat()
    dates: list[str] = _NIGHT.findall(found.file)
    return dates[-1] if dates else None
