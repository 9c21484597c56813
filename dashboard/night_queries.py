"""What the pages of the nights ask the night log: figures over many nights, and what became of one event."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from dashboard.database import Database
from dashboard.tables import alarm as _alarm
from dashboard.tables import event as _event
from dashboard.tables import label as _label
from dashboard.tables import receipt as _receipt
from detector.types import RHYTHMIC

# Recordings asked for in one statement; databases take some thousand values.
_AT_ONCE = 500
# Verdicts that a night is told by.
TELLING = ("cramp", *sorted(RHYTHMIC))


class Finding(NamedTuple):
    """An event with a verdict, as a list of nights shows it.

    Attributes:
        id: The event's.
        recording_id: What it was found in.
        alert: The verdict.
        onset: When it began, in seconds since 1970.
        duration_s: How long it was.
    """

    id: str
    recording_id: str
    alert: str
    onset: float
    duration_s: float


class NightQueries:
    """Reads the night log.

    Args:
        database: The night log's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def findings(self, recording_ids: Iterable[str]) -> list[Finding]:
        """Return the events with a verdict of some recordings, by onset.

        Raises:
            NightLogError: the log cannot be read.
        """
        alert = _event.c.message["alert"].as_string()
        length = _event.c.message["duration_s"].as_float()
        wanted = select(_event.c.id, _event.c.recording_id, alert, _event.c.onset_at, length)
        wanted = wanted.where(alert.in_(TELLING)).order_by(_event.c.onset_at, _event.c.id)
        found = []
        with self._database.reading() as connection:
            for some in portions(list(recording_ids)):
                for row in connection.execute(wanted.where(_event.c.recording_id.in_(some))):
                    event_id, recording_id, verdict, onset_at, duration_s = row
                    onset = datetime.fromisoformat(onset_at).timestamp()
                    found.append(Finding(event_id, recording_id, verdict, onset, duration_s))
        return found

    def labelled(self, event_ids: Iterable[str]) -> set[str]:
        """Return which of some events anybody has ever labelled.

        Raises:
            NightLogError: the log cannot be read.
        """
        known: set[str] = set()
        with self._database.reading() as connection:
            for some in portions(list(event_ids)):
                wanted = select(_label.c.event_id).where(_label.c.event_id.in_(some)).distinct()
                known.update(row.event_id for row in connection.execute(wanted))
        return known

    def event(self, event_id: str) -> dict[str, Any] | None:
        """Return an event as it was told last; None where there is none of that id.

        Raises:
            NightLogError: the log cannot be read.
        """
        with self._database.reading() as connection:
            found = connection.execute(select(_event.c.message).where(_event.c.id == event_id)).scalar()
        return None if found is None else dict(found)

    def alarms_of(self, event_id: str) -> list[dict[str, Any]]:
        """Return every change of the alarms that an event raised, first to last.

        Raises:
            NightLogError: the log cannot be read.
        """
        own = _alarm.c.message["event_id"].as_string() == event_id
        wanted = select(_alarm.c.message).where(own).order_by(_alarm.c.at, _alarm.c.revision)
        with self._database.reading() as connection:
            return [dict(row.message) for row in connection.execute(wanted)]

    def receipts_of(self, occurrence_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Return who was told of some alarms, first to last.

        Raises:
            NightLogError: the log cannot be read.
        """
        own = _receipt.c.occurrence_id.in_(list(occurrence_ids))
        wanted = select(_receipt.c.message).where(own).order_by(_receipt.c.at, _receipt.c.id)
        with self._database.reading() as connection:
            return [dict(row.message) for row in connection.execute(wanted)]


def portions(values: Sequence[str]) -> Iterable[Sequence[str]]:
    """Return values in portions that a database takes in one statement."""
    return (values[begin : begin + _AT_ONCE] for begin in range(0, len(values), _AT_ONCE))
