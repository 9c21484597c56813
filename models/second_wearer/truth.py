"""The truth about a second wearer's night, as rows and as a table (DESIGN section 5)."""

from collections.abc import Mapping
from math import log10
from pathlib import Path

from detector.event_files import COLUMNS, EventRecord, Value, write_rows
from detector.scoring_labels import BASELINE, CLASS, SNR, SUBJECT, Label, labels_of
from models.second_wearer.night import Night
from models.second_wearer.scene import Fact

EXCEEDS = "exceeds"
EXTRA: Mapping[str, str] = {
    CLASS: "Finer class of what was drawn",
    BASELINE: "Resting level in the band, µV",
    SNR: "Strongest second over the resting level, dB",
    SUBJECT: "Synthetic person",
    EXCEEDS: "Whether the strongest second exceeds max(4 x resting level, resting level + 15 µV)",
}


def truth_labels(night: Night) -> tuple[Label, ...]:
    """Return the truth as the scorer takes it."""
    return labels_of([_record(fact, night) for fact in night.facts], night.name)


def write_truth(path: Path, night: Night, *, force: bool = False) -> None:
    """Write the truth as ``<stem>_truth.tsv``, and its sidecar.

    Raises:
        EventFileExistsError: it is there already, and ``force`` is not given.
    """
    labels = truth_labels(night)
    rows = [
        _row(fact, night) | {EXCEEDS: _exceeds(label)}
        for fact, label in zip(night.facts, labels, strict=True)
    ]
    write_rows(path, rows, extra=EXTRA, force=force)


def _exceeds(label: Label) -> str:
    return "n/a" if label.peak_uv is None else "no" if label.is_faint else "yes"


def _row(fact: Fact, night: Night) -> dict[str, Value]:
    return {
        "onset": fact.onset_s,
        "duration": fact.end_s - fact.onset_s,
        "trial_type": fact.kind,
        "alert": fact.alert,
        "site": night.info.sites[0],
        "peak_uv": fact.peak_uv,
        "sequence": fact.sequence or None,
        "reason": "synthetic, second generator",
        CLASS: fact.name,
        BASELINE: round(night.rest_uv, 3),
        SNR: round(20.0 * log10(fact.peak_uv / night.rest_uv), 2) if fact.peak_uv else None,
        SUBJECT: night.person.name,
    }


def _record(fact: Fact, night: Night) -> EventRecord:
    row = _row(fact, night)
    own = {column.name for column in COLUMNS}
    return EventRecord(
        onset_s=fact.onset_s,
        duration_s=fact.end_s - fact.onset_s,
        trial_type=fact.kind,
        alert=fact.alert,
        site=night.info.sites[0],
        peak_uv=fact.peak_uv,
        sequence=fact.sequence or None,
        extra={name: str(value) for name, value in row.items() if name not in own and value is not None},
    )
