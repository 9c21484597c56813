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


class Ladder(NamedTuple):
    """The steps against silence, each tried once; the last one is tried again and again.

    Attributes:
        rungs: On a link that is up.
        afresh: On a lost one that has just been opened again.
        again_s: Time between two tries of the last step.
    """

    rungs: Sequence[Rung]
    afresh: Sequence[Rung]
    again_s: float


CABLE = Ladder(LADDER, LADDER, 10.0)
# A connection whose other end has gone without a word looks like a silent board and never comes back, and making
# a new one disturbs nobody: so it is made as soon as the link is known to be lost, and again and again. A way that
# is there again has to be found within 2 s, of which the port reader waits half a second before each try.
CORDLESS = Ladder((*LADDER[:-1], Rung(5.0, Remedy.REOPEN)), (Rung(1.2, Remedy.REOPEN),), 1.2)


def ladder_of(scheme: str) -> Ladder:
    """Return the ladder for a source's scheme: those of the network have their own."""
    return CORDLESS if scheme in {"socket", "lsl"} else CABLE


class LinkWatch:
    """Follows one link: one `LinkState` when it is lost, one when it is back, whatever happens in between.

    Args:
        now_s: Monotonic time of the beginning, when the link is up.
        patience: Factor on the ladder's times.
        ladder: What to try, and when.
    """

    def __init__(self, now_s: float, patience: float = 1.0, ladder: Ladder = CABLE) -> None:
        self._heard_s = now_s
        self._patience = patience
        self._ladder = ladder
        self._rungs = ladder.rungs
        self._rung = 0
        self._up = True

    @property
    def up(self) -> bool:
        """Whether samples can be expected."""
        return self._up

    def opened(self, now_s: float) -> None:
        """Take note that the port is open again: the silence is counted from now."""
        self._heard_s, self._rung = now_s, 0
        self._rungs = self._ladder.rungs if self._up else self._ladder.afresh

    def samples_came(self, now_s: float) -> list[LinkState]:
        """Take note of samples; return that the link is back, if it was lost."""
        was_up, self._up = self._up, True
        self.opened(now_s)
        if was_up:
            return []
        return [LinkState(up=True, reason="the sensor is back")]

    def lost(self, reason: str) -> list[LinkState]:
        """Take note that the link is lost; return that, if it is news."""
        if not self._up:
            return []
        self._up = False
        return [LinkState(up=False, reason=reason)]

    def remedy(self, now_s: float) -> Remedy | None:
        """Return what to do now about silence; each step of the ladder once."""
        rung = self._next_rung()
        if (now_s - self._heard_s) / self._patience < rung.silent_s:
            return None
        self._rung += 1
        return rung.remedy

    def _next_rung(self) -> Rung:
        if self._rung < len(self._rungs):
            return self._rungs[self._rung]
        last, tries = self._rungs[-1], self._rung - len(self._rungs) + 1
        return last._replace(silent_s=last.silent_s + tries * self._ladder.again_s)
