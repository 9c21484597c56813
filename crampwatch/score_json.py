"""A report as one JSON document: every figure with its numerator, its denominator and its interval."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from detector.scoring_measures import Confusion, Samples, Warnings
from detector.scoring_statistics import Proportion, Rate
from detector.scoring_szcore import Szcore
from detector.scoring_types import Group, Report, TargetScore

# Version of the document's shape.
VERSION = 1


def as_json(report: Report, notes: Sequence[str], *, synthetic: bool) -> dict[str, object]:
    """Return the report as values that JSON can hold; null where something is unknown."""
    return {
        "version": VERSION,
        "synthetic": synthetic,
        "duration_s": report.duration_s,
        "monitored_s": report.monitored_s,
        "recordings": [
            {
                "name": one.name,
                "subject": one.subject,
                "duration_s": one.duration_s,
                "monitored_s": one.monitored_s,
            }
            for one in report.recordings
        ],
        "targets": {target.target: _target(target) for target in report.targets},
        "confusion": _confusion(report.confusion),
        "warnings": _warnings(report.warnings),
        "notes": list(notes),
    }


def _proportion(proportion: Proportion) -> dict[str, object]:
    return {
        "hits": proportion.hits,
        "of": proportion.of,
        "value": proportion.value,
        "wilson_95": list(proportion.wilson),
        "exact_95": list(proportion.exact),
    }


def _rate(rate: Rate | None) -> dict[str, object] | None:
    if rate is None:
        return None
    return {
        "count": rate.count,
        "exposure": rate.exposure,
        "value": rate.value,
        "exact_95": list(rate.interval),
    }


def _target(target: TargetScore) -> dict[str, object]:
    return {
        "rule": asdict(target.rule),
        "sensitivity": _proportion(target.sensitivity),
        "precision": _proportion(target.precision),
        "f1": target.f1,
        "false_alarms": target.false,
        "false_per_night": _rate(target.false_per_night),
        "false_per_hour": _rate(target.false_per_hour),
        "false_by_class": dict(target.false_by_class),
        "unasked": target.unasked,
        "faint": target.faint,
        "latency_s": asdict(target.latency),
        "onset_error_s": asdict(target.onset_error),
        "end_error_s": asdict(target.end_error),
        "samples": _samples(target.samples),
        "szcore": _szcore(target.szcore),
        "by_subject": _groups(target.by_subject),
        "by_snr": _groups(target.by_snr),
        "by_class": _groups(target.by_class),
    }


def _samples(samples: Samples) -> dict[str, object]:
    shares = {"sensitivity": samples.sensitivity, "precision": samples.precision, "f1": samples.f1}
    return asdict(samples) | shares


def _szcore(score: Szcore | None) -> dict[str, object] | None:
    if score is None:
        return None
    return {
        "sensitivity": _proportion(score.sensitivity),
        "precision": score.precision,
        "false_alarms": score.false,
        "days": score.days,
        "false_per_day": score.false_per_day,
    }


def _groups(groups: Iterable[Group]) -> list[dict[str, object]]:
    return [
        {
            "name": group.name,
            "sensitivity": _proportion(group.sensitivity),
            "false_alarms": group.false,
            "duration_s": group.duration_s,
        }
        for group in groups
    ]


def _confusion(confusion: Confusion) -> dict[str, object]:
    counts = [
        {"truth": truth, "verdict": verdict, "count": n} for (truth, verdict), n in confusion.counts.items()
    ]
    return {"counts": counts, "confused": _proportion(confusion.confused)}


def _warnings(warnings: Warnings) -> dict[str, object]:
    return {
        "announced": _proportion(warnings.announced),
        "lead_s": asdict(warnings.lead),
        "idle": _proportion(warnings.idle),
    }
