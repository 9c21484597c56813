"""What people have asked of a monitor or of the alerter: each once, bounded, answered; what was refused is counted."""

import logging
import time
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import get_args

from detector.alarm_messages import Receipt
from detector.commands import Command, Refusal, RefusedCommandError, read_command
from detector.replies import Replies

_log = logging.getLogger(__name__)

# A run loop takes them ten times a second; whoever sends more is no person.
MOST_WAITING = 50
# A command that comes twice comes again within a minute: QoS 1 repeats over a new connection.
_REMEMBERED = 500


class CommandBox:
    """Takes messages, gives commands, and receipts for whoever sent them."""

    def __init__(self) -> None:
        self._waiting: deque[Command] = deque()
        self._done: deque[str] = deque(maxlen=_REMEMBERED)
        self._refused = dict.fromkeys((*get_args(Refusal), "flood", "repeated"), 0)
        self._replies = Replies()
        self._receipts: deque[Receipt] = deque(maxlen=MOST_WAITING)

    @property
    def counters(self) -> Mapping[str, int]:
        """How many messages were no commands, by reason; and of how many nobody was told, since they were too many."""
        refused = {f"commands_{reason}": count for reason, count in self._refused.items()}
        return {**refused, "replies_dropped": self._replies.dropped}

    def heard(self, topic: str, payload: bytes, *, retained: bool, now: datetime) -> None:
        """Take a message from a command's topic."""
        try:
            command = read_command(topic, payload, retained=retained, now=now)
        except RefusedCommandError as error:
            self._refused[error.refusal] += 1
            _log.warning("%s", error)
            if error.asked is not None:
                self._receipts += self._replies.refused(
                    error.asked, error.why, at=now, now_s=time.monotonic()
                )
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

    def answer(self, command: Command, why_not: str, *, now: datetime) -> None:
        """Note for whoever asked that it was done, or why not."""
        now_s = time.monotonic()
        if why_not:
            self._receipts += self._replies.turned_down(command, why_not, at=now, now_s=now_s)
        else:
            self._receipts += self._replies.done(command, at=now, now_s=now_s)

    def receipts(self) -> list[Receipt]:
        """Return what is to be told of commands, oldest first; each once."""
        receipts = list(self._receipts)
        self._receipts.clear()
        return receipts
