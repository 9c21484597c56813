"""To erase is to leave nothing: rows, free pages and logs of SQLite, recordings, and what was worked out of them.

Backups are elsewhere and are only named: whoever has one decides about it.
"""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crampwatch.session_lock import is_in_use
from crampwatch.upkeep.errors import EraseError
from crampwatch.upkeep.home import NIGHT, Home
from crampwatch.upkeep.kept_states import forget_night
from crampwatch.upkeep.service_files import JOURNAL_FORGETS
from crampwatch.upkeep.told_of_night import ToldOfNight

# State of a process that runs by it, layout, who may log in, and what lasts longer than an evening: no row in them
# tells of a night that is over, but for the alarm engines', out of which it is taken (`kept_states`).
_NO_NIGHTS = frozenset(
    {
        *("alarm_snapshot", "fact", "layout", "mark", "beyond_mark", "wished_mode", "sqlite_sequence"),
        *("account", "session", "invitation", "profile"),
    }
)
# What is true only for the moment, and is made anew.
_WORKED_OUT = ("nights.json",)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What would go, or went.

    Attributes:
        files: Files and folders.
        rows: How many rows of databases; None where whole files go.
        kept: What tells of it as well, and is not touched, in words for a person.
    """

    files: tuple[Path, ...]
    rows: int | None
    kept: tuple[str, ...]


def plan_of_everything(home: Home) -> Erasure:
    """Return what the erasure of everything would remove.

    Raises:
        EraseError: a session runs, or there is no data folder.
    """
    _check(home)
    # What is ours on another disk goes before the way to it.
    elsewhere = [one for one in home.night_folders() if home.nights.is_symlink() or one.is_symlink()]
    return Erasure((*elsewhere, *sorted(home.folder.iterdir())), None, _KEPT)


def erase_everything(home: Home) -> Erasure:
    """Remove all that the data folder holds; the folder itself stays, empty.

    Raises:
        EraseError: a session runs, or something cannot be removed: run it again.
    """
    plan = plan_of_everything(home)
    try:
        _remove(plan.files)
    except OSError as error:
        raise _failed(error) from error
    return plan


def plan_of_night(home: Home, night: str) -> Erasure:
    """Return what the erasure of one night would remove.

    Raises:
        EraseError: a session runs, there is no data folder, or the name is no night's.
    """
    _check(home)
    told = ToldOfNight.of(home, night)
    rows = sum(len(found) for path in home.databases() for found in _rows_in(path, told).values())
    files = _files_of(home, night)
    if not rows and not any(path.exists() for path in files):
        raise EraseError(f"night {night}: nothing is known of it in {home.folder}")
    return Erasure(tuple(path for path in files if path.exists()), rows, _KEPT)


def erase_night(home: Home, night: str) -> Erasure:
    """Remove one night: its recordings, its rows in every database, and copies of databases that may hold them.

    Raises:
        EraseError: as for `plan_of_night`, or something cannot be removed: run it again.
    """
    plan = plan_of_night(home, night)
    told = ToldOfNight.of(home, night)
    try:
        for path in home.databases():
            _erase_rows(path, told)
        # Last, since which rows go is known by them.
        _remove(plan.files)
    except (OSError, sqlite3.Error) as error:
        raise _failed(error) from error
    return plan


_KEPT = (
    "backups, wherever you keep them",
    "a PostgreSQL night log, if night_log.url names one: erase there by its own tools",
    "what MQTT clients, Home Assistant or phones were told",
    f"what the service said to the system's journal: {JOURNAL_FORGETS}",
    "the settings, and copies of them beside their file",
)


def _check(home: Home) -> None:
    if not home.folder.is_dir():
        raise EraseError(f"data folder {home.folder}: expected a folder, found none; name it with --folder")
    if is_in_use(home.folder):
        raise EraseError(f"folder {home.folder}: a session uses it; stop that one first")


def _failed(error: Exception) -> EraseError:
    return EraseError(f"not everything could be erased ({error}); mend that and erase again")


def _files_of(home: Home, night: str) -> list[Path]:
    """Return the files of a night, and those that may hold parts of it and cannot be told apart."""
    if not NIGHT.fullmatch(night):
        raise EraseError(f"night {night!r}: expected a date and a sensor, such as 2026-11-21_left-calf")
    worked_out = [home.overviews / night, *(home.overviews / name for name in _WORKED_OUT)]
    stale = [path for path in home.folder.rglob("*") if ".bad-" in path.name or ".layout-" in path.name]
    broker = [path for path in home.files() if path.name.startswith("mosquitto.db")]
    before = [path for path in home.folder.iterdir() if path.name.startswith("before-")]
    return [home.nights / night, home.folder / "lab", *worked_out, *stale, *broker, *before]


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir() and NIGHT.fullmatch(path.name):
            # Also one that lies on another disk, with a link to it here.
            shutil.rmtree(path.resolve())
            path.unlink(missing_ok=True)
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _rows_in(path: Path, told: ToldOfNight) -> dict[str, list[tuple[object, ...]]]:
    try:
        return _rows(path, told)
    except (OSError, sqlite3.Error) as error:
        raise EraseError(
            f"{path}: cannot be read ({error}), and may hold parts of the night; start crampwatch once, which puts "
            "it aside, stop it and erase again, or remove the file yourself"
        ) from error


def _rows(path: Path, told: ToldOfNight) -> dict[str, list[tuple[object, ...]]]:
    """Return the keys of the rows that tell of the night, by table."""
    with closing(sqlite3.connect(path)) as connection:
        # An outbox is one sensor's, and called after it.
        owner = path.stem if path.parent.name == "outbox" else ""
        return {table: list(_keys(connection, table, told, owner)) for table in _tables(connection)}


def _erase_rows(path: Path, told: ToldOfNight) -> None:
    found = _rows(path, told)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # What is deleted is overwritten, and the free pages and the log with it.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")
        for table, keys in found.items():
            names = _key_of(connection, table)
            where = " AND ".join(f'"{name}" IS ?' for name in names)
            # Names come from the file's own schema, quoted.
            connection.executemany(f'DELETE FROM "{table}" WHERE {where}', keys)  # noqa: S608
        forget_night(connection, told)
        connection.execute("COMMIT")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _keys(
    connection: sqlite3.Connection, table: str, told: ToldOfNight, owner: str
) -> Iterator[tuple[object, ...]]:
    names = _key_of(connection, table)
    columns = ", ".join(f'"{name}"' for name in names)
    cursor = connection.execute(f'SELECT {columns}, * FROM "{table}"')  # noqa: S608 - of the file's own schema
    fields = [one[0] for one in cursor.description][len(names) :]
    for row in cursor:
        if told.is_told_by(table, dict(zip(fields, row[len(names) :], strict=True)), owner):
            yield row[: len(names)]


def _key_of(connection: sqlite3.Connection, table: str) -> list[str]:
    rows = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    keys = sorted((row[5], row[1]) for row in rows if row[5])
    return [name for _place, name in keys] or ["rowid"]


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [name for (name,) in rows if name not in _NO_NIGHTS and not name.startswith("sqlite_")]
