from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Mark, SampleBlock
from tests.firmware_bridge.foreign_edf import (
    ForeignFile,
    ForeignSignal,
    acceleration,
    emg,
    emg_counts,
    record_time,
    tal,
)

SOUND = ForeignFile([emg(), *acceleration()])


def test_a_foreign_recording_is_the_sensor(tmp_path: Path) -> None:
    recording = open_recording(SOUND.write(tmp_path / "My Night (2).edf"))
    info = recording.info
    assert (info.sensor_id, info.sites, info.firmware) == ("my-night-2", ("gastroc",), "EDF")
    assert (info.emg_rate_hz, info.acc_rate_hz, info.acc_ratio) == (1000.0, 100.0, 10)
    assert (recording.samples, recording.duration_s) == (3000, 3.0)
    assert (recording.annotations, recording.gaps, recording.warnings) == ((), (), ())


def test_counts_come_out_as_they_stand_in_the_file(tmp_path: Path) -> None:
    recording = open_recording(SOUND.write(tmp_path / "a.edf"))
    (block,) = recording.items()
    assert isinstance(block, SampleBlock)
    assert block.emg_counts[:, 0].tolist() == SOUND.signals[0].counts.tolist()
    assert block.acc_counts[:, 2].tolist() == SOUND.signals[3].counts.tolist()
    assert block.info is recording.info
    assert not block.emg_counts.flags.writeable
    assert not block.acc_counts.flags.writeable


@pytest.mark.parametrize("block_s", [0.01, 0.25, 0.999, 1.0, 1.7, 60.0])
def test_how_blocks_are_cut_changes_nothing(tmp_path: Path, block_s: float) -> None:
    recording = open_recording(SOUND.write(tmp_path / "a.edf"))
    blocks = [item for item in recording.items(block_s=block_s) if isinstance(item, SampleBlock)]
    assert np.concatenate([b.emg_counts for b in blocks])[:, 0].tolist() == SOUND.signals[0].counts.tolist()
    assert np.concatenate([b.acc_counts for b in blocks])[:, 0].tolist() == SOUND.signals[1].counts.tolist()
    assert all(b.first_index % 10 == 0 and b.samples == 10 * len(b.acc_counts) for b in blocks)
    assert max(b.samples for b in blocks) <= block_s * 1000


def test_items_may_begin_anywhere(tmp_path: Path) -> None:
    recording = open_recording(SOUND.write(tmp_path / "a.edf"))
    first = next(recording.items(start_s=1.2345))
    assert isinstance(first, SampleBlock)
    assert first.first_index == 1230
    assert (
        emg_counts(recording.items(start_s=1.2345))[:, 0].tolist() == SOUND.signals[0].counts[1230:].tolist()
    )
    assert list(recording.items(start_s=99)) == []


def test_a_start_at_the_end_of_time_is_kept_as_it_is(tmp_path: Path) -> None:
    notes = [record_time(time) for time in ("+80000", "+80001", "+80002")]
    file = ForeignFile([emg()], notes, plus="EDF+C").but(recording="Startdate 31-DEC-9999 X X X")
    recording = open_recording(file.write(tmp_path / "a.edf"))
    assert recording.start is not None
    assert recording.start.year == 9999


def test_a_time_made_from_an_index_is_that_index(tmp_path: Path) -> None:
    file = ForeignFile([emg(), *acceleration()], fixed={"record_s": "0.7"})
    recording = open_recording(file.write(tmp_path / "a.edf"))
    for index in range(0, 3000, 10):
        first = next(recording.items(start_s=index / recording.info.emg_rate_hz))
        assert isinstance(first, SampleBlock)
        assert first.first_index == index


def test_a_window_holds_one_channels_counts(tmp_path: Path) -> None:
    file = ForeignFile([emg(label="EMG 1"), emg(label="EMG 2", rate=1000), *acceleration()])
    recording = open_recording(file.write(tmp_path / "a.edf"), emg=["1", "2"])
    (stretch,) = recording.window(0.9995, 2.1, channel=1)
    assert stretch.first_index == 1000
    assert stretch.counts.tolist() == file.signals[1].counts[1000:2100].tolist()
    assert recording.window(5.0, 6.0) == ()


