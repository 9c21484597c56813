"""Whether another program speaks for the same sensor, told from the `state` messages on the broker.

Two programs with one client id throw each other out for ever, and MQTT 3.1.1 does not say why a connection
ended: it looks like a broker that was restarted. The `state` says who spoke last.
"""

import json
from collections import deque
from dataclasses import dataclass, field

# One stray message may be the last breath of a monitor that was replaced; this many are a fight.
_SIGNS = 3
# After this long without a sign the fight is over, s.
_MEMORY_S = 60.0


@dataclass(slots=True)
class Rivals:
    """Signs of another monitor of the same sensor.

    Attributes:
        boot_id: ours.
    """

    boot_id: str
    _signs: deque[float] = field(default_factory=lambda: deque(maxlen=_SIGNS))
    _said_in: int | None = None

    def said(self, generation: int) -> None:
        """Note that we have said our own state over the connection of that number."""
        if self._said_in is None:
            self._said_in = generation

    def heard(self, payload: bytes, *, retained: bool, generation: int, now_s: float) -> None:
        """Note a `state` message.

        What a broker kept from before our first word says nothing: it is from the run before this one.
        """
        spoken_before = self._said_in is not None and (not retained or generation > self._said_in)
        if spoken_before and _boot_id(payload) not in {None, self.boot_id}:
            self._signs.append(now_s)

    def clash(self, now_s: float) -> bool:
        """Tell whether another monitor is at work."""
        return len(self._signs) == _SIGNS and now_s - self._signs[0] < _MEMORY_S


def _boot_id(payload: bytes) -> object:
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return message.get("boot_id") if isinstance(message, dict) else None
