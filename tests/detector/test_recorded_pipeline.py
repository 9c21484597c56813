"""What is detected is on disk first; a disk that fails stops the record, never the detection."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detector.personal_fit import limits_of
from detector.pipeline import Pipeline
from detector.recorded_pipeline import RECORD_AGAIN_S, RecordedPipeline, next_recording, rebased
from detector.settings import DetectorSettings
from firmware_bridge.record_file import RecordFile
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, SensorStatus
from tests.detector.signals import Scene, contractions, part, sensor

EVENING = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
SCENE = Scene(150.0, amplitude_uv=[(20.0, 40.0, 60.0), (100.0, 120.0, 60.0)])


def pipeline(nights: Path, *, origin: int = 0) -> RecordedPipeline:
    return RecordedPipeline(SCENE.info, nights, origin=origin, when=EVENING, settings=DetectorSettings())


def seconds(block: SampleBlock) -> Iterator[SampleBlock]:
    rate = round(block.info.emg_rate_hz)
    for begin in range(0, block.samples, rate):
        yield part(block, begin, begin + rate)


def test_a_second_recording_of_a_night_gets_the_next_name_in_a_private_folder(tmp_path: Path) -> None:
    first = next_recording(tmp_path, "left", EVENING)
    assert first == tmp_path / "2026-03-01_left" / "signal.edf"
    assert first.parent.stat().st_mode & 0o777 == 0o700
    for name in ("signal-2.edf", "signal-3.edf"):
        first.touch()
        first = next_recording(tmp_path, "left", EVENING)
        assert first.name == name


def test_indices_are_rebased_and_what_has_none_stays() -> None:
    info = sensor()
    link = LinkState(up=False, reason="unplugged")
    assert rebased(Gap(1500, 500, "lost frames"), 1000) == Gap(500, 500, "lost frames")
    assert rebased(Mark(1500, "button short"), 1000) == Mark(500, "button short")
    assert rebased(SensorStatus(1500, 3700, (False,), 0, 0), 1000) == SensorStatus(500, 3700, (False,), 0, 0)
    assert rebased(link, 1000) is link
    assert rebased(info, 1000) is info


def test_the_recording_holds_the_samples_and_the_verdicts(tmp_path: Path) -> None:
    block, running = SCENE.block(), pipeline(tmp_path)
    events = [event for second in seconds(block) for event in contractions(running.feed(second))]
    events += contractions(running.close())
    assert running.path is not None
    recording = open_recording(running.path)
    assert recording.recording_id == running.recording_id
    [read] = [item for item in recording.items(block_s=1000.0) if isinstance(item, SampleBlock)]
    assert (read.emg_counts == block.emg_counts).all()
    noted = [mark.index for mark in recording.annotations if mark.kind == "event"]
    assert noted == [event.onset_index for event in events]
    assert noted


class Disk:
    """A disk that can be full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        self.refused = 0
        append = RecordFile.append

        def guarded(file: RecordFile, record: bytes) -> None:
            if self.full:
                self.refused += 1
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            append(file, record)

        monkeypatch.setattr(RecordFile, "append", guarded)


def test_a_full_disk_stops_the_record_and_not_the_detection_and_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, block, running = Disk(monkeypatch), SCENE.block(), pipeline(tmp_path)
    faults, found = [], []
    for second, piece in enumerate(seconds(block)):
        disk.full = 30 <= second < 60
        found += running.feed(piece)
        faults.append(running.fault)
    found += running.close()
    undisturbed = Pipeline(SCENE.info, DetectorSettings(), recording_id=running.recording_id)
    assert contractions(found) == contractions([*undisturbed.feed(block), *undisturbed.finish()])
    again = 31 + round(RECORD_AGAIN_S)
    assert faults[:30] == [None] * 30
    assert all(fault and "No space left on device" in fault for fault in faults[30:again])
    assert faults[again:] == [None] * len(faults[again:])
    assert disk.refused == 1
    assert running.path is not None
    recording = open_recording(running.path)
    assert recording.duration_s == 150.0
    [gap] = [item for item in recording.items() if isinstance(item, Gap)]
    assert (gap.first_index, gap.missing) == (30_000, 61_000)
    assert [file.name for file in running.path.parent.iterdir()] == ["signal.edf"]


def test_a_disk_that_stays_full_costs_no_more_than_a_try_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, running = Disk(monkeypatch), pipeline(tmp_path)
    disk.full = True
    for piece in seconds(SCENE.block()):
        running.feed(piece)
    assert disk.refused == 3
    running.close()
    assert running.fault is not None


def test_where_no_file_can_be_made_detection_goes_on(tmp_path: Path) -> None:
    nights = tmp_path / "nights"
    nights.write_text("a file where the folder should be")
    running = pipeline(nights)
    found = [*running.feed(SCENE.block()), *running.close()]
    assert running.path is None
    assert running.fault is not None
    assert "cramp" in {event.alert for event in contractions(found)}


def test_a_note_that_fits_no_recording_is_left_out_and_the_samples_are_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    running = pipeline(tmp_path)
    running.feed(Mark(0, "gap", "not a sensor's to say"))
    assert running.fault is None
    assert "expected a kind" in caplog.text
    running.feed(SCENE.block())
    running.close()
    assert running.path is not None
    assert open_recording(running.path).duration_s == 150.0


def test_a_recording_that_begins_later_has_an_axis_of_its_own(tmp_path: Path) -> None:
    block, info = SCENE.block(), SCENE.info
    origin = 60_000
    running = pipeline(tmp_path, origin=origin)
    found = [*running.feed(part(block, origin, block.samples)), *running.close()]
    [cramp] = [event for event in contractions(found) if event.phase == "ended" and event.alert == "cramp"]
    assert abs(cramp.onset_index / info.emg_rate_hz - (100.0 - 60.0)) < 1.0
    assert running.path is not None
    assert open_recording(running.path).duration_s == 90.0
    assert running.recording_id == f"test-{EVENING:%Y%m%dT%H%M%S}"
    assert open_recording(running.path).start == EVENING


def test_a_wearers_own_limits_are_in_the_recording_and_hold_in_its_replay(tmp_path: Path) -> None:
    settings = DetectorSettings(cramp_ratio=5.5, cramp_rise_uv=40.0)
    live = RecordedPipeline(SCENE.info, tmp_path, origin=0, when=EVENING, settings=settings)
    told = [result for block in seconds(SCENE.block()) for result in live.feed(block)] + live.close()
    assert live.path is not None
    recording = open_recording(live.path)
    own = limits_of(recording.annotations, DetectorSettings())
    assert own == settings
    again = Pipeline(recording.info, own, recording_id=recording.recording_id)
    replayed = [result for item in recording.items() for result in again.feed(item)] + again.finish()
    assert contractions(replayed) == contractions(told)
