"""SQLite files that must not lose what was committed, opened so that a damaged one never stops the night.

DurableFileError    the file cannot be opened, read or written (disk full, no permission)
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from detector.quarantine import cleared, quarantined

_log = logging.getLogger(__name__)

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
# What SQLite keeps beside a file.
_WITH_IT = ("-wal", "-shm")
# How long a write waits for another process that looks into the file, s.
_BUSY_S = 1.0
# A connection's cache of pages, KiB. SQLite's own 2 MiB fill over weeks, which looks like a leak and hides one; the
# operating system has the file's pages in any case.
CACHE_KIB = 64
# The low byte of SQLite's extended result codes is the primary one.
_PRIMARY_CODE = 0xFF
# Not SQLite's own, such as the numbers last given.
_OUR_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite@_%' ESCAPE '@'"
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}


class DurableFileError(RuntimeError):
    """The file cannot be opened, read or written."""


class Opened(NamedTuple):
    """An open file, and where a damaged one before it was put."""

    connection: sqlite3.Connection
    quarantined: Path | None


def open_durable(path: Path, prepare: Callable[[sqlite3.Connection], object]) -> Opened:
    """Open a file for its owner alone, in WAL mode with every commit synced, in autocommit.

    A file that is damaged, or that ``prepare`` meets an SQLite error in, is put aside as
    ``<name>.bad-<time>`` and a new one begun; so is whatever lies there and is no file of ours.

    Args:
        path: the file; it and its folder are made where absent.
        prepare: makes the tables, and reads what must be readable.

    Raises:
        DurableFileError: it cannot be opened, and for another reason than damage.
    """
    with told(path, "opened"):
        path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        if not os.access(path.parent, os.R_OK | os.W_OK | os.X_OK):
            path.parent.chmod(PRIVATE_FOLDER)
        aside = cleared(path, _WITH_IT)
        try:
            return Opened(_connect(path, prepare), aside)
        # SQLite repeats in its messages what it has read, and Python then meets letters that are none.
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if not _is_damage(error):
                raise
            aside = quarantined(path, _WITH_IT)
            _log.exception("%s was damaged; a new one is begun", path)
            return Opened(_connect(path, prepare), aside)


def make_tables(connection: sqlite3.Connection, script: str) -> None:
    """Make the tables that are not there yet, and refuse those that are there in another shape.

    A flipped bit in the name of a column leaves a file that SQLite calls whole, and that takes no row at any start.

    Args:
        connection: To the file, in autocommit.
        script: Statements that make tables where absent.

    Raises:
        sqlite3.DatabaseError: one of them is another; that is damage.
    """
    connection.executescript(script)
    wrong = misshapen(connection.execute, script)
    if wrong:
        raise sqlite3.DatabaseError(
            f"expected tables as this program makes them, got another {', '.join(wrong)}"
        )


def misshapen(execute: Callable[[str], sqlite3.Cursor], script: str) -> list[str]:
    """Return the names of tables that a script would make with other columns or keys than they have in a file.

    Args:
        execute: Runs a statement on the file.
        script: Statements that make tables.
    """
    with closing(sqlite3.connect(":memory:")) as right:
        right.executescript(script)
        names = [name for (name,) in right.execute(_OUR_TABLES)]
        return [name for name in names if shape_of(right.execute, name) != shape_of(execute, name)]


def shape_of(execute: Callable[[str], sqlite3.Cursor], name: str) -> list[tuple[object, ...]]:
    """Return what a table is: its columns with their places in the key, and that it is a table.

    What somebody has added to it, an index or a trigger, is theirs.
    """
    quoted = name.replace("'", "''")
    kinds = execute(f"SELECT type FROM sqlite_schema WHERE name = '{quoted}'")  # noqa: S608
    columns = execute(f"SELECT name, pk FROM pragma_table_info('{quoted}') ORDER BY cid")  # noqa: S608
    return [*sorted(kinds.fetchall()), *columns.fetchall()]


@contextmanager
def told(path: Path, what: str) -> Iterator[None]:
    """Turn what SQLite and the file system say while the file is ``what`` into one error of ours."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise DurableFileError(
            f"{path}: cannot be {what} ({error}); check that its disk is not full and who owns it"
        ) from error


@contextmanager
def used_once(path: Path, prepare: Callable[[sqlite3.Connection], object]) -> Iterator[sqlite3.Connection]:
    """Open a file as `open_durable` does, for one use, and close it.

    Raises:
        DurableFileError: it cannot be opened or used.
    """
    connection = open_durable(path, prepare).connection
    try:
        with told(path, "used"):
            yield connection
    finally:
        connection.close()


@contextmanager
def immediate(connection: sqlite3.Connection) -> Iterator[None]:
    """Run a writing transaction: all of it, or, if anything is raised, nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A failed commit may have ended the transaction already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _connect(path: Path, prepare: Callable[[sqlite3.Connection], object]) -> sqlite3.Connection:
    # Made before SQLite sees it, so that it is private from its first byte; SQLite gives -wal and -shm its
    # mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))
    path.chmod(PRIVATE_FILE)
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        _check(connection)
        prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    # Not `quick_check`: an index that has lost a row fails only whoever asks by it. Of 46 MB it takes 0.2 s.
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


def _is_damage(error: sqlite3.DatabaseError | UnicodeDecodeError) -> bool:
    """Tell a damaged file from one that is locked, or that there is no room or permission to write."""
    # What Python itself finds, such as text that is not UTF-8, has no code.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & _PRIMARY_CODE in _DAMAGE
