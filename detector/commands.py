"""What people ask of a monitor over MQTT: each message looked at before anything believes it.

A command is never honoured if it is retained, older than 30 s, from the future, or of a role that may not ask for it.
It names the alarm that it answers, and who asks.

    RefusedCommandError    why a message is no command; `Refusal` names the kind, for the counters
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from detector.alarms.values import Act, ActName, Mode
from detector.messages import Message, iso
from detector.roles import COMMANDS, CommandName, Role
from detector.topics import VERSION, TopicError, command_topic, parse_command_topic

# Older commands are no longer what anybody wants now (DESIGN section 4).
MOST_AGE = timedelta(seconds=30)
# A phone's clock may be a little ahead.
MOST_AHEAD = timedelta(seconds=5)
# A command is a few words.
LONGEST = 4096
_LONGEST_TEXT = 200

Refusal = Literal["topic", "retained", "oversized", "malformed", "version", "role", "late", "future"]
# Of these, what changes an alarm or the watch; the others are for the pages.
_ACTS: frozenset[str] = frozenset(get_args(ActName))
_NEEDS_OCCURRENCE: frozenset[str] = frozenset({"ack", "going", "cannot", "snooze", "pause", "reset"})


class RefusedCommandError(ValueError):
    """A message that is no command; the text says why."""

    def __init__(self, refusal: Refusal, why: str) -> None:
        super().__init__(f"command: {why}")
        self.refusal: Refusal = refusal


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
    if len(payload) > LONGEST:
        raise RefusedCommandError(
            "oversized", f"{name}: expected at most {LONGEST} bytes, got {len(payload)}"
        )
    # Two sets of known words: with both in them, role and name are what the types say.
    if name not in COMMANDS.get(role, ()):  # type: ignore[call-overload]
        raise RefusedCommandError("role", f"{role} may not ask for {name}")
    message = _object(name, payload)
    command = _command(sensor, role, name, message)
    _check_age(command, now)
    return command


def _object(name: str, payload: bytes) -> Mapping[str, Any]:
    try:
        message = json.loads(payload, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedCommandError("malformed", f"{name}: expected JSON, got {payload[:40]!r}") from error
    if not isinstance(message, dict):
        raise RefusedCommandError("malformed", f"{name}: expected an object, got {payload[:40]!r}")
    version = message.get("version")
    if type(version) is not int or version != VERSION:
        raise RefusedCommandError("version", f"{name}: expected version {VERSION}, got {version!s:.40}")
    return message


def _command(sensor: str, role: str, name: str, message: Mapping[str, Any]) -> Command:
    try:
        occurrence_id = _text(message, "occurrence_id", needed=name in _NEEDS_OCCURRENCE)
        return Command(
            id=_text(message, "id", needed=True) or "",
            role=role,  # type: ignore[arg-type]  # looked up in COMMANDS
            name=name,  # type: ignore[arg-type]  # likewise
            sensor=sensor,
            who=_text(message, "who", needed=True) or "",
            at=_moment(message, "at") or _missing("at"),
            occurrence_id=occurrence_id,
            place=_text(message, "place") or "",
            minutes=_minutes(message),
            until=_moment(message, "until"),
            mode=_mode(message, needed=name == "mode"),
            override=_flag(message, "override"),
        )
    except ValueError as error:
        raise RefusedCommandError("malformed", f"{name}: {error}") from error


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


def _text(message: Mapping[str, Any], key: str, *, needed: bool = False) -> str | None:
    value = message.get(key)
    if value is None and not needed:
        return None
    if (
        not isinstance(value, str)
        or not value.strip()
        or len(value) > _LONGEST_TEXT
        or not value.isprintable()
    ):
        raise ValueError(f"{key}: expected 1 to {_LONGEST_TEXT} printable characters, got {value!r:.60}")
    return value


def _moment(message: Mapping[str, Any], key: str) -> datetime | None:
    value = message.get(key)
    if value is None:
        return None
    try:
        # Into UTC: what cannot be told there cannot be reckoned with.
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"{key}: expected an ISO 8601 time with its zone, got {value!r:.60}")


def _missing(key: str) -> datetime:
    raise ValueError(f"{key}: expected when it was asked for, got nothing")


def _minutes(message: Mapping[str, Any]) -> float | None:
    value = message.get("minutes")
    if value is None:
        return None
    if type(value) not in {int, float} or not 0 < value <= 24 * 60:
        raise ValueError(f"minutes: expected above 0 and at most a day, got {value!r:.60}")
    return float(value)


def _mode(message: Mapping[str, Any], *, needed: bool) -> Mode | None:
    value = message.get("mode")
    if value is None and not needed:
        return None
    if not isinstance(value, str) or value not in get_args(Mode):
        raise ValueError(f"mode: expected one of {', '.join(get_args(Mode))}, got {value!r:.60}")
    return value  # type: ignore[return-value]  # looked up


def _flag(message: Mapping[str, Any], key: str) -> bool:
    value = message.get(key, False)
    if value is not True and value is not False:
        raise ValueError(f"{key}: expected true or false, got {value!r:.60}")
    return bool(value)


def _refuse_constant(constant: str) -> float:
    raise ValueError(f"expected a number that JSON knows, got {constant}")


@cache
def command_schema() -> Message:
    """Return the JSON Schema (2020-12) of a command; do not change it."""
    return json.loads(files("detector").joinpath("schemas", "command.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]
