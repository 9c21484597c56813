"""Who has an account at the pages, and who is logged in: one SQLite file, for its owner alone.

Kept of a password is its scrypt hash, and of a session's token its SHA-256: whoever reads the file can open nothing.
A damaged file is put aside and nobody has an account any more: the door fails shut.

AccountError    the name or the role cannot be used, or there are too many
"""

import hashlib
import sqlite3
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, cast, get_args

from dashboard.doors import Role
from detector.durable_sqlite import immediate, make_tables, used_once
from detector.messages import iso

FILE_NAME = "accounts.sqlite"
LONGEST_NAME = 40
# A clinic's staff.
MOST_ACCOUNTS = 200
# Screens and phones that are logged in at once; the oldest go first.
MOST_SESSIONS = 500
# What a session came from: an account, or an invitation.
Kind = Literal["account", "invitation"]

_TABLES = (
    """CREATE TABLE IF NOT EXISTS account (
        name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, made TEXT NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS session (
        hash TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, role TEXT NOT NULL, made TEXT NOT NULL,
        expires TEXT NOT NULL) WITHOUT ROWID""",
)
_ALL_ACCOUNTS = "SELECT name, role, password, made FROM account ORDER BY name"
_ALL_SESSIONS = "SELECT name, kind, role, expires FROM session"


class AccountError(ValueError):
    """An account that cannot be made."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may come in with a password."""

    name: str
    role: Role
    password: str
    made: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has come in."""

    name: str
    kind: Kind
    role: Role
    expires: datetime


class AccessStore:
    """The accounts and the sessions; any thread and any process of its user may use them at once.

    Args:
        path: The SQLite file, made where absent.

    Every method may raise `DurableFileError` where the file cannot be opened, read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def accounts(self) -> list[Account]:
        """Return the accounts, by name."""
        with self._open() as connection:
            return [_account(*row) for row in connection.execute(_ALL_ACCOUNTS)]

    def account(self, name: str) -> Account | None:
        """Return one account."""
        return next((account for account in self.accounts() if account.name == name), None)

    def add(self, name: str, role: Role, password: str, *, now: datetime) -> None:
        """Make an account, or give one another role and password; whoever was in by it must come in again.

        Args:
            name: Whose.
            role: What they may see.
            password: As `dashboard.passwords.kept_form` gives it.
            now: The time.

        Raises:
            AccountError: the name cannot be used, or there are too many.
        """
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
            raise AccountError(f"name: expected 1 to {LONGEST_NAME} printable characters, got {name!r:.80}")
        if role not in get_args(Role):
            raise AccountError(f"role: expected one of {', '.join(get_args(Role))}, got {role!r:.40}")
        with self._open() as connection, immediate(connection):
            _forget(connection, name)
            (count,) = connection.execute("SELECT count(*) FROM account").fetchone()
            if count >= MOST_ACCOUNTS:
                raise AccountError(
                    f"expected at most {MOST_ACCOUNTS} accounts; remove some: `crampwatch account list`"
                )
            connection.execute("INSERT INTO account VALUES (?, ?, ?, ?)", (name, role, password, iso(now)))

    def remove(self, name: str) -> bool:
        """Remove an account and whoever is in by it; tell whether there was one."""
        with self._open() as connection, immediate(connection):
            return _forget(connection, name)

    def begin(self, token: str, session: Session, *, now: datetime) -> None:
        """Note that somebody has come in."""
        row = (_hash_of(token), session.name, session.kind, session.role, iso(now), iso(session.expires))
        with self._open() as connection, immediate(connection):
            connection.execute("DELETE FROM session WHERE expires <= ?", [iso(now)])
            connection.execute(
                "DELETE FROM session WHERE hash NOT IN (SELECT hash FROM session ORDER BY made DESC LIMIT ?)",
                [MOST_SESSIONS - 1],
            )
            if session.kind == "invitation":
                # A link opens one screen. Whoever held an older one, perhaps a lost phone, does not come back by
                # somebody of that name having been invited again.
                connection.execute(
                    "DELETE FROM session WHERE name = ? AND kind = 'invitation'", [session.name]
                )
            connection.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", row)

    def session(self, token: str, *, now: datetime) -> Session | None:
        """Return who holds a token; None where nobody does, or no longer."""
        with self._open() as connection:
            row = connection.execute(f"{_ALL_SESSIONS} WHERE hash = ?", [_hash_of(token)]).fetchone()
        found = None if row is None else _session(*row)
        return found if found is not None and now < found.expires else None

    def end(self, token: str) -> None:
        """Note that whoever holds a token has left."""
        with self._open() as connection:
            connection.execute("DELETE FROM session WHERE hash = ?", [_hash_of(token)])

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        # Opened for each call: there are few, from whatever thread, and another process may write in between.
        return used_once(self._path, _prepare)


def _forget(connection: sqlite3.Connection, name: str) -> bool:
    connection.execute("DELETE FROM session WHERE name = ? AND kind = 'account'", [name])
    return connection.execute("DELETE FROM account WHERE name = ?", [name]).rowcount > 0


def _prepare(connection: sqlite3.Connection) -> None:
    make_tables(connection, ";".join(_TABLES))
    try:
        for row in connection.execute(_ALL_ACCOUNTS):
            _account(*row)
        for row in connection.execute(_ALL_SESSIONS):
            _session(*row)
    except (TypeError, ValueError) as error:
        raise sqlite3.DatabaseError(f"a row is neither account nor session: {error}") from error


def _account(name: object, role: str, password: object, made: str) -> Account:
    if not isinstance(name, str) or not isinstance(password, str):
        raise TypeError(f"account: expected a name and a password as text, got {name!r:.40}")
    return Account(name, _role(role), password, datetime.fromisoformat(made))


def _session(name: str, kind: str, role: str, expires: str) -> Session:
    until = datetime.fromisoformat(expires)
    if kind not in get_args(Kind) or until.tzinfo is None:
        raise ValueError(
            f"session: expected a kind and a time with its zone, got {kind!r:.40}, {expires!r:.40}"
        )
    return Session(name, cast("Kind", kind), _role(role), until)


def _role(role: str) -> Role:
    if role not in get_args(Role):
        raise ValueError(f"role: got {role!r:.40}")
    return cast("Role", role)


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
