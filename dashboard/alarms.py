"""Alarms that stand, as the pages show them: pure, from `alarm` messages. The advice is `detector.guidance`'s alone."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, cast

from dashboard.texts import Texts
from detector.alarms.conditions import CONDITIONS, SNOOZE_MINUTES
from detector.alarms.values import RAISED, RANK, UNANSWERED, AlarmCode, Priority
from detector.guidance import advice

Message = Mapping[str, Any]
Row = dict[str, Any]
# What somebody at a page may answer to an alarm.
Answer = Literal["ack", "going", "cannot", "snooze", "reset"]

# Of these nobody is told: a suspicion that is not yet, or never, an alarm.
_NOT_TOLD: frozenset[AlarmCode] = frozenset({"CRAMP_SUSPECT", "TENSION_RISE"})
# What calls in every mode: somebody pressed for it.
_ALWAYS_CALLS: frozenset[AlarmCode] = frozenset({"HELP"})
_SNOOZED_FROM = ("active", "paused", "acked")


def newest(messages: Iterable[Message]) -> dict[str, Message]:
    """Return the newest revision of each alarm, by its id."""
    found: dict[str, Message] = {}
    for message in messages:
        known = found.get(message["id"])
        if known is None or known["revision"] < message["revision"]:
            found[message["id"]] = message
    return found


def titled(t: Texts, message: Message) -> str:
    """Return what an alarm is called; one of a kind that is not known here as its sender calls it."""
    return t.get(f"alarm_title.{message['code']}", message["title"])


def told_of(t: Texts, receipt: Message) -> str:
    """Return who was told of an alarm, by which way, and what came of it."""
    who, how = receipt["person"] or t("in_the_room"), t(f"channel.{receipt['channel']}")
    why = f" ({receipt['text']})" if receipt["text"] else ""
    return f"{who}, {how}: {t('outcome.' + receipt['outcome'])}{why}"


def is_standing(message: Message) -> bool:
    """Tell whether people are told of it and it is not over."""
    if message["code"] in _NOT_TOLD or message["stale"]:
        return False
    return message["stage"] in RAISED and message["raised_at"] is not None


def is_calling(message: Message) -> bool:
    """Tell whether it stands, is about the body, and nobody has answered."""
    return is_standing(message) and message["stage"] in UNANSWERED and message["kind"] == "physio"


def answers(message: Message) -> tuple[Answer, ...]:
    """Return what may be answered to it as it stands."""
    if not is_standing(message):
        return ()
    stage, physio = message["stage"], message["kind"] == "physio"
    offered: Mapping[Answer, bool] = {
        "ack": stage in UNANSWERED,
        "going": physio and message["answer"] != "going",
        "cannot": physio and message["acked_by"] is None,
        "snooze": stage in _SNOOZED_FROM and CONDITIONS[_code(message)].snoozable,
        # What waits for RESET would stand for ever otherwise.
        "reset": stage == "latched" or CONDITIONS[_code(message)].off_after_s is None,
    }
    return tuple(name for name, is_offered in offered.items() if is_offered)


def alarm_row(
    t: Texts, message: Message, receipts: Iterable[Message] = (), *, is_observing: bool = False
) -> Row:
    """Return a standing alarm as a page shows it, with who has been told of it.

    Args:
        t: The texts.
        message: The alarm.
        receipts: Who was told of it.
        is_observing: Whether its sensor merely observes: nobody is woken, so nothing calls and nothing is to answer.
    """
    is_silent = is_observing and message["code"] not in _ALWAYS_CALLS
    where = message["site"] or message["key"] or message["sensor"]
    return {
        **{
            key: message[key]
            for key in ("id", "revision", "sensor", "code", "kind", "stage", "priority", "text", "event_id")
        },
        "title": titled(t, message),
        "where": where.replace("-", " "),
        "is_calling": is_calling(message) and not is_silent,
        "since": _seconds(message["began_at"]),
        "until": _seconds(message["until"]) if message["stage"] in {"snoozed", "paused"} else None,
        # An answer to what says that nobody watches holds for a while only.
        "calls_again": _seconds(message["until"]) if message["stage"] == "acked" else None,
        "ended": message["ended_at"] is not None,
        "urgency": t("would_have") if is_silent else t(f"priority.{message['priority']}"),
        "answered": "" if is_silent else _answered(t, message),
        "declined": t("declined", who=", ".join(message["declined"])) if message["declined"] else "",
        "doubt": t("unsure") if message["unconfirmed"] else "",
        "advice": advice(message["code"], message["site"] or message["sensor"], t.language),
        "answers": () if is_silent else answers(message),
        "may_deny": message["event_id"] is not None and message["kind"] == "physio",
        "snoozes": SNOOZE_MINUTES,
        "told": [_told(t, receipt) for receipt in sorted(receipts, key=lambda receipt: receipt["at"])],
    }


def pressing_first(messages: Iterable[Message]) -> list[Message]:
    """Return alarms in the order in which a person should see them."""
    return sorted(messages, key=_order)


def _order(message: Message) -> tuple[bool, bool, int, str]:
    priority = cast("Priority", message["priority"])
    return not is_calling(message), message["kind"] != "physio", -RANK[priority], message["began_at"]


def _told(t: Texts, receipt: Message) -> Row:
    named = {key: receipt[key] for key in ("id", "revision", "outcome")}
    return {**named, "at": _seconds(receipt["at"]), "text": told_of(t, receipt)}


def _answered(t: Texts, message: Message) -> str:
    who = message["acked_by"]
    if who is None:
        return t("unanswered")
    return t("is_going" if message["answer"] == "going" else "acked", who=who)


def _code(message: Message) -> AlarmCode:
    return cast("AlarmCode", message["code"])


def _seconds(moment: str | None) -> float | None:
    return None if moment is None else datetime.fromisoformat(moment).timestamp()
