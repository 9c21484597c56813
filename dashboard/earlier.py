"""Alarms of this night that are over: what happened, how long it took, and who answered."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dashboard.alarms import is_standing, titled
from dashboard.texts import Texts
from dashboard.wording import length

Message = Mapping[str, Any]
Row = dict[str, Any]


def earlier_rows(t: Texts, messages: Iterable[Message], since: datetime) -> list[Row]:
    """Return the alarms that people were told of and that are over, newest first.

    Args:
        t: The texts.
        messages: The last change of each alarm, in any order; one at a time is held.
        since: Only what began after it, aware.
    """
    rows = (
        _row(t, message)
        for message in messages
        if message["raised_at"] is not None
        and not is_standing(message)
        and datetime.fromisoformat(message["began_at"]) >= since
    )
    return sorted(rows, key=lambda row: float(row["at"]), reverse=True)


def _row(t: Texts, message: Message) -> Row:
    began = datetime.fromisoformat(message["began_at"])
    ended = datetime.fromisoformat(message["ended_at"] or message["at"])
    who = message["acked_by"]
    where = message["site"] or message["key"] or message["sensor"]
    return {
        "id": message["id"],
        "kind": message["kind"],
        "at": began.timestamp(),
        "title": f"{titled(t, message)} · {where.replace('-', ' ')}",
        "length": length(max(0.0, (ended - began).total_seconds())),
        "answered": t("acked", who=who) if who else t("never_answered"),
    }
