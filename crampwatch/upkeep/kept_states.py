"""The alarm engines' own memory, in an outbox and in the alerter's journal: one night is taken out of it."""

import json
import logging
import sqlite3
import zlib
from datetime import UTC, datetime

from crampwatch.upkeep.told_of_night import ToldOfNight
from detector.alarms.forgetting import without_night
from detector.roles import ALERTER_BRANCH

_log = logging.getLogger(__name__)

_SNAPSHOT, _FACT = "alarm_snapshot", "fact"
# The facts that are the alerter's engine, and the alarms that it told as one.
_ENGINE, _PAIRS = "engine", "pairs"
# A state that is no state: the next start puts it aside, and what it holds must go.
_DAMAGED = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


def forget_night(connection: sqlite3.Connection, told: ToldOfNight) -> None:
    """Take a night out of the engine that a database keeps, in the caller's transaction.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if _SNAPSHOT in tables:
        for (body,) in connection.execute("SELECT CAST(body AS BLOB) FROM alarm_snapshot").fetchall():
            new = _without(body, told)
            if new is not None:
                connection.execute("UPDATE alarm_snapshot SET body = ?, crc = ?", (new, zlib.crc32(new)))
    if _FACT in tables:
        # Pairs count within a night only, and none runs now.
        connection.execute("DELETE FROM fact WHERE name = ?", (_PAIRS,))
        query = "SELECT CAST(value AS BLOB) FROM fact WHERE name = ?"
        for (value,) in connection.execute(query, (_ENGINE,)).fetchall():
            new = _without(value, told)
            if new is not None:
                connection.execute("UPDATE fact SET value = ? WHERE name = ?", (new.decode(), _ENGINE))


def _without(body: bytes, told: ToldOfNight) -> bytes | None:
    """Return a state without the night; None where it is another sensor's."""
    try:
        saved = json.loads(body)
        is_of_house = saved["sensor"] == ALERTER_BRANCH and told.alone
        if saved["sensor"] != told.sensor and not is_of_house:
            return None
        left = without_night(saved, told.evening, told.is_moment, datetime.now(UTC))
    except _DAMAGED as error:
        _log.warning("an alarm state is damaged and was emptied: %r", error)
        left = {}
    return json.dumps(left, ensure_ascii=False, separators=(",", ":")).encode()
