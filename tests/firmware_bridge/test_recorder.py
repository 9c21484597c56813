from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import UnreadableRecordingError, open_recording
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, Scale, SensorStatus, StreamItem
from tests.firmware_bridge.own_nights import INFO, START, block, record


def test_the_recording_knows_who_when_and_which(tmp_path: Path) -> None:
    recording = record(tmp_path / "n.edf", [block(0, 1000)])
    assert recording.info == INFO
    assert recording.recording_id == "left-calf-1"
    assert recording.start == START
    assert recording.start is not None
    assert recording.start.utcoffset() == timedelta(hours=2)
    assert recording.warnings == ()


def test_a_file_of_whole_seconds_has_no_padding(tmp_path: Path) -> None:
    recording = record(tmp_path / "n.edf", [block(0, 1500), block(1500, 1500)])
    assert recording.samples == 3000
    assert (tmp_path / "n.edf").stat().st_size == 6 * 256 + 3 * (2 * 1300 + 256)


def test_a_last_part_of_a_second_ends_where_it_ended(tmp_path: Path) -> None:
    recording = record(tmp_path / "n.edf", [block(0, 1230)])
    assert recording.samples == 1230
    assert [(type(i).__name__, i.end_index) for i in recording.items()] == [("SampleBlock", 1230)]  # type: ignore[union-attr]
    assert recording.annotations == ()


def test_a_gap_at_the_end_is_still_a_gap(tmp_path: Path) -> None:
    gap = Gap(1000, 2000, "link down")
    recording = record(tmp_path / "n.edf", [block(0, 1000), gap])
    assert recording.samples == 3000
    assert list(recording.items())[-1] == gap


def test_a_hole_that_nobody_announced_is_recorded_as_one(tmp_path: Path) -> None:
    recording = record(tmp_path / "n.edf", [block(0, 500), block(700, 300)])
    assert recording.gaps == (Gap(500, 200, "not recorded"),)


def test_nothing_recorded_is_an_empty_recording(tmp_path: Path) -> None:
    recording = record(tmp_path / "n.edf", [])
    assert (recording.samples, list(recording.items())) == (0, [])


def test_a_header_alone_is_said_to_hold_nothing_yet(tmp_path: Path) -> None:
    with (
        NightRecorder(tmp_path / "n.edf", INFO, recording_id="x", start=START),
        pytest.raises(UnreadableRecordingError, match="holds no whole data record"),
    ):
        open_recording(tmp_path / "n.edf")


def test_gaps_survive_where_the_filler_is_a_count_of_its_own(tmp_path: Path) -> None:
    info = replace(
        INFO, emg_scales=(Scale(-32768, 32767, -1638.4, 1638.35, "uV"),), acc_scale=None, acc_rate_hz=0.0
    )
    counts = np.full((700, 1), -32768, np.int16)
    items: list[StreamItem] = [
        SampleBlock(info, 0, counts, np.zeros((0, 3), np.int16)),
        Gap(700, 123, "lost frames"),
    ]
    recording = record(tmp_path / "n.edf", items, info)
    samples, gap = recording.items()
    assert isinstance(samples, SampleBlock)
    assert samples.emg_counts.tolist() == counts.tolist()
    assert gap == items[1]


def test_the_recorders_own_remarks_are_for_people_and_not_replayed(tmp_path: Path) -> None:
    items: list[StreamItem] = [
        LinkState(up=False, reason="port gone"),
        block(0, 1000),
        replace(INFO, boot_id=78),
        Mark(1000, "clock", "2026-05-02T23:05:05+02:00 123"),
        Mark(1000, "event", "tonic cramp started"),
        Mark(1000, "button short"),
    ]
    recording = record(tmp_path / "n.edf", items)
    assert [mark.kind for mark in recording.annotations] == [
        "link",
        "sensor",
        "clock",
        "event",
        "button short",
    ]
    assert "boot=78" in recording.annotations[1].text
    assert [item for item in recording.items() if isinstance(item, Mark)] == [Mark(1000, "button short")]


def test_a_status_is_noted_when_it_says_something_new(tmp_path: Path) -> None:
    first, later = SensorStatus(0, 3700, (False,), 0, 0), SensorStatus(20, 3700, (True,), 0, 0)
    items: list[StreamItem] = [
        first,
        block(0, 10),
        replace(first, index=10),
        block(10, 10),
        later,
        block(20, 10),
    ]
    recording = record(tmp_path / "n.edf", items)
    assert [item for item in recording.items() if isinstance(item, SensorStatus)] == [first, later]


