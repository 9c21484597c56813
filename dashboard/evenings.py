"""Every night as one row of facts: how much of it was seen, and the cramps in it. What trends and the report count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from dashboard.night_index import Glance
from detector.spans import Span, total_s
from detector.types import RHYTHMIC, Before

Message = Mapping[str, Any]
_S_PER_H = 3600.0
# Of a night with less usable signal nothing is counted: its rate would say more of the electrodes than of the leg.
LEAST_USABLE_S = 4 * _S_PER_H


@dataclass(frozen=True, slots=True)
class Cramp:
    """One cramp.

    Attributes:
        event_id: The event's.
        onset: Seconds since 1970.
        duration_s: How long it was.
        peak_uv: Its strongest second, µV RMS; None where it was not measured.
        times_resting: The same over the resting level.
        before: What the ten minutes before it looked like; None where that is not known.
        answered_s: How long after its onset somebody answered its alarm; None where nobody did.
    """

    event_id: str
    onset: float
    duration_s: float
    peak_uv: float | None = None
    times_resting: float | None = None
    before: Before | None = None
    answered_s: float | None = None


@dataclass(frozen=True, slots=True)
class Evening:
    """One night, of all sensors together, named by the date of its evening.

    Attributes:
        date: The evening's.
        names: The nights' own names, one for each sensor.
        spans: When it was recorded, as (start, end) in seconds since 1970; overlapping ones joined.
        usable_s: Seconds with a usable signal, of the sensor that had most.
        cramps: By onset.
        rhythmic: How many runs of rhythmic contractions there were.
    """

    date: date
    names: tuple[str, ...]
    spans: tuple[tuple[float, float], ...]
    usable_s: float
    cramps: tuple[Cramp, ...]
    rhythmic: int = 0

    @property
    def is_counted(self) -> bool:
        """Whether enough of it was seen for its cramps to be counted."""
        return self.usable_s >= LEAST_USABLE_S

    @property
    def recorded_s(self) -> float:
        """From each span's first sample to its last."""
        return sum(end - start for start, end in self.spans)


def evenings(
    glances: Mapping[str, Glance | None], events: Iterable[Message], answered_s: Mapping[str, float]
) -> list[Evening]:
    """Return the nights, oldest first.

    Args:
        glances: The nights by name; those that could not be read yet are left out.
        events: Events with a verdict, and those of kind ``artefact``.
        answered_s: How long after its onset each event's alarm was answered.
    """
    own: dict[str, list[Message]] = {}
    for message in events:
        own.setdefault(message["recording_id"], []).append(message)
    by_date: dict[str, list[tuple[str, Glance, list[Message]]]] = {}
    for name, glance in glances.items():
        if glance is not None and glance.spans:
            found = [message for span in glance.spans for message in own.get(span.recording_id, [])]
            by_date.setdefault(name.partition("_")[0], []).append((name, glance, found))
    return [_evening(day, nights, answered_s) for day, nights in sorted(by_date.items())]


def _evening(
    day: str, nights: Sequence[tuple[str, Glance, list[Message]]], answered_s: Mapping[str, float]
) -> Evening:
    cramps, rhythmic = [], 0
    for _, _, found in nights:
        cramps += [_cramp(message, answered_s) for message in found if message["alert"] == "cramp"]
        rhythmic += sum(message["alert"] in RHYTHMIC for message in found)
    spans = [(span.start, span.end) for _, glance, _ in nights for span in glance.spans]
    return Evening(
        date=date.fromisoformat(day),
        names=tuple(name for name, _, _ in nights),
        spans=joined(spans),
        usable_s=max(glance.seen_s - _unusable_s(found) for _, glance, found in nights),
        cramps=tuple(sorted(cramps, key=lambda cramp: (cramp.onset, cramp.event_id))),
        rhythmic=rhythmic,
    )


def _cramp(message: Message, answered_s: Mapping[str, float]) -> Cramp:
    return Cramp(
        event_id=message["id"],
        onset=datetime.fromisoformat(message["onset_at"]).timestamp(),
        duration_s=message["duration_s"],
        peak_uv=message["peak_uv"],
        times_resting=message["times_baseline"],
        before=_before(message.get("before")),
        answered_s=answered_s.get(message["id"]),
    )


def _before(told: Message | None) -> Before | None:
    return None if told is None else Before(**{one.name: told[one.name] for one in fields(Before)})


def _unusable_s(found: Iterable[Message]) -> float:
    spans = []
    for message in found:
        if message["kind"] == "artefact":
            start = datetime.fromisoformat(message["onset_at"]).timestamp()
            spans.append(Span(start, start + message["duration_s"]))
    return total_s(spans)


def joined(spans: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return spans in order, those that touch or overlap made one.

    >>> joined([(5, 9), (0, 4), (3, 6)])
    ((0, 9),)
    """
    whole: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return tuple(whole)


def answered_after(alarms: Iterable[Message]) -> dict[str, float]:
    """Return how many seconds after its onset each event's alarm was first answered, by the event's id.

    Args:
        alarms: Changes of alarms, in any order.
    """
    found: dict[str, float] = {}
    for message in alarms:
        if message["event_id"] is None or message["acked_by"] is None:
            continue
        began, at = (datetime.fromisoformat(message[key]) for key in ("began_at", "at"))
        after_s = max(0.0, (at - began).total_seconds())
        found[message["event_id"]] = min(after_s, found.get(message["event_id"], after_s))
    return found


def days_between(found: Sequence[Evening]) -> list[date]:
    """Return the dates between the first and the last night on which nothing was recorded."""
    return [
        date.fromordinal(day)
        for before, after in pairwise(found)
        for day in range(before.date.toordinal() + 1, after.date.toordinal())
    ]
