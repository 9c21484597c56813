"""The night log: every event in its newest revision, every change of every alarm, and who was told of it.

SQLAlchemy Core on SQLite (WAL, synchronous FULL); nothing in it is SQLite's own but the pragmas. The rule by
which the log knows that it misses nothing is in `detector.delivery`.

    NightLogError    the database cannot be opened or written
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from detector.delivery import contiguous_mark
from detector.durable_sqlite import DurableFileError, open_durable
from detector.messages import LoggedMark

# Most events that a page asks for at once.
RECENT = 50

_metadata = MetaData()
_event = Table(
    "event",
    _metadata,
    Column("id", String(128), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("sensor", String(32), nullable=False),
    Column("recording_id", String(128), nullable=False),
    # ISO 8601 in UTC, to the millisecond: sorts as text.
    Column("onset_at", String(32), nullable=False),
    Column("message", JSON, nullable=False),
    Index("event_by_recording", "recording_id"),
    Index("event_by_onset", "onset_at"),
)
_alarm = Table(
    "alarm",
    _metadata,
    Column("id", String(128), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("sensor", String(32), nullable=False),
    Column("at", String(32), nullable=False),
    Column("message", JSON, nullable=False),
    Index("alarm_by_time", "at"),
)
_receipt = Table(
    "receipt",
    _metadata,
    Column("id", String(128), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("occurrence_id", String(128)),
    Column("at", String(32), nullable=False),
    Column("message", JSON, nullable=False),
    Index("receipt_by_occurrence", "occurrence_id"),
    Index("receipt_by_time", "at"),
)
# What was committed beyond the mark: a number, and the one before it in its outbox.
_beyond = Table(
    "beyond_mark",
    _metadata,
    Column("outbox", String(64), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("after", Integer, nullable=False),
)
_mark = Table(
    "mark",
    _metadata,
    Column("outbox", String(64), primary_key=True),
    Column("sensor", String(32), nullable=False),
    Column("seq", Integer, nullable=False),
)


class NightLogError(RuntimeError):
    """The night log cannot be opened or written."""


class SensorMark(NamedTuple):
    """How far the log has come with a sensor's outbox."""

    sensor: str
    mark: LoggedMark


