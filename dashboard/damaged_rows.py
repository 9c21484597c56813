"""Rows of the night log that a disk has damaged: SQLite checks its pages' structure, not what is written in them.

One row that is no JSON would make every question about its night fail, and the pages with it.
"""

import logging
import sqlite3

_log = logging.getLogger(__name__)

# Tables that hold a message in each row.
_TABLES = ("event", "alarm", "receipt")
# What they and the marks have had in every layout: a name that a disk has changed is found by asking for it.
_COLUMNS = {
    "event": "id, revision, sensor, recording_id, onset_at",
    "alarm": "id, revision, sensor, at",
    "receipt": "id, revision, occurrence_id, at",
    "beyond_mark": "outbox, seq, after",
    "mark": "outbox, sensor, seq",
}
_IS_DAMAGED = "NOT (typeof(message) = 'text' AND json_valid(message) AND json_type(message) = 'object')"


def remove_damaged_rows(connection: sqlite3.Connection) -> int:
    """Remove the rows whose message is no JSON object, and return how many there were.

    Raises:
        sqlite3.DatabaseError: the file cannot be read, or its tables have lost their names.
    """
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if "layout" in there:
        for table, columns in _COLUMNS.items():
            connection.execute(f"SELECT {columns} FROM {table} LIMIT 0")  # noqa: S608 - ours
    removed = 0
    for table in _TABLES:
        if table in there:
            removed += connection.execute(f"DELETE FROM {table} WHERE {_IS_DAMAGED}").rowcount  # noqa: S608 - ours
    if removed:
        _log.error("night log: %d messages were damaged on disk; removed", removed)
    return removed
