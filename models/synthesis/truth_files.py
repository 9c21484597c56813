"""The truth of a synthetic night as a table: ``<stem>_truth.tsv``, an events file with more columns.

The first columns are those of the detector's events files (DESIGN section 5), so that the two can be
compared; what only a simulator knows stands after them.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from models.synthesis.errors import SynthesisError
from models.synthesis.night import Night
from models.synthesis.truth import Truth

# What stands for an unknown value (BIDS).
UNKNOWN = "n/a"

TRUTH_COLUMNS: Mapping[str, str] = {
    "onset": "Neural drive leaves zero; seconds from the file's start by sample index",
    "duration": "Until the drive is back at zero; seconds",
    "trial_type": "Kind of contraction (tonic, clonic, leg_movement, tension_rise) or artefact",
    "alert": "Verdict that a faultless detector gives",
    "detected_at": "Not known to the truth",
    "confidence": "Not known to the truth",
    "site": "Where the sensor is worn",
    "peak_uv": "Expected RMS of the strongest second without noise; µV",
    "burst_rate_hz": "Bursts per second on average; Hz",
    "sequence": "Shared by the phases of one tonic-clonic event",
    "reason": "Synthetic, and of which class",
    "class": "Finer class of the event",
    "burst_count": "Number of bursts",
    "strong_at": "Cramps: the expected RMS passes a tenth of the greatest voluntary one; seconds as in onset",
    "baseline_uv": "RMS of what the sensor gives over a resting muscle; µV",
}


def truth_path(recording: Path) -> Path:
    """Return where the truth of a recording lies: beside it."""
    return recording.with_name(f"{recording.stem}_truth.tsv")


def write_truth(path: Path, night: Night, *, force: bool = False) -> None:
    """Write the truth of a night and, beside it, the description of its columns.

    Args:
        path: The table; ``.tsv``.
        night: The night.
        force: Replace files that are there.

    Raises:
        SynthesisError: a file is there already.
        OSError: it cannot be written.
    """
    sidecar = path.with_suffix(".json")
    refuse_existing([path, sidecar], force=force)
    rows = [row_of(truth, night) for truth in night.truth]
    lines = ["\t".join(TRUTH_COLUMNS), *("\t".join(row[name] for name in TRUTH_COLUMNS) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    described = {name: {"Description": text} for name, text in TRUTH_COLUMNS.items()}
    origin = {
        "Synthetic": "Made by the synthetic wearer. Agreement with it is not evidence about people.",
        "Seed": night.seed,
    }
    sidecar.write_text(
        json.dumps({**described, **origin}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def refuse_existing(paths: list[Path], *, force: bool) -> None:
    """Refuse to replace a file unasked.

    Raises:
        SynthesisError: one of the files is there, and ``force`` is not set.
    """
    for path in paths:
        if path.exists() and not force:
            raise SynthesisError(f"{path}: is there already, and nothing is overwritten without --force")


def row_of(truth: Truth, night: Night) -> dict[str, str]:
    """Return a truth as the texts of its row."""

    def seconds(time_s: float) -> float:
        return night.index_of(time_s) / night.info.emg_rate_hz

    onset_s = seconds(truth.onset_s)
    strong_s = None if truth.strong_s is None else seconds(truth.strong_s)
    values: dict[str, str | None] = {
        "onset": f"{onset_s:.3f}",
        "duration": f"{seconds(truth.end_s) - onset_s:.3f}",
        "trial_type": truth.kind,
        "alert": truth.alert,
        "site": night.sensor.site,
        "peak_uv": number(truth.peak_uv, "{:.1f}".format),
        "burst_rate_hz": number(truth.burst_rate_hz, "{:.2f}".format),
        "sequence": truth.sequence,
        "reason": f"synthetic {truth.name.replace('_', ' ')}",
        "class": truth.name,
        "burst_count": number(truth.burst_count, "{:.0f}".format),
        "strong_at": number(strong_s, "{:.3f}".format),
        "baseline_uv": f"{night.sensor.rest_uv:.2f}",
    }
    return {name: values.get(name) or UNKNOWN for name in TRUTH_COLUMNS}


def number(value: float | None, text_of: Callable[[float], str]) -> str | None:
    """Return a number's text, None where there is none."""
    return None if value is None else text_of(value)
