"""The database under the night log: SQLite by default, PostgreSQL by the same statements for a clinic.

NightLogError    it cannot be opened, read or written
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from dashboard.damaged_rows import remove_damaged_rows
from dashboard.migrations import NEWEST, NewerLayoutError, migrate, stored_layout
from dashboard.salvage import salvage
from detector.durable_sqlite import CACHE_KIB, DurableFileError, open_durable
from detector.sqlite_copy import copy_sqlite

_log = logging.getLogger(__name__)

# How long a write waits for another, ms.
_BUSY_MS = 5000
# Connections to a file kept open between uses: a writer and a reader. Each holds two descriptors and its own cache.
_KEPT_CONNECTIONS = 2
# More readers at once than are kept open get a connection for one use: as many as the server's threads may want.
_MORE_CONNECTIONS = 38
# How long a PostgreSQL server may take to answer a call, s.
_CONNECT_S = 5
# Our writers wait for each other by this name, whatever else the server holds: "cram" in ASCII.
_WRITERS = 0x6372616D
_IS_WRITING = "crampwatch_is_writing"
_POSTGRESQL = "postgresql"


class NightLogError(RuntimeError):
    """The night log cannot be opened, read or written."""


class Database:
    """One database, in today's layout. Any thread may use it; writers wait for each other.

    Args:
        place: A SQLite file, made for its owner alone, or ``postgresql://USER@HOST:PORT/NAME``.
        password: Of the PostgreSQL user, where the address has none.

    Attributes:
        quarantined: Where a damaged file that lay there was put; None where none did.

    Raises:
        NightLogError: it cannot be opened, or a newer program made it.
    """

    def __init__(self, place: Path | str, password: str = "") -> None:
        self.quarantined: Path | None = None
        if isinstance(place, Path):
            self._name = str(place)
            self.quarantined = _looked_through(place)
            self._engine = _sqlite(place)
            self._keep_before(place)
        else:
            url = _postgresql_url(place, password)
            self._name = url.render_as_string(hide_password=True)
            self._engine = _postgresql(url)
        try:
            with self._told("opened"):
                migrate(self._begin)
                if self.quarantined is not None:
                    self._salvage(self.quarantined)
        except NewerLayoutError as error:
            self.close()
            raise NightLogError(f"night log {self._name}: {error}") from error
        except NightLogError:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to read by; what it sees does not change under it.

        Raises:
            NightLogError: it cannot be read.
        """
        with self._told("read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection to write by, alone: all of it is committed, or, if anything is raised, nothing.

        Raises:
            NightLogError: it cannot be written; nothing was.
        """
        with self._told("written"), self._begin() as connection:
            yield connection

    def close(self) -> None:
        """Close it."""
        self._engine.dispose()

    def _keep_before(self, place: Path) -> None:
        """Keep a copy of a log of an older layout, as ``<name>.layout-<n>``, before it is changed."""
        with self._told("looked at"), self._engine.connect() as connection:
            version = stored_layout(connection)
        if version is not None and version < NEWEST:
            try:
                copy_sqlite(place, place.with_name(f"{place.name}.layout-{version}"))
            except DurableFileError as error:
                self.close()
                raise NightLogError(f"night log {error}; it is not changed without a copy") from error

    def _salvage(self, damaged: Path) -> None:
        """Take over what can be read; the new log works without, too."""
        try:
            with self._begin() as connection:
                salvage(damaged, connection)
        except SQLAlchemyError as error:
            _log.warning("%s: nothing of it could be taken over: %s", damaged, error)

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._engine.execution_options(**{_IS_WRITING: True}).begin() as connection:
            yield connection

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            cause = str(getattr(error, "orig", None) or error).strip()
            raise NightLogError(
                f"night log {self._name}: cannot be {what} ({cause}); {_ADVICE[self._engine.name]}"
            ) from error


def _text(octets: bytes) -> str:
    return octets.decode(errors="replace")


_ADVICE = {
    "sqlite": "check its disk and owner",
    _POSTGRESQL: "check that its server runs, and night_log.url",
}


def _looked_through(path: Path) -> Path | None:
    """Open a file bare first: private from its first byte, and put aside where it is damaged."""
    try:
        opened = open_durable(path, remove_damaged_rows)
    except DurableFileError as error:
        raise NightLogError(f"night log {error}") from error
    opened.connection.close()
    return opened.quarantined


def _sqlite(path: Path) -> Engine:
    address = URL.create("sqlite", database=str(path))
    engine = create_engine(address, pool_size=_KEPT_CONNECTIONS, max_overflow=_MORE_CONNECTIONS)

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
        # The driver shall begin nothing by itself: what it begins is no writer yet, and fails beside another.
        connection.isolation_level = None
        # A letter that a disk has damaged must not cost the row, or the rows beside it.
        connection.text_factory = _text
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        is_writing = connection.get_execution_options().get(_IS_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

    return engine


def _postgresql_url(address: str, password: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        # The address itself is not repeated: a password may be in it.
        raise NightLogError("night_log.url: expected postgresql://USER@HOST:PORT/NAME") from error
    if url.drivername not in {_POSTGRESQL, "postgres"}:
        raise NightLogError(
            f"night_log.url: expected postgresql://USER@HOST:PORT/NAME, got one of {url.drivername}"
        )
    url = url.set(drivername="postgresql+psycopg")
    return url.set(password=password) if password else url


def _postgresql(url: URL) -> Engine:
    try:
        # A connection that the server has ended is replaced before it is used.
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_S})
    except ModuleNotFoundError as error:
        raise NightLogError(
            f"night log {url.render_as_string(hide_password=True)}: psycopg is not installed; "
            "install crampwatch[postgres]"
        ) from error

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_IS_WRITING):
            connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _WRITERS})
        else:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))

    return engine
