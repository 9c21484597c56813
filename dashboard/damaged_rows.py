"""Rows of the night log that a disk has damaged: SQLite checks its pages' structure, not what is written in them.

One row that is no JSON, or whose numbers have become something else, would make every question about its night fail,
and the pages with it. What is removed is kept as ``<name>.bad-<time>.jsonl`` beside the log.
"""

import json
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard.damaged_layout import mend_layout
from dashboard.label import Label
from dashboard.received import TABLES
from detector.durable_sqlite import PRIVATE_FILE

_log = logging.getLogger(__name__)

Row = Mapping[str, Any]
# What every message has, and what the outbox adds.
_ALWAYS = frozenset({"version", "sensor", "outbox", "seq", "after"})


def remove_damaged_rows(connection: sqlite3.Connection) -> int:
    """Remove the rows that are not what was written, and return how many there were; a newer log is left alone.

    Raises:
        sqlite3.DatabaseError: the file cannot be read, or its tables are those of no layout.
    """
    if not mend_layout(connection):
        return 0
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    found = [
        (table, rowid, row)
        for table, is_whole in _WHOLE.items()
        if table in there
        for rowid, row in _rows(connection, table)
        if not is_whole(row)
    ]
    if found:
        _keep(connection, found)
        for table, rowid, _ in found:
            connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))  # noqa: S608 - ours
        _log.error("night log: %d rows were damaged on disk; removed", len(found))
    return len(found)


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple[int, Row]]:
    cursor = connection.execute(f"SELECT rowid, * FROM {table}")  # noqa: S608 - ours
    names = [one[0] for one in cursor.description[1:]]
    for rowid, *values in cursor:
        yield rowid, dict(zip(names, values, strict=True))


def _keep(connection: sqlite3.Connection, found: list[tuple[str, int, Row]]) -> None:
    """Write the rows beside the log, so that whoever misses something can look."""
    _, _, file = connection.execute("PRAGMA database_list").fetchone()
    kept = Path(f"{file}.bad-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.jsonl")
    lines = [json.dumps({"table": table, **row}, default=repr) for table, _, row in found]
    try:
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write("\n".join(lines) + "\n")
    except OSError as error:
        _log.error("%s: damaged rows cannot be kept: %s", kept, error)


def _object(text: object) -> dict[str, Any] | None:
    """Return the JSON object that a text is; None where it is none."""
    try:
        content = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _is_event(row: Row) -> bool:
    return _is_message("event", row, ("id", "revision", "sensor", "recording_id", "onset_at"))


def _is_alarm(row: Row) -> bool:
    return _is_message("alarm", row, ("id", "revision", "sensor", "at"))


def _is_receipt(row: Row) -> bool:
    return _is_message("receipt", row, ("id", "revision", "occurrence_id", "at"))


def _is_message(name: Any, row: Row, columns: tuple[str, ...]) -> bool:  # noqa: ANN401 - a topic's name
    message = _object(row["message"])
    if message is None or not _is_as_kept(TABLES[name], message):
        return False
    return all(row[column] == message[column] for column in columns if column in message)


def _is_as_kept(table: Mapping[str, Callable[[object], bool]], message: Row) -> bool:
    """Tell whether no value of a message has changed, nor a key's name; an older program may not have said them all."""
    if not all(check(message[key]) for key, check in table.items() if key in message):
        return False
    return message.keys() >= table.keys() or message.keys() <= _ALWAYS | table.keys()


def _is_answers(row: Row) -> bool:
    return _object(row["answers"]) is not None


def _is_label(row: Row) -> bool:
    texts = ("id", "night", "by", "verdict", "note", "at")
    try:
        Label(**row)
    except (ValueError, TypeError):
        return False
    return all(isinstance(row[name], str) for name in texts) and isinstance(row["revision"], int)


def _is_count(row: Row) -> bool:
    return isinstance(row["seq"], int) and isinstance(row.get("after", 0), int)


_WHOLE: Mapping[str, Callable[[Row], bool]] = {
    "event": _is_event,
    "alarm": _is_alarm,
    "receipt": _is_receipt,
    "label": _is_label,
    "diary": _is_answers,
    "profile": _is_answers,
    "mark": _is_count,
    "beyond_mark": _is_count,
}
