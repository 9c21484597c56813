"""What people ask of a monitor over MQTT: each message looked at before anything believes it.

A command is never honoured if it is retained, older than 30 s, from the future, or of a role that may not ask for it.
It names the alarm that it answers, and who asks.

    RefusedCommandError    why a message is no command; `Refusal` names the kind, for the counters
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from detector.alarms.values import Act, ActName, Mode
from detector.command_fields import (
    Fields,
    LabelVerdict,
    flag,
    minutes,
    moment,
    one_of,
    optional,
    refuse_constant,
    text,
)
from detector.messages import Message, iso
from detector.roles import COMMANDS, CommandName, Role
from detector.topics import VERSION, TopicError, command_topic, parse_command_topic

# Older commands are no longer what anybody wants now (DESIGN section 4).
MOST_AGE = timedelta(seconds=30)
# A phone's clock may be a little ahead.
MOST_AHEAD = timedelta(seconds=5)
# A command is a few words.
LONGEST = 4096

Refusal = Literal[
    "topic", "retained", "oversized", "malformed", "version", "role", "unbound", "late", "future"
]
# Of these, what changes an alarm or the watch; the others are for the pages.
_ACTS: frozenset[str] = frozenset(get_args(ActName))
_NEEDS: Mapping[str, tuple[str, ...]] = {"mode": ("mode",), "label": ("event_id", "verdict")}
_MODE, _VERDICT = one_of(Mode), one_of(LabelVerdict)
_NEEDS_OCCURRENCE: frozenset[str] = frozenset({"ack", "going", "cannot", "snooze", "pause", "reset"})


@dataclass(frozen=True, slots=True)
class Asked:
    """As much of a refused message as could be read, for whoever sent it; empty where it could not.

    Attributes:
        sensor: Of which sensor.
        role: As which they were let in, by the broker.
        name: What.
        id: Of the message.
        who: By name.
        occurrence_id: The alarm that it names.
    """

    sensor: str
    role: str
    name: str
    id: str = ""
    who: str = ""
    occurrence_id: str = ""


class RefusedCommandError(ValueError):
    """A message that is no command; the text says why.

    Attributes:
        refusal: Which kind, for the counters.
        why: In words, for whoever asked.
        asked: Who asked for what; None where the topic does not tell, or nobody asks now.
    """

    def __init__(self, refusal: Refusal, why: str) -> None:
        super().__init__(f"command: {why}")
        self.refusal: Refusal = refusal
        self.why = why
        self.asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asked for.

    Attributes:
        id: Of this command; one that comes twice is done once.
        role: As which they were let in, by the broker.
        name: What.
        sensor: Of which sensor.
        who: By name.
        at: When they asked.
        occurrence_id: The alarm that it answers.
        place: Where they did it: a page, a phone.
        minutes: For `snooze`, `pause` and `standby`.
        until: For `standby`.
        mode: For `mode`.
        override: For `arm`.
        event_id: For `label`: the contraction.
        verdict: For `label`: what it was.
        note: For `label`: in the person's own words.
    """

    id: str
    role: Role
    name: CommandName
    sensor: str
    who: str
    at: datetime
    occurrence_id: str | None = None
    place: str = ""
    minutes: float | None = None
    until: datetime | None = None
    mode: Mode | None = None
    override: bool = False
    event_id: str | None = None
    verdict: LabelVerdict | None = None
    note: str = ""

    @property
    def act(self) -> Act | None:
        """What it means to the alarms; None where it is not for them."""
        if self.name not in _ACTS:
            return None
        return Act(
            self.name,  # type: ignore[arg-type]  # the names in _ACTS are those of both
            self.who,
            self.occurrence_id,
            role=self.role,
            place=self.place,
            minutes=self.minutes,
            until=self.until,
            mode=self.mode,
            override=self.override,
        )

    @property
    def topic(self) -> str:
        """Where it is published."""
        return command_topic(self.sensor, self.role, self.name)


def command_message(command: Command) -> Message:
    """Return the message of a command; optional keys are left out where they say nothing."""
    optional = {
        "occurrence_id": command.occurrence_id,
        "place": command.place or None,
        "minutes": command.minutes,
        "until": None if command.until is None else iso(command.until),
        "mode": command.mode,
        "override": command.override or None,
        "event_id": command.event_id,
        "verdict": command.verdict,
        "note": command.note or None,
    }
    return {
        "version": VERSION,
        "id": command.id,
        "who": command.who,
        "at": iso(command.at),
        **{key: value for key, value in optional.items() if value is not None},
    }


