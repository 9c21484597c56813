"""The list of nights: one row each, every night on the same clock, so that a glance goes down the hours. Pure."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.night_hours import Local, NightHours
from dashboard.night_index import Glance
from dashboard.night_queries import Finding
from dashboard.texts import Texts
from dashboard.wording import length
from detector.types import RHYTHMIC

# Of the row's picture, in per cent of its width.
_WHOLE = 100.0
# A mark of a cramp is never narrower than this, so that it is seen on a phone as well.
_LEAST_MARK = 0.5


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
    hours = NightHours.around(
        [
            (_evening(name), span.start, span.end)
            for name, glance in glances.items()
            for span in (glance.spans if glance else ())
        ],
        local,
    )
    nights = []
    for name, glance in glances.items():
        spans = glance.spans if glance else ()
        found = [one for span in spans for one in own.get(span.recording_id, [])]
        nights.append(_night(t, name, glance, found, labelled, hours))
    return NightsList(
        tuple(nights), tuple((round(share * _WHOLE, 2), t.hour(hour)) for share, hour in hours.lines())
    )


def _night(
    t: Texts,
    name: str,
    glance: Glance | None,
    found: Sequence[Finding],
    labelled: AbstractSet[str],
    hours: NightHours,
) -> ListedNight:
    day, sensor = _evening(name), name.partition("_")[2]
    rhythmic = sum(one.alert in RHYTHMIC for one in found)
    cramps_s = [one.duration_s for one in found if one.alert == "cramp"]
    total = f", {length(sum(cramps_s))}" if cramps_s else ""
    return ListedNight(
        name=name,
        sensor=sensor,
        day=_days(t, day),
        month=f"{t(f'month_is.{day.month}')} {day.year}",
        cramps="" if glance is None else f"{t.counted(len(cramps_s), 'cramp')}{total}",
        is_calm=not cramps_s,
        rest=_rest(t, glance, rhythmic, sum(one.id not in labelled for one in found)),
        times=_times(t, glance, hours.local),
        marks=_marks(day, glance, found, hours),
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


def night_title(t: Texts, evening: date) -> str:
    """Return what a night is called by its own page: its two days, and the month once where both are in it."""
    morning = evening + timedelta(days=1)
    months = [t(f"month_is.{day.month}") for day in (evening, morning)]
    first = "" if months[0] == months[1] else f" {months[0]}"
    return f"{_days(t, evening, first)} {months[1]} {morning.year}"


def _days(t: Texts, evening: date, first_month: str = "") -> str:
    names = [
        f"{t(f'weekday_is.{day.isoweekday()}')} {day.day}" for day in (evening, evening + timedelta(days=1))
    ]
    return t("night_of", evening=f"{names[0]}{first_month}", morning=names[1])


def _times(t: Texts, glance: Glance | None, local: Local) -> str:
    if glance is None or not glance.spans:
        return ""
    first, last = glance.spans[0].start, max(span.end for span in glance.spans)
    return f"{t.time(local(first))} – {t.time(local(last))}"


def _marks(
    evening: date, glance: Glance | None, found: Sequence[Finding], hours: NightHours
) -> tuple[Mark, ...]:
    spans = [(span.start, span.end, "recorded") for span in (glance.spans if glance else ())]
    kinds = [
        (one.onset, one.onset + one.duration_s, "rhythmic" if one.alert in RHYTHMIC else "cramp")
        for one in found
    ]
    marks = []
    for start, end, kind in [*spans, *kinds]:
        # What lies beyond the drawn hours is cut, or left out.
        x, stop = (
            max(0.0, _WHOLE * hours.share(evening, start)),
            min(_WHOLE, _WHOLE * hours.share(evening, end)),
        )
        if x < _WHOLE and stop > 0:
            marks.append(Mark(round(x, 2), round(max(_LEAST_MARK, stop - x), 2), kind))
    return tuple(marks)


def _evening(name: str) -> date:
    return date.fromisoformat(name.partition("_")[0])
