"""What is scored: labels, from whichever side, and recordings that hold the truth and what was said of it.

ScoringError    labels that cannot be scored as they are; the text says which, why and what to do
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, isfinite, log10

from detector.event_files import ALERTS, EventRecord
from detector.spans import Span, common, overlap_s, total_s

# What a table without verdicts amounts to (science.md section 10): kind to (verdict, from this duration on).
IMPLIED_ALERTS: Mapping[str, tuple[str, float]] = {"tonic": ("cramp", 10.0), "clonic": ("clonic", 3.0)}
# A cramp deserves an alarm from max(4 x baseline, baseline + 15 µV) on, as the RMS of a second.
ALARM_RATIO, ALARM_RISE_UV = 4.0, 15.0
# No recording is longer, seconds (a month): a time beyond it is a mistake, often milliseconds or a wall clock.
LONGEST_S = 31 * 86_400.0
# Files hold three decimals; what overlaps by less does so by rounding.
ROUNDING_S = 0.01
# Columns of truth tables that are not the detector's.
CLASS, BASELINE, SNR, SUBJECT = "class", "baseline_uv", "snr_db", "subject"


class ScoringError(ValueError):
    """Labels cannot be scored as they are."""


@dataclass(frozen=True, slots=True)
class Label:
    """One row of a table, as far as scoring needs it.

    Attributes:
        onset_s: Seconds from the recording's start.
        end_s: Likewise.
        kind: ``trial_type``.
        alert: Verdict, or in a truth the one that a faultless detector gives; ``none`` for no alarm.
        name: Finer class, where the truth has one; the kind otherwise.
        detected_at_s: When the verdict stood; None where unknown.
        site: Where the electrode sits; empty where unknown.
        sequence: Shared by the phases of one event; empty for none.
        peak_uv: Strongest second; without noise in a truth.
        baseline_uv: Resting level.
        snr_db: Strongest second over the resting level.
    """

    onset_s: float
    end_s: float
    kind: str
    alert: str = "none"
    name: str = ""
    detected_at_s: float | None = None
    site: str = ""
    sequence: str = ""
    peak_uv: float | None = None
    baseline_uv: float | None = None
    snr_db: float | None = None

    @property
    def finer(self) -> str:
        """The finest class that is known."""
        return self.name or self.kind

    @property
    def is_faint(self) -> bool:
        """Whether a cramp never reaches the level from which it deserves an alarm (unknown levels count as reached)."""
        if self.alert != "cramp" or self.peak_uv is None or self.baseline_uv is None:
            return False
        strongest_uv = hypot(self.peak_uv, self.baseline_uv)
        return strongest_uv < max(ALARM_RATIO * self.baseline_uv, self.baseline_uv + ALARM_RISE_UV)


def labels_of(records: Sequence[EventRecord], where: str) -> tuple[Label, ...]:
    """Return the labels of an event table, by onset.

    A table without an ``alert`` in any row is judged by what it calls the events: see ``IMPLIED_ALERTS``.

    Args:
        records: Rows of the table.
        where: Name of the file, for messages.

    Raises:
        ScoringError: a time is negative or no number, a verdict is unknown, or two rows label the same alarm.
    """
    has_alerts = any(record.alert for record in records)
    labels = sorted(
        (_label(record, where, has_alerts=has_alerts) for record in records),
        key=lambda one: (one.onset_s, one.end_s, one.kind),
    )
    _refuse_twice(labels, where)
    return tuple(labels)


def implies_alerts(records: Sequence[EventRecord]) -> bool:
    """Tell whether verdicts have to be read from the kinds of the events."""
    return bool(records) and not any(record.alert for record in records)


def _label(record: EventRecord, where: str, *, has_alerts: bool) -> Label:
    place = f"{where}: {record.trial_type} at {record.onset_s:g} s"
    if not (isfinite(record.onset_s) and record.onset_s >= 0):
        raise ScoringError(
            f"{place}: expected an onset of 0 s or later; count from the recording's first sample"
        )
    if not (isfinite(record.duration_s) and record.duration_s >= 0):
        raise ScoringError(f"{place}: expected a duration of 0 s or more, got {record.duration_s:g}")
    if record.end_s > LONGEST_S:
        raise ScoringError(
            f"{place}: expected an end within {LONGEST_S:.0f} s of the recording's start, got {record.end_s:g}; "
            "write times in seconds from its first sample"
        )
    alert = (record.alert or "none") if has_alerts else implied_alert(record)
    if alert not in ALERTS:
        raise ScoringError(f"{place}: expected an alert of {', '.join(ALERTS)}, got {alert!r}")
    baseline_uv = _number(record, BASELINE, place)
    given_db = _number(record, SNR, place)
    return Label(
        onset_s=record.onset_s,
        end_s=record.end_s,
        kind=record.trial_type,
        alert=alert,
        name=record.extra.get(CLASS, ""),
        detected_at_s=record.detected_at_s,
        site=record.site or "",
        sequence=record.sequence or "",
        peak_uv=record.peak_uv,
        baseline_uv=baseline_uv,
        snr_db=_snr_db(record.peak_uv, baseline_uv) if given_db is None else given_db,
    )


def implied_alert(record: EventRecord) -> str:
    """Return the verdict that the kind of an event and its length amount to."""
    alert, from_s = IMPLIED_ALERTS.get(record.trial_type, ("none", 0.0))
    return alert if record.duration_s >= from_s else "none"


def _number(record: EventRecord, column: str, place: str) -> float | None:
    text = record.extra.get(column)
    try:
        return None if text is None else float(text)
    except ValueError as error:
        raise ScoringError(f"{place}: expected a number as {column}, got {text!r}") from error


def _snr_db(peak_uv: float | None, baseline_uv: float | None) -> float | None:
    """Return the ratio in dB; None where it is unknown or infinite."""
    return (
        20.0 * log10(peak_uv / baseline_uv) if peak_uv and baseline_uv and peak_uv * baseline_uv > 0 else None
    )


def _refuse_twice(labels: Iterable[Label], where: str) -> None:
    """Refuse alarms of one kind at one site that overlap: one of the two is a mistake, and would count twice."""
    by_alarm: dict[tuple[str, str, str], list[Label]] = {}
    for label in labels:
        if label.alert != "none":
            by_alarm.setdefault((label.kind, label.alert, label.site), []).append(label)
    for (kind, _, _), alike in by_alarm.items():
        for one, other in pairwise(alike):
            if overlap_s(one, other) > ROUNDING_S:
                raise ScoringError(
                    f"{where}: two {kind} labels overlap, from {one.onset_s:g} to {one.end_s:g} s and from "
                    f"{other.onset_s:g} to {other.end_s:g} s; make one of them, or correct their times"
                )


@dataclass(frozen=True, slots=True)
class LabelledRecording:
    """The truth about one recording, and what was said of it.

    Attributes:
        name: Stem of its files.
        subject: Who was recorded.
        truth: By onset.
        hypothesis: By onset.
        duration_s: Its length; None where unknown.
    """

    name: str
    subject: str
    truth: tuple[Label, ...]
    hypothesis: tuple[Label, ...]
    duration_s: float | None = None

    @property
    def extent_s(self) -> float:
        """Its length; as far as the labels go where that is unknown."""
        return max([self.duration_s or 0.0, *(label.end_s for label in (*self.truth, *self.hypothesis))])

    @property
    def monitored_s(self) -> float | None:
        """Its length less what the hypothesis itself calls artefact; None where the length is unknown."""
        if self.duration_s is None:
            return None
        artefacts = [label for label in self.hypothesis if label.kind == "artefact"]
        return self.duration_s - total_s(common(artefacts, [Span(0.0, self.duration_s)]))