def test_more_notes_than_fit_a_second_wait_and_none_is_lost(tmp_path: Path) -> None:
    marks = [Mark(500, "note", f"number {i} " + "long text " * 30) for i in range(20)]
    recording = record(tmp_path / "n.edf", [block(0, 500), *marks, block(500, 500)])
    assert list(recording.annotations) == marks
    assert recording.samples == 1000


def test_notes_that_wait_at_a_kill_cost_no_sample(tmp_path: Path) -> None:
    night = NightRecorder(tmp_path / "n.edf", INFO, recording_id="x", start=START)
    night.write(block(0, 500))
    for i in range(20):
        night.annotate(500, "event", f"number {i} " * 10)
    night.write(block(500, 1500))
    recording = open_recording(tmp_path / "n.edf")
    assert recording.samples == 2000
    assert [m.text.split()[1] for m in recording.annotations] == ["0", "1", "2"]
    night.close()


def test_a_night_in_progress_opens_as_far_as_it_goes(tmp_path: Path) -> None:
    with NightRecorder(tmp_path / "n.edf", INFO, recording_id="x", start=START) as night:
        for second in range(4):
            night.write(block(second * 1000, 1000))
            night.flush()
            assert open_recording(tmp_path / "n.edf").samples == (second + 1) * 1000
        night.write(block(4000, 990))
        assert night.end_index == 4990
        assert open_recording(tmp_path / "n.edf").samples == 4000


def test_between_append_and_patch_nobody_is_troubled(tmp_path: Path) -> None:
    record(tmp_path / "n.edf", [block(0, 5000)])
    raw = bytearray((tmp_path / "n.edf").read_bytes())
    raw[236:244] = b"4       "
    (tmp_path / "n.edf").write_bytes(raw)
    recording = open_recording(tmp_path / "n.edf")
    assert (recording.samples, recording.warnings) == (5000, ())


@pytest.mark.parametrize(
    ("rates", "record_s"),
    [
        ((1000.0, 0.0), 1),
        ((990.5, 99.05), 20),
        ((500.0, 62.5), 2),
        ((1000.0, 1000 / 128), 16),
        ((1000.0, 1000.0), 1),
    ],
)
def test_records_hold_whole_samples_at_any_rate(
    tmp_path: Path, rates: tuple[float, float], record_s: int
) -> None:
    info = replace(
        INFO, emg_rate_hz=rates[0], acc_rate_hz=rates[1], acc_scale=INFO.acc_scale if rates[1] else None
    )
    ratio = info.acc_ratio
    recording = record(tmp_path / "n.edf", [block(0, 700 * ratio, info), Mark(7 * ratio, "cue")], info)
    assert recording.info == info
    assert recording.samples == 700 * ratio
    assert recording.annotations == (Mark(7 * ratio, "cue"),)
    assert (tmp_path / "n.edf").read_bytes()[244:252].strip() == str(record_s).encode()


def test_several_channels_are_all_read_back(tmp_path: Path) -> None:
    info = replace(INFO, sites=("left-calf", "right tibialis anterior"), emg_scales=INFO.emg_scales * 2)
    recording = record(tmp_path / "n.edf", [block(0, 1000, info)], info)
    assert recording.info == info
    assert open_recording(tmp_path / "n.edf", emg=["2"]).info.sites == ("right tibialis anterior",)


def test_the_longest_id_of_the_longest_sensor_name_fits(tmp_path: Path) -> None:
    info, recording_id = replace(INFO, sensor_id="s" * 32), f"{'s' * 32}-20260502T230405"
    with NightRecorder(tmp_path / "n.edf", info, recording_id=recording_id, start=START) as night:
        night.write(block(0, 1000, info))
    recording = open_recording(tmp_path / "n.edf")
    assert (recording.recording_id, recording.info) == (recording_id, info)


def test_a_night_is_for_its_owner_alone(tmp_path: Path) -> None:
    record(tmp_path / "n.edf", [])
    assert stat.S_IMODE((tmp_path / "n.edf").stat().st_mode) == 0o600


def test_time_zones_of_any_kind_keep_the_moment(tmp_path: Path) -> None:
    start = datetime(2026, 12, 31, 23, 59, 59, 999_999, UTC)
    with NightRecorder(tmp_path / "n.edf", INFO, recording_id="x", start=start) as night:
        night.write(block(0, 1000))
        night.write(Mark(999, "cue", "late"))
    recording = open_recording(tmp_path / "n.edf")
    assert recording.start == start
    assert recording.annotations == (Mark(999, "cue", "late"),)
