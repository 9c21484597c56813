"""A whole and checked copy of an SQLite file, taken while others write to it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from detector.durable_sqlite import PRIVATE_FILE, told

# How long a copy waits for a writer, s.
_BUSY_S = 5.0


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database by SQLite's own online backup: as of one moment, whole or not at all, for its owner alone.

    Args:
        source: The file; what lies in its write-ahead log is in the copy.
        target: Replaced if it is there.

    Raises:
        DurableFileError: it cannot be read, or the copy not be written, or the copy is damaged.
    """
    beside = target.with_name(f".{target.name}.new")
    with told(source, f"copied to {target}"):
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
        try:
            address = f"file:{quote(str(source))}?mode=ro"
            with (
                closing(sqlite3.connect(address, uri=True, timeout=_BUSY_S)) as old,
                closing(sqlite3.connect(beside)) as new,
            ):
                old.backup(new)
                # One file that stands for itself, without a log beside it.
                new.execute("PRAGMA journal_mode = DELETE")
                check_sqlite(new)
            _sync(beside)
            beside.replace(target)
            _sync(target.parent)
        finally:
            beside.unlink(missing_ok=True)


def check_sqlite(connection: sqlite3.Connection) -> None:
    """Look through a whole database.

    Raises:
        sqlite3.DatabaseError: it is damaged; the text says where.
    """
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
