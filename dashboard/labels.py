"""What people say that an event was: one label for each person and episode, of which the newest revision counts."""

import hashlib
from dataclasses import asdict, fields, replace

from sqlalchemy import ColumnElement, Connection, RowMapping, not_

from dashboard.database import Database
from dashboard.label import LONGEST_NAME, LONGEST_NOTE, VERDICTS, Label, Verdict
from dashboard.revisions import add_revision, newest_only, revisions
from dashboard.tables import label as _label

__all__ = ["LONGEST_NAME", "LONGEST_NOTE", "VERDICTS", "Label", "Labels", "Verdict", "label_id"]

# Hexadecimal digits of an id: no two alike in a household's lifetime.
_ID_DIGITS = 32


def label_id(event_id: str, by: str) -> str:
    """Return the id of one person's label of an event: the same each time, so that a person has one."""
    return hashlib.sha256(f"{event_id}\n{by}".encode()).hexdigest()[:_ID_DIGITS]


class Labels:
    """The store of labels.

    Args:
        database: The night log's (`NightLog.database`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, said: Label) -> Label:
        """Keep a label as the newest of its id, and return it with its revision.

        Raises:
            NightLogError: it cannot be written.
        """
        with self._database.writing() as connection:
            return _kept(connection, said)

    def undo(self, label_id: str, *, at: str) -> Label | None:
        """Bring back what was said before the newest revision, and return it; a second time undoes the undoing.

        What had been said for the first time is marked as removed. Nothing that was said is forgotten.

        Args:
            label_id: Which label.
            at: When, ISO 8601 in UTC.

        Returns:
            The label as it is now; None where there is none of that id.
        """
        with self._database.writing() as connection:
            said = [_read(row) for row in revisions(connection, _label, {"id": label_id})]
            if not said:
                return None
            before = said[-2] if len(said) > 1 else replace(said[-1], removed=True)
            return _kept(connection, replace(before, at=at))

    def of_night(self, night: str) -> list[Label]:
        """Return the labels of a night, the newest last: where two people disagree, the last one is shown."""
        return self._newest(_label.c.night == night)

    def all(self) -> list[Label]:
        """Return every label, the newest last."""
        return self._newest()

    def history(self, label_id: str) -> list[Label]:
        """Return all that was said under one id, first to last, taken back or not."""
        with self._database.reading() as connection:
            return [_read(row) for row in revisions(connection, _label, {"id": label_id})]

    def _newest(self, *conditions: ColumnElement[bool]) -> list[Label]:
        wanted = newest_only(_label, not_(_label.c.removed), *conditions).order_by(_label.c.at, _label.c.id)
        with self._database.reading() as connection:
            return [_read(row) for row in connection.execute(wanted).mappings()]


def _kept(connection: Connection, said: Label) -> Label:
    values = asdict(said)
    key = {"id": values.pop("id")}
    del values["revision"]
    return replace(said, revision=add_revision(connection, _label, key, values))


def _read(row: RowMapping) -> Label:
    return Label(**{field.name: row[field.name] for field in fields(Label)})
