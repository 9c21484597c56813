"""Nights go out as BIDS and come back: files where it wants them, samples to the bit, events with their columns."""

from __future__ import annotations

import csv
import errno
import json
import os
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from typer.testing import CliRunner

from crampwatch.bids import BidsError, Dataset, add_night, begin_dataset, read_dataset
from crampwatch.commands import app
from crampwatch.replay.finding import find_recordings
from detector import detect, open_recording, read_events
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import SampleBlock
from models.labelled_recordings import OwnRecordings, labelled_in
from tests.dashboard.recorded import record_night

STEM = "sub-ann_ses-20261122_task-sleep_run-01"


def emg(recording: Recording) -> list[int]:
    blocks = [item for item in recording.items() if isinstance(item, SampleBlock)]
    return [int(count) for count in np.concatenate([block.emg_counts for block in blocks])[:, 0]]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_night(tmp_path_factory.mktemp("nights"))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory, night: Path) -> Path:
    out = tmp_path_factory.mktemp("bids") / "cramps"
    done = CliRunner().invoke(app, ["bids", "write", str(night), "--out", str(out), "--subject", "ann"])
    assert (done.exit_code, "1 recording" in done.output) == (0, True), done.output
    return out


def test_every_file_is_where_bids_wants_it(dataset: Path) -> None:
    place = f"sub-ann/ses-20261122/emg/{STEM}"
    found = {path.relative_to(dataset).as_posix() for path in dataset.rglob("*") if path.is_file()}
    assert found == {
        *("README", "dataset_description.json", "participants.tsv"),
        *(f"{place}_emg.edf", f"{place}_emg.json", f"{place}_channels.tsv"),
        *(f"{place}_events.tsv", f"{place}_events.json"),
    }


def test_required_fields_are_there(dataset: Path) -> None:
    description = json.loads((dataset / "dataset_description.json").read_text())
    assert description["BIDSVersion"] == "1.11.1"
    assert description["Name"]
    sidecar = json.loads(next(dataset.rglob("*_emg.json")).read_text())
    required = {"EMGPlacementScheme", "EMGReference", "SamplingFrequency", "PowerLineFrequency"}
    assert required | {"SoftwareFilters", "TaskName"} <= sidecar.keys()
    assert sidecar["SamplingFrequency"] == 1000
    assert rows(dataset / "participants.tsv") == [{"participant_id": "sub-ann"}]
    channels = rows(next(dataset.rglob("*_channels.tsv")))
    assert [(row["name"], row["type"], row["units"], row["sampling_frequency"]) for row in channels] == [
        ("EMG left-calf", "EMG", "uV", "1000"),
        *((f"ACC {axis}", "MISC", "g", "100") for axis in "XYZ"),
    ]


def test_what_is_read_back_is_what_was_recorded(dataset: Path, night: Path) -> None:
    (found,) = read_dataset(dataset)
    assert (found.subject, found.session, found.run) == ("ann", "20261122", "01")
    assert found.path.read_bytes() == night.read_bytes()
    assert found.events is not None
    events, again = read_events(found.events), detect(found.path)
    assert events
    assert [(one.onset_s, one.trial_type) for one in events] == [
        (row["onset"], row["trial_type"]) for row in again
    ]
    assert [listed.path for listed in find_recordings([dataset]).recordings] == [found.path]


def test_training_finds_the_recording_by_its_person(dataset: Path) -> None:
    (labelled,) = labelled_in(OwnRecordings(dataset)).files
    assert (labelled.path, labelled.person) == (read_dataset(dataset)[0].path, "sub-ann")


def test_a_second_night_is_added_and_other_formats_become_edf(
    dataset: Path, night: Path, tmp_path: Path
) -> None:
    recording = open_recording(night)
    counts = np.array(emg(recording))[:, None] * recording.info.emg_scales[0].gain
    np.savetxt(tmp_path / "lab.csv", counts, delimiter=",", header="emg_uv", comments="", fmt="%.4f")
    other = open_recording(tmp_path / "lab.csv", rate_hz=1000, emg_unit="uV")
    begin_dataset(dataset, Dataset("again"))
    added = add_night(dataset, other, [], subject="ben", session="1")
    assert added.path.suffix == ".edf"
    assert emg(open_recording(added.path)) == emg(other)
    again = add_night(dataset, recording, [], subject="ben", session="1")
    assert again.run == "02"
    assert [row["participant_id"] for row in rows(dataset / "participants.tsv")] == ["sub-ann", "sub-ben"]
    assert json.loads((dataset / "dataset_description.json").read_text())["Name"] != "again"
    assert len(read_dataset(dataset)) == 3


def test_other_folders_and_labels_are_refused(tmp_path: Path, night: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(BidsError, match="expected a BIDS dataset or an empty folder"):
        begin_dataset(tmp_path, Dataset("x"))
    with pytest.raises(BidsError, match="expected the description of a BIDS dataset"):
        read_dataset(tmp_path)
    (tmp_path / "dataset_description.json").write_text("[]")
    with pytest.raises(BidsError, match="expected a BIDSVersion"):
        read_dataset(tmp_path)
    with pytest.raises(BidsError, match="expected letters and digits alone, got 'a_b'"):
        add_night(tmp_path, open_recording(night), [], subject="a_b", session="1")


def test_a_full_disk_is_told_by_file_and_leaves_no_torn_recording(
    tmp_path: Path, night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(raw: BinaryIO, copy: BinaryIO) -> None:
        copy.write(raw.read(1000))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    begin_dataset(tmp_path / "out", Dataset("Nights"))
    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(BidsError, match=r"_emg\.edf: .* No space left"):
        add_night(tmp_path / "out", open_recording(night), [], subject="ann", session="1")
    monkeypatch.undo()
    assert list(tmp_path.rglob("*edf*")) == []
    again = add_night(tmp_path / "out", open_recording(night), [], subject="ann", session="1")
    assert again.path.read_bytes() == night.read_bytes()
