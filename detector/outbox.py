"""Where messages wait until the night log has them: an SQLite file that survives kill -9 and power cuts.

A row is numbered as it is written; numbers are contiguous, are never used twice, and go on after a restart.
The rule that makes delivery certain is in `detector.delivery`.

    DurableFileError (detector.durable_sqlite)    the file cannot be opened, read or written
"""

import logging
import secrets
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

from detector.durable_sqlite import immediate, make_tables, open_durable, told
from detector.messages import LoggedMark, encode

_log = logging.getLogger(__name__)

# Three nights of events without a broker (RELIABILITY E2).
LIMIT = 10_000
_ID_BYTES = 8
# Readers of JSON hold no larger number exactly, and no outbox comes near: what lies beyond is a disk's.
_LARGEST_SEQ = 2**53

_TABLES = """
CREATE TABLE IF NOT EXISTS message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    crc INTEGER NOT NULL,
    expendable INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS message_expendable ON message (seq) WHERE expendable;
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
"""
# The topic as bytes: a flipped bit in it must be found by its check sum, not by a decoder.
_PENDING = """
SELECT seq, CAST(topic AS BLOB), payload, crc,
       (SELECT coalesce(max(seq), 0) FROM message AS before WHERE before.seq < message.seq)
FROM message WHERE seq > ? ORDER BY seq LIMIT ?
"""
_LAST = "SELECT coalesce(max(CAST(seq AS INTEGER)), 0) FROM sqlite_sequence WHERE name = 'message'"
_GIVE_UP = """
DELETE FROM message WHERE seq IN (SELECT seq FROM message WHERE expendable ORDER BY seq LIMIT ?)
"""


class Waiting(NamedTuple):
    """A message that waits, with ``outbox``, ``seq`` and ``after`` in its payload."""

    seq: int
    topic: str
    payload: bytes


class Transaction:
    """What can be done in one transaction of the outbox; made by `Outbox.transaction`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.appended = 0

    def append(self, topic: str, message: Mapping[str, Any], *, expendable: bool = False) -> int:
        """Add a message and return its number.

        Args:
            topic: where it goes.
            message: its JSON object, without the three keys that the outbox adds.
            expendable: whether it may be given up, oldest first, when `LIMIT` messages wait.

        Raises:
            ValueError: it is empty, too long, or holds a number that is not finite.
        """
        payload = encode(message)
        if not message:
            raise ValueError("outbox: expected a message, got an empty one")
        insert = "INSERT INTO message (topic, payload, crc, expendable) VALUES (?, ?, ?, ?)"
        crc = _check_sum(topic.encode(), payload)
        seq = self._connection.execute(insert, (topic, payload, crc, expendable)).lastrowid
        assert seq is not None
        self.appended += 1
        return seq

    def execute(self, statement: str, parameters: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Run a statement on tables of the caller's own in the same file."""
        return self._connection.execute(statement, parameters)