def read_command(topic: str, payload: bytes, *, retained: bool, now: datetime) -> Command:
    """Return the command that a message is.

    Args:
        topic: Where it came; the role is in it.
        payload: What came.
        retained: Whether the broker had kept it.
        now: The monitor's wall clock.

    Raises:
        RefusedCommandError: it is none that may be honoured.
    """
    try:
        sensor, role, name = parse_command_topic(topic)
    except TopicError as error:
        raise RefusedCommandError("topic", str(error)) from error
    if retained:
        raise RefusedCommandError("retained", f"{name} was kept by the broker; nobody asks for it now")
    try:
        return _believed(sensor, role, name, payload, now)
    except RefusedCommandError as error:
        error.asked = _asked(sensor, role, name, payload)
        raise


def _believed(sensor: str, role: str, name: str, payload: bytes, now: datetime) -> Command:
    if len(payload) > LONGEST:
        raise RefusedCommandError(
            "oversized", f"{name}: expected at most {LONGEST} bytes, got {len(payload)}"
        )
    # Two sets of known words: with both in them, role and name are what the types say.
    if name not in COMMANDS.get(role, ()):  # type: ignore[call-overload]
        raise RefusedCommandError("role", f"{role} may not ask for {name}")
    message = _object(name, payload)
    if name in _NEEDS_OCCURRENCE and message.get("occurrence_id") is None:
        raise RefusedCommandError("unbound", f"{name}: names no alarm; there was none to answer")
    command = _command(sensor, role, name, message)
    _check_age(command, now)
    return command


def _asked(sensor: str, role: str, name: str, payload: bytes) -> Asked:
    """Return what can be read of a refused message, without believing any of it."""
    try:
        message: Fields = _object(name, payload) if len(payload) <= LONGEST else {}
    except RefusedCommandError:
        message = {}
    read: dict[str, str] = {}
    for key in ("id", "who", "occurrence_id"):
        try:
            read[key] = optional(text, message, key) or ""
        except ValueError:
            # It is why the message was refused, or beside the point.
            continue
    return Asked(sensor, role, name, **read)


def _object(name: str, payload: bytes) -> Fields:
    try:
        message = json.loads(payload, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedCommandError("malformed", f"{name}: expected JSON, got {payload[:40]!r}") from error
    if not isinstance(message, dict):
        raise RefusedCommandError("malformed", f"{name}: expected an object, got {payload[:40]!r}")
    version = message.get("version")
    if type(version) is not int or version != VERSION:
        raise RefusedCommandError("version", f"{name}: expected version {VERSION}, got {version!r:.40}")
    return message


def _command(sensor: str, role: str, name: str, message: Fields) -> Command:
    try:
        _check_needs(name, message)
        return Command(
            id=text(message, "id"),
            role=role,  # type: ignore[arg-type]  # looked up in COMMANDS
            name=name,  # type: ignore[arg-type]  # likewise
            sensor=sensor,
            who=text(message, "who"),
            at=moment(message, "at"),
            occurrence_id=optional(text, message, "occurrence_id"),
            place=optional(text, message, "place") or "",
            minutes=optional(minutes, message, "minutes"),
            until=optional(moment, message, "until"),
            mode=optional(_MODE, message, "mode"),
            override=flag(message, "override"),
            event_id=optional(text, message, "event_id"),
            verdict=optional(_VERDICT, message, "verdict"),
            note=optional(text, message, "note") or "",
        )
    except ValueError as error:
        raise RefusedCommandError("malformed", f"{name}: {error}") from error


def _check_needs(name: str, message: Fields) -> None:
    missing = [key for key in _NEEDS.get(name, ()) if message.get(key) is None]
    if missing:
        raise ValueError(f"{missing[0]}: expected one, got nothing")


def _check_age(command: Command, now: datetime) -> None:
    age = now - command.at
    if age > MOST_AGE:
        raise RefusedCommandError(
            "late", f"{command.name} of {command.who} is {age.total_seconds():.0f} s old"
        )
    if -age > MOST_AHEAD:
        raise RefusedCommandError(
            "future", f"{command.name} of {command.who} is dated {-age.total_seconds():.0f} s ahead"
        )


@cache
def command_schema() -> Message:
    """Return the JSON Schema (2020-12) of a command; do not change it."""
    return json.loads(files("detector").joinpath("schemas", "command.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]
