"""Leaving people out: everybody is left out once, nobody is on both sides, and the figures add up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crampwatch.errors import DONE
from crampwatch.train import TrainRequest, train_model
from models import train as training
from models.bundle_files import TrainingError
from models.cross_validation import Material, fold, side_of
from models.labelled_recordings import OwnRecordings, labelled_in
from models.lessons import Split
from tests.models.recorded import recorded

CRAMPS = "20.000\t20.000\tcramp\n60.000\t30.000\tstance\n"
FEW = {"train": Split(1, 1), "calibration": Split(2, 1)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("sub-01/a.edf", "sub-01/b.edf", "sub-02/a.edf"):
        recorded(tmp_path / "own" / name, CRAMPS)
    return tmp_path / "own"


def request(folder: Path | None, **more: object) -> TrainRequest:
    return TrainRequest(None, check=False, share=1.0, jobs=1, force=False, recordings=folder, **more)  # type: ignore[arg-type]


@pytest.mark.slow
def test_everybody_is_left_out_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A lesson of a few events is enough to learn something from.
    monkeypatch.setattr("models.lessons.LESSON", {"cramp": 1, "clonic": 1, "turn_over": 1})
    monkeypatch.setattr(training, "SPLITS", FEW)
    monkeypatch.setattr("models.training.TREES", 10)
    (folder / "sub-03").mkdir()
    (folder / "sub-03/a.edf").write_bytes(b"garbage")
    assert train_model(request(folder, leave="person", scores=tmp_path / "scores.json")) == DONE
    said = capsys.readouterr()
    assert "sub-03/a.edf" in said.err
    assert "all together" in said.out
    document = json.loads((tmp_path / "scores.json").read_text("utf-8"))
    assert [(one["left_out"], one["learnt_from"], one["recordings"]) for one in document["folds"]] == [
        ("sub-01", ["sub-02"], 2),
        ("sub-02", ["sub-01"], 1),
    ]
    found = document["pooled"]["figures"]["cramps_found"]
    assert found["of"] == 3
    assert found["events"] == sum(one["figures"]["cramps_found"]["events"] for one in document["folds"])
    low, high = found["interval_by_event"]
    assert low <= found["value"] <= high
    assert (document["pooled"]["people"], document["folds"][1]["people"]) == (2, 1)
    assert "sub-03/a.edf" in document["problems"][0]
    with pytest.raises(TrainingError, match="is there already"):
        train_model(request(folder, leave="person", scores=tmp_path / "scores.json"))


def test_one_person_alone_cannot_be_left_out(folder: Path) -> None:
    (folder / "people.tsv").write_text("recording\tperson\nsub-02/a.edf\tsub-01\n", "utf-8")
    with pytest.raises(
        TrainingError, match="two or more persons, got those of 'sub-01' alone; leave a night out"
    ):
        train_model(request(folder, leave="person"))


def test_a_night_of_a_person_is_left_out_whole(folder: Path) -> None:
    files = labelled_in(OwnRecordings(folder)).files
    assert {side_of(file, "night") for file in files} == {"sub-01 2025-12-31", "sub-02 2025-12-31"}


def test_somebody_on_both_sides_is_refused(folder: Path) -> None:
    files = labelled_in(OwnRecordings(folder)).files
    twice = [*files, replace(files[0], person="sub-99")]
    with pytest.raises(TrainingError, match="no recording on both sides"):
        fold(Material(twice, (), {}, "person"), "sub-99")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"leave": "leg"}, "person or night, got 'leg'"),
        ({"leave": "person", "night_log": Path("here")}, "expected one of them, got both"),
    ],
)
def test_what_cannot_be_asked_is_refused(folder: Path, more: dict[str, object], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        train_model(request(folder, **more))


def test_without_recordings_nobody_can_be_left_out() -> None:
    with pytest.raises(TrainingError, match="add --recordings"):
        train_model(request(None, leave="person"))
