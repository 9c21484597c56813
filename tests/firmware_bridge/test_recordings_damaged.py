"""Whatever is done to the bytes of a recording, it is read or refused, never a crash and never a hang."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import RecordingError, open_recording
from firmware_bridge.samples import Gap, Mark, SampleBlock, Scale, SensorInfo, SensorStatus
from tests.firmware_bridge.foreign_edf import ForeignFile, acceleration, emg, record_time, tal


def _own_night() -> bytes:
    info = SensorInfo(
        "left-calf",
        250,
        50,
        ("left-calf",),
        (Scale(-32767, 32767, -1638.35, 1638.35, "uV"),),
        Scale(-500, 500, -5, 5, "g"),
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "own.edf"
        with NightRecorder(
            path, info, recording_id="left-calf-1", start=datetime(2026, 5, 2, tzinfo=UTC)
        ) as night:
            for second in range(3):
                first = second * 300
                block = SampleBlock(
                    info, first, np.arange(250, dtype=np.int16)[:, None], np.ones((50, 3), np.int16)
                )
                night.write(SensorStatus(first, 3700, (second == 1,), 0, 0))
                night.write(Mark(first + 7, "cue", "steady", 0.5))
                night.write(block)
                night.write(Gap(first + 250, 50, "lost frames"))
        return path.read_bytes()


def _foreign(bits: int, plus: str) -> bytes:
    notes = [
        record_time("+0", tal("+0.5", "one", "2")),
        record_time("+1"),
        record_time("+9", tal("+9.5", "two")),
    ]
    signals = [emg(rate=250), *acceleration(rate=50)]
    return ForeignFile(signals, notes, bits, plus, note_bytes=60).encoded()


FILES = {
    "own": _own_night(),
    "EDF+C": _foreign(16, "EDF+C"),
    "EDF+D": _foreign(16, "EDF+D"),
    "BDF+D": _foreign(24, "BDF+D"),
}
# What turns up in damaged or hostile headers rather than any byte.
TELLING = b"0123456789 -+.,eE\x00\xffnaifXD"


def _edits(size: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    where = st.integers(0, min(size, 1600) - 1) | st.integers(0, size - 1)
    return st.lists(st.tuples(where, st.sampled_from(TELLING) | st.integers(0, 255)), max_size=12)


def _everything(path: Path) -> Iterator[object]:
    recording = open_recording(path)
    for number, item in enumerate(recording.items(block_s=0.5)):
        if isinstance(item, SampleBlock):
            yield item.emg_uv.sum() + item.acc_g.sum()
        # Enough to have been everywhere in such a small file.
        if number > 2000:
            break
    yield recording.window(0.0, min(recording.duration_s, 5.0))


def _refusal(path: Path) -> str | None:
    """Read all of it; return why that was refused, if it was."""
    try:
        assert list(_everything(path))
    except RecordingError as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_bytes_are_read_or_refused(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    raw = bytearray(FILES[kind])
    for position, byte in data.draw(_edits(len(raw))):
        raw[position] = byte
    path = tmp_path / "damaged.edf"
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw)) | st.just(len(raw)))])
    refusal = _refusal(path)
    assert refusal is None or (refusal.startswith(f"{path}: ") and "\n" not in refusal)


@pytest.mark.parametrize("kind", FILES)
def test_the_files_are_sound_before_they_are_damaged(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "sound.edf"
    path.write_bytes(FILES[kind])
    assert len(list(_everything(path))) > 3


@pytest.mark.parametrize("kind", FILES)
def test_every_place_to_cut_the_file_is_safe(tmp_path: Path, kind: str) -> None:
    raw, path = FILES[kind], tmp_path / "cut.edf"
    for size in (*range(0, 1600, 37), *range(1600, len(raw), 211)):
        path.write_bytes(raw[:size])
        refusal = _refusal(path)
        assert refusal is None or str(path) in refusal
