"""The store of the evening diary and of what lasts longer: each answer sheet whole, the newest revision counts.

What the questions are is not known here: an answer sheet is whatever JSON object the diary makes of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from dashboard.database import Database
from dashboard.revisions import add_revision, newest_only, revisions
from dashboard.tables import diary as _diary
from dashboard.tables import profile as _profile


@dataclass(frozen=True, slots=True)
class Sheet:
    """Answers as they were given.

    Attributes:
        date: The evening's, ``2026-11-21``; empty in a profile.
        wearer: Whose; empty where the household has one.
        revision: Counted from 0.
        at: When it was said, ISO 8601 in UTC.
        answers: By question; what was not answered is not there.
    """

    date: str
    wearer: str
    revision: int
    at: str
    answers: Mapping[str, Any]


class DiaryStore:
    """The evenings and the profiles.

    Args:
        database: The night log's (`NightLog.database`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, date: str, answers: Mapping[str, Any], *, at: str, wearer: str = "") -> Sheet:
        """Keep an evening's answers as the newest.

        Raises:
            NightLogError: it cannot be written.
        """
        return self._put(_diary, {"date": date, "wearer": wearer}, answers, at)

    def undo(self, date: str, *, at: str, wearer: str = "") -> Sheet | None:
        """Bring back an evening's answers from before the newest, or none, as a further revision."""
        return self._undo(_diary, {"date": date, "wearer": wearer}, at)

    def of(self, date: str, wearer: str = "") -> Sheet | None:
        """Return an evening's newest answers; None where nothing was ever said."""
        sheets = self._newest(_diary, {"date": date, "wearer": wearer})
        return sheets[0] if sheets else None

    def evenings(self, wearer: str = "") -> list[Sheet]:
        """Return the newest answers of every evening, by date; those that were taken back are empty."""
        return self._newest(_diary, {"wearer": wearer})

    def put_profile(self, answers: Mapping[str, Any], *, at: str, wearer: str = "") -> Sheet:
        """Keep what lasts, as the newest.

        Raises:
            NightLogError: it cannot be written.
        """
        return self._put(_profile, {"wearer": wearer}, answers, at)

    def profile(self, wearer: str = "") -> Sheet | None:
        """Return the newest of what lasts; None where nothing was ever said."""
        sheets = self._newest(_profile, {"wearer": wearer})
        return sheets[0] if sheets else None

    def _put(self, table: Table, key: Mapping[str, str], answers: Mapping[str, Any], at: str) -> Sheet:
        with self._database.writing() as connection:
            revision = add_revision(connection, table, key, {"at": at, "answers": dict(answers)})
        return Sheet(key.get("date", ""), key["wearer"], revision, at, dict(answers))

    def _undo(self, table: Table, key: Mapping[str, str], at: str) -> Sheet | None:
        with self._database.writing() as connection:
            said = revisions(connection, table, key)
            if not said:
                return None
            answers = dict(said[-2]["answers"]) if len(said) > 1 else {}
            revision = add_revision(connection, table, key, {"at": at, "answers": answers})
        return Sheet(key.get("date", ""), key["wearer"], revision, at, answers)

    def _newest(self, table: Table, key: Mapping[str, str]) -> list[Sheet]:
        same = (table.c[name] == value for name, value in key.items())
        wanted = newest_only(table, *same).order_by(*table.primary_key)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [
            Sheet(row.get("date", ""), row["wearer"], row["revision"], row["at"], dict(row["answers"]))
            for row in rows
        ]
