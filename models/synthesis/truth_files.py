"""The truth of a synthetic night as a table: ``<stem>_truth.tsv``, an events file with more columns."""

from collections.abc import Mapping
from pathlib import Path

from detector.event_files import Value, write_rows
from models.synthesis.errors import SynthesisError
from models.synthesis.night import Night
from models.synthesis.truth import Truth

# What only a simulator knows stands after the columns of an events file (DESIGN section 5).
EXTRA_COLUMNS: Mapping[str, str] = {
    "class": "Finer class. Made by a simulator: agreement with it is not evidence about people",
    "burst_count": "Number of bursts",
    "strong_at": "Cramps: when the expected RMS passes a tenth of the greatest voluntary one, seconds as in onset",
    "baseline_uv": "RMS of what the sensor gives over a resting muscle, uV; peak_uv is without it",
    "subject": "Which synthetic person",
}


def truth_path(recording: Path) -> Path:
    """Return where the truth of a recording lies: beside it."""
    return recording.with_name(f"{recording.stem}_truth.tsv")


def write_truth(path: Path, night: Night, *, force: bool = False) -> None:
    """Write the truth of a night and, beside it, the description of its columns.

    Raises:
        EventFileExistsError: one of the two files is there already, and ``force`` is not given.
    """
    write_rows(path, [row_of(truth, night) for truth in night.truth], extra=EXTRA_COLUMNS, force=force)


def refuse_existing(paths: list[Path], *, force: bool) -> None:
    """Refuse to replace a file unasked.

    Raises:
        SynthesisError: one of the files is there, and ``force`` is not given.
    """
    for path in paths:
        if path.exists() and not force:
            raise SynthesisError(
                f"{path}: is there already; choose another place, or --force to overwrite it"
            )


def row_of(truth: Truth, night: Night) -> dict[str, Value]:
    """Return the values of a truth by the names of the columns; None where unknown."""

    def seconds(time_s: float) -> float:
        return night.index_of(time_s) / night.info.emg_rate_hz

    onset_s = seconds(truth.onset_s)
    return {
        "onset": onset_s,
        "duration": seconds(truth.end_s) - onset_s,
        "trial_type": truth.kind,
        "alert": truth.alert,
        "site": night.sensor.site,
        "peak_uv": truth.peak_uv,
        "burst_rate_hz": truth.burst_rate_hz,
        "sequence": truth.sequence,
        "reason": f"synthetic {truth.name.replace('_', ' ')}",
        "class": truth.name,
        "burst_count": truth.burst_count,
        "strong_at": None if truth.strong_s is None else f"{seconds(truth.strong_s):.3f}",
        "baseline_uv": f"{night.sensor.rest_uv:.2f}",
        "subject": night.person.name,
    }
