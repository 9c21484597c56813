"""What the detector made of a recording in the lab: curves of what it saw, events, and how a truth compares. Pure."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.lab_run import EVENTS, SEEN_FILE
from dashboard.texts import Texts
from dashboard.views import lane
from dashboard.waveforms import Trace
from dashboard.wording import length
from detector.event_files import EventRecord, read_events
from detector.scoring import score
from detector.scoring_labels import LabelledRecording, labels_of
from detector.scoring_matching import ALARM, CLONIC, CRAMP
from detector.scoring_statistics import Proportion, Rate, Spread
from detector.scoring_types import TargetScore

_FLOAT_BYTES = 4
_PER_CENT = 100


def seen_trace(
    folder: Path, column: int, columns: int, hop_s: float, window: tuple[float, float, int]
) -> Trace:
    """Return one curve of what the detector saw: the highest value of each bin, NaN where it saw nothing.

    Args:
        folder: Of the results.
        column: Which of what was seen.
        columns: How much was seen of each hop.
        hop_s: Seconds a hop.
        window: From when to when, in seconds of the recording, and over how many pixels.
    """
    start_s, end_s, pixels = window
    path = folder / SEEN_FILE
    hops = path.stat().st_size // (columns * _FLOAT_BYTES)
    first = min(hops, max(0, int(start_s / hop_s)))
    stop = min(hops, max(first, int(np.ceil(end_s / hop_s)) + 1))
    group = max(1, int((end_s - start_s) / hop_s / max(1, pixels)))
    values = np.zeros(0, np.float32)
    if stop > first:
        first = first // group * group
        seen = np.memmap(path, "<f4", "r", shape=(hops, columns))
        values = np.fmax.reduceat(np.array(seen[first:stop, column]), np.arange(0, stop - first, group))
    return Trace(first * hop_s, hop_s * group, values, np.zeros(0, bool), None)


def event_rows(t: Texts, folder: Path, start: float) -> list[dict[str, Any]]:
    """Return the events that were found, as a page shows them.

    Args:
        t: The texts.
        folder: Of the results.
        start: When the recording begins, in seconds since 1970.
    """
    return [_row(t, record, start) for record in read_events(folder / EVENTS)]


def truth_rows(t: Texts, records: Iterable[EventRecord], start: float) -> list[dict[str, Any]]:
    """Return a truth as a page shows it: what deserves a verdict."""
    return [_row(t, record, start) for record in records]


def _row(t: Texts, record: EventRecord, start: float) -> dict[str, Any]:
    alert = record.alert or "none"
    kinds = t.group("kind")
    return {
        "start": start + record.onset_s,
        "end": start + record.end_s,
        "lane": lane(alert, record.trial_type),
        "what": t.group("verdict").get(alert) or kinds.get(record.trial_type, record.trial_type),
        "length": length(record.duration_s),
        "reason": record.reason or "",
        "alert": alert,
    }


def scored(
    t: Texts, folder: Path, truth: Sequence[EventRecord], name: str, duration_s: float
) -> list[dict[str, Any]]:
    """Return how what was found compares with a truth, a row for each thing looked for.

    Raises:
        ScoringError: the truth cannot be scored as it is.
    """
    recording = LabelledRecording(
        name, name, labels_of(truth, name), labels_of(read_events(folder / EVENTS), name), duration_s
    )
    report = score([recording], targets=(CRAMP, CLONIC, ALARM))
    return [_scored_row(t, target) for target in report.targets]


def _scored_row(t: Texts, found: TargetScore) -> dict[str, Any]:
    figures: dict[str, str] = {
        "found": _share(t, found.sensitivity),
        "right": _share(t, found.precision),
        "false_night": _rate(t, found.false_per_night),
        "latency": _spread(t, found.latency, "{:.1f} s".format),
        "onset": _spread(t, found.onset_error, "{:+.1f} s".format),
        "seconds": t("nothing") if found.samples.f1 is None else f"{found.samples.f1:.2f}",
    }
    target = t(f"looked_for.{found.target.replace(' ', '_')}")
    return {
        "target": target,
        "figures": [{"name": t(f"scored.{key}"), "value": value} for key, value in figures.items()],
    }


def _share(t: Texts, share: Proportion) -> str:
    if share.value is None:
        return t("nothing")
    low, high = share.wilson
    return t("share", hits=share.hits, of=share.of, low=round(_PER_CENT * low), high=round(_PER_CENT * high))


def _rate(t: Texts, rate: Rate | None) -> str:
    if rate is None:
        return t("nothing")
    low, high = rate.interval
    return t("rate", value=f"{rate.value:.1f}", low=f"{low:.1f}", high=f"{high:.1f}")


def _spread(t: Texts, spread: Spread, written: Callable[[float], str]) -> str:
    return t("nothing") if spread.median is None else written(round(spread.median, 1) + 0.0)
