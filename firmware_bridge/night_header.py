"""The EDF+C header of a night recording, written strictly: what does not fit the format is refused by name.

One data record holds a second, or, where a rate does not give whole samples in that, the shortest number of
whole seconds that does.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from firmware_bridge.edf_header import (
    ANNOTATIONS_LABEL,
    FIXED_BYTES,
    FIXED_FIELDS,
    SIGNAL_BYTES,
    SIGNAL_FIELDS,
)
from firmware_bridge.night_labels import (
    ACC_LABELS,
    NO_PREFILTER,
    PATIENT,
    RECORDING_ID,
    acc_transducer,
    emg_label,
    emg_transducer,
    recording_field,
)
from firmware_bridge.samples import Scale, SensorInfo, edf_number

# A killed recorder loses at most one data record, so records are not let grow beyond this.
_LONGEST_RECORD_S = 60
# Rates are taken for the nearest fraction with a denominator of at most this, if that is exactly the same
# float.
_RATE_DENOMINATOR = 1000
_INT16_MIN, _INT16_MAX = -(1 << 15), (1 << 15) - 1
_PRINTABLE = re.compile(r"[ -~]*", re.ASCII)


class NightHeaderError(ValueError):
    """The recording cannot be stated in an EDF+ header."""


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """What one data record holds.

    Attributes:
        seconds: Its duration.
        emg_samples: Per EMG channel.
        acc_samples: Per axis; 0 without acceleration.
        channels: EMG channels.
        note_bytes: For annotations.
    """

    seconds: int
    emg_samples: int
    acc_samples: int
    channels: int
    note_bytes: int

    @property
    def bytes(self) -> int:
        """Size of a record."""
        return 2 * (self.channels * self.emg_samples + 3 * self.acc_samples) + self.note_bytes

    @classmethod
    def of(cls, info: SensorInfo, note_bytes: int) -> "RecordLayout":
        """Return the shortest record that holds whole samples of everything.

        Raises:
            NightHeaderError: no record of up to a minute does.
        """
        emg_rate = Fraction(info.emg_rate_hz).limit_denominator(_RATE_DENOMINATOR)
        acc_rate = emg_rate / info.acc_ratio
        seconds = acc_rate.denominator
        if float(emg_rate) != info.emg_rate_hz or seconds > _LONGEST_RECORD_S:
            raise NightHeaderError(
                f"rate: expected whole samples in a data record of at most {_LONGEST_RECORD_S} s, "
                f"got EMG at {info.emg_rate_hz!r} Hz with acceleration at {info.acc_rate_hz!r} Hz"
            )
        emg, acc = int(emg_rate * seconds), int(acc_rate * seconds) if info.acc_scale else 0
        return cls(seconds, emg, acc, len(info.sites), note_bytes)


def night_header(info: SensorInfo, layout: RecordLayout, recording_id: str, start: datetime) -> bytes:
    """Return the header of a night that has no data record yet.

    Raises:
        NightHeaderError: a value does not fit the format.
    """
    if not re.fullmatch(RECORDING_ID, recording_id, re.ASCII):
        raise NightHeaderError(f"recording id: expected letters, digits and . _ + -, got {recording_id!r}")
    signals = [*_emg_signals(info, layout), *_acc_signals(info, layout), _note_signal(layout)]
    fixed = {
        "version": "0",
        "patient": PATIENT,
        "recording": recording_field(recording_id, start),
        "date": f"{start:%d.%m.%y}",
        "time": f"{start:%H.%M.%S}",
        "header_bytes": str(FIXED_BYTES + SIGNAL_BYTES * len(signals)),
        "reserved": "EDF+C",
        "records": "0",
        "record_s": str(layout.seconds),
        "signals": str(len(signals)),
    }
    columns = [_field(name, signal[name], width) for name, width in SIGNAL_FIELDS for signal in signals]
    return b"".join([*(_field(name, fixed[name], width) for name, width in FIXED_FIELDS), *columns])


def _emg_signals(info: SensorInfo, layout: RecordLayout) -> list[dict[str, str]]:
    if not len(info.sites) == len(info.emg_scales) > 0:
        raise NightHeaderError(
            f"EMG: expected as many sites as scales, got {len(info.sites)} and {len(info.emg_scales)}"
        )
    return [
        _signal(emg_label(site), emg_transducer(info, site), scale, info.prefilter, layout.emg_samples)
        for site, scale in zip(info.sites, info.emg_scales, strict=True)
    ]


def _acc_signals(info: SensorInfo, layout: RecordLayout) -> list[dict[str, str]]:
    scale = info.acc_scale
    if scale is None:
        return []
    return [_signal(label, acc_transducer(info), scale, "", layout.acc_samples) for label in ACC_LABELS]


def _note_signal(layout: RecordLayout) -> dict[str, str]:
    scale = Scale(_INT16_MIN, _INT16_MAX, -1, 1, "")
    return _signal(ANNOTATIONS_LABEL, "", scale, None, layout.note_bytes // 2)


def _signal(label: str, transducer: str, scale: Scale, prefilter: str | None, samples: int) -> dict[str, str]:
    if scale.digital_min < _INT16_MIN or scale.digital_max > _INT16_MAX:
        raise NightHeaderError(
            f"{label}: expected 16-bit counts, got {scale.digital_min}…{scale.digital_max}; "
            "24-bit recordings (BDF) can be replayed, not recorded again"
        )
    return {
        "label": label,
        "transducer": transducer,
        "unit": scale.unit,
        "physical_min": _number(label, scale.physical_min),
        "physical_max": _number(label, scale.physical_max),
        "digital_min": str(scale.digital_min),
        "digital_max": str(scale.digital_max),
        "prefilter": "" if prefilter is None else prefilter or NO_PREFILTER,
        "samples": str(samples),
        "reserved": "",
    }


def _number(label: str, value: float) -> str:
    """Return a physical limit as the header holds it; one that it would round is refused."""
    try:
        text = edf_number(value)
    except ValueError as error:
        raise NightHeaderError(f"{label}: {error}") from error
    if float(text) != value:
        raise NightHeaderError(f"{label}: expected a physical limit of at most 8 characters, got {value!r}")
    return text


def _field(name: str, text: str, width: int) -> bytes:
    if len(text) > width or not _PRINTABLE.fullmatch(text):
        what = name.replace("_", " ")
        raise NightHeaderError(f"{what}: expected at most {width} printable ASCII characters, got {text!r}")
    return text.ljust(width).encode("ascii")
