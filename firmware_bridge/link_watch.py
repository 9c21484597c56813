"""Judges from what arrives whether a sensor is still there, and says what to try when it is not."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from firmware_bridge.samples import LinkState


class Remedy(Enum):
    """What to do about silence."""

    ASK = auto()
    GIVE_UP = auto()
    REOPEN = auto()


class Rung(NamedTuple):
    """What to do once no samples have come for so long."""

    silent_s: float
    remedy: Remedy


# RELIABILITY.md row A9: asked after 2 s, known to be lost within 5 (half a second is for whoever passes it
# on), and opened afresh every 10.
GIVEN_UP_AFTER_S = 4.5
LADDER: Sequence[Rung] = (
    Rung(2.0, Remedy.ASK),
    Rung(GIVEN_UP_AFTER_S, Remedy.GIVE_UP),
    Rung(10.0, Remedy.REOPEN),
)
REOPEN_EVERY_S = 10.0


class LinkWatch:
    """Follows one link: one `LinkState` when it is lost, one when it is back, whatever happens in between.

    Args:
        now_s: Monotonic time of the beginning, when the link is up.
        patience: Factor on the ladder's times.
    """

    def __init__(self, now_s: float, patience: float = 1.0) -> None:
        self._heard_s = now_s
        self._patience = patience
        self._rung = 0
        self._up = True

    @property
    def up(self) -> bool:
        """Whether samples can be expected."""
        return self._up

    def opened(self, now_s: float) -> None:
        """Take note that the port is open again: the silence is counted from now."""
        self._heard_s, self._rung = now_s, 0

    def samples_came(self, now_s: float) -> list[LinkState]:
        """Take note of samples; return that the link is back, if it was lost."""
        self.opened(now_s)
        if self._up:
            return []
        self._up = True
        return [LinkState(up=True, reason="the sensor is back")]

    def lost(self, reason: str) -> list[LinkState]:
        """Take note that the link is lost; return that, if it is news."""
        if not self._up:
            return []
        self._up = False
        return [LinkState(up=False, reason=reason)]

    def remedy(self, now_s: float) -> Remedy | None:
        """Return what to do now about silence; each step of the ladder once."""
        silent_s = (now_s - self._heard_s) / self._patience
        beyond = self._rung - len(LADDER)
        rung = LADDER[-1] if beyond >= 0 else LADDER[self._rung]
        if silent_s < rung.silent_s + max(0, beyond + 1) * REOPEN_EVERY_S:
            return None
        self._rung += 1
        return rung.remedy
