"""What was wrong with time of late: a computer that slept, a wall clock that was set, a board of another time. Pure.

Each stands until nothing more has happened for a minute (ALARMS.md section 1). Durations everywhere are counted on
the monotonic clock, which none of this moves.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from detector.monitor_state import Code

# A fault of time is over once all has been well for so long.
STABLE_S = 60.0
# A wall clock that jumps by more was set; time servers otherwise move it by less than a millisecond a second.
STEP_S = 1.0


class TimeFaults:
    """Follows the clocks.

    Args:
        now_s: Monotonic time.
        wall: The same moment on the wall clock.
    """

    def __init__(self, now_s: float, wall: datetime) -> None:
        self._before = (now_s, wall)
        self._counts: dict[str, int] = {}
        # When each last went wrong, and a sentence.
        self._faults: dict[Code, tuple[float, str]] = {}

    def slept(self, for_s: float, now_s: float) -> None:
        """Take note that the computer has slept."""
        text = f"The computer slept for {for_s:.0f} s; nothing was watched meanwhile. Keep it awake at night."
        self._faults["HOST_SLEPT"] = (now_s, text)

    def wall_step(self, now_s: float, wall: datetime) -> str:
        """Return a note if somebody has set the wall clock since this was last asked; call it at every turn."""
        (before_s, before), self._before = self._before, (now_s, wall)
        step_s = (wall - before - timedelta(seconds=now_s - before_s)).total_seconds()
        if abs(step_s) <= STEP_S:
            return ""
        way = "forward" if step_s > 0 else "back"
        self._faults["CLOCK_FAULT"] = (now_s, f"The computer's clock was set {way} by {abs(step_s):.0f} s.")
        return f"clock set {way} by {abs(step_s):.3f} s"

    def board(self, counters: Mapping[str, int], now_s: float) -> None:
        """Take note of what the bridge has found wrong with the board's time.

        Args:
            counters: The source's.
            now_s: Monotonic time.
        """
        for name, text in _BOARD_FAULTS.items():
            count = counters.get(name, 0)
            if count > self._counts.get(name, 0):
                self._faults["CLOCK_FAULT"] = (now_s, text)
            self._counts[name] = count

    def standing(self, now_s: float) -> Mapping[Code, str]:
        """Return what has gone wrong within the last minute, as sentences."""
        return {code: text for code, (at_s, text) in self._faults.items() if now_s - at_s < STABLE_S}


# Counters of the bridge that tell of a board's time: each rise is a fault.
_BOARD_FAULTS: Mapping[str, str] = {
    "clock_faults": "The sensor's clock is more than 0.2 % off; times in the recording may be, too.",
    "impossible": "The sensor sends samples of a time that cannot be; they are not used.",
}
