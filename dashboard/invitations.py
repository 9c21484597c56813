"""Who has been invited to the pages: links that open them once, for a while, and can be taken back.

A link holds a token of 256 random bits; kept is its SHA-256 alone, so whoever reads the file can open nothing. A
damaged file is put aside and nobody is invited any more: the door fails shut.

InvitationError    the name cannot be used, or there are too many
"""

import hashlib
import hmac
import secrets
import sqlite3
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from detector.durable_sqlite import immediate, make_tables, used_once
from detector.messages import iso

FILE_NAME = "invitations.sqlite"
# A week: long enough to be in no hurry, short enough that a forgotten chat opens nothing.
VALID = timedelta(days=7)
LONGEST_VALID = timedelta(days=90)
LONGEST_NAME = 40
# A household has a handful of caregivers.
MOST_INVITATIONS = 100
_TOKEN_BYTES = 32
# Longer than any token of ours; more is not hashed.
_LONGEST_TOKEN = 200

_TABLE = """
CREATE TABLE IF NOT EXISTS invitation (
    name TEXT PRIMARY KEY, hash TEXT NOT NULL, made TEXT NOT NULL, expires TEXT NOT NULL, used TEXT
) WITHOUT ROWID
"""
_ALL = "SELECT name, hash, made, expires, used FROM invitation ORDER BY made, name"


class InvitationError(ValueError):
    """An invitation that cannot be made."""


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody who may come in as a caregiver."""

    name: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """What is known of a link; never its token.

    Attributes:
        name: For whom.
        made: When.
        expires: When it stops opening anything.
        used: When it was opened; None while it has not been.
    """

    name: str
    made: datetime
    expires: datetime
    used: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Tell whether it would open the pages."""
        return self.used is None and now < self.expires


class Invitations:
    """The invitations of a household; any thread and any process of its user may use them at once.

    Args:
        path: The SQLite file, made where absent, for its owner alone.

    Every method may raise `DurableFileError` where the file cannot be opened, read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self, name: str, *, now: datetime, valid: timedelta = VALID) -> str:
        """Invite somebody; return the token for the link. Whoever was invited by that name before is no more.

        Raises:
            InvitationError: the name or the time cannot be used, or there are too many.
        """
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
            raise InvitationError(
                f"name: expected 1 to {LONGEST_NAME} printable characters, got {name!r:.80}"
            )
        if not timedelta() < valid <= LONGEST_VALID:
            raise InvitationError(
                f"valid: expected above 0 and at most {LONGEST_VALID.days} days, got {valid}"
            )
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        row = (name, _hash_of(token), iso(now), iso(now + valid))
        with self._open() as connection, immediate(connection):
            connection.execute("DELETE FROM invitation WHERE used IS NULL AND expires <= ?", [iso(now)])
            connection.execute("DELETE FROM invitation WHERE name = ?", [name])
            (count,) = connection.execute("SELECT count(*) FROM invitation").fetchone()
            if count >= MOST_INVITATIONS:
                raise InvitationError(
                    f"expected at most {MOST_INVITATIONS} invitations; revoke some: `crampwatch invite --list`"
                )
            connection.execute("INSERT INTO invitation (name, hash, made, expires) VALUES (?, ?, ?, ?)", row)
        return token

    def look(self, token: str, *, now: datetime) -> Invitee | None:
        """Return whom a token would let in, without using it: programs open links before people do."""
        with self._open() as connection:
            return self._holder(connection, token, now)

    def redeem(self, token: str, *, now: datetime) -> Invitee | None:
        """Use a token, which can be done once; return whom it lets in, or None."""
        with self._open() as connection, immediate(connection):
            invitee = self._holder(connection, token, now)
            if invitee is not None:
                connection.execute("UPDATE invitation SET used = ? WHERE name = ?", [iso(now), invitee.name])
            return invitee

    def stands(self, name: str) -> bool:
        """Tell whether somebody who came in by an invitation is still welcome: it has not been taken back."""
        with self._open() as connection:
            found = connection.execute("SELECT used FROM invitation WHERE name = ?", [name]).fetchone()
            return found is not None and found[0] is not None

    def listed(self) -> list[Invitation]:
        """Return all of them, oldest first."""
        with self._open() as connection:
            return [_invitation(*row) for row in connection.execute(_ALL)]

    def revoke(self, name: str) -> bool:
        """Take an invitation back, used or not; tell whether there was one."""
        with self._open() as connection, immediate(connection):
            return connection.execute("DELETE FROM invitation WHERE name = ?", [name]).rowcount > 0

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        # Opened for each call: there are few, from whatever thread, and another process may write in between.
        return used_once(self._path, _prepare)

    def _holder(self, connection: sqlite3.Connection, token: str, now: datetime) -> Invitee | None:
        if len(token) > _LONGEST_TOKEN:
            return None
        asked, found = _hash_of(token), None
        # Each is looked at, whichever fits: how long it takes tells nobody anything.
        for name, kept, made, expires, used in connection.execute(_ALL):
            fits = hmac.compare_digest(asked, kept)
            if fits and _invitation(name, kept, made, expires, used).is_open(now):
                found = Invitee(name)
        return found


def _prepare(connection: sqlite3.Connection) -> None:
    make_tables(connection, _TABLE)
    for row in connection.execute(_ALL):
        try:
            _invitation(*row)
        except (TypeError, ValueError) as error:
            raise sqlite3.DatabaseError(f"a row is no invitation: {error}") from error


def _invitation(name: str, kept: object, made: str, expires: str, used: str | None) -> Invitation:
    if not isinstance(kept, str) or not kept.isascii():
        raise ValueError("hash: expected hexadecimal digits")
    opened = None if used is None else _moment(used)
    return Invitation(name, _moment(made), _moment(expires), opened)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time: expected one with its zone, got {text!r:.40}")
    return moment


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
