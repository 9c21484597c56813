"""`crampwatch replay`: the events file, the same from a file and through a pty, and every wrong request."""

from __future__ import annotations

import json
import math
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crampwatch.channel_flags import ChannelFlags
from crampwatch.replay.files import replay_files
from crampwatch.replay.request import ReplayError
from detector.event_files import read_events
from firmware_bridge.recorder import NightRecorder
from tests.crampwatch.nights_on_disk import record
from tests.crampwatch.replay.replaying import request
from tests.detector.signals import Scene, sensor

# DESIGN.md section 5.
COLUMNS = [
    *("onset", "duration", "trial_type", "alert", "detected_at", "confidence"),
    *("site", "peak_uv", "burst_rate_hz", "sequence", "reason"),
]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("night") / "night.edf")


def test_the_events_file_has_the_columns_of_the_design_and_the_cramp(night: Path, tmp_path: Path) -> None:
    assert replay_files(request(night, events_dir=tmp_path / "new" / "out")) == 0
    file = tmp_path / "new" / "out" / "night_events.tsv"
    assert file.read_text().splitlines()[0].split("\t")[: len(COLUMNS)] == COLUMNS
    assert set(COLUMNS) <= json.loads(file.with_suffix(".json").read_text()).keys()
    [cramp] = [event for event in read_events(file) if event.alert == "cramp"]
    assert cramp.trial_type == "tonic"
    assert abs(cramp.onset_s - 10.0) < 1.0
    assert cramp.detected_at_s is not None
    assert cramp.detected_at_s > cramp.onset_s


def test_two_runs_give_identical_bytes_and_a_pty_gives_them_too(night: Path, tmp_path: Path) -> None:
    for name, via in (("a", "file"), ("b", "file"), ("pty", "pty")):
        assert replay_files(request(night, events_dir=tmp_path / name, via=via)) == 0
    table, described = (
        {(tmp_path / name / f"night_events{suffix}").read_bytes() for name in ("a", "b", "pty")}
        for suffix in (".tsv", ".json")
    )
    assert len(table) == len(described) == 1


def test_a_paced_replay_gives_the_same_events(night: Path, tmp_path: Path) -> None:
    for name, speed in (("max", "max"), ("paced", "200")):
        assert replay_files(request(night, events_dir=tmp_path / name, speed=speed)) == 0
    assert (tmp_path / "max/night_events.tsv").read_bytes() == (
        tmp_path / "paced/night_events.tsv"
    ).read_bytes()


@pytest.mark.parametrize("present", ["night_events.tsv", "night_events.json"])
def test_nothing_is_overwritten_without_force(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], present: str
) -> None:
    (tmp_path / present).write_text("mine")
    assert replay_files(request(night, events_dir=tmp_path)) == 1
    assert (tmp_path / present).read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == [present]
    assert replay_files(request(night, events_dir=tmp_path, force=True)) == 0
    assert (tmp_path / present).read_text() != "mine"


def test_one_bad_file_among_several_is_told_and_the_others_are_done(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.edf"
    bad.write_text("no recording")
    other = record(tmp_path / "other.edf")
    assert replay_files(request(night, bad, other, events_dir=tmp_path / "out")) == 1
    assert sorted(file.name for file in (tmp_path / "out").glob("*.tsv")) == [
        "night_events.tsv",
        "other_events.tsv",
    ]
    complaints = [line for line in capsys.readouterr().err.splitlines() if line.startswith("crampwatch:")]
    assert len(complaints) == 1
    assert str(bad) in complaints[0]


def test_json_is_one_document_with_every_event(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay_files(request(night, json=True)) == 0
    [entry] = json.loads(capsys.readouterr().out)
    assert entry["file"] == str(night)
    assert entry["duration_s"] == 60.0
    assert {event["trial_type"] for event in entry["events"]} == {"tonic", "leg_movement"}
    # Half a minute went before the cramp: kept with it, too little to compare.
    assert {event["before"] is not None for event in entry["events"] if event["alert"] == "cramp"} == {True}
    assert {one["cramps"] for one in entry["before_cramps"]} == {0}


def test_in_a_pipe_rows_are_tab_separated_and_the_sentence_stays_out(
    night: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replay_files(request(night))
    said = capsys.readouterr()
    head, *rows = (line.split("\t") for line in said.out.splitlines())
    assert head[0] == "file"
    assert [row[3] for row in rows] == ["tonic"]
    assert all(len(row) == len(head) for row in rows)
    assert "1 cramp, 0 rhythmic, 1 leg movement" in said.err


def test_leg_movements_are_listed_where_they_are_asked_for(
    night: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replay_files(request(night, everything=True))
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()[1:]]
    assert sorted(row[3] for row in rows) == ["leg movement", "tonic"]


@pytest.mark.parametrize("speed", ["", "fast", "0", "-1", "nan", "inf"])
def test_a_speed_that_is_none_is_refused(night: Path, speed: str) -> None:
    with pytest.raises(ReplayError, match="--speed: expected max or a number above 0"):
        replay_files(request(night, speed=speed))


def test_speeds(night: Path) -> None:
    assert [request(night, speed=speed).pace() for speed in ("max", "1", "2.5")] == [math.inf, 1.0, 2.5]


def test_another_way_than_file_or_pty_is_refused(night: Path) -> None:
    with pytest.raises(ReplayError, match="--via: expected file or pty, got 'usb'"):
        replay_files(request(night, via="usb"))


def test_files_of_the_same_name_keep_the_way_from_the_folder_they_share(night: Path, tmp_path: Path) -> None:
    twins = [tmp_path / side / "night.edf" for side in ("left", "right")]
    for twin in twins:
        twin.parent.mkdir()
        shutil.copy(night, twin)
    assert replay_files(request(*twins, events_dir=tmp_path / "out")) == 0
    tables = [tmp_path / "out" / side / "night_events.tsv" for side in ("left", "right")]
    assert len({table.read_bytes() for table in tables}) == 1


def test_a_folder_that_cannot_be_made_is_refused_before_any_work(night: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReplayError, match=r"--events-dir .*file/out: cannot be written"):
        replay_files(request(night, events_dir=tmp_path / "file" / "out"))


def test_a_channel_that_is_not_there_is_told(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ChannelFlags(emg=("nope",))
    assert replay_files(request(night, channels=flags)) == 1
    assert "--emg nope: expected a label or number" in capsys.readouterr().err


def test_what_went_before_a_cramp_is_told_beside_the_night_before_that(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = Scene(1350.0, amplitude_uv=[(1300.0, 1330.0, 60.0)], info=sensor(250.0, 25.0))
    path = tmp_path / "long.edf"
    with NightRecorder(
        path, scene.info, recording_id="long", start=datetime(2026, 1, 1, tzinfo=UTC)
    ) as recorder:
        recorder.write(scene.block())
    assert replay_files(request(path)) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "ten minutes before 1 cramp: changes of posture 0, earlier 0 (1/h)" in said


def test_what_was_found_is_told_though_the_collection_cannot_be_written(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ReplayError, match="cannot be written"):
        replay_files(request(night, parquet=tmp_path, force=True))
    assert "1 cramp" in capsys.readouterr().err