class Outbox:
    """Messages in order, each kept until the night log has it. Use it from one thread.

    A damaged file is put aside and a new one begun, with a new `id`, so that old marks cannot cover new
    messages.

    Args:
        path: the SQLite file; it and its folder are made for the owner alone.
        limit: how many messages may wait; beyond it expendable ones are given up, and the others never.

    Attributes:
        path: the file.
        quarantined: where a damaged file was put at opening; None if there was none.
        id: which outbox this is; numbers of another one mean nothing here.
        waiting: how many messages wait.
        dropped: how many expendable messages were given up since the file was made.
        damaged: how many messages were found damaged, and removed, since opening.

    Raises:
        DurableFileError: the file cannot be opened.
    """

    def __init__(self, path: Path, *, limit: int = LIMIT) -> None:
        self.path = path
        self.damaged = 0
        self._limit = limit
        self._connection, self.quarantined = open_durable(path, _prepare)
        with told(path, "read"):
            self.id, self.waiting, self.dropped = _facts(self._connection)

    @property
    def overfull(self) -> bool:
        """Whether more messages wait than should; nothing of it is lost."""
        return self.waiting > self._limit

    @property
    def last_seq(self) -> int:
        """The highest number ever given."""
        row = self._query("SELECT seq FROM sqlite_sequence WHERE name = 'message'")
        return int(row[0]) if row else 0

    @property
    def oldest_seq(self) -> int | None:
        """The lowest number that waits."""
        row = self._query("SELECT min(seq) FROM message")
        return None if row is None or row[0] is None else int(row[0])

    def append(self, topic: str, message: Mapping[str, Any], *, expendable: bool = False) -> int:
        """Add a message, durably, and return its number.

        Raises:
            DurableFileError: it cannot be written; nothing was.
            ValueError: see `Transaction.append`.
        """
        with self.transaction() as transaction:
            return transaction.append(topic, message, expendable=expendable)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Write messages and rows of the caller's own, all durably or none.

        Raises:
            DurableFileError: it cannot be written; nothing was.
        """
        with told(self.path, "written"), immediate(self._connection):
            transaction = Transaction(self._connection)
            yield transaction
            dropped = self._give_up(self.waiting + transaction.appended - self._limit)
        self.waiting += transaction.appended - dropped
        self.dropped += dropped

    def pending(self, after: int = 0, limit: int = 100) -> list[Waiting]:
        """Return the messages numbered above ``after``, in order.

        One that was damaged on disk is removed and counted: sent, no receiver could ever say that it has it.

        Raises:
            DurableFileError: the file cannot be read.
        """
        with told(self.path, "read"):
            rows = self._connection.execute(_PENDING, (after, limit)).fetchall()
        whole = [row for row in rows if _is_whole(row)]
        if len(whole) < len(rows):
            self._remove([row[0] for row in rows if not _is_whole(row)])
            return self.pending(after, limit)
        return [
            Waiting(seq, topic.decode(), self._numbered(payload, seq, before))
            for seq, topic, payload, _, before in whole
        ]

    def acknowledge(self, mark: LoggedMark) -> int:
        """Forget what the night log has, and return how many messages that was.

        A mark of another outbox says nothing. One beyond all that was ever numbered here shows that this file
        is an old copy: the outbox then takes a new id, since its numbers have already been used for other
        messages.

        Raises:
            DurableFileError: the file cannot be written.
        """
        if mark.outbox != self.id:
            return 0
        if mark.seq > self.last_seq:
            _log.error("outbox %s: mark %d is beyond its last number %d", self.path, mark.seq, self.last_seq)
            new_id = _new_id()
            with told(self.path, "written"):
                self._connection.execute("UPDATE fact SET value = ? WHERE name = 'id'", (new_id,))
            self.id = new_id
            return 0
        with told(self.path, "written"):
            logged = self._connection.execute("DELETE FROM message WHERE seq <= ?", (mark.seq,)).rowcount
        self.waiting -= logged
        return logged

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _numbered(self, payload: bytes, seq: int, after: int) -> bytes:
        """Return the payload with the outbox's three keys; they are put in front, without parsing it."""
        return f'{{"outbox":"{self.id}","seq":{seq},"after":{after},'.encode() + payload[1:]

    def _give_up(self, too_many: int) -> int:
        if too_many <= 0:
            return 0
        dropped = self._connection.execute(_GIVE_UP, (too_many,)).rowcount
        self._connection.execute("UPDATE fact SET value = value + ? WHERE name = 'dropped'", (dropped,))
        return dropped

    def _remove(self, numbers: list[int]) -> None:
        _log.error("outbox %s: messages %s were damaged on disk; removed", self.path, numbers)
        with told(self.path, "written"), immediate(self._connection):
            self._connection.executemany("DELETE FROM message WHERE seq = ?", [(seq,) for seq in numbers])
        self.damaged += len(numbers)
        self.waiting -= len(numbers)

    def _query(self, statement: str) -> tuple[Any, ...] | None:
        with told(self.path, "read"):
            row: tuple[Any, ...] | None = self._connection.execute(statement).fetchone()
        return row


def _prepare(connection: sqlite3.Connection) -> None:
    make_tables(connection, _TABLES)
    facts = (("id", _new_id()), ("dropped", 0))
    connection.executemany("INSERT OR IGNORE INTO fact VALUES (?, ?)", facts)
    _facts(connection)


def _facts(connection: sqlite3.Connection) -> tuple[str, int, int]:
    """Return the id, how many messages wait, and how many were given up.

    Raises:
        sqlite3.DatabaseError: the file does not hold them as it should.
    """
    facts = dict(connection.execute("SELECT name, value FROM fact").fetchall())
    (last,) = connection.execute(_LAST).fetchone()
    if not 0 <= last <= _LARGEST_SEQ:
        raise sqlite3.DatabaseError(f"numbers: expected up to {_LARGEST_SEQ}, got {last!r:.40}")
    (waiting,) = connection.execute("SELECT count(*) FROM message").fetchone()
    match facts:
        case {"id": str(name), "dropped": int(dropped)} if name.isalnum():
            return name, waiting, dropped
    raise sqlite3.DatabaseError(f"facts: expected an id and a count, got {facts!r}")


def _is_whole(row: tuple[int, bytes, object, int, int]) -> bool:
    _, topic, payload, crc, _ = row
    return isinstance(payload, bytes) and _check_sum(topic, payload) == crc


def _check_sum(topic: bytes, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(topic))


def _new_id() -> str:
    return secrets.token_hex(_ID_BYTES)
