"""The hours that all nights of one picture are drawn on, so that a glance goes down the same time of each. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, floor

from detector.noon import NIGHT_BEGINS, after_noon_h

# Turns seconds since 1970 into the base station's local time.
Local = Callable[[float], datetime]

# What is drawn where no night says otherwise: from the evening to the morning, hours after noon.
_USUAL_H = (9.0, 20.0)
_DAY_H = 24
_NOON_H = int(NIGHT_BEGINS.total_seconds() // 3600)
# Hours between two lines of the picture.
_LINE_H = 3


def local_time(at: float) -> datetime:
    """Return seconds since 1970 as this machine's local time."""
    return datetime.fromtimestamp(at).astimezone()


@dataclass(frozen=True, slots=True)
class NightHours:
    """The hours, counted from the evening's noon by the wall's clock.

    Attributes:
        first_h: Where the picture begins.
        last_h: Where it ends.
        local: Turns seconds since 1970 into the base station's local time.
    """

    first_h: int
    last_h: int
    local: Local

    @classmethod
    def around(cls, spans: Iterable[tuple[date, float, float]], local: Local) -> "NightHours":
        """Return hours that hold every span.

        Args:
            spans: The evening's date, start and end in seconds since 1970.
            local: See the attribute.
        """
        first, last = _USUAL_H
        for evening, start, end in spans:
            # A recording whose clock was wrong must not squeeze all others.
            first = max(0.0, min(first, after_noon_h(evening, local(start))))
            last = min(float(_DAY_H), max(last, after_noon_h(evening, local(end))))
        return cls(floor(first), ceil(last), local)

    def share(self, evening: date, at: float) -> float:
        """Return where a time of a night stands: 0 at the left, 1 at the right; beyond what is drawn, outside."""
        return (after_noon_h(evening, self.local(at)) - self.first_h) / (self.last_h - self.first_h)

    def lines(self) -> tuple[tuple[float, int], ...]:
        """Return where the lines of the hours stand, and which hours of the day they are."""
        return tuple(
            ((hour - self.first_h) / (self.last_h - self.first_h), (hour + _NOON_H) % _DAY_H)
            for hour in range(self.first_h, self.last_h + 1)
            if not hour % _LINE_H
        )
