"""A look into a monitor's alarm store from another process: read-only, and cheap enough for ten looks a second.

It works while the monitor writes, after it died, and without a broker: the local path of an alarm.
"""

import logging
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from detector.alarms import snapshots
from detector.alarms.store import READ_CHANGES, READ_SNAPSHOT, change_of, decoded
from detector.alarms.values import Change, Mode, Moment, Occurrence, SnapshotError, System

_log = logging.getLogger(__name__)

# How long a look waits for a writer, s; the next look is soon.
_BUSY_S = 0.2


@dataclass(frozen=True, slots=True)
class StoredAlarms:
    """How a monitor's engine stood at its last write.

    Attributes:
        sensor: Whose.
        number: Of the newest change in it.
        followed: Until when that was known.
        mode: Who is woken.
        system: What the engine was doing.
        standby_until: When standby ends.
        occurrences: What stood, on this boot's monotonic clock.
    """

    sensor: str
    number: int
    followed: Moment
    mode: Mode
    system: System
    standby_until: Moment | None
    occurrences: tuple[Occurrence, ...]


class StoredChange(NamedTuple):
    """A change and its number in the store; its monotonic times are of the boot on which it was written."""

    number: int
    change: Change


class AlarmReader:
    """Looks into one monitor's outbox file. Use it from one thread.

    Args:
        path: The file; it need not be there yet.

    Attributes:
        trouble: Why nothing can be read, for a person; empty while it can, or where there is no file yet.
        damaged: How many damaged rows were met.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble = ""
        self.damaged = 0
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._version: int | None = None
        self._known: StoredAlarms | None = None

    def look(self, at: Moment, boot_id: str) -> StoredAlarms | None:
        """Return how the engine stands; the same object while nothing was written. None: nothing readable."""
        try:
            connection = self._opened()
            if connection is None:
                return None
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if version != self._version or self._known is None:
                row = connection.execute(READ_SNAPSHOT).fetchone()
                self._known = None if row is None else _alarms(row, at, boot_id)
                self._version = version
            self.trouble = ""
        except SnapshotError as error:
            self.damaged += 1
            self._fail(error)
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            self._fail(error)
        return self._known if not self.trouble else None

    def changes(self, after: int, limit: int = 100) -> list[StoredChange]:
        """Return the changes numbered above ``after``, oldest first; what is damaged is left out and counted."""
        try:
            connection = self._opened()
            rows = [] if connection is None else connection.execute(READ_CHANGES, (after, limit)).fetchall()
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            self._fail(error)
            return []
        found = []
        for row in rows:
            try:
                found.append(StoredChange(row[0], change_of(decoded(row))))
            except SnapshotError as error:
                self.damaged += 1
                _log.error("%s: %s", self.path, error)
        return found

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._version = self._known = self._file = None

    def _opened(self) -> sqlite3.Connection | None:
        """Open the file, again where another one has taken its place."""
        try:
            found = os.stat(self.path)  # noqa: PTH116 - two fields of one call
        except FileNotFoundError:
            self.close()
            return None
        if self._connection is None or (found.st_dev, found.st_ino) != self._file:
            self.close()
            address = f"file:{quote(str(self.path))}?mode=ro"
            self._connection = sqlite3.connect(address, uri=True, timeout=_BUSY_S, isolation_level=None)
            self._file = (found.st_dev, found.st_ino)
        return self._connection

    def _fail(self, error: Exception) -> None:
        # A store without tables is one whose monitor has not yet begun to watch.
        self.trouble = "" if "no such table" in str(error) else f"{self.path} cannot be read ({error})"
        if self.trouble:
            _log.error("%s", self.trouble)
        self.close()


def _alarms(row: tuple[int, bytes, int], at: Moment, boot_id: str) -> StoredAlarms:
    saved = decoded(row)
    with snapshots.believing(saved):
        shift = snapshots.shift_s(saved, at, boot_id)
        regions = saved["regions"]
        until = regions["standby_until"]
        return StoredAlarms(
            sensor=saved["sensor"],
            number=row[0],
            followed=snapshots.moment_of(saved["at"], shift),
            mode=regions["mode"],
            system=regions["system"],
            standby_until=None if until is None else snapshots.moment_of(until, shift),
            occurrences=snapshots.occurrences_of(saved, shift),
        )
