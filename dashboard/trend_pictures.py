"""The pictures of trends: nights by the clock, cramps a week, and how long and how strong they were. Pure."""

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from dashboard.chances import mean_of
from dashboard.evenings import Cramp, Evening, days_between
from dashboard.night_hours import Local, NightHours
from dashboard.svg import Picture
from dashboard.texts import Texts
from dashboard.wording import SECONDS_PER_MINUTE, length

_ROW, _TOP, _LEFT, _RIGHT = 16.0, 20.0, 58.0, 34.0
# A cramp is seen at this width, px, however short it was.
_LEAST_MARK = 3.0
_PLOT = 150.0
# Lines of the logarithmic scales: seconds, and times the resting level.
_LENGTHS_S = (10, 30, 60, 180, 600)
_TIMES = (3, 5, 10, 20, 50)
_DAYS_A_WEEK = 7
# Means are drawn up to here at least, cramps a night.
_LEAST_SCALE = 1.0


def raster(t: Texts, nights: Sequence[Evening], local: Local, width: float) -> Picture:
    """Return nights, newest on top, by the time of night: what was recorded, each cramp, the count at the right.

    Args:
        t: The texts.
        nights: Oldest first.
        local: Turns seconds since 1970 into the base station's local time.
        width: Of the picture.
    """
    missing = days_between(nights)
    rows: list[Evening | date] = sorted(
        [*nights, *missing], key=lambda row: row if isinstance(row, date) else row.date, reverse=True
    )
    picture = Picture(width, _TOP + _ROW * max(1, len(rows)) + 4, t("raster_title", nights=len(nights)))
    hours = NightHours.around([(night.date, *span) for night in nights for span in night.spans], local)

    def x_of(night: date, at: float) -> float:
        return _LEFT + min(max(hours.share(night, at), 0.0), 1.0) * (width - _LEFT - _RIGHT)

    for share, hour in hours.lines():
        x = _LEFT + share * (width - _LEFT - _RIGHT)
        picture.line(x, _TOP - 4, x, picture.height, "grid")
        picture.text(x, _TOP - 8, t.hour(hour), anchor="middle")
    for place, row in enumerate(rows):
        y = _TOP + place * _ROW
        if isinstance(row, date):
            picture.text(0, y + 11, _day(t, row), "label faint")
            picture.text(_LEFT, y + 11, t("not_recorded"), "label faint")
        else:
            _night_row(t, picture, row, y, x_of)
    return picture


def _night_row(
    t: Texts, picture: Picture, night: Evening, y: float, x_of: Callable[[date, float], float]
) -> None:
    picture.text(0, y + 11, _day(t, night.date), "label")
    for start, end in night.spans:
        left, right = x_of(night.date, start), x_of(night.date, end)
        picture.rect(left, y + 3, right - left, _ROW - 6, "recorded" if night.is_counted else "recorded thin")
    for cramp in night.cramps:
        left, right = x_of(night.date, cramp.onset), x_of(night.date, cramp.onset + cramp.duration_s)
        picture.rect(left, y + 1, max(_LEAST_MARK, right - left), _ROW - 2, "cramp", _tip(t, cramp))
    count = str(len(night.cramps)) if night.is_counted else f"({len(night.cramps)})"
    picture.text(picture.width, y + 11, count, "label number", "end")


def weeks(t: Texts, nights: Sequence[Evening], width: float) -> Picture:
    """Return cramps a night, week by week: each night a dot, the week's mean with its 95 % interval."""
    counted = [night for night in nights if night.is_counted]
    by_week: dict[date, list[int]] = {}
    for night in counted:
        monday = night.date - timedelta(days=night.date.weekday())
        by_week.setdefault(monday, []).append(len(night.cramps))
    means = {monday: mean_of([float(count) for count in counts]) for monday, counts in by_week.items()}
    top = max([_LEAST_SCALE, *map(float, (c for counts in by_week.values() for c in counts))])
    picture = Picture(width, _TOP + _PLOT + 34, t("weeks_title", nights=len(counted)))
    y_of = _scale(picture, 0.0, top * 1.05, [*range(0, math.ceil(top) + 1, max(1, math.ceil(top / 4)))])
    step = (width - _LEFT - 8) / max(1, len(by_week))
    for place, (monday, counts) in enumerate(sorted(by_week.items())):
        x = _LEFT + (place + 0.5) * step
        for number, count in enumerate(counts):
            aside = (number - (len(counts) - 1) / 2) * min(5.0, step / (_DAYS_A_WEEK + 1))
            picture.dot(x + aside, y_of(count), 2.5, "night")
        mean = means[monday]
        if mean is not None:
            picture.line(x, y_of(min(top * 1.05, mean.high)), x, y_of(mean.low), "interval")
            picture.dot(x, y_of(mean.value), 4, "mean", t("week_tip", **_week(t, monday, counts)))
        if place % max(1, math.ceil(len(by_week) * 58 / width)) == 0:
            picture.text(x, _TOP + _PLOT + 16, _day(t, monday), anchor="middle")
            picture.text(
                x, _TOP + _PLOT + 29, t.counted(len(counts), "night"), "label faint", anchor="middle"
            )
    return picture


