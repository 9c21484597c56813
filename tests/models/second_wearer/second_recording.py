"""A second wearer's night as a file: the recorder's EDF+C, or EDF+D where the sensor leaves holes."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from firmware_bridge.edf_annotations import encode_tal, onset_text
from firmware_bridge.night_header import RecordLayout, night_header
from firmware_bridge.recorder import NightRecorder
from models.second_wearer.night import Night

# Every synthetic night begins at the same moment.
START = datetime(2026, 1, 1, 22, 0, tzinfo=UTC)
# Room for a record's time in an EDF+D file, bytes.
_NOTE_BYTES = 64
# Where the header says what kind of EDF+ it is: after version, patient, recording, times and size.
_RESERVED = slice(192, 197)


def write_recording(path: Path, night: Night) -> None:
    """Write a night as EDF+C.

    Raises:
        RecorderError: the file is there already, or cannot be written.
    """
    with NightRecorder(path, night.info, recording_id=night.name, start=START) as recorder:
        for item in night.items():
            recorder.write(item)


def write_discontinuous(path: Path, night: Night) -> None:
    """Write a night as EDF+D: one record a second, those within gaps left out (EDF+, Kemp & Olivan 2003).

    Raises:
        OSError: the disk refuses.
    """
    layout = RecordLayout.of(night.info, _NOTE_BYTES)
    header = bytearray(night_header(night.info, layout, night.name, START))
    header[_RESERVED] = b"EDF+D"
    with path.open("wb") as file:
        seconds = [s for s in range(int(night.duration_s)) if not _is_missing(night, s)]
        header[236:244] = str(len(seconds)).ljust(8).encode("ascii")
        file.write(header)
        for second in seconds:
            file.write(_record(night, second))


def _is_missing(night: Night, second: int) -> bool:
    rate = round(night.info.emg_rate_hz)
    first, stop = second * rate, (second + 1) * rate
    return any(gap.first_index < stop and first < gap.end_index for gap in night.gaps)


def _record(night: Night, second: int) -> bytes:
    rate = round(night.info.emg_rate_hz)
    block = night.block(second * rate, (second + 1) * rate)
    signals = [block.emg_counts[:, 0], *np.asarray(block.acc_counts).T]
    note = encode_tal(onset_text(float(second)), "")
    return b"".join(signal.astype("<i2").tobytes() for signal in signals) + note.ljust(_NOTE_BYTES, b"\0")
