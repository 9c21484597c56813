"""The night log: every event in its newest revision, every change of every alarm, and who was told of it.

SQLAlchemy Core, on whatever `dashboard.database` opens. The rule by which the log knows that it misses nothing is
in `detector.delivery`.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, and_, delete, func, insert, select, update

from dashboard.database import Database, NightLogError
from dashboard.tables import alarm as _alarm
from dashboard.tables import beyond_mark as _beyond
from dashboard.tables import event as _event
from dashboard.tables import mark as _mark
from dashboard.tables import receipt as _receipt
from detector.delivery import contiguous_mark
from detector.messages import LoggedMark

__all__ = ["RECENT", "NightLog", "NightLogError", "SensorMark"]

# Most events that a page asks for at once.
RECENT = 50
# Messages that are held at once where they are gone through one by one.
_AT_ONCE = 20


class SensorMark(NamedTuple):
    """How far the log has come with a sensor's outbox."""

    sensor: str
    mark: LoggedMark


class NightLog:
    """The store. Any thread may use it.

    Args:
        place: The database, or the SQLite file to open as one.

    Attributes:
        database: Where else in it other stores keep what people say.

    Raises:
        NightLogError: it cannot be opened.
    """

    def __init__(self, place: Database | Path) -> None:
        self.database = place if isinstance(place, Database) else Database(place)

    @property
    def quarantined(self) -> Path | None:
        """Where a damaged file that lay there was put; None where none did."""
        return self.database.quarantined

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
        with self.database.writing() as connection:
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
        with self.database.reading() as connection:
            rows = connection.execute(select(_mark).order_by(_mark.c.outbox)).all()
        return [SensorMark(row.sensor, LoggedMark(row.outbox, row.seq)) for row in rows]

    def of_recordings(self, recording_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Return the events of some recordings, by onset."""
        wanted = select(_event.c.message).where(_event.c.recording_id.in_(list(recording_ids)))
        return self._messages(wanted.order_by(_event.c.onset_at, _event.c.id))

    def recent(self, limit: int = RECENT) -> list[dict[str, Any]]:
        """Return the newest events, newest first."""
        return self._messages(select(_event.c.message).order_by(_event.c.onset_at.desc()).limit(limit))

    def between(self, start_at: str, end_at: str) -> list[dict[str, Any]]:
        """Return the events that began in a span, by onset; its ends are ISO 8601 in UTC, the latter not in it."""
        wanted = select(_event.c.message).where(_event.c.onset_at >= start_at, _event.c.onset_at < end_at)
        return self._messages(wanted.order_by(_event.c.onset_at, _event.c.id))

    def alarms(self, limit: int = RECENT) -> list[dict[str, Any]]:
        """Return the newest changes of alarms, newest first."""
        newest = select(_alarm.c.message).order_by(_alarm.c.at.desc(), _alarm.c.revision.desc())
        return self._messages(newest.limit(limit))

    def last_changes(self, since_at: str) -> Iterator[dict[str, Any]]:
        """Go through the alarms that have changed since ``since_at`` (ISO 8601 in UTC), each by its last change.

        Newest first, and never all of them in memory: a night may have many.

        Raises:
            NightLogError: they cannot be read.
        """
        same, last = _alarm.c.id, func.max(_alarm.c.revision).label("last")
        changed = select(same, last).where(_alarm.c.at >= since_at).group_by(same).subquery()
        newest = and_(same == changed.c.id, _alarm.c.revision == changed.c.last)
        wanted = select(_alarm.c.message).join(changed, newest).order_by(_alarm.c.at.desc(), same)
        with self.database.reading() as connection:
            for row in connection.execute(wanted, execution_options={"yield_per": _AT_ONCE}):
                yield dict(row.message)

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
        self.database.close()

    def _messages(self, wanted: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a select of one JSON column
        with self.database.reading() as connection:
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