class NightLog:
    """The store. Use one from each thread's own calls; SQLAlchemy keeps a connection for each.

    Args:
        path: The SQLite file; made for its owner alone.

    Attributes:
        quarantined: Where a damaged file that lay there was put; None where none did.

    Raises:
        NightLogError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            # Opened bare first: private from its first byte, looked through, and put aside where it is damaged.
            opened = open_durable(path, lambda _connection: None)
        except DurableFileError as error:
            raise NightLogError(f"night log {error}") from error
        opened.connection.close()
        self.quarantined = opened.quarantined
        with _told(path, "opened"):
            self._engine = _engine(path)
            _metadata.create_all(self._engine)

    def add(
        self,
        events: Iterable[Mapping[str, Any]] = (),
        alarms: Iterable[Mapping[str, Any]] = (),
        receipts: Iterable[Mapping[str, Any]] = (),
    ) -> list[SensorMark]:
        """Commit messages, each as often and in whatever order it comes, and return the marks that moved.

        Args:
            events: As `detector.messages.event_message` makes them, numbered by the outbox.
            alarms: As `detector.alarm_messages.alarm_message` makes them; the monitors' are numbered.
            receipts: As `detector.alarm_messages.receipt_message` makes them.

        Raises:
            NightLogError: it cannot be written; nothing was.
        """
        with _told(self._path, "written"), self._engine.begin() as connection:
            outboxes = {}
            for table, messages in ((_event, events), (_alarm, alarms), (_receipt, receipts)):
                for message in messages:
                    _put(connection, table, message)
                    if "outbox" in message:
                        _note(connection, message)
                        outboxes[message["outbox"]] = message["sensor"]
            moved = [_advance(connection, outbox, sensor) for outbox, sensor in outboxes.items()]
        return [mark for mark in moved if mark is not None]

    def marks(self) -> list[SensorMark]:
        """Return how far the log has come, with every outbox it has heard of."""
        with _told(self._path, "read"), self._engine.connect() as connection:
            rows = connection.execute(select(_mark).order_by(_mark.c.outbox)).all()
        return [SensorMark(row.sensor, LoggedMark(row.outbox, row.seq)) for row in rows]

    def of_recordings(self, recording_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Return the events of some recordings, by onset."""
        wanted = select(_event.c.message).where(_event.c.recording_id.in_(list(recording_ids)))
        return self._messages(wanted.order_by(_event.c.onset_at, _event.c.id))

    def recent(self, limit: int = RECENT) -> list[dict[str, Any]]:
        """Return the newest events, newest first."""
        return self._messages(select(_event.c.message).order_by(_event.c.onset_at.desc()).limit(limit))

    def alarms(self, limit: int = RECENT) -> list[dict[str, Any]]:
        """Return the newest changes of alarms, newest first."""
        newest = select(_alarm.c.message).order_by(_alarm.c.at.desc(), _alarm.c.revision.desc())
        return self._messages(newest.limit(limit))

    def alarm_history(self, occurrence_id: str) -> list[dict[str, Any]]:
        """Return the changes of one alarm, first to last."""
        wanted = select(_alarm.c.message).where(_alarm.c.id == occurrence_id)
        return self._messages(wanted.order_by(_alarm.c.revision))

    def receipts(
        self, occurrence_ids: Iterable[str] | None = None, limit: int = RECENT
    ) -> list[dict[str, Any]]:
        """Return the newest receipts, of some alarms or of all, newest first."""
        wanted = select(_receipt.c.message).order_by(_receipt.c.at.desc()).limit(limit)
        if occurrence_ids is not None:
            wanted = wanted.where(_receipt.c.occurrence_id.in_(list(occurrence_ids)))
        return self._messages(wanted)

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def _messages(self, wanted: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a select of one JSON column
        with _told(self._path, "read"), self._engine.connect() as connection:
            return [dict(row.message) for row in connection.execute(wanted)]


def _put(connection: Connection, table: Table, message: Mapping[str, Any]) -> None:
    """Keep the newer of what is there and what came; of alarms, every revision."""
    row = {name: message[name] for name in table.c.keys() if name != "message"}  # noqa: SIM118 - no mapping
    row["message"] = dict(message)
    # What is there in a revision that is no older; of a table that keeps each revision, that very one.
    same = [column == row[column.name] for column in table.primary_key]
    known = connection.execute(select(table.c.revision).where(*same)).scalar()
    if known is None:
        connection.execute(insert(table).values(row))
    elif known < message["revision"]:
        connection.execute(update(table).where(*same).values(row))


def _note(connection: Connection, message: Mapping[str, Any]) -> None:
    """Note a number; of the same number's predecessors the lowest counts."""
    key = (_beyond.c.outbox == message["outbox"]) & (_beyond.c.seq == message["seq"])
    known = connection.execute(select(_beyond.c.after).where(key)).scalar()
    values = {name: message[name] for name in ("outbox", "seq", "after")}
    if known is None:
        connection.execute(insert(_beyond).values(values))
    elif message["after"] < known:
        connection.execute(update(_beyond).where(key).values(after=message["after"]))


def _advance(connection: Connection, outbox: str, sensor: str) -> SensorMark | None:
    """Move an outbox's mark as far as it goes, and forget what lies below it."""
    known = connection.execute(select(_mark.c.seq).where(_mark.c.outbox == outbox)).scalar()
    beyond = connection.execute(
        select(_beyond.c.seq, _beyond.c.after).where(_beyond.c.outbox == outbox)
    ).all()
    seq = contiguous_mark(known or 0, [(row.seq, row.after) for row in beyond])
    connection.execute(delete(_beyond).where((_beyond.c.outbox == outbox) & (_beyond.c.seq <= seq)))
    if known is None:
        connection.execute(insert(_mark).values(outbox=outbox, sensor=sensor, seq=seq))
    elif seq > known:
        connection.execute(update(_mark).where(_mark.c.outbox == outbox).values(seq=seq))
    # Said again also where nothing moved: an outbox that repeats itself has not heard it.
    return SensorMark(sensor, LoggedMark(outbox, seq)) if seq else None


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA busy_timeout = 5000")

    return engine


@contextmanager
def _told(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise NightLogError(
            f"night log {path}: cannot be {what} ({cause}); check its disk and owner"
        ) from error
