"""What people said of a night, as an event table (`detector.event_files`) that training and scoring read. Pure.

One person's word for one event. A cramp or a spasm is an event of that kind; a movement is one without a verdict;
what was nothing, or what nobody knows, is told by name and asks nothing of a detector.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dashboard.labels import Label
from detector.event_files import Value

# Verdict to what the table calls it: kind and verdict of a faultless detector.
_CALLED: Mapping[str, tuple[str, str]] = {
    "cramp": ("tonic", "cramp"),
    "spasm": ("clonic", "clonic"),
    "movement": ("leg_movement", "none"),
    "nothing": ("nothing", "none"),
    "unknown": ("unknown", "none"),
}
EXTRA: Mapping[str, str] = {
    "label": "What the person called it: cramp, spasm, movement, nothing or unknown",
    "by": "Who said so",
    "said_at": "When, ISO 8601 in UTC",
    "note": "In the person's own words",
}


def label_table(
    labels: Iterable[Label],
    events: Mapping[str, Mapping[str, Any]],
    start: float,
    duration_s: float,
    by: str = "",
) -> list[dict[str, Value]]:
    """Return the rows of one recording, by onset, for `detector.event_files.write_rows` with `EXTRA`.

    Args:
        labels: What people said of the night, in the order in which it was said.
        events: The recording's events, by id.
        start: When the recording begins, in seconds since 1970.
        duration_s: How long it is.
        by: Whose labels; those of all people where empty: of one event the last one's then.
    """
    rows: dict[str, dict[str, Value]] = {}
    for label in labels:
        if by and label.by != by:
            continue
        span = _span(label, events, start)
        if span is not None and span[0] < duration_s and sum(span) > 0:
            event = events.get(label.event_id or "", {})
            rows[label.event_id or label.id] = _row(label, span, event)
    return sorted(rows.values(), key=lambda row: (row["onset"], row["duration"]))


def _span(label: Label, events: Mapping[str, Mapping[str, Any]], start: float) -> tuple[float, float] | None:
    """Return onset and duration in seconds of the recording; None of what is in another one."""
    if label.onset_at is not None and label.ended_at is not None:
        onset, end = (
            datetime.fromisoformat(moment).timestamp() for moment in (label.onset_at, label.ended_at)
        )
        return max(0.0, onset - start), end - max(start, onset)
    event = events.get(label.event_id or "")
    return None if event is None else (event["onset_index"] / event["emg_rate_hz"], event["duration_s"])


def _row(label: Label, span: tuple[float, float], event: Mapping[str, Any]) -> dict[str, Value]:
    kind, alert = _CALLED[label.verdict]
    return {
        "onset": span[0],
        "duration": span[1],
        "trial_type": kind,
        "alert": alert,
        "site": event.get("site") or None,
        "peak_uv": event.get("peak_uv"),
        "label": label.verdict,
        "by": label.by,
        "said_at": label.at,
        "note": label.note or None,
    }
