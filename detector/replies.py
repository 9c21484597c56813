"""What whoever sent a command is told of it, as receipts: that it was done, or why not. Pure.

As many as people need, and no more: a flood of commands is not answered by a flood of receipts. What may be read of a
refused message goes back as it came, looked at; nobody is told what else was in it.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from detector.alarm_messages import Channel, Outcome, Receipt
from detector.commands import Asked, Command

# A household that presses everything at once, and one reply a second after that, seconds of life.
BURST = 20
PER_S = 1.0
# What a receipt's own ids may have (the night log refuses longer ones).
_LONGEST_ID = 100
_ID_DIGITS = 32
_LONGEST_TEXT = 300
# How each role asks.
_CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {"dashboard": "page", "caregiver": "page", "home-assistant": "button", "alerter": "push"}
)


class Replies:
    """Makes receipts of what was asked: on the branch on which it was asked.

    Attributes:
        dropped: How many were not made, because there were too many.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._left = float(BURST)
        self._before_s = 0.0

    def refused(self, asked: Asked, why: str, *, at: datetime, now_s: float) -> list[Receipt]:
        """Return what is said to a message that was refused; nothing where there are too many.

        Args:
            asked: Who asked for what.
            why: In words.
            at: Now.
            now_s: Monotonic seconds of life.
        """
        if not self._may_say(now_s):
            return []
        return [_receipt(asked, "refused", why[:_LONGEST_TEXT], at)]

    def turned_down(self, command: Command, why: str, *, at: datetime, now_s: float) -> list[Receipt]:
        """Return what is said to a command that is not possible now."""
        return self.refused(_asked(command), why, at=at, now_s=now_s)

    def done(self, command: Command, *, at: datetime, now_s: float) -> list[Receipt]:
        """Return what is said to a command that was done: by whom, and where."""
        if not self._may_say(now_s):
            return []
        text = f"{command.name}, {command.place}" if command.place else command.name
        return [_receipt(_asked(command), "answered", text, at)]

    def _may_say(self, now_s: float) -> bool:
        self._left = min(BURST, self._left + PER_S * max(0.0, now_s - self._before_s))
        self._before_s = now_s
        if self._left < 1:
            self.dropped += 1
            return False
        self._left -= 1
        return True


def _asked(command: Command) -> Asked:
    return Asked(
        command.sensor, command.role, command.name, command.id, command.who, command.occurrence_id or ""
    )


def _receipt(asked: Asked, outcome: Outcome, text: str, at: datetime) -> Receipt:
    return Receipt(
        id=_id(asked.role, asked.name, asked.id),
        revision=0,
        occurrence_id=_short(asked.occurrence_id),
        alarm_revision=None,
        sensor=asked.sensor,
        channel=_CHANNELS.get(asked.role, "page"),
        outcome=outcome,
        at=at,
        service=asked.role,
        person=asked.who or None,
        text=text,
    )


def _id(role: str, name: str, command_id: str) -> str:
    """Return an id by which whoever asked knows the reply: it ends with the command's own, where that is short."""
    whole = f"reply/{role}/{name}/{command_id}"
    if command_id and len(whole) <= _LONGEST_ID:
        return whole
    return f"reply/{role}/{name}/{hashlib.sha256(whole.encode()).hexdigest()[:_ID_DIGITS]}"


def _short(occurrence_id: str) -> str | None:
    return occurrence_id if 0 < len(occurrence_id) <= _LONGEST_ID else None
