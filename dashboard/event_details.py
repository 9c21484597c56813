"""One event in full: what was measured, and what its alarm did and who was told of it. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from dashboard.alarms import titled, told_of
from dashboard.texts import Texts
from dashboard.wording import length

Message = Mapping[str, Any]
Row = dict[str, Any]

# What is measured of an event, and how it is written; what was not measured is left out.
_MEASURES: Mapping[str, Callable[[Any], str]] = {
    "peak_uv": lambda value: f"{value:.0f} µV",
    "mean_uv": lambda value: f"{value:.0f} µV",
    "times_baseline": lambda value: f"{value:.1f} ×",
    "median_frequency_hz": lambda value: f"{value:.0f} Hz",
    "burst_rate_hz": lambda value: f"{value:.1f} Hz",
    "burst_count": lambda value: f"{value:.0f}",
    "modulation_depth": lambda value: f"{value:.2f}",
    "movement_mg": lambda value: f"{value:.0f} mg",
    "confidence": lambda value: f"{100 * value:.0f} %",
    "model": str,
}
# What stood in the ten minutes before, likewise.
_BEFORE: Mapping[str, Callable[[Any], str]] = {
    "still_s": length,
    "turns": lambda value: f"{value:.0f}",
    "turned_deg": lambda value: f"{value:.0f}°",
    "moved_share": lambda value: f"{100 * value:.0f} %",
    "tense_share": lambda value: f"{100 * value:.0f} %",
}


def measured(t: Texts, message: Message) -> list[Row]:
    """Return what was measured of an event, as pairs of name and value; of an artefact nothing."""
    if message["kind"] == "artefact":
        return []
    latency = {"name": t("measure.latency"), "value": length(_latency_s(message))}
    found = [*_pairs(t, "measure", _MEASURES, message), latency]
    return found + _pairs(t, "before", _BEFORE, message.get("before") or {})


def alarm_history(t: Texts, alarms: Iterable[Message], receipts: Iterable[Message]) -> list[Row]:
    """Return what an event's alarms did and who was told of them, as ``at`` and ``text``, first to last."""
    told = ({"at": _seconds(one["at"]), "text": told_of(t, one)} for one in receipts)
    rows = [*(_change(t, alarm) for alarm in alarms), *told]
    rows.sort(key=lambda row: row["at"])
    return rows


def _change(t: Texts, alarm: Message) -> Row:
    stage = t(f"stage_is.{alarm['stage']}")
    who = f" ({alarm['who']})" if alarm["who"] else ""
    return {"at": _seconds(alarm["at"]), "text": f"{titled(t, alarm)}: {stage}, {alarm['why']}{who}"}


def _pairs(
    t: Texts, group: str, table: Mapping[str, Callable[[Any], str]], values: Mapping[str, Any]
) -> list[Row]:
    known = {key: values.get(key) for key in table}
    return [
        {"name": t(f"{group}.{key}"), "value": table[key](value)}
        for key, value in known.items()
        if value is not None
    ]


def _latency_s(message: Message) -> float:
    return float(max(0, message["decided_index"] - message["onset_index"]) / message["emg_rate_hz"])


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
