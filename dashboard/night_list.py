"""The list of nights: one row each, every night on the same clock, so that a glance goes down the hours. Pure."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil, floor

from dashboard.night_index import Glance
from dashboard.night_queries import Finding
from dashboard.texts import Texts
from dashboard.wording import length

# Of the row's picture, in per cent of its width.
_WHOLE = 100.0
# A mark of a cramp is never narrower than this, so that it is seen on a phone as well.
_LEAST_MARK = 0.5
_NOON_H, _DAY_H = 12.0, 24.0
# What is drawn where no night says otherwise: from the evening to the morning, hours after noon.
_USUAL_H = (9.0, 20.0)
# Hours between two lines of the picture.
_LINE_H = 3
_RHYTHMIC = ("clonic", "tonic_clonic")
_S_PER_H = 3600.0

Local = Callable[[float], datetime]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something drawn on a row: from where, how wide, in per cent, and what it is."""

    x: float
    width: float
    kind: str


@dataclass(frozen=True, slots=True)
class ListedNight:
    """One row.

    Attributes:
        name: The night's.
        sensor: Whose.
        day: The evening's weekday and day of the month, and the morning's.
        month: Which month the evening is in, as a heading.
        cramps: How many, in words; empty where it is not known yet.
        is_calm: Whether there was no cramp.
        rest: What else is told of it, in words.
        times: From when to when.
        marks: What is drawn.
    """

    name: str
    sensor: str
    day: str
    month: str
    cramps: str
    is_calm: bool
    rest: str
    times: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class NightsList:
    """All rows, and the hours that they are drawn on.

    Attributes:
        nights: Newest first.
        lines: Where the lines of the hours stand, and what they are called.
    """

    nights: tuple[ListedNight, ...]
    lines: tuple[tuple[float, str], ...]


def listed(
    t: Texts,
    glances: Mapping[str, Glance | None],
    findings: Sequence[Finding],
    labelled: AbstractSet[str],
    local: Local,
) -> NightsList:
    """Return the list.

    Args:
        t: The texts.
        glances: The nights by name, newest first; None of what is not read yet.
        findings: Events with a verdict.
        labelled: Which events somebody has labelled.
        local: Turns seconds since 1970 into the base station's local time.
    """
    own: dict[str, list[Finding]] = {}
    for one in findings:
        own.setdefault(one.recording_id, []).append(one)
    hours = _Hours.of(glances, local)
    nights = []
    for name, glance in glances.items():
        spans = glance.spans if glance else ()
        found = [one for span in spans for one in own.get(span.recording_id, [])]
        nights.append(_night(t, name, glance, found, labelled, hours))
    return NightsList(tuple(nights), hours.lines())


@dataclass(frozen=True, slots=True)
class _Hours:
    """The hours that all rows are drawn on, counted from the evening's noon by the wall's clock."""

    first_h: float
    last_h: float
    local: Local

    @classmethod
    def of(cls, glances: Mapping[str, Glance | None], local: Local) -> "_Hours":
        first, last = _USUAL_H
        for name, glance in glances.items():
            for span in glance.spans if glance else ():
                # A recording whose clock was wrong must not squeeze all others.
                first = max(0.0, min(first, _after_noon_h(name, local(span.start))))
                last = min(_DAY_H, max(last, _after_noon_h(name, local(span.end))))
        return cls(floor(first), ceil(last), local)

    def place(self, name: str, at: float) -> float:
        """Return where a time of a night stands, in per cent; beyond what is drawn, below 0 or above 100."""
        return (_after_noon_h(name, self.local(at)) - self.first_h) / (self.last_h - self.first_h) * _WHOLE

    def lines(self) -> tuple[tuple[float, str], ...]:
        """Return the lines of the hours and their names."""
        hours = [hour for hour in range(int(self.first_h), int(self.last_h) + 1) if not hour % _LINE_H]
        scale = _WHOLE / (self.last_h - self.first_h)
        return tuple(
            (round((hour - self.first_h) * scale, 2), f"{int(hour + _NOON_H) % int(_DAY_H):02d}")
            for hour in hours
        )


def _night(
    t: Texts,
    name: str,
    glance: Glance | None,
    found: Sequence[Finding],
    labelled: AbstractSet[str],
    hours: _Hours,
) -> ListedNight:
    evening, _, sensor = name.partition("_")
    day = date.fromisoformat(evening)
    rhythmic = sum(one.alert in _RHYTHMIC for one in found)
    cramps_s = [one.duration_s for one in found if one.alert == "cramp"]
    total = f", {length(sum(cramps_s))}" if cramps_s else ""
    return ListedNight(
        name=name,
        sensor=sensor,
        day=_day(t, day),
        month=f"{t(f'month_is.{day.month}')} {day.year}",
        cramps="" if glance is None else f"{t.counted(len(cramps_s), 'cramp')}{total}",
        is_calm=not cramps_s,
        rest=_rest(t, glance, rhythmic, sum(one.id not in labelled for one in found)),
        times=_times(glance, hours.local),
        marks=_marks(name, glance, found, hours),
    )


def _rest(t: Texts, glance: Glance | None, rhythmic: int, open_ones: int) -> str:
    if glance is None:
        return t("not_read_yet")
    told = [t("monitored_of", seen=length(glance.seen_s), whole=length(glance.recorded_s))]
    if rhythmic:
        told.append(t.counted(rhythmic, "rhythmic_run"))
    if open_ones:
        told.append(t("to_label", count=open_ones))
    if glance.unreadable:
        told.append(t("some_unreadable"))
    return " · ".join(told)


def _day(t: Texts, evening: date) -> str:
    morning = evening + timedelta(days=1)
    names = [t(f"weekday_is.{day.isoweekday()}") for day in (evening, morning)]
    return t("night_of", evening=f"{names[0]} {evening.day}", morning=f"{names[1]} {morning.day}")


def _times(glance: Glance | None, local: Local) -> str:
    if glance is None or not glance.spans:
        return ""
    return f"{local(glance.spans[0].start):%H:%M} – {local(max(s.end for s in glance.spans)):%H:%M}"


def _marks(name: str, glance: Glance | None, found: Sequence[Finding], hours: _Hours) -> tuple[Mark, ...]:
    spans = [(span.start, span.end, "recorded") for span in (glance.spans if glance else ())]
    kinds = [
        (one.onset, one.onset + one.duration_s, "rhythmic" if one.alert in _RHYTHMIC else "cramp")
        for one in found
    ]
    marks = []
    for start, end, kind in [*spans, *kinds]:
        # What lies beyond the drawn hours is cut, or left out.
        x, stop = max(0.0, hours.place(name, start)), min(_WHOLE, hours.place(name, end))
        if x < _WHOLE and stop > 0:
            marks.append(Mark(round(x, 2), round(max(_LEAST_MARK, stop - x), 2), kind))
    return tuple(marks)


def _after_noon_h(name: str, when: datetime) -> float:
    """Return hours since the evening's noon by the wall's clock, so that a night with 25 hours fits as others do."""
    noon = datetime.fromisoformat(f"{name.partition('_')[0]}T12:00:00")
    return (when.replace(tzinfo=None) - noon).total_seconds() / _S_PER_H
