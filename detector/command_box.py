"""What people have asked of one monitor: each once, bounded, and what was refused counted by its reason. Pure."""

import logging
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import get_args

from detector.commands import Command, Refusal, RefusedCommandError, read_command

_log = logging.getLogger(__name__)

# A run loop takes them ten times a second; whoever sends more is no person.
MOST_WAITING = 50
# A command that comes twice comes again within a minute: QoS 1 repeats over a new connection.
_REMEMBERED = 500


class CommandBox:
    """Takes messages, gives commands."""

    def __init__(self) -> None:
        self._waiting: deque[Command] = deque()
        self._done: deque[str] = deque(maxlen=_REMEMBERED)
        self._refused = dict.fromkeys((*get_args(Refusal), "flood", "repeated"), 0)

    @property
    def counters(self) -> Mapping[str, int]:
        """How many messages were no commands, by reason."""
        return {f"commands_{reason}": count for reason, count in self._refused.items()}

    def heard(self, topic: str, payload: bytes, *, retained: bool, now: datetime) -> None:
        """Take a message from a command's topic."""
        try:
            command = read_command(topic, payload, retained=retained, now=now)
        except RefusedCommandError as error:
            self._refused[error.refusal] += 1
            _log.warning("%s", error)
            return
        if command.id in self._done:
            self._refused["repeated"] += 1
        elif len(self._waiting) >= MOST_WAITING:
            self._refused["flood"] += 1
        else:
            self._done.append(command.id)
            self._waiting.append(command)

    def taken(self) -> list[Command]:
        """Return what waits, oldest first."""
        waiting = list(self._waiting)
        self._waiting.clear()
        return waiting
