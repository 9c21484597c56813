"""Who is told next of an alarm, and when, by the ladder of ALARMS section 3: what a caregiver asks first.

The alerter climbs the ladder; here it is only looked up, from what the alarm says of itself. A person who is in a
quiet hour is told later than it says here; that is the alerter's to know.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from dashboard.texts import Texts
from detector.alarms.ladder import Policy, Rung, age_of, ladder_of
from detector.alarms.values import AlarmCode, Mode, Moment, Occurrence, Priority, Stage
from detector.alerter.caregivers import CaregiversError, Household, load_household

Message = Mapping[str, Any]
Row = dict[str, Any]

_log = logging.getLogger(__name__)


class Callers:
    """Who is called, by name: the household's file, read again whenever it has changed.

    Args:
        path: The file; it need not be there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version = -1
        self._household = Household()

    def policy(self, mode: Mode) -> Policy:
        """Return what the household has chosen, in a mode."""
        version = self._path.stat().st_mtime_ns if self._path.exists() else 0
        if version != self._version:
            self._version = version
            try:
                self._household = load_household(self._path)
            except CaregiversError as error:
                # The alerter raises an alarm of its own for it; a page merely names nobody.
                _log.warning("pages: %s", error)
                self._household = Household()
        names = tuple(person.name for person in self._household.caregivers)
        return Policy(mode, names, self._household.rhythmic)


def next_steps(t: Texts, message: Message, policy: Policy, now: float) -> list[Row]:
    """Return the steps to come, soonest first: when (seconds since 1970), and who is told how.

    Args:
        t: The texts.
        message: The alarm.
        policy: Who is called.
        now: Seconds since 1970.
    """
    alarm = _occurrence(message)
    if not policy.caregivers or alarm.acked_by is not None:
        return []
    age_s = age_of(alarm, policy, Moment(now, alarm.began.wall))
    coming = [rung for rung in ladder_of(alarm, policy).rungs if rung.after_s > age_s]
    rows = [{"at": now + rung.after_s - age_s, "text": _who(t, rung, policy)} for rung in coming]
    return [row for row in rows if row["text"]]


def _who(t: Texts, rung: Rung, policy: Policy) -> str:
    if rung.to == "second":
        return ", ".join(policy.caregivers[1:2])
    if rung.to == "first":
        return policy.caregivers[0]
    return t(f"rung.{rung.to}", who=", ".join(policy.caregivers))


def _occurrence(message: Message) -> Occurrence:
    """Return the alarm as the ladder knows it, its timers on the wall clock: the only one that pages have."""
    began, raised = _moment(message["began_at"]), _moment(message["raised_at"] or message["began_at"])
    # A second call began with the change that this message tells of, or soon before it.
    called = raised if message["call"] <= 1 else _moment(message["at"])
    return Occurrence(
        id=message["id"],
        code=cast("AlarmCode", message["code"]),
        key=message["key"],
        sensor=message["sensor"],
        priority=cast("Priority", message["priority"]),
        stage=cast("Stage", message["stage"]),
        revision=message["revision"],
        began=began,
        since=raised,
        raised=raised,
        called=called,
        call=message["call"],
        stale=message["stale"],
        acked_by=message["acked_by"],
        declined=tuple(message["declined"]),
        ordinal=message["ordinal"],
    )


def _moment(moment: str) -> Moment:
    wall = datetime.fromisoformat(moment)
    return Moment(wall.timestamp(), wall)
