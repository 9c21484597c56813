"""What trends and the report ask the night log: the verdicts of many nights, and when their alarms were answered."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select

from dashboard.database import Database
from dashboard.night_queries import TELLING, portions
from dashboard.tables import alarm as _alarm
from dashboard.tables import event as _event


class TrendQueries:
    """Reads the night log.

    Args:
        database: The night log's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def telling(self, recording_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Return the events of some recordings that have a verdict, and the stretches of useless signal.

        Raises:
            NightLogError: the log cannot be read.
        """
        message = _event.c.message
        is_told = or_(message["alert"].as_string().in_(TELLING), message["kind"].as_string() == "artefact")
        found: list[dict[str, Any]] = []
        with self._database.reading() as connection:
            for some in portions(list(recording_ids)):
                wanted = select(message).where(is_told, _event.c.recording_id.in_(some))
                found += [dict(row.message) for row in connection.execute(wanted)]
        return found

    def alarms_of(self, event_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Return every change of the alarms that some events raised.

        Raises:
            NightLogError: the log cannot be read.
        """
        own = _alarm.c.message["event_id"].as_string()
        found: list[dict[str, Any]] = []
        with self._database.reading() as connection:
            for some in portions(list(event_ids)):
                wanted = select(_alarm.c.message).where(own.in_(some))
                found += [dict(row.message) for row in connection.execute(wanted)]
        return found
