from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.recordings import (
    RecordingError,
    UnreadableRecordingError,
    UnsuitableRecordingError,
    open_recording,
)
from firmware_bridge.samples import Mark
from tests.firmware_bridge.foreign_edf import ForeignFile, ForeignSignal, acceleration, emg, record_time, tal

SOUND = ForeignFile([emg(), *acceleration()])


@pytest.mark.parametrize(
    ("records", "warned"), [("-1", False), ("3", False), ("2", True), ("9", True), ("0", True), ("", True)]
)
def test_the_size_of_the_file_decides_how_long_it_is(tmp_path: Path, records: str, warned: bool) -> None:
    recording = open_recording(SOUND.but(records=records).write(tmp_path / "a.edf"))
    assert recording.samples == 3000
    assert bool(recording.warnings) is warned


def test_a_torn_last_record_is_dropped_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    path.write_bytes(SOUND.encoded()[:-1])
    recording = open_recording(path)
    assert recording.samples == 2000
    assert "the last data record is cut off: 2599 of its 2600 bytes are left out" in recording.warnings


def test_damaged_annotations_are_left_out_and_said(tmp_path: Path) -> None:
    first = record_time("+0", "garbage\x14\x14\x14\x14\x00", tal("+0.5", "sound"))
    notes = [first, record_time("+1"), record_time("+2")]
    recording = open_recording(ForeignFile([emg()], notes, plus="EDF+C").write(tmp_path / "a.edf"))
    assert recording.annotations == (Mark(500, "note", "sound"),)
    assert "1 annotations could not be read" in recording.warnings[0]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "the file is empty"),
        (b"a,b\n1,2\n", "it looks like a text file"),
        (SOUND.encoded()[:100], "header is cut off"),
        (SOUND.encoded()[:700], "header is cut off: expected 1280 bytes for 4 channels, got 700"),
        (
            SOUND.encoded()[:1280],
            "holds no whole data record: expected 2600 bytes or more after the header, got 0",
        ),
        (SOUND.encoded()[:2000], "got 720"),
        (SOUND.but(record_s="nan").encoded(), "duration of a data record: expected a number"),
        (SOUND.but(signals="9999").encoded(), "header is cut off: expected 2560000 bytes"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "night.edf"
    path.write_bytes(raw)
    with pytest.raises(UnreadableRecordingError, match=message) as caught:
        open_recording(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_claimed_giant_record_allocates_nothing(tmp_path: Path) -> None:
    raw = bytearray(SOUND.encoded())
    raw[256 + 4 * 216 : 256 + 4 * 216 + 8] = b"99999999"
    (tmp_path / "a.edf").write_bytes(raw)
    with pytest.raises(
        UnreadableRecordingError, match="holds no whole data record: expected 200000598 bytes"
    ):
        open_recording(tmp_path / "a.edf")


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (ForeignFile([emg(label="C3"), *acceleration()]), "no EMG channel.*1 'C3'.*--emg LABEL"),
        (ForeignFile([emg(rate=100)]), "minimum 250 Hz"),
        (ForeignFile([emg(physical_min="nan")]), "physical minimum: expected a number, got 'nan'"),
        (ForeignFile([emg(physical_min="1", physical_max="1")]), "two different physical limits"),
        (ForeignFile([emg(digital_min="5", digital_max="5")]), "digital_min < digital_max"),
    ],
)
def test_what_lacks_what_we_need_is_refused_in_one_line(
    tmp_path: Path, file: ForeignFile, message: str
) -> None:
    path = file.write(tmp_path / "night.edf")
    with pytest.raises(UnsuitableRecordingError, match=message) as caught:
        open_recording(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_file_of_annotations_alone_is_refused(tmp_path: Path) -> None:
    notes = ForeignSignal("EDF Annotations", np.zeros(180, np.int32), 60, "", "-1", "1")
    with pytest.raises(UnsuitableRecordingError, match=r"no EMG channel.*got no channel with samples"):
        open_recording(ForeignFile([notes], plus="EDF+C").write(tmp_path / "a.edf"))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecordingError, match="No such file"):
        open_recording(tmp_path / "nothing.edf")
    with pytest.raises(UnreadableRecordingError, match="expected a file, got a folder"):
        open_recording(tmp_path)
    with pytest.raises(UnreadableRecordingError, match="expected a file, got a folder or a device"):
        open_recording(Path(os.devnull))


def test_a_file_cut_short_while_it_is_read_is_an_error_and_no_crash(tmp_path: Path) -> None:
    path = SOUND.write(tmp_path / "a.edf")
    recording = open_recording(path)
    items = recording.items(block_s=1.0)
    next(items)
    os.truncate(path, 5000)
    with pytest.raises(
        RecordingError, match="cut short while being read: expected at least 6480 bytes, got 5000"
    ):
        next(items)
    with pytest.raises(RecordingError, match="cut short"):
        recording.window(2.0, 3.0)
    path.unlink()
    with pytest.raises(RecordingError, match="cannot be read any more"):
        list(recording.items())
