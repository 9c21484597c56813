"""What BIDS wants to know of an EMG recording: its sidecar and its channels."""

from collections.abc import Mapping
from pathlib import Path

from firmware_bridge.edf_header import EdfSignal
from firmware_bridge.recorded_edf import open_file
from firmware_bridge.recordings import Recording

UNKNOWN = "n/a"
CHANNEL_COLUMNS = (
    *("name", "type", "units", "description", "sampling_frequency"),
    *("reference_electrode", "target_muscle", "low_cutoff", "high_cutoff", "status"),
)
# Beginnings of a label to BIDS' channel types, in capitals as it wants them.
TYPES: tuple[tuple[str, str], ...] = (
    *(("EMG", "EMG"), ("ECG", "ECG"), ("EKG", "ECG"), ("EOG", "EOG"), ("EEG", "EEG"), ("TRIG", "TRIG")),
)
# Units as EDF headers spell them to how BIDS does.
UNITS: Mapping[str, str] = {"µV": "uV", "μV": "uV", "": UNKNOWN, "count": UNKNOWN}


def emg_sidecar(recording: Recording) -> dict[str, object]:
    """Return the content of ``_emg.json``."""
    info = recording.info
    return {
        "TaskName": "sleep",
        "TaskDescription": "A night's sleep at home, nothing asked of the sleeper.",
        "EMGPlacementScheme": "Other",
        "EMGPlacementSchemeDescription": f"Placed by the wearer: {', '.join(info.sites)}.",
        "EMGReference": "bipolar: each channel is the difference of its own two electrodes",
        "SamplingFrequency": info.emg_rate_hz,
        "PowerLineFrequency": UNKNOWN,
        "SoftwareFilters": UNKNOWN,
        "HardwareFilters": {"Stated by the device": {"Text": info.prefilter}} if info.prefilter else UNKNOWN,
        "EMGChannelCount": len(info.sites),
        "RecordingDuration": round(recording.duration_s, 3),
        "RecordingType": "continuous",
    }


def channel_rows(path: Path) -> list[dict[str, str]]:
    """Return a row of ``_channels.tsv`` for each signal of an EDF or BDF file, in the file's order.

    Raises:
        EdfError: it is none.
        OSError: it cannot be read.
    """
    header = open_file(path).header
    return [
        _row(signal, f"{float(signal.samples / header.record_s):g}")
        for signal in header.signals
        if not signal.is_annotations
    ]


def _row(signal: EdfSignal, rate_hz: str) -> dict[str, str]:
    kind = _kind(signal)
    is_emg = kind == "EMG"
    return {
        "name": signal.label or f"channel {signal.number}",
        "type": kind,
        "units": UNITS.get(signal.unit, signal.unit),
        "description": " ".join(signal.transducer.split()) or UNKNOWN,
        "sampling_frequency": rate_hz,
        "reference_electrode": "bipolar" if is_emg else UNKNOWN,
        "target_muscle": UNKNOWN,
        "low_cutoff": UNKNOWN,
        "high_cutoff": UNKNOWN,
        "status": "good" if is_emg else UNKNOWN,
    }


def _kind(signal: EdfSignal) -> str:
    label = signal.label.upper()
    if "EMG" in label or "EMG" in signal.transducer.upper():
        return "EMG"
    return next((kind for opening, kind in TYPES if label.startswith(opening)), "MISC")
