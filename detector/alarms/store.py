"""Where alarms are kept: two tables in the monitor's outbox file, written with the event and the message (I8, I12).

    alarm_change      every transition, numbered; the newest `KEPT_CHANGES` are kept
    alarm_snapshot    one row: the engine as it stands

One transaction holds an event, the alarm it brought about and their messages; nobody perceives anything before it is
committed. Others read the file through `detector.alarms.reader`.
"""

import json
import logging
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from detector.alarms import snapshots
from detector.alarms.engine import AlarmEngine
from detector.alarms.schedule import Schedule
from detector.alarms.values import AlarmChange, Change, Mode, Moment, SnapshotError, SystemChange
from detector.durable_sqlite import misshapen
from detector.outbox import Outbox, Transaction

_log = logging.getLogger(__name__)

# Transitions kept: a bad night has some hundreds (I12 asks for 5,000).
KEPT_CHANGES = 10_000
# While anything stands, the snapshot is written this often although nothing changes: its time says until when the
# alarm was followed.
SNAPSHOT_EVERY_S = 30.0
# And this often while a night is only observed: how long it was watched is in it, too.
OBSERVED_EVERY_S = 600.0

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS alarm_change (
        number INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, crc INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS alarm_snapshot (
        one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL
    )
    """,
)
_LAST = "SELECT coalesce(max(number), 0) FROM alarm_change"
# The body as bytes and the sum as a number, whatever a flipped bit has made of them: the sum must find it, not a
# decoder.
READ_SNAPSHOT = "SELECT number, CAST(body AS BLOB), CAST(crc AS INTEGER) FROM alarm_snapshot"
READ_CHANGES = """
SELECT number, CAST(body AS BLOB), CAST(crc AS INTEGER) FROM alarm_change WHERE number > ? ORDER BY number LIMIT ?
"""

_UNKNOWN = "Which alarms stood before this start is not known: {why}. Look whether help is needed."


def write(transaction: Transaction, engine: AlarmEngine, changes: Sequence[Change]) -> None:
    """Write what changed and how the engine stands now, in the caller's transaction.

    Raises:
        sqlite3.Error: it cannot be written; the outbox turns it into its own error.
    """
    for table in TABLES:
        transaction.execute(table)
    for change in changes:
        body = _bytes(of_change(change))
        transaction.execute("INSERT INTO alarm_change (body, crc) VALUES (?, ?)", (body, zlib.crc32(body)))
    (last,) = transaction.execute(_LAST).fetchone()
    transaction.execute("DELETE FROM alarm_change WHERE number <= ?", (last - KEPT_CHANGES,))
    body = _bytes(engine.snapshot())
    row = (last, body, zlib.crc32(body))
    transaction.execute("INSERT OR REPLACE INTO alarm_snapshot VALUES (1, ?, ?, ?)", row)


def load(
    outbox: Outbox, sensor: str, mode: Mode, at: Moment, *, boot_id: str, schedule: Schedule | None = None
) -> AlarmEngine:
    """Return the engine as the last run left it, or a new one.

    Where a state was kept but cannot be read, the new engine says so by an alarm of its own (CONFIG): what stood is
    not known, and silence would mean that nothing did.

    Args:
        outbox: The monitor's.
        sensor: Whose alarms.
        mode: Who is woken, for a new engine; a stored one knows.
        at: Now.
        boot_id: Which boot of the computer this is.
        schedule: When watching is due to begin by itself.

    Raises:
        DurableFileError: the file cannot be read.
    """
    why = "its file was damaged and put aside" if outbox.quarantined else ""
    try:
        saved = _saved(outbox)
        if saved is not None:
            return AlarmEngine.restored(saved, at, boot_id, schedule=schedule)
    except (SnapshotError, UnicodeDecodeError) as error:
        _log.error("%s: %s", outbox.path, error)
        why = "its record was damaged"
    trouble = _UNKNOWN.format(why=why) if why else ""
    return AlarmEngine(sensor, mode, at, boot_id=boot_id, schedule=schedule, trouble=trouble)


def _saved(outbox: Outbox) -> Mapping[str, Any] | None:
    with outbox.transaction() as transaction:
        is_whole = _made(transaction)
        row = transaction.execute(READ_SNAPSHOT).fetchone()
        (last,) = transaction.execute(_LAST).fetchone()
    if not is_whole:
        raise SnapshotError("alarm state: its tables were damaged, and are made anew")
    if row is None and last:
        raise SnapshotError("alarm state: missing beside its changes")
    return None if row is None else decoded(row)


def _made(transaction: Transaction) -> bool:
    """Make the tables; tell whether those that were there are ours. Messages that wait beside them are not touched."""
    for table in TABLES:
        transaction.execute(table)
    wrong = misshapen(transaction.execute, ";".join(TABLES))
    for name in wrong:
        (kind,) = transaction.execute("SELECT type FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
        transaction.execute(f'DROP {kind} "{name}"')
    for table in TABLES if wrong else ():
        transaction.execute(table)
    return not wrong


def decoded(row: tuple[int, object, int]) -> Mapping[str, Any]:
    """Return the JSON object of a row.

    Raises:
        SnapshotError: the row was damaged.
    """
    number, body, crc = row
    if not isinstance(body, bytes) or zlib.crc32(body) != crc:
        raise SnapshotError(f"alarm row {number}: its check sum is wrong")
    try:
        return json.loads(body)  # type: ignore[no-any-return]
    except ValueError as error:
        raise SnapshotError(f"alarm row {number}: expected JSON, got {body[:40]!r}") from error


def of_change(change: Change) -> dict[str, Any]:
    """Return a change as JSON can hold it."""
    said = {"was": change.was, "now": change.now, "why": change.why, "who": change.who}
    at = {"at": snapshots.of_moment(change.at)}
    match change:
        case AlarmChange():
            return said | at | {"occurrence": snapshots.of_occurrence(change.occurrence, change.at.mono_s)}
        case SystemChange():
            return said | at | {"region": change.region}


def change_of(saved: Mapping[str, Any]) -> Change:
    """Return the change that `of_change` wrote.

    Raises:
        SnapshotError: it did not.
    """
    try:
        at = snapshots.moment_of(saved["at"], 0.0)
        was, now, why, who = (saved[name] for name in ("was", "now", "why", "who"))
        if "region" in saved:
            return SystemChange(saved["region"], was, now, why, who, at)
        return AlarmChange(snapshots.occurrence_of(saved["occurrence"]), was, now, why, who, at)
    except (KeyError, TypeError, ValueError) as error:
        raise SnapshotError(f"alarm change: cannot be read ({error!r})") from error


def _bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
