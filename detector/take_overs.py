"""Whether another program on the broker uses our client id, told from how long connections last."""

from dataclasses import dataclass

# A connection that another client takes over lives no longer than that client's reconnection delay, s.
_SHORT_LIFE_S = 5.0
_TAKE_OVERS = 3


@dataclass(slots=True)
class TakeOvers:
    """Tells from the lives of connections whether another client uses the same id.

    A broker that dies refuses the next attempt; one that gave our id to somebody else takes us back at once.
    """

    clash: bool = False
    _short_lives: int = 0

    def ended(self, life_s: float) -> None:
        """Note that the broker closed an accepted connection."""
        self._short_lives = self._short_lives + 1 if life_s < _SHORT_LIFE_S else 0
        self.clash = self._short_lives >= _TAKE_OVERS

    def unreachable(self) -> None:
        """Note that an attempt found no broker: it was the broker that went away."""
        self._short_lives = 0
        self.clash = False

    def lives(self, life_s: float) -> None:
        """Note that the present connection has lasted so long."""
        if life_s >= _SHORT_LIFE_S:
            self.unreachable()
