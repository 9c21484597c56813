"""A folder of recordings and labels, as people have them: whose they are, what cannot be used. The files are made."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detector.event_files import read_events
from models.bundle_files import TrainingError
from models.labelled_recordings import OwnRecordings, labelled_in
from tests.detector.signals import Scene
from tests.models.recorded import recorded

SHORT = Scene(20.0, amplitude_uv=[(5.0, 12.0, 60.0)])
ROWS = "5.000\t7.000\ttonic\n"


def made(path: Path, rows: str | None = ROWS, **more: object) -> Path:
    return recorded(path, rows, scene=SHORT, **more)  # type: ignore[arg-type]


def people_in(folder: Path, **more: object) -> dict[str, str]:
    found = labelled_in(OwnRecordings(folder, **more))  # type: ignore[arg-type]
    return {file.path.relative_to(folder).as_posix(): file.person for file in found.files}


def test_a_person_is_known_by_the_path_or_the_folder_or_a_table(tmp_path: Path) -> None:
    for name in ("sub-01/a.edf", "sub-01/b.edf", "walk/id01_hold.edf", "walk/stairs.edf"):
        made(tmp_path / name)
    by_path = {
        "sub-01/a.edf": "sub-01",
        "sub-01/b.edf": "sub-01",
        "walk/id01_hold.edf": "id01",
        "walk/stairs.edf": "walk",
    }
    assert people_in(tmp_path) == by_path
    table = tmp_path / "who.tsv"
    table.write_text("recording\tperson\nwalk/stairs.edf\tsub-01\n", "utf-8")
    assert people_in(tmp_path, people=table) == {**by_path, "walk/stairs.edf": "sub-01"}
    table.rename(tmp_path / "people.tsv")
    assert people_in(tmp_path) == {**by_path, "walk/stairs.edf": "sub-01"}


def test_a_bids_folder_gives_people_and_sessions(tmp_path: Path) -> None:
    made(tmp_path / "sub-01/ses-2/emg/sub-01_ses-2_task-sleep_emg.edf")
    (tmp_path / "sub-01/ses-2/emg/sub-01_ses-2_task-sleep_channels.tsv").write_text("name\n", "utf-8")
    made(tmp_path / "sub-07/emg/sub-07_task-sleep_emg.edf", start=datetime(2026, 1, 2, 3, tzinfo=UTC))
    (tmp_path / "participants.tsv").write_text("participant_id\tage\nsub-01\t70\n", "utf-8")
    found = labelled_in(OwnRecordings(tmp_path))
    assert [(file.person, file.night) for file in found.files] == [
        ("sub-01", "ses-2"),
        ("sub-07", "2026-01-01"),
    ]
    (problem,) = found.problems
    assert "sub-07 is not in participants.tsv" in problem


def test_annotations_in_the_file_are_labels_but_not_what_the_detector_said(tmp_path: Path) -> None:
    notes = (("event", "cramp: calf tight", 1.0, 3.0), ("label", "Ann: cramp it hurt", 5.0, 7.0))
    made(tmp_path / "ann/night.edf", None, notes=notes)
    (file,) = labelled_in(OwnRecordings(tmp_path)).files
    assert [(one.onset_s, one.end_s, one.kind, one.alert) for one in file.labels] == [
        (5.0, 12.0, "tonic", "cramp")
    ]


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    made(tmp_path / "sub-01/a.edf")
    (tmp_path / "sub-02").mkdir()
    (tmp_path / "sub-02/b.edf").write_bytes(b"garbage")
    made(tmp_path / "sub-03/c.edf", "5.000\tlong\ttonic\n")
    made(tmp_path / "sub-04/d.edf", "-5.000\t3.000\ttonic\n")
    made(tmp_path / "sub-05/e.edf").unlink()
    made(tmp_path / "sub-06/f.edf", None)
    found = labelled_in(OwnRecordings(tmp_path))
    assert [file.person for file in found.files] == ["sub-01"]
    told = "\n".join(found.problems)
    for part in ("b.edf", "expected a number as duration", "onset of 0 s", "one recording e.*", "f.edf"):
        assert part in told


def test_an_empty_table_says_that_nothing_happened(tmp_path: Path) -> None:
    made(tmp_path / "sub-01/a.edf", "")
    (file,) = labelled_in(OwnRecordings(tmp_path)).files
    assert file.labels == ()


def test_nobody_is_two_people(tmp_path: Path) -> None:
    one = made(tmp_path / "sub-01/a.edf")
    shutil.copytree(one.parent, tmp_path / "sub-02")
    with pytest.raises(TrainingError, match=r"the same recording as .*of sub-02 and of sub-01"):
        labelled_in(OwnRecordings(tmp_path))
    (tmp_path / "people.tsv").write_text("recording\tperson\nsub-02/a.edf\tsub-01\n", "utf-8")
    found = labelled_in(OwnRecordings(tmp_path))
    assert [file.path for file in found.files] == [one]
    assert "left out" in found.problems[0]


def test_labels_handed_over_are_of_their_recordings_and_of_one_person(tmp_path: Path) -> None:
    path = made(tmp_path / "nights/2026-01-01_calf/signal.edf")
    made(tmp_path / "nights/2026-01-02_calf/signal.edf")
    handed = {"2026-01-01_calf.signal": read_events(path.with_name("signal_events.tsv"))}
    (file,) = labelled_in(OwnRecordings(tmp_path / "nights", handed=handed)).files
    assert (file.path, file.person, len(file.labels)) == (path, "nights", 1)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("people.tsv", "recording\tperson\nnight.edf\n", "two tab-separated columns"),
        ("participants.tsv", "name\nsub-01\n", "participant_id"),
    ],
)
def test_a_damaged_list_of_people_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    made(tmp_path / "night.edf")
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(TrainingError, match=message):
        labelled_in(OwnRecordings(tmp_path))


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="found none"):
        labelled_in(OwnRecordings(tmp_path))
    with pytest.raises(TrainingError, match="expected a folder"):
        labelled_in(OwnRecordings(tmp_path / "none"))
