"""The machine of one condition of one sensor: what is observed and the time that passes, turned into changes.

It holds at most one occurrence. What people do with that is in `detector.alarms.answers`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from detector.alarms.conditions import SAME_OCCURRENCE_S, STALE_S, Condition
from detector.alarms.transitions import Trigger, next_stage
from detector.alarms.values import RANK, AlarmChange, Moment, Observation, Occurrence, Priority, night_of

# Who is logged where no person acted.
ENGINE = "engine"
_ANSWERED = frozenset({"acked", "snoozed"})
_SILENT_BY_WISH = frozenset({"acked", "snoozed", "paused"})


@dataclass(slots=True)
class Machine:
    """One condition code, one key, one sensor.

    Attributes:
        condition: Its row of the table.
        key: Which one of several of that code.
        sensor: Whose.
        new_id: Gives an id that nothing else has had.
        occurrence: The one that stands; None while the machine is inactive.
        observed: What was seen last; None while the condition does not hold, or nobody can tell.
        held_s: Since when it has held; None while it does not.
        gone_s: Since when it has been gone while an occurrence stands.
        snooze_spent: It was snoozed, and has not been over since.
        ordinal: How many occurrences there were tonight.
        night: Which night that is.
    """

    condition: Condition
    key: str
    sensor: str
    new_id: Callable[[Moment], str]
    occurrence: Occurrence | None = None
    observed: Observation | None = None
    held_s: float | None = None
    gone_s: float | None = None
    snooze_spent: bool = False
    ordinal: int = 0
    night: str = ""
    _changes: list[AlarmChange] = field(default_factory=list)

    # What is observed.

    def holds(self, seen: Observation, at: Moment) -> list[AlarmChange]:
        """Take note that the condition holds."""
        self.observed, self.gone_s = seen, None
        if self.held_s is None:
            self.held_s = at.mono_s if seen.since_s is None else min(seen.since_s, at.mono_s)
        standing = self.occurrence
        if standing is None:
            self._begin(at)
        elif standing.stage == "latched":
            self._come_back(standing, at)
        else:
            self._go_on(standing, seen, at)
        self._rise(at)
        return self.taken()

    def is_over(self, at: Moment) -> list[AlarmChange]:
        """Take note that the condition does not hold, by a signal that can be trusted."""
        self.observed, self.held_s = None, None
        if self.gone_s is None and self.condition.off_after_s is not None:
            self.gone_s = at.mono_s
        if self.occurrence is None and not self.snooze_spent:
            return []
        if self.occurrence is not None and self.occurrence.stage == "pending":
            self.step("gone", at, "over before its delay")
        self._end(at)
        return self.taken()

    def is_unknown(self, at: Moment) -> list[AlarmChange]:
        """Take note that nobody can tell: the signal that shows it is lost (I3)."""
        self.observed, self.held_s, self.gone_s = None, None, None
        standing = self.occurrence
        if standing is not None and standing.stage == "pending":
            self.step("gone", at, "signal lost before its delay was over")
        elif standing is not None and standing.ended is None and not standing.unconfirmed:
            self.note(at, "signal lost", unconfirmed=True, lost=at)
        return self.taken()

    def was_unwatched(self, seconds: float, at: Moment) -> list[AlarmChange]:
        """Take note that for so long nobody watched: the program was not running."""
        # Delays go on, but nothing is raised before it is seen again.
        self.observed = None
        standing = self.occurrence
        if not self.condition.needs_signal or standing is None:
            return []
        changes = self.is_unknown(at)
        if seconds > STALE_S and standing.stage in {"active", "paused"}:
            self.step("too_old", at, f"not followed for {round(seconds / 60)} min", stale=True)
        return changes + self.taken()

    def rest(self, who: str, at: Moment) -> list[AlarmChange]:
        """Take note that nobody watches for a while, by wish."""
        if self.occurrence is not None and not self.condition.in_standby:
            self.step("standby", at, "standby", who)
            self.observed, self.held_s = None, None
        return self.taken()

    # Time.

    def tick(self, at: Moment) -> list[AlarmChange]:
        """Do what is due."""
        if self.occurrence is None and not self.snooze_spent:
            return []
        if self.occurrence is not None and self.occurrence.stage == "latched":
            self._come_back(self.occurrence, at)
        self._rise(at)
        self._end(at)
        standing = self.occurrence
        if standing is not None and standing.until is not None and at.mono_s >= standing.until.mono_s:
            self._stage_is_over(standing, at)
        return self.taken()

    def next_due_s(self, now_s: float) -> float | None:
        """Return the monotonic time at which `tick` has something to do; None where nothing is due."""
        if self.occurrence is None:
            return None
        held_s = None if self.observed is None else self.held_s
        rung_s = None if held_s is None else self.condition.next_rung_s(now_s - held_s)
        due = (
            None if rung_s is None or held_s is None else held_s + rung_s,
            None if self.gone_s is None else self.gone_s + (self.condition.off_after_s or 0.0),
            None if self.occurrence.until is None else self.occurrence.until.mono_s,
        )
        return min((moment_s for moment_s in due if moment_s is not None), default=None)

    # How an occurrence goes on.

    def _begin(self, at: Moment) -> None:
        assert self.held_s is not None
        night = night_of(at)
        self.ordinal = self.ordinal + 1 if night == self.night else 1
        self.night = night
        began = at.after(self.held_s - at.mono_s)
        lowest = self.condition.rungs[0][1]
        self.occurrence = Occurrence(
            id=self.new_id(at),
            code=self.condition.code,
            key=self.key,
            sensor=self.sensor,
            priority=lowest,
            stage="pending",
            revision=-1,
            began=began,
            since=at,
            ordinal=self.ordinal,
            **self._content(),
        )
        self.occurrence = replace(self.occurrence, stage="inactive")
        self.step("begins", at, "condition true")

    def _come_back(self, standing: Occurrence, at: Moment) -> None:
        """Sound again where it has gone for less than a minute; else it is another occurrence."""
        if self._priority(at) is None:
            return
        if at.mono_s - standing.since.mono_s < SAME_OCCURRENCE_S and not standing.stale:
            call = {} if standing.acked_by is None else _call_again(standing, at)
            found = {"ended": None, "unconfirmed": False, "lost": None, **self._content(), **call}
            self.step("holds_again", at, "condition true again", **found)
        else:
            self.step("another_begins", at, "it came back later: another occurrence")
            self._begin(at)

    def _go_on(self, standing: Occurrence, seen: Observation, at: Moment) -> None:
        another = None not in (standing.event_id, seen.event_id) and standing.event_id != seen.event_id
        if another and standing.stage in _ANSWERED:
            self.step("another_begins", at, "another one began, not the one answered")
            self.held_s = at.mono_s if seen.since_s is None else min(seen.since_s, at.mono_s)
            self._begin(at)
        elif another and standing.stage == "paused":
            self.step("another_begins", at, "another one began", **self._content())
        elif another:
            self.note(at, "another one began", **self._content())
        elif standing.unconfirmed:
            self.note(at, "signal back, and it holds", unconfirmed=False, lost=None, **self._content())

    def _rise(self, at: Moment) -> None:
        """Raise what is pending once its delay is over, and the priority when a rung is reached."""
        standing = self.occurrence
        reached = self._priority(at)
        if standing is None or reached is None or standing.stage == "latched":
            return
        if standing.stage == "pending":
            self._raise(reached, at)
        elif RANK[reached] > RANK[standing.priority]:
            worse = {"priority": reached, **self._content()}
            silenced = RANK[reached] > RANK[standing.acked_priority or "advisory"]
            if standing.stage in _SILENT_BY_WISH and silenced:
                self.step("worse", at, f"now {reached}", **worse, **_call_again(standing, at))
            else:
                self.note(at, f"now {reached}", **worse)

    def _raise(self, priority: Priority, at: Moment) -> None:
        told_s = self.observed.told_s if self.observed is not None else None
        if told_s is not None and at.mono_s - told_s > STALE_S and self.condition.region == "physio":
            late_min = round((at.mono_s - told_s) / 60)
            self.step("too_old", at, f"late {late_min} min: reported, not sounded", stale=True, ended=at)
        else:
            self.step("delay_over", at, "delay over", priority=priority, raised=at, called=at)

    def _stage_is_over(self, standing: Occurrence, at: Moment) -> None:
        # What seems to be ending makes no sound again unless it goes on.
        ending = self.gone_s is not None
        match standing.stage:
            case "latched":
                self.step("auto_close", at, "closed by itself")
            case "paused" if not ending:
                self.step("pause_over", at, "the pause is over")
            case "acked" if not ending:
                self.step("recall", at, "answered long ago, and still so", **_call_again(standing, at))
            case "snoozed" if standing.unconfirmed:
                self.step("snooze_over_unknown", at, "the snooze is over; the signal is lost")
            case "snoozed" if not ending:
                self.step("snooze_over", at, "the snooze is over: 2nd call", **_call_again(standing, at))

    def _end(self, at: Moment) -> None:
        """End what has been gone for its off-delay."""
        off_after_s, standing = self.condition.off_after_s, self.occurrence
        if self.gone_s is None or off_after_s is None or at.mono_s - self.gone_s < off_after_s:
            return
        self.snooze_spent = False
        if standing is None:
            return
        if not self.condition.latches:
            self.step("passes", at, "condition false", ended=at)
        elif standing.stage == "latched" and standing.ended is None:
            self.note(at, "signal back, and it is over", ended=at, until=self._closes(at))
        elif standing.stage != "latched":
            self.step("gone", at, "condition false", ended=at)

    # How a change is made.

    def step(self, trigger: Trigger, at: Moment, why: str, who: str = ENGINE, **content: Any) -> None:  # noqa: ANN401
        """Follow an arrow of the chart; the only place where a stage changes."""
        standing = self.occurrence
        assert standing is not None
        now = next_stage(standing.stage, trigger)
        if now == "latched":
            ended = content.get("ended", standing.ended)
            content.setdefault("until", self._closes(at) if ended is not None else None)
        content.setdefault("until", None)
        changed = replace(standing, stage=now, since=at, revision=standing.revision + 1, **content)
        self._changes.append(AlarmChange(changed, standing.stage, now, why, who, at))
        self.occurrence = None if now == "closed" else changed
        if now == "closed":
            self.gone_s = None

    def note(self, at: Moment, why: str, who: str = ENGINE, **content: Any) -> None:  # noqa: ANN401
        """Change what an occurrence says, not where it stands."""
        standing = self.occurrence
        assert standing is not None
        changed = replace(standing, revision=standing.revision + 1, **content)
        self._changes.append(AlarmChange(changed, standing.stage, standing.stage, why, who, at))
        self.occurrence = changed

    def taken(self) -> list[AlarmChange]:
        """Return the changes since it was last asked."""
        changes, self._changes = self._changes, []
        return changes

    def _content(self) -> dict[str, Any]:
        seen = self.observed or Observation()
        return {"event_id": seen.event_id, "site": seen.site, "text": seen.text}

    def _closes(self, at: Moment) -> Moment | None:
        closes_s = self.condition.closes_s
        return None if closes_s is None else at.after(closes_s)

    def _priority(self, at: Moment) -> Priority | None:
        """Return how urgent it is by now; None while it does not hold or its delay runs."""
        if self.held_s is None or self.observed is None:
            return None
        return self.condition.priority_after(at.mono_s - self.held_s, self.observed.priority)


def _call_again(standing: Occurrence, at: Moment) -> dict[str, Any]:
    """Return what makes a stage a new call to people: nobody has answered it, and its ladder begins anew."""
    unanswered = {"acked_by": None, "acked_priority": None, "answer": None, "declined": ()}
    return {"call": standing.call + 1, "called": at, **unanswered}
