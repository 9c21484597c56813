"""What may come from outside: every message is looked at here before anything believes it.

Tables of what each key must be. Keys that are not listed are ignored, as the contract says; a number that is
not finite, a text that is no text and anything out of range makes the whole message malformed.

    MalformedError    the message is not what the contract says
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeGuard, cast, get_args

from detector.alarm_messages import Channel, Outcome
from detector.alarms.values import AlarmCode, Mode, Stage, System
from detector.alarms.values import Priority as AlarmPriority
from detector.messages import Message
from detector.monitor_state import Contact, Priority
from detector.topics import VERSION, Name
from detector.types import Alert, Certainty, Kind, Phase

Check = Callable[[object], bool]

# Ids are short, sentences are sentences; nothing of ours comes near.
LONGEST_ID, LONGEST_TEXT = 128, 2000
# What 64-bit columns hold with room to spare.
LARGEST_COUNT = 2**62
# A night of values at most; more is somebody else's.
LONGEST_LIST = 1000
# Ten years in seconds: longer than any contraction.
LONGEST_S = 3e8
# Control characters, of which PostgreSQL holds no NUL, and surrogates without their other half, which UTF-8
# does not hold.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Years that calendars and time zones can reckon with.
_EARLIEST_YEAR, _LATEST_YEAR = 1970, 9000


class MalformedError(ValueError):
    """A message is not what the contract says."""


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether it is a finite number."""
    return type(value) in {int, float} and abs(cast("float", value)) < LARGEST_COUNT


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < LARGEST_COUNT


def _is_length(value: object) -> bool:
    return is_number(value) and 0 <= value <= LONGEST_S


def _is_rate(value: object) -> bool:
    return is_number(value) and value > 0


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_switch(value: object) -> bool:
    return isinstance(value, str) and value in {"ON", "OFF"}


def _is_id(value: object) -> bool:
    return _is_text(value) and 0 < len(value) <= LONGEST_ID


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and not _UNPRINTABLE.search(value)


