"""What was wrong with time of late: a computer that slept, a wall clock that was set, a board of another time. Pure.

Each is news once; the alarm engine lets it stand until all has been well for a minute (ALARMS.md section 1). Durations
everywhere are counted on the monotonic clock, which none of this moves.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from detector.alarms.values import AlarmCode

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
        self._news: dict[AlarmCode, str] = {}

    def slept(self, for_s: float) -> None:
        """Take note that the computer has slept."""
        self._news["HOST_SLEPT"] = (
            f"The computer slept for {for_s:.0f} s; nothing was watched meanwhile. Keep it awake at night."
        )

    def wall_step(self, now_s: float, wall: datetime) -> str:
        """Return a note if somebody has set the wall clock since this was last asked; call it at every turn."""
        (before_s, before), self._before = self._before, (now_s, wall)
        step_s = (wall - before - timedelta(seconds=now_s - before_s)).total_seconds()
        if abs(step_s) <= STEP_S:
            return ""
        way = "forward" if step_s > 0 else "back"
        self._news["CLOCK_FAULT"] = f"The computer's clock was set {way} by {abs(step_s):.0f} s."
        return f"clock set {way} by {abs(step_s):.3f} s"

    def board(self, counters: Mapping[str, int]) -> None:
        """Take note of what the bridge has found wrong with the board's time, by the source's counters."""
        for name, text in _BOARD_FAULTS.items():
            count = counters.get(name, 0)
            if count > self._counts.get(name, 0):
                self._news["CLOCK_FAULT"] = text
            self._counts[name] = count

    def news(self) -> Mapping[AlarmCode, str]:
        """Return what has gone wrong since this was last asked, as sentences."""
        news, self._news = self._news, {}
        return news


# Counters of the bridge that tell of a board's time: each rise is a fault.
_BOARD_FAULTS: Mapping[str, str] = {
    "clock_faults": "The sensor's clock is more than 0.2 % off; times in the recording may be, too.",
    "impossible": "The sensor sends samples of a time that cannot be; they are not used.",
}