def test_bdf_has_24_bits(tmp_path: Path) -> None:
    counts = np.array([-(1 << 23), -1, 0, 1, (1 << 23) - 1] * 200, np.int32)
    signal = ForeignSignal("EMG", counts, 500, digital_min="-8388608", digital_max="8388607")
    recording = open_recording(ForeignFile([signal], bits=24).write(tmp_path / "a.bdf"))
    assert emg_counts(recording.items())[:, 0].tolist() == counts.tolist()
    assert emg_counts(recording.items(block_s=0.123))[:, 0].tolist() == counts.tolist()
    assert recording.info.firmware == "BDF"


def test_the_same_samples_have_the_same_id_wherever_they_lie(tmp_path: Path) -> None:
    here = open_recording(SOUND.write(tmp_path / "a.edf"))
    elsewhere = open_recording(SOUND.but(records="-1").write(tmp_path / "b.edf"))
    other = open_recording(ForeignFile([emg(unit="mV")]).write(tmp_path / "c.edf"))
    assert here.recording_id == elsewhere.recording_id != other.recording_id
    assert here.recording_id.startswith("edf-")


def test_axes_of_different_scales_are_brought_together_and_said(tmp_path: Path) -> None:
    axes = acceleration()
    axes[1] = acceleration(physical_min="-2", physical_max="8")[1]
    recording = open_recording(ForeignFile([emg(), *axes]).write(tmp_path / "a.edf"))
    assert "the axes differ in scale" in recording.warnings[0]
    (block,) = recording.items()
    assert isinstance(block, SampleBlock)
    own = [a.counts * (float(a.physical_max) - float(a.physical_min)) / 65535 for a in axes]
    offsets = [
        float(a.physical_min) + 32768 * (float(a.physical_max) - float(a.physical_min)) / 65535 for a in axes
    ]
    for axis in range(3):
        assert block.acc_g[:, axis] == pytest.approx(own[axis] + offsets[axis], abs=12 / 65534)


def test_a_channel_that_never_changes_is_read_and_said(tmp_path: Path) -> None:
    flat = ForeignSignal("EMG", np.full(3000, 7, np.int32), 1000)
    recording = open_recording(ForeignFile([flat]).write(tmp_path / "a.edf"))
    assert recording.warnings == ("channel 1 'EMG' (uV, 1000 Hz) never changes",)
    assert recording.samples == 3000


def test_what_others_note_is_a_note_whatever_it_says(tmp_path: Path) -> None:
    texts = [tal("+0.2", "gap: lost frames", "0.5"), tal("+0.1", "cue: steady"), tal("+5", "after the end")]
    notes = [record_time("+0", *texts), record_time("+1"), record_time("+2")]
    recording = open_recording(ForeignFile([emg()], notes, plus="EDF+C").write(tmp_path / "a.edf"))
    assert [mark.kind for mark in recording.annotations] == ["note"] * 3
    assert recording.gaps == ()
    assert [item.text for item in recording.items() if isinstance(item, Mark)] == [
        "cue: steady",
        "gap: lost frames",
        "after the end",
    ]


def test_a_file_that_has_grown_is_read_as_it_was_opened_and_more_when_opened_again(tmp_path: Path) -> None:
    raw = SOUND.encoded()
    path = tmp_path / "a.edf"
    path.write_bytes(raw[: -2600 - 17])
    recording = open_recording(path)
    assert recording.samples == 1000
    path.write_bytes(raw)
    assert len(emg_counts(recording.items())) == 1000
    assert open_recording(path).samples == 3000


def test_one_giant_record_is_read_in_parts(tmp_path: Path) -> None:
    signal = emg(seconds=30)
    whole = ForeignSignal(signal.label, signal.counts, 30_000)
    path = ForeignFile([whole], fixed={"record_s": "30"}).write(tmp_path / "a.edf")
    recording = open_recording(path)
    assert recording.info.emg_rate_hz == 1000.0
    sizes = [item.samples for item in recording.items(block_s=7.0) if isinstance(item, SampleBlock)]
    assert sizes == [7000, 7000, 7000, 7000, 2000]
    assert emg_counts(recording.items(block_s=7.0))[:, 0].tolist() == signal.counts.tolist()


def test_records_of_part_seconds_have_exact_rates(tmp_path: Path) -> None:
    file = ForeignFile([emg(), *acceleration()], fixed={"record_s": "0.7"})
    info = open_recording(file.write(tmp_path / "a.edf")).info
    assert (info.emg_rate_hz, info.acc_ratio) == (1000 / 0.7, 10)
