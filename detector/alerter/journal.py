"""Who was told what, when, by which channel, and how it went: an SQLite file that survives kill -9.

Before a push leaves, its attempt is written and synced; when the service has answered, so is the answer. After a
crash an attempt without an answer is uncertain: the push is sent again, under the same id and with "Again" in its
text, because a call for help that was never made is worse than one made twice. Services and receivers that know the
id show it once.

A disk that takes nothing stops no push: what cannot be written is kept in memory, and `Journal.trouble` says so.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from detector.alarms.values import Moment
from detector.alerter.channels import Delivery, Push
from detector.alerter.proof import PATHS, PROOF_TABLE, Proof, proofs_in, write_proof
from detector.alerter.tellings import Attempt, Telling, Told
from detector.durable_sqlite import DurableFileError, immediate, make_tables, open_durable, told
from detector.messages import iso

_log = logging.getLogger(__name__)

Result = TypeVar("Result")

# As many as ALARMS asks for of transitions (I12); older ones go.
KEPT = 5000
# What a restart must know of: the tellings of a night of alarms; by number, since the wall clock may have been set.
_REMEMBERED = 1000

_TABLES = """
CREATE TABLE IF NOT EXISTS telling (
    push_id TEXT PRIMARY KEY, occurrence_id TEXT NOT NULL, sensor TEXT NOT NULL, call INTEGER NOT NULL,
    step TEXT NOT NULL, caregiver TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, began TEXT NOT NULL,
    mono_s REAL NOT NULL, wall TEXT NOT NULL, boot_id TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS attempt (
    number INTEGER PRIMARY KEY AUTOINCREMENT, push_id TEXT NOT NULL, channel TEXT NOT NULL,
    mono_s REAL NOT NULL, wall TEXT NOT NULL, boot_id TEXT NOT NULL,
    outcome TEXT, reason TEXT NOT NULL DEFAULT '', took_s REAL, latency_s REAL
);
CREATE INDEX IF NOT EXISTS attempt_of ON attempt (push_id);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_NEW_ATTEMPT = "INSERT INTO attempt (push_id, channel, mono_s, wall, boot_id) VALUES (?, ?, ?, ?, ?)"
_LOAD = """
SELECT push_id, occurrence_id, sensor, call, step, caregiver, title, body, began, mono_s, wall, boot_id
FROM telling WHERE rowid > (SELECT coalesce(max(rowid), 0) FROM telling) - ? ORDER BY rowid
"""
_LOAD_ATTEMPTS = (
    "SELECT number, channel, mono_s, wall, boot_id, outcome, reason, took_s FROM attempt WHERE push_id = ?"
)


class Journal:
    """The alerter's memory. All methods are for one thread.

    Args:
        path: The SQLite file; a damaged one is put aside and a new one begun.
        boot_id: Which start of the computer the monotonic clock belongs to; times of another one mean nothing.
        at: Now.

    Attributes:
        quarantined: Where a damaged file was put; None if there was none.
        trouble: Why nothing is written, for a person; empty while it is.
        tellings: What was told lately, by push id.
        proofs: The newest proof of each path, by name.
    """

    def __init__(self, path: Path, boot_id: str, at: Moment) -> None:
        self.path = path
        self.trouble = ""
        self.quarantined: Path | None = None
        self.tellings: dict[str, Told] = {}
        self.proofs: dict[str, Proof] = {}
        self._boot_id = boot_id
        self._connection: sqlite3.Connection | None = None
        self._unwritten = 0
        try:
            self._connection, self.quarantined = open_durable(path, _prepare)
            with told(path, "read"):
                self._load(at)
        except DurableFileError as error:
            self._fails(error)

    def about_to_send(self, telling: Telling, channel: str, at: Moment) -> Attempt:
        """Note, durably, that a push is about to leave."""
        row = (telling.push.id, channel, at.mono_s, iso(at.wall), self._boot_id)
        number = self._write(lambda connection: self._keep(connection, telling, row))
        if number is None:
            self._unwritten += 1
            number = -self._unwritten
        attempt = Attempt(number, channel, at)
        entry = self.tellings.setdefault(telling.push.id, Told(telling))
        # What was uncertain is tried again, and its answer is the new attempt's.
        entry.attempts = [_settled(before) for before in entry.attempts]
        entry.attempts.append(attempt)
        while len(self.tellings) > KEPT:
            del self.tellings[next(iter(self.tellings))]
        return attempt

    def answered(self, delivery: Delivery, at: Moment) -> Attempt | None:
        """Note how a push went; None where nothing is known of it."""
        entry = self.tellings.get(delivery.push_id)
        open_ones = [item for item in entry.attempts if item.channel == delivery.channel] if entry else []
        if entry is None or not open_ones:
            return None
        before = open_ones[-1]
        after = replace(
            before,
            outcome=delivery.outcome,
            reason=delivery.reason,
            took_s=delivery.took_s,
            ended_s=at.mono_s,
        )
        entry.attempts[entry.attempts.index(before)] = after
        telling = entry.telling
        # By the monotonic clock from the decision on: the wall clock may be set while a service thinks.
        latency_s = (
            (telling.decided.wall - telling.began).total_seconds() + at.mono_s - telling.decided.mono_s
        )
        statement = "UPDATE attempt SET outcome = ?, reason = ?, took_s = ?, latency_s = ? WHERE number = ?"
        row = (after.outcome, after.reason, after.took_s, latency_s, after.number)
        self._write(lambda connection: connection.execute(statement, row))
        return after

    def of(self, occurrence_id: str) -> list[Told]:
        """Return who was told of an alarm, in order."""
        return [entry for entry in self.tellings.values() if entry.telling.occurrence_id == occurrence_id]

    def open_ones(self) -> list[Told]:
        """Return what no service has taken and none is asked for."""
        return [entry for entry in self.tellings.values() if not entry.accepted and not entry.under_way]

    def remember(self, name: str, value: str) -> None:
        """Keep a fact over a restart."""
        statement = "INSERT OR REPLACE INTO fact VALUES (?, ?)"
        self._write(lambda connection: connection.execute(statement, (name, value)))

    def recall(self, name: str) -> str | None:
        """Return a fact that was kept; None where there is none, or none that can be read."""
        if self._connection is None:
            return None
        try:
            with told(self.path, "read"):
                row = self._connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        except DurableFileError as error:
            self._fails(error)
            return None
        return str(row[0]) if row else None

    def require(self, paths: Sequence[str]) -> None:
        """Say which paths must be proven; what is proven of others no longer counts."""
        self.remember(PATHS, json.dumps(list(paths)))

    def prove(self, proof: Proof) -> None:
        """Keep the newest proof of a path."""
        self.proofs[proof.path] = proof
        self._write(lambda connection: write_proof(connection, proof))

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _write(self, work: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """Do the work in one transaction; where that is not possible, say so and go on without."""
        if self._connection is None:
            return None
        try:
            with told(self.path, "written"), immediate(self._connection):
                result = work(self._connection)
        except DurableFileError as error:
            self._fails(error)
            return None
        self.trouble = ""
        return result

    def _fails(self, error: DurableFileError) -> None:
        if not self.trouble:
            _log.warning("journal: %s", error)
        self.trouble = str(error)

    def _keep(self, connection: sqlite3.Connection, telling: Telling, attempt: tuple[Any, ...]) -> int | None:
        """Write an attempt, and its telling if it is the first; return the attempt's number."""
        decided = telling.decided
        connection.execute(
            "INSERT OR IGNORE INTO telling VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(
                    telling.push.id,
                    telling.occurrence_id,
                    telling.sensor,
                    telling.call,
                    telling.step,
                    telling.caregiver,
                ),
                *(telling.push.title, telling.push.body, iso(telling.began)),
                *(decided.mono_s, iso(decided.wall), self._boot_id),
            ),
        )
        number = connection.execute(_NEW_ATTEMPT, attempt).lastrowid
        connection.execute("DELETE FROM telling WHERE rowid <= (SELECT max(rowid) FROM telling) - ?", (KEPT,))
        connection.execute("DELETE FROM attempt WHERE number <= ? - ?", (number, KEPT))
        return number

    def _load(self, at: Moment) -> None:
        assert self._connection is not None
        try:
            self.proofs = proofs_in(self._connection)
        except ValueError as error:
            _log.warning("journal %s: proofs cannot be read; everything is tested anew: %s", self.path, error)
        for row in self._connection.execute(_LOAD, (_REMEMBERED,)).fetchall():
            rows = self._connection.execute(_LOAD_ATTEMPTS, (row[0],)).fetchall()
            try:
                telling = _telling(row, self._moment(row[-3], row[-2], row[-1], at))
                attempts = [self._attempt(found, at) for found in rows]
            except (ValueError, TypeError) as error:
                _log.warning("journal %s: a row cannot be read and is left out: %s", self.path, error)
            else:
                self.tellings[telling.push.id] = Told(telling, attempts)

    def _attempt(self, row: tuple[Any, ...], at: Moment) -> Attempt:
        number, channel, mono_s, wall, boot_id, outcome, reason, took_s = row
        begun = self._moment(mono_s, wall, boot_id, at)
        return Attempt(number, channel, begun, outcome, reason, took_s, uncertain=outcome is None)

    def _moment(self, mono_s: float, wall: str, boot_id: str, at: Moment) -> Moment:
        """Return a moment on this boot's clock; from another one, the wall clock tells how long ago it was."""
        when = datetime.fromisoformat(wall).astimezone(UTC)
        if boot_id == self._boot_id and mono_s <= at.mono_s:
            return Moment(mono_s, when)
        ago_s = max(0.0, (at.wall - when).total_seconds())
        return Moment(at.mono_s - ago_s, when)


def _prepare(connection: sqlite3.Connection) -> None:
    make_tables(connection, _TABLES + PROOF_TABLE)


def _telling(row: tuple[Any, ...], decided: Moment) -> Telling:
    push_id, occurrence_id, sensor, call, step, caregiver, title, body, began, *_ = row
    return Telling(
        *(
            Push(push_id, title, body),
            occurrence_id,
            sensor,
            call,
            step,
            caregiver,
            datetime.fromisoformat(began).astimezone(UTC),
        ),
        decided,
    )


def _settled(attempt: Attempt) -> Attempt:
    return replace(attempt, outcome="no_answer", uncertain=False) if attempt.uncertain else attempt
