"""Nights in which nobody is woken: what would have alarmed is counted; then it is offered to arm (ALARMS section 5).

Counted by the night, from noon to noon. A night counts once it was watched for a while: one in which the sensor lay in
a drawer tells nobody what a night is like.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from detector.alarms.values import Moment, night_of

# ALARMS section 5: so many nights by default before it is offered to arm.
NIGHTS = 5
# An afternoon's try is no night, s.
LEAST_WATCHED_S = 3600.0
# Nobody looked between two looks that lie further apart, s.
_LONGEST_LOOK_S = 60.0
# Who observes for longer sees the newest month.
_MOST_NIGHTS = 31


@dataclass(frozen=True, slots=True)
class Observed:
    """What observing has shown so far.

    Attributes:
        nights: How many were watched.
        would_have: How many alarms would have woken somebody, by code.
    """

    nights: int
    would_have: Mapping[str, int]

    @property
    def is_enough(self) -> bool:
        """Whether it is time to offer to arm."""
        return self.nights >= NIGHTS


@dataclass(slots=True)
class Observing:
    """Counts, by night. Use it from one thread.

    Attributes:
        watched_s: How long each night was watched.
        would_have: What would have alarmed in each.
    """

    watched_s: dict[str, float] = field(default_factory=dict)
    would_have: dict[str, Counter[str]] = field(default_factory=dict)
    _looked_s: float | None = None

    def look(self, at: Moment, *, watching: bool) -> None:
        """Take note that the conditions were looked at, and whether by somebody who could see anything."""
        before_s, self._looked_s = self._looked_s, at.mono_s if watching else None
        if watching and before_s is not None and 0 < at.mono_s - before_s <= _LONGEST_LOOK_S:
            night = night_of(at)
            self.watched_s[night] = self.watched_s.get(night, 0.0) + at.mono_s - before_s
            self._forget()

    def count(self, codes: Iterable[str], at: Moment) -> None:
        """Count what would have alarmed."""
        found = Counter(codes)
        if found:
            self.would_have.setdefault(night_of(at), Counter()).update(found)
            self._forget()

    @property
    def observed(self) -> Observed:
        """What there is to see."""
        nights = sum(seconds >= LEAST_WATCHED_S for seconds in self.watched_s.values())
        total: Counter[str] = Counter()
        for codes in self.would_have.values():
            total.update(codes)
        return Observed(nights, dict(sorted(total.items())))

    def snapshot(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "watched_s": {night: round(seconds, 1) for night, seconds in self.watched_s.items()},
            "would_have": {night: dict(codes) for night, codes in self.would_have.items()},
        }

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> "Observing":
        """Return what `snapshot` gave; raises what reading anything else raises."""
        watched_s = {str(night): float(seconds) for night, seconds in saved["watched_s"].items()}
        would_have = {
            str(night): Counter({str(code): int(count) for code, count in codes.items()})
            for night, codes in saved["would_have"].items()
        }
        return cls(watched_s, would_have)

    def _forget(self) -> None:
        for nights in (self.watched_s, self.would_have):
            while len(nights) > _MOST_NIGHTS:
                nights.pop(min(nights))
