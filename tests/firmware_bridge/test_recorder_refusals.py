from __future__ import annotations

import contextlib
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware_bridge.recorder import NightRecorder, RecorderError
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, Mark, Scale, StreamItem
from tests.firmware_bridge.own_nights import INFO, START, block, record


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"emg_rate_hz": 1000.123456, "acc_rate_hz": 0.0, "acc_scale": None},
            "whole samples in a data record",
        ),
        (
            {"emg_rate_hz": 1000.0, "acc_rate_hz": 1000 / 1024},
            "whole samples in a data record of at most 60 s",
        ),
        (
            {"emg_scales": (Scale(-(1 << 23), (1 << 23) - 1, -1, 1, "uV"),)},
            "16-bit counts, got -8388608…8388607; 24-bit",
        ),
        ({"emg_scales": (Scale(0, 1, -1 / 3, 1, "uV"),)}, "physical limit of at most 8 characters"),
        ({"emg_scales": (Scale(0, 1, -1e12, 1, "uV"),)}, "fits 8 characters"),
        ({"emg_scales": ()}, "as many sites as scales"),
        ({"sites": ("linke Wäde",)}, "printable ASCII"),
        ({"sites": ("x" * 70,)}, "transducer: expected at most 80"),
        ({"prefilter": "x" * 81}, "prefilter: expected at most 80"),
    ],
)
def test_a_sensor_that_does_not_fit_the_format_is_refused(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecorderError, match=message) as caught:
        NightRecorder(tmp_path / "n.edf", replace(INFO, **change), recording_id="x", start=START)
    assert str(caught.value).startswith(f"{tmp_path / 'n.edf'}: ")
    assert not (tmp_path / "n.edf").exists()


@pytest.mark.parametrize("recording_id", ["", "with space", "../up", "-x", "ä", "x" * 60])
def test_a_recording_id_must_fit_the_header(tmp_path: Path, recording_id: str) -> None:
    with pytest.raises(RecorderError, match="recording"):
        NightRecorder(tmp_path / "n.edf", INFO, recording_id=recording_id, start=START)


def test_a_start_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecorderError, match="with its time zone"):
        NightRecorder(tmp_path / "n.edf", INFO, recording_id="x", start=START.replace(tzinfo=None))


def test_nothing_is_overwritten_unless_told(tmp_path: Path) -> None:
    record(tmp_path / "n.edf", [block(0, 2000)])
    before = (tmp_path / "n.edf").read_bytes()
    with pytest.raises(RecorderError, match="is there already"):
        record(tmp_path / "n.edf", [])
    assert (tmp_path / "n.edf").read_bytes() == before
    assert record(tmp_path / "n.edf", [block(0, 1000)], overwrite=True).samples == 1000


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecorderError, match="cannot be made: No such file"):
        NightRecorder(tmp_path / "no" / "n.edf", INFO, recording_id="x", start=START)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (block(900, 100), "from index 1000 on"),
        (Gap(900, 200, "lost frames"), "from index 1000 on"),
        (block(1000, 15), "in multiples of 10, got 15"),
        (Gap(1005, 10, "lost frames"), "in multiples of 10"),
        (
            block(1000, 10, replace(INFO, sites=("thigh",))),
            "other rates, sites or scales; begin a new recording",
        ),
        (replace(INFO, acc_rate_hz=50.0), "begin a new recording"),
        (Mark(0, "Kind: wrong", ""), "expected a kind of lower-case words"),
        (Mark(0, "gap", "mine"), "expected a kind of lower-case words"),
        (Mark(0, "cue", "", -1.0), "expected times within"),
        (Mark(0, "cue", "", float("nan")), "expected times within"),
        (Mark(10**15, "cue"), "expected times within"),
    ],
)
def test_what_does_not_fit_the_stream_is_refused_and_harms_nothing(
    tmp_path: Path, item: StreamItem, message: str
) -> None:
    with NightRecorder(tmp_path / "n.edf", INFO, recording_id="x", start=START) as night:
        night.write(block(0, 1000))
        with pytest.raises(RecorderError, match=message):
            night.write(item)
        night.write(block(1000, 1000))
    recording = open_recording(tmp_path / "n.edf")
    assert (recording.samples, recording.gaps, recording.annotations) == (2000, (), ())


def test_counts_of_more_bits_are_refused_unless_they_fit(tmp_path: Path) -> None:
    wide = block(0, 1000)
    with NightRecorder(tmp_path / "n.edf", INFO, recording_id="x", start=START) as night:
        with pytest.raises(RecorderError, match="expected 16-bit counts, got 0…70000"):
            night.write(replace(wide, emg_counts=np.where(wide.emg_counts == 9, 70_000, 0)))
        night.write(replace(wide, emg_counts=wide.emg_counts.astype(np.int64)))
    assert open_recording(tmp_path / "n.edf").samples == 1000


def test_a_closed_recording_takes_no_more(tmp_path: Path) -> None:
    night = NightRecorder(tmp_path / "n.edf", INFO, recording_id="x", start=START)
    night.close()
    night.close()
    with pytest.raises(RecorderError, match="is closed"):
        night.write(block(0, 10))


def test_a_disk_without_room_for_a_header_is_told(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(RecorderError, match="cannot be made: File too large"):
            NightRecorder(tmp_path / "n.edf", INFO, recording_id="x", start=START)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_told_and_what_it_cost_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "n.edf"
    night = NightRecorder(path, INFO, recording_id="x", start=START)
    night.write(block(0, 2500))
    night.annotate(2500, "cue", "steady", 0.5)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The limit falls inside the third record, so a part of it reaches the disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 1000, limits[1]))
    try:
        with pytest.raises(
            RecorderError, match=r"cannot be written on after 2 s: File too large; .*free some space"
        ):
            night.write(block(2500, 700))
        assert open_recording(path).samples == 2000
        with pytest.raises(RecorderError, match="cannot be written on"):
            night.write(block(3200, 800))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    night.write(block(4000, 1500))
    night.close()
    recording = open_recording(path)
    assert recording.gaps == (Gap(2000, 2000, "not recorded"),)
    assert recording.samples == 5500
    assert recording.annotations == (Mark(2500, "cue", "steady", 0.5),)


def test_a_disk_that_stays_full_makes_one_gap_however_often_it_is_tried(tmp_path: Path) -> None:
    path = tmp_path / "n.edf"
    night = NightRecorder(path, INFO, recording_id="x", start=START)
    night.write(block(0, 1500))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, limits[1]))
    try:
        night.write(Gap(1500, 100, "lost frames"))
        for first in range(1600, 11_600, 500):
            with contextlib.suppress(RecorderError):
                night.write(block(first, 500))
            assert len(night._notes._waiting) <= 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    night.write(block(11_600, 1400))
    night.close()
    assert open_recording(path).gaps == (Gap(1000, 10_600, "not recorded"),)
    assert path.read_bytes().count(b"\x14gap: ") == 1
