"""A night log whose layout a disk has damaged: its number, or the names of its tables and columns.

SQLite takes such a file for whole; without this, every start would meet the same error.
"""

import logging
import sqlite3
from contextlib import closing
from functools import cache

from dashboard.migrations import NEWEST, STEPS
from detector.durable_sqlite import shape_of

_log = logging.getLogger(__name__)

_LAYOUT = "CREATE TABLE layout (version INTEGER NOT NULL)"
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite@_%' ESCAPE '@'"
Shapes = dict[str, list[tuple[object, ...]]]


def mend_layout(connection: sqlite3.Connection) -> bool:
    """See to it that a log's number and its tables are one layout's; tell whether it is one that is known here.

    The tables decide: a number that is not theirs is set right. A log of a newer program is not touched.

    Raises:
        sqlite3.DatabaseError: its tables are those of no layout, or of something that is no night log.
    """
    there = {name: shape_of(connection.execute, name) for name in _names(connection)}
    if not there or _is_older(there):
        return True
    number = _number(connection) if "layout" in there else None
    if number is not None and number > NEWEST:
        return False
    found = [layout for layout in range(1, NEWEST + 1) if _is_of(there, layout)]
    if not found:
        raise sqlite3.DatabaseError(
            f"expected the tables of a night log, got {', '.join(sorted(there)):.200}"
        )
    if number != found[-1]:
        _log.error("night log: expected layout %d by its tables, got %r; set right", found[-1], number)
        connection.executescript(f"DROP TABLE IF EXISTS layout; {_LAYOUT};")
        connection.execute("INSERT INTO layout VALUES (?)", (found[-1],))
    return True


def _number(connection: sqlite3.Connection) -> int | None:
    """Return the number; None where there is none, or several, or something else."""
    try:
        rows = connection.execute("SELECT version FROM layout LIMIT 2").fetchall()
    except (sqlite3.OperationalError, UnicodeDecodeError):
        return None
    return rows[0][0] if len(rows) == 1 and isinstance(rows[0][0], int) else None


def _is_of(there: Shapes, layout: int) -> bool:
    expected = _shapes(layout)
    return {name: shape for name, shape in there.items() if name in _shapes(NEWEST)} == expected


def _is_older(there: Shapes) -> bool:
    """Tell whether it is a log from before layouts had numbers, which may lack some of the first one's tables."""
    first = _shapes(1)
    ours = {name: shape for name, shape in there.items() if name in _shapes(NEWEST)}
    return "layout" not in there and bool(ours) and all(first.get(name) == ours[name] for name in ours)


@cache
def _shapes(layout: int) -> Shapes:
    with closing(sqlite3.connect(":memory:")) as right:
        for step in STEPS[:layout]:
            for statement in step:
                right.execute(statement)
        return {name: shape_of(right.execute, name) for name in _names(right)}


def _names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute(_TABLES)]
