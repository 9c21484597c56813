"""What goes to the board: a sign of life every few seconds, and commands until they are acknowledged."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from firmware_bridge.frames import FRAME_TYPES, Ack, Cue, Frame, Keepalive, Set, encode

# A board buzzes by itself after 60 s without one: a dozen may be lost.
KEEPALIVE_EVERY_S = 5.0
# An answer takes a frame each way, some 15 ms; a quarter of a second is a lost frame. After two seconds the
# moment of a cue is over.
REPEAT_EVERY_S = 0.25
REPEATS = 8
# Tokens are one byte; 0 is for boards' own doings.
_TOKENS = 255


@dataclass(slots=True)
class _Pending:
    frame: Cue | Set
    next_s: float
    repeats: int = REPEATS


class Downlink:
    """Keeps commands until the board has acknowledged them; the newest of a kind replaces an older one.

    Pure: bytes to write come out, time goes in.

    Args:
        repeat_every_s: How long an answer may take.
    """

    def __init__(self, repeat_every_s: float = REPEAT_EVERY_S) -> None:
        self._repeat_every_s = repeat_every_s
        self._pending: dict[int, _Pending] = {}
        self._token = 0
        self._watching = True
        self._keepalive_s = float("-inf")
        self._acknowledged = self._refused = self._unanswered = 0

    @property
    def counters(self) -> Mapping[str, int]:
        """How commands fared so far."""
        return {
            "commands_acknowledged": self._acknowledged,
            "commands_refused": self._refused,
            "commands_unanswered": self._unanswered,
        }

    def send(self, frame: Frame, now_s: float) -> bytes:
        """Return a command as bytes to write now."""
        if isinstance(frame, Keepalive):
            self._watching = frame.watching
            self._keepalive_s = now_s
        elif isinstance(frame, Cue | Set):
            self._token = self._token % _TOKENS + 1
            frame = replace(frame, token=self._token)
            self._pending[FRAME_TYPES[type(frame)]] = _Pending(frame, now_s + self._repeat_every_s)
        return encode(frame)

    def heard(self, ack: Ack) -> None:
        """Take note of an acknowledgement; one of an older command changes nothing."""
        pending = self._pending.get(ack.command)
        if pending is None or pending.frame.token != ack.token:
            return
        del self._pending[ack.command]
        self._acknowledged += 1
        self._refused += ack.result != 0

    def due(self, now_s: float) -> bytes:
        """Return what to write now: a sign of life, and what has gone unanswered."""
        out = b""
        if now_s - self._keepalive_s >= KEEPALIVE_EVERY_S:
            out = self.send(Keepalive(self._watching), now_s)
        for command, pending in list(self._pending.items()):
            if now_s < pending.next_s:
                continue
            if not pending.repeats:
                del self._pending[command]
                self._unanswered += 1
                continue
            pending.repeats -= 1
            pending.next_s = now_s + self._repeat_every_s
            out += encode(pending.frame)
        return out
