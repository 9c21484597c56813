"""What people's answers do to one occurrence. An answer names an occurrence; nothing else is touched (I4)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from detector.alarms.conditions import MAX_PAUSE_S, RECALL_S, SNOOZE_MINUTES
from detector.alarms.machine import Machine
from detector.alarms.values import Act, ActName, Moment, Occurrence, RefusedActError

SECONDS_PER_MINUTE = 60


def answer(machine: Machine, act: Act, at: Moment) -> None:
    """Do what a person asked for; the machine then holds the changes.

    Raises:
        RefusedActError: it is not possible now.
    """
    standing = machine.occurrence
    if standing is None or standing.stage == "pending":
        raise RefusedActError(f"{machine.condition.title}: there is no alarm to answer.")
    _ANSWERS[act.name](machine, standing, act, at)


def _ack(machine: Machine, standing: Occurrence, act: Act, at: Moment) -> None:
    answered = {"acked_by": act.who, "acked_priority": standing.priority, "answer": act.name}
    why = f"{'on the way' if act.name == 'going' else 'acknowledged'}{_where(act)}"
    if standing.stage in {"active", "paused", "latched"}:
        recalled = machine.condition.snoozes_once and standing.stage != "latched"
        until = at.after(RECALL_S) if recalled else None
        machine.step("ack", at, why, act.who, until=until, **answered)
    elif act.name == "going" and standing.answer != "going":
        machine.note(at, why, act.who, answer="going", acked_by=act.who)


def _cannot(machine: Machine, standing: Occurrence, act: Act, at: Moment) -> None:
    if standing.acked_by is None and act.who not in standing.declined:
        machine.note(at, f"cannot come{_where(act)}", act.who, declined=(*standing.declined, act.who))


def _snooze(machine: Machine, standing: Occurrence, act: Act, at: Moment) -> None:
    title = machine.condition.title
    if act.minutes not in SNOOZE_MINUTES:
        offered = ", ".join(map(str, SNOOZE_MINUTES))
        raise RefusedActError(f"{title}: a snooze is one of {offered} minutes, not {act.minutes}.")
    if not machine.condition.snoozable:
        raise RefusedActError(f"{title}: cannot be snoozed; somebody must look.")
    if machine.snooze_spent:
        raise RefusedActError(f"{title}: was snoozed already, and has not been over since.")
    if standing.stage not in {"active", "paused", "acked"}:
        raise RefusedActError(f"{title}: is {standing.stage}; only an alarm that stands can be snoozed.")
    if standing.stage != "acked":
        _ack(machine, standing, act, at)
    machine.snooze_spent = machine.condition.snoozes_once
    until = at.after(act.minutes * SECONDS_PER_MINUTE)
    machine.step("snooze", at, f"snoozed {act.minutes:g} min{_where(act)}", act.who, until=until)


def _pause(machine: Machine, standing: Occurrence, act: Act, at: Moment) -> None:
    if standing.stage != "active":
        raise RefusedActError(f"{machine.condition.title}: is {standing.stage}; there is no sound to pause.")
    asked_s = MAX_PAUSE_S if act.minutes is None else act.minutes * SECONDS_PER_MINUTE
    if not 0 < asked_s <= MAX_PAUSE_S:
        raise RefusedActError(
            f"{machine.condition.title}: a pause is up to {MAX_PAUSE_S:g} s, not {asked_s:g} s."
        )
    machine.step("pause", at, f"sound paused {asked_s:g} s{_where(act)}", act.who, until=at.after(asked_s))


def _reset(machine: Machine, standing: Occurrence, act: Act, at: Moment) -> None:
    if machine.condition.off_after_s is not None and standing.stage != "latched":
        raise RefusedActError(f"{machine.condition.title}: still stands; RESET is for what is over.")
    machine.observed, machine.held_s = None, None
    machine.step("reset", at, f"RESET{_where(act)}", act.who)


def _where(act: Act) -> str:
    return f" ({act.place})" if act.place else ""


_ANSWERS: Mapping[ActName, Callable[[Machine, Occurrence, Act, Moment], None]] = MappingProxyType(
    {"ack": _ack, "going": _ack, "cannot": _cannot, "snooze": _snooze, "pause": _pause, "reset": _reset}
)
