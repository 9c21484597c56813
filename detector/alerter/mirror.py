"""How a monitor's alarms stand now, from what it last wrote: time goes on although nobody writes.

While the monitor lives its own engine moves everything within a tenth of a second. When it is dead its alarms must
go on as ALARMS says: a pause ends, a snooze calls again, what was latched closes, and a contraction that nobody can
see any more is unconfirmed and grows no louder (I3).
"""

from collections.abc import Iterable
from dataclasses import replace

from detector.alarms.conditions import CONDITIONS
from detector.alarms.values import RAISED, Moment, Occurrence

# A monitor writes what is due within its turn; only what is this much overdue has nobody to do it, s.
_OVERDUE_S = 2.0


def as_of(occurrences: Iterable[Occurrence], at: Moment, lost: Moment | None) -> tuple[Occurrence, ...]:
    """Return what stands at a moment.

    Args:
        occurrences: As the monitor wrote them.
        at: Now.
        lost: Since when nobody has watched; None while the monitor lives.
    """
    moved = (_moved(item, at) for item in occurrences if item.stage in RAISED)
    return tuple(item if lost is None else _unconfirmed(item, lost) for item in moved if item is not None)


def _moved(item: Occurrence, at: Moment) -> Occurrence | None:
    """Return the occurrence with its timer done where nobody did it; None where it is over."""
    if item.until is None or at.mono_s < item.until.mono_s + _OVERDUE_S:
        return item
    match item.stage:
        case "paused":
            return replace(item, stage="active", since=item.until, until=None)
        case "snoozed" | "acked":
            unanswered = {"acked_by": None, "acked_priority": None, "answer": None, "declined": ()}
            called = {"since": item.until, "called": item.until, "call": item.call + 1, "until": None}
            return replace(item, stage="active", **called, **unanswered)  # type: ignore[arg-type]
        case "latched":
            return None
    return item


def _unconfirmed(item: Occurrence, lost: Moment) -> Occurrence:
    if not CONDITIONS[item.code].needs_signal or item.unconfirmed or item.ended is not None:
        return item
    return replace(item, unconfirmed=True, lost=lost)
