"""What can still be read of a damaged night log goes into the new one: events, alarms, labels and diary, row by row.

How far the log had come with each outbox is not taken over: what an outbox still holds it then sends again, and
what is there already is known by its id and revision.
"""

import json
import logging
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import JSON, Boolean, Connection, Integer, Table, insert, select

from dashboard.tables import alarm, diary, event, label, profile, receipt

_log = logging.getLogger(__name__)

SALVAGED = (event, label, diary, profile, alarm, receipt)
# RELIABILITY D4 gives a start 10 s; half of them are spent here at most, s.
_LONGEST_S = 5.0


def salvage(damaged: Path, into: Connection) -> int:
    """Copy what can be read of a damaged file, and return how many rows that was.

    Args:
        damaged: The file that was put aside, its log beside it. It is only read.
        into: A transaction on the new log, in today's layout.
    """
    until_s = time.monotonic() + _LONGEST_S
    found = 0
    if not damaged.is_file():
        _log.warning("%s: is no file, and nothing of it can be taken over", damaged)
        return found
    try:
        # Not with `mode=ro` alone: a log beside it must be read, too, and what is damaged has no use for locks.
        with closing(sqlite3.connect(f"file:{quote(str(damaged))}?mode=ro", uri=True)) as old:
            old.text_factory = bytes
            for table in SALVAGED:
                found += _of_one(old, table, into, until_s)
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        _log.warning("%s: no more of it can be read: %s", damaged, error)
    _log.warning("%s: %d rows of it could be read", damaged, found)
    return found


def _of_one(old: sqlite3.Connection, table: Table, into: Connection, until_s: float) -> int:
    taken = 0
    for raw in _rows(old, table, until_s):
        row = _believed(table, raw)
        if row is None:
            continue
        same = [column == row[column.name] for column in table.primary_key]
        if into.execute(select(*table.primary_key).where(*same)).first() is None:
            into.execute(insert(table).values(row))
            taken += 1
    return taken


def _rows(old: sqlite3.Connection, table: Table, until_s: float) -> Iterator[Mapping[str, Any]]:
    """Give rows from the first on until the damage, and then from the last on back to it."""
    names = [column.name for column in table.columns]
    # With their table's name: a quoted name alone that has no column any more is a text to SQLite.
    columns = ", ".join(f'{table.name}."{name}"' for name in names)
    for order in ("ASC", "DESC"):
        try:
            # Names and order are our own.
            for row in old.execute(f"SELECT {columns} FROM {table.name} ORDER BY rowid {order}"):  # noqa: S608
                if time.monotonic() > until_s:
                    return
                yield dict(zip(names, row, strict=True))
        except (sqlite3.Error, UnicodeDecodeError) as error:
            _log.warning("night log: table %s ends early (%s): %s", table.name, order, error)
        else:
            return


def _believed(table: Table, raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a row with every value of its column's kind; None where one is not."""
    try:
        return {
            column.name: _value(column.type, raw[column.name], column.nullable) for column in table.columns
        }
    except (ValueError, TypeError, RecursionError):
        return None


def _value(kind: object, found: object, nullable: bool | None) -> object:  # noqa: FBT001 - of a column
    if found is None and nullable:
        return None
    if isinstance(kind, Integer | Boolean) and isinstance(found, int):
        return bool(found) if isinstance(kind, Boolean) else found
    if isinstance(found, bytes) and not isinstance(kind, Integer | Boolean):
        text = found.decode("utf-8")
        if not isinstance(kind, JSON):
            return text
        content = json.loads(text)
        if isinstance(content, dict):
            return content
    raise TypeError(f"expected {kind}, got {found!r}")
