"""What the base station plays now, given what people at the bed are to perceive: bursts, pips and the cancel beep.

The signals say what, the bell says when the next burst is due, the player makes it sound. Whoever answers hears
silence at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from detector.alarms.signals import Signals
from detector.alarms.values import RANK, Priority
from detector.alerter.player import Player
from detector.alerter.tones import Sound

# IEC 60601-1-8: 2.5 to 15 s between the beginnings of two bursts of HIGH, 2.5 to 30 s of MEDIUM; a cramp is over in
# minutes, so near the lower end of both, s.
EVERY_S: Mapping[Priority, float] = MappingProxyType({"high": 4.0, "medium": 6.0, "low": 30.0})
# Two beeps a second would be an alarm; one is a countdown, s.
CANCEL_EVERY_S = 1.0
# Sounds of this loudness belong to what has none of its own: pips must not startle, the beep must be heard.
PIP_LOUDNESS, CANCEL_LOUDNESS = "soft", "loud"
_BURST: Mapping[Priority, Sound] = MappingProxyType({"high": "high", "medium": "medium", "low": "low"})
_LOUDEST_FIRST = ("full", "loud", "louder", "soft", "off")


@dataclass(frozen=True, slots=True)
class Ring:
    """What to play, and how long from one beginning to the next, s."""

    sound: Sound
    loudness: str
    every_s: float


def ring_of(standing: Iterable[Signals], *, cancel_beep: bool = False) -> Ring | None:
    """Return what the base station plays for the signals of all sensors; None for silence.

    The highest priority goes first, among equals the louder, and pips last.

    Args:
        standing: The signals of every sensor.
        cancel_beep: Whether a caregiver is told within seconds unless somebody answers: heard instead of the alarm
            that it belongs to, and never instead of one of HIGH priority.
    """
    heard = [signals for signals in standing if signals.sound != "off" or signals.pip_every_s is not None]
    first = min(heard, key=_order, default=None)
    sounding = first is not None and first.sound != "off"
    if cancel_beep and not (first is not None and sounding and first.priority == "high"):
        return Ring("cancel", CANCEL_LOUDNESS, CANCEL_EVERY_S)
    if first is None:
        return None
    if not sounding:
        assert first.pip_every_s is not None
        return Ring("pip", PIP_LOUDNESS, first.pip_every_s)
    priority = first.priority or "medium"
    return Ring(_BURST.get(priority, "low"), first.sound, EVERY_S.get(priority, EVERY_S["low"]))


def _order(signals: Signals) -> tuple[bool, int, int]:
    return (
        signals.sound == "off",
        -RANK[signals.priority or "advisory"],
        _LOUDEST_FIRST.index(signals.sound),
    )


class Bell:
    """Rings a player. All methods are for one thread; none waits.

    Args:
        player: What makes the sound.

    Attributes:
        ringing: What is played now; None in silence.
    """

    def __init__(self, player: Player) -> None:
        self.ringing: Ring | None = None
        self._player = player
        self._due_s = 0.0

    @property
    def trouble(self) -> str:
        """Why there is no sound, for a person; empty while there is some."""
        return self._player.trouble

    def ring(self, ring: Ring | None, now_s: float) -> bool:
        """Play what is due, and tell whether a burst was begun; call it at every turn.

        Args:
            ring: What is to be heard.
            now_s: Monotonic time of the night's clock.
        """
        sounding = self._player.check()
        before, self.ringing = self.ringing, ring
        if ring is None:
            if before is not None:
                self._player.stop()
            return False
        # Another sound cuts off the one before; a louder one waits for its turn.
        if before is None or before.sound != ring.sound:
            self._due_s = now_s
        elif sounding or now_s < self._due_s:
            return False
        self._due_s = now_s + ring.every_s
        self._player.play(ring.sound, ring.loudness)
        return True