def _week(t: Texts, monday: date, counts: Sequence[int]) -> dict[str, str]:
    mean = mean_of([float(count) for count in counts])
    told = (f"{mean.value:.1f}", f"{mean.low:.1f}", f"{mean.high:.1f}") if mean else ("", "", "")
    return {
        "day": _day(t, monday),
        "mean": told[0],
        "low": told[1],
        "high": told[2],
        "nights": str(len(counts)),
    }


def lengths(t: Texts, nights: Sequence[Evening], width: float) -> Picture:
    """Return every cramp's length, on a logarithmic scale, with the median."""
    lasted = [(night.date, cramp.duration_s, _tip(t, cramp)) for night in nights for cramp in night.cramps]
    lines = [(float(mark), _short(mark)) for mark in _LENGTHS_S]
    return _cloud(t("lengths_title", count=len(lasted)), nights, lasted, lines, width)


def strengths(t: Texts, nights: Sequence[Evening], width: float) -> Picture:
    """Return every cramp's strongest second over the resting level, on a logarithmic scale, with the median."""
    strong = [
        (night.date, cramp.times_resting, _tip(t, cramp))
        for night in nights
        for cramp in night.cramps
        if cramp.times_resting is not None and cramp.times_resting > 0
    ]
    lines = [(float(mark), f"{mark} ×") for mark in _TIMES]
    return _cloud(t("strengths_title", count=len(strong)), nights, strong, lines, width)


def _cloud(
    title: str,
    nights: Sequence[Evening],
    values: Sequence[tuple[date, float, str]],
    lines: Sequence[tuple[float, str]],
    width: float,
) -> Picture:
    picture = Picture(width, _TOP + _PLOT + 8, title)
    found = [value for _, value, _ in values]
    low, high = min([lines[0][0], *found]), max([lines[-1][0], *found])
    y_of = _scale(picture, math.log(low), math.log(high * 1.1), [])
    for value, name in lines:
        picture.line(_LEFT, y_of(math.log(value)), width, y_of(math.log(value)), "grid")
        picture.text(_LEFT - 6, y_of(math.log(value)) + 4, name, anchor="end")
    first, last = (nights[0].date.toordinal(), nights[-1].date.toordinal()) if nights else (0, 0)
    for day, value, tip in values:
        x = _LEFT + 10 + (day.toordinal() - first) / max(1, last - first) * (width - _LEFT - 24)
        picture.dot(x, y_of(math.log(value)), 3.5, "cramp", tip)
    if found:
        middle = y_of(math.log(sorted(found)[len(found) // 2]))
        picture.line(_LEFT, middle, width, middle, "median")
    return picture


def _scale(picture: Picture, low: float, high: float, marks: Sequence[float]) -> Callable[[float], float]:
    def y_of(value: float) -> float:
        return _TOP + _PLOT - (value - low) / (high - low) * _PLOT

    for mark in marks:
        picture.line(_LEFT, y_of(mark), picture.width, y_of(mark), "grid")
        picture.text(_LEFT - 6, y_of(mark) + 4, f"{mark:g}", anchor="end")
    return y_of


def _day(t: Texts, day: date) -> str:
    return t("day_short", day=day.day, month=t(f"month_is.{day.month}")[:3])


def _short(seconds: int) -> str:
    """Return a round length as an axis has room for it: ``30 s``, ``3 min``."""
    return f"{seconds} s" if seconds < SECONDS_PER_MINUTE else f"{seconds // SECONDS_PER_MINUTE} min"


def _tip(t: Texts, cramp: Cramp) -> str:
    strong = "" if cramp.times_resting is None else f", {cramp.times_resting:.1f} ×"
    return t("cramp_tip", length=length(cramp.duration_s), strength=strong)
