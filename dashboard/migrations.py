"""How a night log of an older layout becomes one of today's: numbered steps, each of them whole or not at all.

A step is the SQL that SQLite and PostgreSQL both understand, and is never changed once it was released: a later
layout is a further step. A file from before layouts had numbers counts as layout 0, whose step makes only what is
not there. A migration library would bring a folder of scripts and a templating language for these few lines.

    NewerLayoutError    the log was made by a newer program
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection, inspect, select, text, update

from dashboard.tables import layout

_MESSAGES = (
    """CREATE TABLE IF NOT EXISTS event (
        id VARCHAR(128) NOT NULL PRIMARY KEY, revision INTEGER NOT NULL, sensor VARCHAR(32) NOT NULL,
        recording_id VARCHAR(128) NOT NULL, onset_at VARCHAR(32) NOT NULL, message JSON NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS event_by_recording ON event (recording_id)",
    "CREATE INDEX IF NOT EXISTS event_by_onset ON event (onset_at)",
    """CREATE TABLE IF NOT EXISTS alarm (
        id VARCHAR(128) NOT NULL, revision INTEGER NOT NULL, sensor VARCHAR(32) NOT NULL,
        at VARCHAR(32) NOT NULL, message JSON NOT NULL, PRIMARY KEY (id, revision))""",
    "CREATE INDEX IF NOT EXISTS alarm_by_time ON alarm (at)",
    """CREATE TABLE IF NOT EXISTS receipt (
        id VARCHAR(128) NOT NULL PRIMARY KEY, revision INTEGER NOT NULL, occurrence_id VARCHAR(128),
        at VARCHAR(32) NOT NULL, message JSON NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS receipt_by_occurrence ON receipt (occurrence_id)",
    "CREATE INDEX IF NOT EXISTS receipt_by_time ON receipt (at)",
    """CREATE TABLE IF NOT EXISTS beyond_mark (
        outbox VARCHAR(64) NOT NULL, seq INTEGER NOT NULL, after INTEGER NOT NULL, PRIMARY KEY (outbox, seq))""",
    """CREATE TABLE IF NOT EXISTS mark (
        outbox VARCHAR(64) NOT NULL PRIMARY KEY, sensor VARCHAR(32) NOT NULL, seq INTEGER NOT NULL)""",
)
_WHAT_PEOPLE_SAY = (
    """CREATE TABLE label (
        id VARCHAR(64) NOT NULL, revision INTEGER NOT NULL, event_id VARCHAR(128), night VARCHAR(64) NOT NULL,
        "by" VARCHAR(64) NOT NULL, verdict VARCHAR(16) NOT NULL, note TEXT NOT NULL, at VARCHAR(32) NOT NULL,
        onset_at VARCHAR(32), ended_at VARCHAR(32), removed BOOLEAN NOT NULL, PRIMARY KEY (id, revision))""",
    "CREATE INDEX label_by_night ON label (night)",
    "CREATE INDEX label_by_event ON label (event_id)",
    """CREATE TABLE diary (
        date VARCHAR(10) NOT NULL, wearer VARCHAR(64) NOT NULL, revision INTEGER NOT NULL,
        at VARCHAR(32) NOT NULL, answers JSON NOT NULL, PRIMARY KEY (date, wearer, revision))""",
    """CREATE TABLE profile (
        wearer VARCHAR(64) NOT NULL, revision INTEGER NOT NULL, at VARCHAR(32) NOT NULL,
        answers JSON NOT NULL, PRIMARY KEY (wearer, revision))""",
)
# The step at place n leads from layout n to layout n + 1.
STEPS: tuple[tuple[str, ...], ...] = (_MESSAGES, _WHAT_PEOPLE_SAY)
NEWEST = len(STEPS)


class NewerLayoutError(RuntimeError):
    """The log was made by a newer program."""


def migrate(begin: Callable[[], AbstractContextManager[Connection]]) -> None:
    """Bring a log to the newest layout.

    Args:
        begin: Starts a transaction that no other writer shares.

    Raises:
        NewerLayoutError: it is beyond the newest that is known.
    """
    while _step(begin):
        pass


def stored_layout(connection: Connection) -> int | None:
    """Return the number of a log's layout; None where it holds no tables, and 0 where it has no number yet."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    return int(connection.execute(select(layout.c.version)).scalar_one()) if layout.name in tables else 0


def _step(begin: Callable[[], AbstractContextManager[Connection]]) -> bool:
    """Take the step that is next, if there is one; tell whether there may be another."""
    with begin() as connection:
        version = _version(connection)
        if version > NEWEST:
            raise NewerLayoutError(
                f"expected a layout up to {NEWEST}, got {version}: a newer crampwatch made it; use that one"
            )
        if version == NEWEST:
            return False
        for statement in STEPS[version]:
            connection.execute(text(statement))
        connection.execute(update(layout).values(version=version + 1))
    return True


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(layout.name):
        connection.execute(text("CREATE TABLE layout (version INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO layout (version) VALUES (0)"))
    return int(connection.execute(select(layout.c.version)).scalar_one())
