"""The morning report of one night: everything it says, worked out from what is known. Pure.

For the wearer and for a doctor: figures per monitored hour, what was seen and what was not, no score and no
advice but the reviewed sentences of `detector.guidance`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.evenings import Evening, answered_after
from dashboard.svg import Picture
from dashboard.texts import Texts
from dashboard.trend_pages import sentence
from dashboard.trend_pictures import raster, weeks
from dashboard.wording import length
from detector.guidance import VERSION, Sentence, Topic, sentences
from detector.types import RHYTHMIC

Message = Mapping[str, Any]
Row = dict[str, Any]
Local = Callable[[float], datetime]

_S_PER_H, _PER_CENT = 3600.0, 100.0
# As wide as a page of A4 leaves room for, px.
_WIDTH = 680.0
_LEFT, _LANE, _TOP = 84.0, 20.0, 18.0
_LANES = ("cramp", "rhythmic", "tight", "leg_movement", "signal")
_LEAST_MARK = 2.5
# Nights and weeks that a report looks back.
_NIGHTS_BACK, _WEEKS_BACK = 28, 12
# Rows of the table of events; a page has room for about these.
MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class NightTold:
    """What is known of the night that a report is about.

    Attributes:
        night: As `dashboard.nights.Nights.night` returns it.
        labels: The newest words about each event, by the event's id: (who, verdict).
        alarms: Changes of the alarms of this night's events.
        woken: Occurrence ids that somebody was told of, by whatever way.
        sensor: What the sensor is, in words: site, rate, montage.
    """

    night: Mapping[str, Any]
    labels: Mapping[str, tuple[str, str]]
    alarms: Sequence[Message]
    woken: frozenset[str]
    sensor: str


def report(
    t: Texts,
    told: NightTold,
    nights: Sequence[Evening],
    profile: Mapping[str, Any],
    local: Local,
    made: datetime,
) -> Row:
    """Return what the template of a report shows.

    Args:
        t: The texts.
        told: The night.
        nights: The nights up to it, oldest first, for the trend.
        profile: What lasts: facts and medicines.
        local: Turns seconds since 1970 into the base station's local time.
        made: When the report is made.
    """
    night, rows = told.night, told.night["events"]
    verdicts = [row for row in rows if row["alert"] == "cramp" or row["alert"] in RHYTHMIC]
    has_rates = any(one.is_counted for one in nights)
    return {
        "title": t("report_title", night=night["date"], sensor=night["sensor"]),
        "headline": night["headline"],
        "longest": _longest(t, verdicts, local),
        "figures": _figures(t, told),
        "timeline": timeline(t, night, local).markup(),
        "events": [_event(t, row, told, local) for row in verdicts[:MOST_ROWS]],
        "more": max(0, len(verdicts) - MOST_ROWS),
        "would_have": _would_have(t, told),
        "to_label": sum(row["id"] not in told.labels for row in verdicts),
        "trend": sentence(t, list(nights)),
        "raster": raster(t, nights[-_NIGHTS_BACK:], local, _WIDTH).markup() if len(nights) > 1 else "",
        "weeks": weeks(t, nights[-7 * _WEEKS_BACK :], _WIDTH).markup() if has_rates else "",
        "troubles": night["troubles"],
        "facts": [t(f"fact.{key}") for key, answer in profile.items() if answer == "yes"],
        "medicines": profile.get("medicines", []),
        "advice": _advice(t.language, bool(verdicts)),
        "version": VERSION,
        "models": sorted({row["model"] for row in rows}),
        "made": made.isoformat(timespec="minutes"),
    }


def _figures(t: Texts, told: NightTold) -> list[tuple[str, str]]:
    rows = told.night["events"]
    monitored_s, seen_s = told.night["night_s"], told.night["seen_s"]
    share = f" ({_PER_CENT * seen_s / monitored_s:.0f} %)" if monitored_s else ""
    counts = {
        "cramp": [row for row in rows if row["alert"] == "cramp"],
        "rhythmic_run": [row for row in rows if row["alert"] in RHYTHMIC],
        "leg_movement": [row for row in rows if row["kind"] == "leg_movement"],
    }
    figures = [(t("figure.seen"), t("monitored_of", seen=length(seen_s), whole=length(monitored_s)) + share)]
    for noun, found in counts.items():
        rate = f"{len(found) / (seen_s / _S_PER_H):.2f}" if seen_s else t("nothing")
        figures.append((t(f"figure.{noun}"), t("per_hour", count=len(found), rate=rate)))
    lasted = [row["end"] - row["start"] for row in counts["cramp"]]
    figures.append((t("figure.total"), length(sum(lasted)) if lasted else t("nothing")))
    doubted = sum(row["quality"] != "good" for row in counts["cramp"])
    figures.append((t("figure.doubted"), str(doubted)))
    return [*figures, (t("figure.sensor"), told.sensor)]


def _longest(t: Texts, verdicts: Sequence[Row], local: Local) -> str:
    cramps = [row for row in verdicts if row["alert"] == "cramp"]
    if not cramps:
        return ""
    longest = max(cramps, key=lambda row: row["end"] - row["start"])
    return t(
        "longest_told",
        length=length(longest["end"] - longest["start"]),
        time=t.time(local(longest["start"])),
    )


def _event(t: Texts, row: Row, told: NightTold, local: Local) -> Row:
    own = [alarm for alarm in told.alarms if alarm["event_id"] == row["id"]]
    who, verdict = told.labels.get(row["id"], ("", ""))
    return {
        "what": row["what"],
        "time": t.time(local(row["start"]), seconds=True),
        "length": row["length"],
        "peak": "" if row["peak_uv"] is None else f"{row['peak_uv']:.0f} µV",
        "confidence": f"{_PER_CENT * row['confidence']:.0f} %",
        "doubt": row["doubt"],
        "answered": _answered(t, own),
        "label": f"{t('label_is.' + verdict)} ({who})" if verdict else t("not_labelled"),
        "reason": row["reason"],
    }


def _answered(t: Texts, alarms: Sequence[Message]) -> str:
    if not alarms:
        return t("no_alarm_raised")
    after = answered_after(alarms)
    who = next((alarm["acked_by"] for alarm in alarms if alarm["acked_by"]), None)
    if who is None or not after:
        return t("never_answered")
    return t("answered_by", who=who, length=length(min(after.values())))


def _would_have(t: Texts, told: NightTold) -> str:
    """Return how many alarms woke nobody although they were raised: what observe mode counts; empty where none."""
    raised = {
        alarm["id"] for alarm in told.alarms if alarm["kind"] == "physio" and alarm["raised_at"] is not None
    }
    silent = len(raised - told.woken)
    return t("would_have_told", count=silent) if silent else ""


def _advice(language: str, has_found: bool) -> list[tuple[str, list[Sentence]]]:  # noqa: FBT001 - one of two lists
    """Return the reviewed sentences that a report carries, by heading: the questions that matter, and when to go."""
    first: list[tuple[str, tuple[Topic, ...]]] = [("help", ("calf", "floor"))] if has_found else []
    carried: list[tuple[str, tuple[Topic, ...]]] = [
        *first,
        ("go", ("appointment", "urgent", "clot")),
        ("prevention", ("prevention", "stretch")),
        ("skin", ("skin",)),
    ]
    return [(heading, list(sentences(*topics, language=language))) for heading, topics in carried]


def timeline(t: Texts, night: Mapping[str, Any], local: Local) -> Picture:
    """Return the night as lanes over the hours, with what was not recorded left white."""
    start, end = night["start"], night["end"]
    span = max(1.0, end - start)
    lanes = [lane for lane in _LANES if lane in night["lanes"]]
    picture = Picture(_WIDTH, _TOP + _LANE * len(lanes) + 6, t("timeline_title", headline=night["headline"]))

    def x_of(at: float) -> float:
        return float(_LEFT + (min(max(at, start), end) - start) / span * (_WIDTH - _LEFT))

    for place, lane in enumerate(lanes):
        y = _TOP + place * _LANE
        picture.text(0, y + 13, night["lanes"][lane])
        for part in night["parts"]:
            picture.rect(
                x_of(part["start"]), y + 2, x_of(part["end"]) - x_of(part["start"]), _LANE - 4, "recorded"
            )
        for row in night["events"]:
            if row["lane"] == lane:
                width = max(_LEAST_MARK, x_of(row["end"]) - x_of(row["start"]))
                picture.rect(x_of(row["start"]), y + 2, width, _LANE - 4, lane)
    _hours(t, picture, (start, end), local, x_of)
    return picture


def _hours(
    t: Texts, picture: Picture, span: tuple[float, float], local: Local, x_of: Callable[[float], float]
) -> None:
    """Write the full hours of the wall's clock; on the night of a change of the clock they are written as they were."""
    start, end = span
    hour = local(start).replace(minute=0, second=0, microsecond=0).timestamp()
    step = _S_PER_H if end - start < 4 * _S_PER_H else 2 * _S_PER_H
    while hour <= end:
        if hour >= start:
            picture.line(x_of(hour), _TOP - 2, x_of(hour), picture.height, "grid")
            picture.text(x_of(hour), _TOP - 6, t.time(local(hour)), anchor="middle")
        hour += step
