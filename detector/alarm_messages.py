"""What is said over MQTT of alarms: pure builders of the `alarm` and `receipt` messages of contract version 1.

An `alarm` message is one change of one occurrence; receivers key on (id, revision), so that one delivered twice is
shown once. A `receipt` says who was told, shown or what, when, and by which channel. Neither is ever retained.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

from detector.alarms.conditions import CONDITIONS
from detector.alarms.values import AlarmChange, Moment
from detector.messages import Message, iso
from detector.topics import VERSION

# An alarm that is delivered later than this says how late it is.
ALARM_VALID_S = 600.0

Channel = Literal["page", "push", "sound", "button", "cue", "light"]
# `refused`: what somebody asked for is not done, for the reason in the text.
Outcome = Literal["sent", "delivered", "shown", "answered", "failed", "refused"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who was told what, when, and how that went.

    Attributes:
        id: Of this delivery; a later revision of it replaces an earlier one.
        revision: 0, 1, 2, …
        occurrence_id: Of which alarm; None for a test.
        alarm_revision: Of which of its changes; None for a test.
        sensor: Whose alarm.
        step: Key of the ladder's step; None where it was none.
        channel: How.
        service: Which service or player; never an address.
        person: Who; None where it was a room.
        outcome: How far it came.
        at: When.
        latency_s: From the decision to this outcome; None where it is not known.
        text: For a person: why it failed, or what was answered.
        test: Whether it was a test alarm.
    """

    id: str
    revision: int
    occurrence_id: str | None
    alarm_revision: int | None
    sensor: str
    channel: Channel
    outcome: Outcome
    at: datetime
    step: str | None = None
    service: str | None = None
    person: str | None = None
    latency_s: float | None = None
    text: str = ""
    test: bool = False


def alarm_message(change: AlarmChange, *, issued_at: datetime) -> Message:
    """Return a change of an occurrence.

    Args:
        change: What the engine said; one that is not `AlarmChange.public` is the log's alone.
        issued_at: When the monitor hands it over; with ``at`` it tells the latency.
    """
    alarm = change.occurrence
    condition = CONDITIONS[alarm.code]
    return {
        "version": VERSION,
        "sensor": alarm.sensor,
        "id": alarm.id,
        "revision": alarm.revision,
        "code": alarm.code,
        "key": alarm.key,
        "kind": condition.region,
        "title": condition.title,
        "priority": alarm.priority,
        "was": change.was,
        "stage": change.now,
        "why": change.why,
        "who": change.who,
        "at": iso(change.at.wall),
        "issued_at": iso(issued_at),
        "valid_until": iso(change.at.wall + timedelta(seconds=ALARM_VALID_S)),
        "began_at": iso(alarm.began.wall),
        "raised_at": _iso(alarm.raised),
        "until": _iso(alarm.until),
        "ended_at": _iso(alarm.ended),
        "call": alarm.call,
        "event_id": alarm.event_id,
        "site": alarm.site,
        "text": alarm.text,
        "unconfirmed": alarm.unconfirmed,
        "stale": alarm.stale,
        "acked_by": alarm.acked_by,
        "answer": alarm.answer,
        "declined": list(alarm.declined),
        "ordinal": alarm.ordinal,
    }


def receipt_message(receipt: Receipt) -> Message:
    """Return a receipt."""
    latency_s = receipt.latency_s
    return {
        "version": VERSION,
        "sensor": receipt.sensor,
        "id": receipt.id,
        "revision": receipt.revision,
        "occurrence_id": receipt.occurrence_id,
        "alarm_revision": receipt.alarm_revision,
        "step": receipt.step,
        "channel": receipt.channel,
        "service": receipt.service,
        "person": receipt.person,
        "outcome": receipt.outcome,
        "at": iso(receipt.at),
        "latency_s": None if latency_s is None else round(latency_s, 3),
        "text": receipt.text,
        "test": receipt.test,
    }


@cache
def alarm_schema(name: Literal["alarm", "receipt"]) -> Message:
    """Return the JSON Schema (2020-12) of these messages; do not change it."""
    return json.loads(files("detector").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _iso(moment: Moment | None) -> str | None:
    return None if moment is None else iso(moment.wall)
