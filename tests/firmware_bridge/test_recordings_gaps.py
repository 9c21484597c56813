from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firmware_bridge.recordings import UnreadableRecordingError, open_recording
from firmware_bridge.samples import Gap, Mark
from tests.firmware_bridge.foreign_edf import ForeignFile, acceleration, emg, emg_counts, record_time, tal


def test_holes_between_records_become_gaps(tmp_path: Path) -> None:
    notes = [
        record_time("+0.5"),
        record_time("+1.5", tal("+1.6", "turned over")),
        record_time("+10", tal("+10.1", "back")),
    ]
    file = ForeignFile([emg(), *acceleration()], notes, plus="EDF+D")
    recording = open_recording(file.write(tmp_path / "a.edf"))
    assert recording.samples == 10500
    assert recording.gaps == (Gap(2000, 7500, "not recorded"),)
    kinds = [
        (type(i).__name__, getattr(i, "first_index", getattr(i, "index", None))) for i in recording.items()
    ]
    assert kinds == [
        ("SampleBlock", 0),
        ("Mark", 1100),
        ("SampleBlock", 1100),
        ("Gap", 2000),
        ("SampleBlock", 9500),
        ("Mark", 9600),
        ("SampleBlock", 9600),
    ]
    assert emg_counts(recording.items())[:, 0].tolist() == file.signals[0].counts.tolist()
    assert recording.annotations == (Mark(1100, "note", "turned over"), Mark(9600, "note", "back"))
    assert recording.start is not None
    assert recording.start.microsecond == 500_000
    assert [s.first_index for s in recording.window(1.5, 9.7)] == [1500, 9500]


def test_a_file_that_only_claims_to_be_continuous_says_so(tmp_path: Path) -> None:
    notes = [record_time("+0"), record_time("+1"), record_time("+7")]
    recording = open_recording(ForeignFile([emg()], notes, plus="EDF+C").write(tmp_path / "a.edf"))
    assert recording.samples == 3000
    assert "off by +5 s; its samples are taken as continuous" in recording.warnings[0]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (("+0", "+0.5", "+2"), "data record 2.*got 0.5 s"),
        (("+0", "", "+2"), "data record 2.*its time, got none"),
    ],
)
def test_records_out_of_order_are_refused(tmp_path: Path, times: tuple[str, ...], message: str) -> None:
    notes = [record_time(time) if time else b"" for time in times]
    path = ForeignFile([emg()], notes, plus="EDF+D").write(tmp_path / "a.edf")
    with pytest.raises(UnreadableRecordingError, match=message):
        open_recording(path)


def test_a_file_with_holes_but_no_times_is_refused(tmp_path: Path) -> None:
    path = ForeignFile([emg()], plus="EDF+D").write(tmp_path / "a.edf")
    with pytest.raises(UnreadableRecordingError, match="expected the time of every data record"):
        open_recording(path)


def _with_filler(*spans: tuple[int, int], acc: bool = True, **fields: Any) -> ForeignFile:
    limits = {"digital_min": "-32767"} | fields
    signals = [emg(**limits), *acceleration(digital_min="-32767")]
    for signal in signals if acc else signals[:1]:
        ratio = 1000 // signal.samples
        for first, stop in spans:
            signal.counts[first // ratio : stop // ratio] = -32768
    return ForeignFile(signals)


def test_counts_outside_their_range_in_every_channel_are_missing(tmp_path: Path) -> None:
    recording = open_recording(_with_filler((0, 50), (950, 1100)).write(tmp_path / "a.edf"))
    for block_s in (60.0, 1.0, 0.01):
        gaps = [item for item in recording.items(block_s=block_s) if isinstance(item, Gap)]
        assert gaps == [Gap(0, 50, "not recorded"), Gap(950, 150, "not recorded")]
    assert [(s.first_index, len(s.counts)) for s in recording.window(0.9, 1.2)] == [(900, 50), (1100, 100)]
    assert recording.warnings == ()


def test_gaps_are_whole_acceleration_samples(tmp_path: Path) -> None:
    file = _with_filler((955, 1105))
    assert [i for i in open_recording(file.write(tmp_path / "a.edf")).items() if isinstance(i, Gap)] == [
        Gap(960, 140, "not recorded")
    ]


def test_what_only_one_channel_misses_is_no_gap(tmp_path: Path) -> None:
    recording = open_recording(_with_filler((950, 1100), acc=False).write(tmp_path / "a.edf"))
    assert not [item for item in recording.items() if isinstance(item, Gap)]


def test_what_one_of_two_muscles_misses_is_no_gap(tmp_path: Path) -> None:
    other = emg(label="EMG 2", digital_min="-32767")
    other.counts[500:800] = -32768
    file = ForeignFile([*_with_filler((500, 1000)).signals, other])
    recording = open_recording(file.write(tmp_path / "a.edf"), emg=["1", "5"])
    assert [i for i in recording.items() if isinstance(i, Gap)] == [Gap(500, 300, "not recorded")]


def test_filler_before_a_hole_is_a_gap_of_its_own(tmp_path: Path) -> None:
    file = _with_filler((1800, 2000))
    notes = [record_time("+0"), record_time("+1"), record_time("+4")]
    recording = open_recording(ForeignFile(file.signals, notes, plus="EDF+D").write(tmp_path / "a.edf"))
    gaps = [item for item in recording.items(block_s=0.5) if isinstance(item, Gap)]
    assert gaps == [Gap(1800, 200, "not recorded"), Gap(2000, 2000, "not recorded")]


def test_a_hole_before_filler_at_the_end_goes_with_it(tmp_path: Path) -> None:
    notes = [record_time("+0"), record_time("+1"), record_time("+4")]
    file = ForeignFile(_with_filler((2000, 3000)).signals, notes, plus="EDF+D")
    assert open_recording(file.write(tmp_path / "a.edf")).samples == 2000


def test_filler_at_the_end_is_the_end(tmp_path: Path) -> None:
    recording = open_recording(_with_filler((100, 200), (1500, 3000)).write(tmp_path / "a.edf"))
    assert recording.samples == 1500
    items = list(recording.items())
    assert items[-1].end_index == 1500  # type: ignore[union-attr]
    assert [item for item in items if isinstance(item, Gap)] == [Gap(100, 100, "not recorded")]


def test_a_recording_of_nothing_but_filler_is_empty(tmp_path: Path) -> None:
    recording = open_recording(_with_filler((0, 3000)).write(tmp_path / "a.edf"))
    assert recording.samples == 0
    assert list(recording.items()) == []


def test_samples_outside_a_sloppy_range_are_counted(tmp_path: Path) -> None:
    file = ForeignFile([emg(digital_min="-100", digital_max="100")])
    recording = open_recording(file.write(tmp_path / "a.edf"))
    assert "samples lie outside the digital range" in recording.warnings[0]