def _is_moment(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return False
    return moment.tzinfo is not None and _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _one_of(kind: Any) -> Check:  # noqa: ANN401 - a Literal, which has no type of its own
    return lambda value: isinstance(value, str) and value in get_args(kind)


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and len(value) <= LONGEST_LIST and all(map(check, value))


def _is_condition(value: object) -> bool:
    return (
        isinstance(value, dict) and _one_of(Priority)(value.get("priority")) and _is_text(value.get("text"))
    )


def _is_before(value: object) -> bool:
    if not isinstance(value, dict) or not all(map(_or_none(is_number), value.values())):
        return False
    return all(check(value.get(key)) for key, check in _BEFORE.items())


# What stood before a cramp (`detector.types.Before`).
_BEFORE: Mapping[str, Check] = {
    "seen_s": _is_length,
    "earlier_s": _is_length,
    "still_s": _or_none(_is_length),
    "turns": _or_none(_is_count),
    "turns_earlier_per_h": _or_none(_is_length),
    "turned_deg": _or_none(_is_length),
    "moved_share": _or_none(_is_length),
    "moved_share_earlier": _or_none(_is_length),
    "tense_share": _is_length,
    "tense_share_earlier": _or_none(_is_length),
    "tense_share_last_minute": _or_none(_is_length),
}


def _is_tested(value: object) -> bool:
    return isinstance(value, dict) and (
        _is_id(value.get("name")) and _is_flag(value.get("passed")) and _is_text(value.get("text"))
    )


def _is_observing(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("would_have"), dict):
        return False
    counts = [value.get("nights"), value.get("of"), *value["would_have"].values()]
    return _is_flag(value.get("offer")) and all(map(_is_count, counts)) and len(counts) < LONGEST_LIST


# All of `detector/schemas/event.json`: what is logged is what labels and statistics are made of.
_EVENT: Mapping[str, Check] = {
    "recording_id": _is_id,
    "id": _is_id,
    "revision": _is_count,
    "phase": _one_of(Phase),
    "kind": _one_of(Kind),
    "alert": _one_of(Alert),
    "sequence": _or_none(_is_text),
    "channel": _is_count,
    "site": _is_text,
    "onset_index": _is_count,
    "onset_at": _is_moment,
    "offset_index": _or_none(_is_count),
    "offset_at": _or_none(_is_moment),
    "decided_index": _is_count,
    "decided_at": _is_moment,
    "issued_at": _is_moment,
    "emg_rate_hz": _is_rate,
    "duration_s": _is_length,
    "confirmed": _is_flag,
    "peak_uv": _or_none(is_number),
    "mean_uv": _or_none(is_number),
    "times_baseline": _or_none(is_number),
    "median_frequency_hz": _or_none(is_number),
    "burst_rate_hz": _or_none(is_number),
    "burst_count": _or_none(_is_count),
    "modulation_depth": _or_none(is_number),
    "movement_mg": _or_none(is_number),
    "confidence": is_number,
    "model": _is_text,
    "reason": _is_text,
    "quality": _one_of(Certainty),
    # Messages that an outbox kept from before it was told do not have it.
    "before": _or_none(_is_before),
}
# All of `detector/schemas/alarm.json` and `receipt.json`.
_ALARM: Mapping[str, Check] = {
    "id": _is_id,
    "revision": _is_count,
    "code": _one_of(AlarmCode),
    "key": _is_text,
    "kind": _one_of(Literal["physio", "tech"]),
    "title": _is_text,
    "priority": _one_of(AlarmPriority),
    "was": _one_of(Stage),
    "stage": _one_of(Stage),
    "why": _is_text,
    "who": _is_text,
    "at": _is_moment,
    "issued_at": _is_moment,
    "valid_until": _is_moment,
    "began_at": _is_moment,
    "raised_at": _or_none(_is_moment),
    "until": _or_none(_is_moment),
    "ended_at": _or_none(_is_moment),
    "call": _is_count,
    "event_id": _or_none(_is_text),
    "site": _or_none(_is_text),
    "text": _is_text,
    "unconfirmed": _is_flag,
    "stale": _is_flag,
    "acked_by": _or_none(_is_text),
    "answer": _or_none(_is_text),
    "declined": _list_of(_is_text),
    "ordinal": _is_count,
}
_RECEIPT: Mapping[str, Check] = {
    "id": _is_id,
    "revision": _is_count,
    "occurrence_id": _or_none(_is_id),
    "alarm_revision": _or_none(_is_count),
    "step": _or_none(_is_text),
    "channel": _one_of(Channel),
    "service": _or_none(_is_text),
    "person": _or_none(_is_text),
    "outcome": _one_of(Outcome),
    "at": _is_moment,
    "latency_s": _or_none(is_number),
    "text": _is_text,
    "test": _is_flag,
}
# Of the others, what the pages use.
_STATE: Mapping[str, Check] = {
    "valid_until": _is_moment,
    "cramp": _is_switch,
    "rhythmic": _is_switch,
    "kind": _or_none(_one_of(Kind)),
    "reason": _or_none(_is_text),
    "certainty": _or_none(_one_of(Certainty)),
    "conditions": _list_of(_is_condition),
    "contact": _one_of(Contact),
    "battery": _or_none(is_number),
    "monitored_s": _is_length,
    "usable_s": _is_length,
    "cramps_tonight": _is_count,
    "sites": _list_of(_is_text),
    "synthetic": _is_flag,
    "system": _one_of(System),
    "mode": _one_of(Mode),
    "standby_until": _or_none(_is_moment),
    "self_test": _list_of(_is_tested),
    "observing": _or_none(_is_observing),
    # A monitor that does not say it has proven nothing.
    "proven": _or_none(_is_flag),
}
_HEARTBEAT: Mapping[str, Check] = {"last_good_age_ms": _or_none(_is_count)}
_LEVELS: Mapping[str, Check] = {
    "at": _is_moment,
    "rate_hz": _is_rate,
    "envelope_uv": _list_of(_list_of(_or_none(is_number))),
    "baseline_uv": _list_of(_or_none(is_number)),
    "movement_mg": _or_none(is_number),
    "quality": _list_of(_or_none(_list_of(_is_text))),
}
# Where the outbox has numbered a message; the alerter's own have no outbox.
_NUMBERED: Mapping[str, Check] = {"outbox": _is_id, "seq": _is_count, "after": _is_count}
_ALWAYS_NUMBERED: frozenset[Name] = frozenset({"event"})
TABLES: Mapping[Name, Mapping[str, Check]] = {
    "event": _EVENT,
    "alarm": _ALARM,
    "receipt": _RECEIPT,
    "state": _STATE,
    "heartbeat": _HEARTBEAT,
    "levels": _LEVELS,
}


def read(name: Name, sensor_id: str, payload: bytes) -> Message:
    """Return a message that is what the contract says.

    Args:
        name: Its topic's name.
        sensor_id: Its topic's sensor.
        payload: What came.

    Raises:
        MalformedError: it is not.
    """
    try:
        message = json.loads(payload, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"{name}: expected JSON, got {payload[:40]!r}") from error
    if not isinstance(message, dict) or message.get("sensor") != sensor_id:
        raise MalformedError(
            f"{name}: expected an object that names its topic's sensor, got {payload[:40]!r}"
        )
    if not _is_count(message.get("version")) or message["version"] != VERSION:
        raise MalformedError(f"{name}: expected version {VERSION}, got {message.get('version')!r:.40}")
    table = TABLES[name]
    if name in _ALWAYS_NUMBERED or _NUMBERED.keys() & message.keys():
        table = {**_NUMBERED, **table}
    for key, check in table.items():
        if key not in message or not check(message[key]):
            raise MalformedError(f"{name}: {key} is not what the contract says: {message.get(key)!r:.40}")
    # What nobody looked at is not kept.
    return {key: message[key] for key in ("version", "sensor", *table)}


def _refuse(constant: str) -> float:
    raise MalformedError(f"expected a number that JSON knows, got {constant}")
