"""A recording that was cut off becomes one that every program reads: whole data records, counted in the header."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crampwatch.upkeep.errors import RecoverError
from firmware_bridge.edf_header import (
    FIXED_BYTES,
    RECORDS_OFFSET,
    RECORDS_WIDTH,
    SIGNAL_BYTES,
    EdfError,
    EdfHeader,
    parse_header,
    signal_count,
)

_PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done.

    Attributes:
        records: Whole data records in the file.
        claimed: How many its header had said; -1 for unknown.
        cut_bytes: What was torn at its end.
        kept: Where the file lies as it was; None where nothing had to be done.
        seconds: How long the recording is.
    """

    records: int
    claimed: int
    cut_bytes: int
    kept: Path | None
    seconds: float


def recover(path: Path) -> Recovered:
    """Mend a recording in its place: valid to its last whole record, a copy kept as ``NAME.torn``.

    Raises:
        RecoverError: it is no EDF or BDF file, holds no whole record, or cannot be written.
    """
    try:
        with path.open("rb") as file:
            header = _header(path, file)
        size = path.stat().st_size
    except OSError as error:
        raise RecoverError(f"{path}: cannot be read ({error.strerror or error})") from error
    records, torn = divmod(size - header.size, header.record_bytes)
    if records < 1:
        raise RecoverError(
            f"{path}: expected a data record of {header.record_bytes} bytes, got {max(0, size - header.size)}"
        )
    kept = None
    if torn or header.records != records:
        kept = _mend(path, header, records)
    return Recovered(records, header.records, torn, kept, float(records * header.record_s))


def _header(path: Path, file: BinaryIO) -> EdfHeader:
    try:
        fixed = file.read(FIXED_BYTES)
        header = parse_header(fixed + file.read(signal_count(fixed) * SIGNAL_BYTES))
    except EdfError as error:
        raise RecoverError(f"{path}: {error}") from error
    if header.record_bytes < 1:
        raise RecoverError(f"{path}: expected signals with samples, got none")
    return header


def _mend(path: Path, header: EdfHeader, records: int) -> Path:
    kept = path.with_name(f"{path.name}.torn")
    if kept.exists():
        raise RecoverError(f"{kept}: is there already, from an earlier recovery; move it away first")
    beside = path.with_name(f".{path.name}.new")
    try:
        shutil.copyfile(path, beside)
        beside.chmod(_PRIVATE_FILE)
        with beside.open("r+b") as file:
            file.truncate(header.size + records * header.record_bytes)
            file.seek(RECORDS_OFFSET)
            file.write(str(records).ljust(RECORDS_WIDTH).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        path.replace(kept)
        beside.replace(path)
    except OSError as error:
        raise RecoverError(
            f"{path}: cannot be mended ({error.strerror or error}); it is as it was"
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return kept
