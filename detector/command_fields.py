"""The keys of a command's message, each looked at before anything believes it. Pure.

Each function raises `ValueError` where the key is not there, or is not what it must be.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, get_args

Fields = Mapping[str, Any]
# What a person says that a contraction was.
LabelVerdict = Literal["cramp", "spasm", "movement", "nothing", "unknown"]

_LONGEST_TEXT = 200
_MINUTES_A_DAY = 24 * 60
Value = TypeVar("Value")


def optional(read: Callable[[Fields, str], Value], message: Fields, key: str) -> Value | None:
    """Return what ``read`` does; None where the key is not there."""
    return None if message.get(key) is None else read(message, key)


def text(message: Fields, key: str) -> str:
    """Return a short text that can be shown."""
    value = message.get(key)
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT and value.strip() and value.isprintable():
        return value
    raise ValueError(f"{key}: expected 1 to {_LONGEST_TEXT} printable characters, got {value!r:.60}")


def moment(message: Fields, key: str) -> datetime:
    """Return a moment in UTC: what cannot be told there cannot be reckoned with."""
    value = message.get(key)
    try:
        told = datetime.fromisoformat(value) if isinstance(value, str) else None
        if told is not None and told.tzinfo is not None:
            return told.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{key}: expected an ISO 8601 time with its zone, got {value!r:.60}")


def minutes(message: Fields, key: str) -> float:
    """Return for how long, at most a day."""
    value = message.get(key)
    if type(value) not in {int, float} or not 0 < value <= _MINUTES_A_DAY:  # type: ignore[operator]
        raise ValueError(f"{key}: expected above 0 and at most a day, got {value!r:.60}")
    return float(value)  # type: ignore[arg-type]


def one_of(words: Any) -> Callable[[Fields, str], Any]:  # noqa: ANN401 - a Literal, which has no type of its own
    """Return what reads one of the words of a Literal."""

    def read(message: Fields, key: str) -> Any:  # noqa: ANN401 - one of them
        value = message.get(key)
        if not isinstance(value, str) or value not in get_args(words):
            raise ValueError(f"{key}: expected one of {', '.join(get_args(words))}, got {value!r:.60}")
        return value

    return read


def flag(message: Fields, key: str) -> bool:
    """Return a flag, which is False where it is not there."""
    value = message.get(key, False)
    if value is not True and value is not False:
        raise ValueError(f"{key}: expected true or false, got {value!r:.60}")
    return bool(value)


def refuse_constant(constant: str) -> float:
    """Refuse NaN and its like, which JSON does not know; for `json.loads`."""
    raise ValueError(f"expected a number that JSON knows, got {constant}")
