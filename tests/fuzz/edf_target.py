"""EDF and its relatives: our own nights, EDF+C, EDF+D, BDF, and the annotations in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from detector.personal_fit import limits_of
from detector.settings import DetectorSettings
from firmware_bridge.edf_header import FIXED_FIELDS, SIGNAL_FIELDS
from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import RecordingError
from firmware_bridge.samples import Gap, Mark, SampleBlock, Scale, SensorInfo, SensorStatus
from tests.firmware_bridge.foreign_edf import ForeignFile, acceleration, emg, record_time, tal
from tests.fuzz.reading import read_all
from tests.fuzz.spoiling import NUMBERS, spoilt
from tests.fuzz.target import Entry, Target

LONGEST = 16_384
TOKENS = (
    *(b"\x14", b"\x14\x14\x00", b"\x15", b"+0", b"-1", b"+1e9", b"+999999999", b"EDF+D", b"EDF+C", b"BDF+D"),
    *(
        b"EDF Annotations ",
        b"uV",
        b"mV",
        b"g",
        b"ACC X",
        b"Startdate X",
        b"00.00.00",
        b"99999999",
        b"1e-6",
        b"0.1",
    ),
)
_HEADER_BYTES = 256


def seeds() -> list[bytes]:
    """Return short recordings of every kind."""
    notes = [
        record_time("+0", tal("+0.5", "one", "2")),
        record_time("+1"),
        record_time("+9", tal("+9.5", "two")),
    ]
    signals = [emg(rate=250), *acceleration(rate=50)]
    kinds = ((16, ""), (16, "EDF+C"), (16, "EDF+D"), (24, ""), (24, "BDF+C"), (24, "BDF+D"))
    foreign = [ForeignFile(signals, notes if plus else (), bits, plus, note_bytes=60) for bits, plus in kinds]
    return [_own_night(), *(file.encoded() for file in foreign)]


def _own_night() -> bytes:
    scale = Scale(-32767, 32767, -1638.35, 1638.35, "uV")
    info = SensorInfo("left-calf", 250, 50, ("left-calf",), (scale,), Scale(-500, 500, -5, 5, "g"))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "own.edf"
        start = datetime(2026, 5, 2, tzinfo=UTC)
        with NightRecorder(path, info, recording_id="left-calf-1", start=start) as night:
            for first in (0, 300, 600):
                night.write(SensorStatus(first, 3700, (first == 300,), 0, 0))
                night.write(Mark(first + 7, "cue", "steady", 0.5))
                emg_counts = np.arange(250, dtype=np.int16)[:, None]
                night.write(SampleBlock(info, first, emg_counts, np.ones((50, 3), np.int16)))
                night.write(Gap(first + 250, 50, "lost frames"))
        return path.read_bytes()


@contextmanager
def opened(folder: Path) -> Iterator[Entry]:
    """Give what takes an input."""
    path = folder / "night.edf"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        limits_of(read_all(path).annotations, DetectorSettings())

    yield read


def reshape(content: bytes, chance: Random) -> bytes:
    """Put something else into a field of the header, or spoil bytes."""
    if len(content) <= _HEADER_BYTES or chance.random() < 0.4:
        return spoilt(content, chance, TOKENS)
    changed = bytearray(content)
    width, place = chance.choice(_fields(changed))
    said = spoilt(bytes(changed[place : place + width]), chance, TOKENS)
    if chance.random() < 0.5:
        said = chance.choice((*NUMBERS, *TOKENS))
    changed[place : place + width] = said[:width].ljust(width)
    return bytes(changed)


def _fields(content: bytearray) -> list[tuple[int, int]]:
    """Return width and place of the header's fields."""
    fields, place = list[tuple[int, int]](), 0
    for _, width in FIXED_FIELDS:
        fields.append((width, place))
        place += width
    try:
        count = min(max(0, int(content[252:256])), 8)
    except ValueError:
        count = 0
    for _, width in SIGNAL_FIELDS:
        for _ in range(count):
            fields.append((width, place))
            place += width
    return fields


TARGET = Target(seeds, opened, (RecordingError,), reshape, LONGEST)
