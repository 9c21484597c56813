"""Real recordings as lessons: whose they are, what they teach, and what is no lesson. The files here are made."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from crampwatch.errors import DONE
from crampwatch.train import TrainRequest, train_model
from detector.bundle import CARD, load_model
from detector.classifier import CLONIC, OTHER, TONIC
from firmware_bridge.recorder import NightRecorder
from models import train as training
from models.bundle_files import TrainingError
from models.labels import UNLABELLED
from models.lessons import Split
from models.recorded_lessons import gather_recorded, sources_in
from models.training import taught
from tests.detector.signals import Scene

HEAD = "onset\tduration\ttrial_type\n"
# A hold, a walk, and something that nobody named.
SCENE = Scene(
    150.0,
    amplitude_uv=[(20.0, 40.0, 60.0), (120.0, 140.0, 60.0)],
    bursts=[(60.0, 90.0, 90.0, 1.0, 0.3)],
)
ROWS = "20.000\t20.000\ttonic\n60.000\t30.000\tstance\n"
FEW = {"train": Split(1, 1), "calibration": Split(2, 1), "test": Split(3, 1)}
# Their groups follow from their names.
TAUGHT, HELD_OUT = "sub-01", "sub-08"


def recorded(path: Path, rows: str = ROWS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with NightRecorder(path, SCENE.info, recording_id=path.stem, start=start) as recorder:
        recorder.write(SCENE.block())
    path.with_name(f"{path.stem}_events.tsv").write_text(HEAD + rows, "utf-8")
    return path


def test_labels_name_moments_and_what_nobody_labelled_is_only_no_rhythm(tmp_path: Path) -> None:
    recorded(tmp_path / TAUGHT / "night.edf")
    found = gather_recorded(tmp_path).examples["train"]
    assert {TONIC, OTHER, UNLABELLED} <= set(found.labels.tolist())
    assert CLONIC not in found.labels
    active = taught(CLONIC, found)
    assert set(found.labels[active & ~taught(TONIC, found)].tolist()) == {UNLABELLED}
    assert set(found.names.tolist()) <= {"recorded hold", "recorded leg_movement", "recorded rest"}


def test_all_recordings_of_a_person_are_in_one_group(tmp_path: Path) -> None:
    for name in (
        "sub-01/a.edf",
        "sub-01/b.edf",
        "walk/id01_hold.edf",
        "rest/made_id01.edf",
        "walk/stairs.edf",
    ):
        recorded(tmp_path / name)
    people = {source.path.relative_to(tmp_path).as_posix(): source.person for source in sources_in(tmp_path)}
    assert people == {
        "sub-01/a.edf": "sub-01",
        "sub-01/b.edf": "sub-01",
        "walk/id01_hold.edf": "id01",
        "rest/made_id01.edf": "id01",
        "walk/stairs.edf": "walk",
    }
    (tmp_path / "people.tsv").write_text("recording\tperson\nwalk/stairs.edf\tsub-01\n", "utf-8")
    sources = sources_in(tmp_path)
    assert {source.split for source in sources if source.person == "sub-01"} == {"train"}
    assert {source.person for source in sources} == {"sub-01", "id01"}


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="found none"):
        sources_in(tmp_path)


def test_a_table_without_its_recording_is_refused(tmp_path: Path) -> None:
    recorded(tmp_path / "night.edf").unlink()
    with pytest.raises(TrainingError, match="one recording night"):
        sources_in(tmp_path)


def test_a_damaged_list_of_people_is_refused(tmp_path: Path) -> None:
    recorded(tmp_path / "night.edf")
    (tmp_path / "people.tsv").write_text("recording\tperson\nnight.edf\n", "utf-8")
    with pytest.raises(TrainingError, match="two tab-separated columns"):
        sources_in(tmp_path)


@pytest.mark.slow
def test_a_bundle_lists_the_recordings_that_taught_it_and_names_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "recordings"
    recorded(folder / TAUGHT / "night.edf")
    recorded(folder / HELD_OUT / "night.edf")
    # A lesson of a few events is enough to see what a card says.
    monkeypatch.setattr("models.lessons.LESSON", {"cramp": 1, "clonic": 1, "turn_over": 1})
    monkeypatch.setattr(training, "SPLITS", FEW)
    request = TrainRequest(tmp_path / "out", check=False, share=1.0, jobs=1, force=False, recordings=folder)
    assert train_model(request) == DONE
    assert load_model(tmp_path / "out").name.startswith("additive-1-recorded@")
    text = (tmp_path / "out" / CARD).read_text("utf-8")
    card = json.loads(text)
    assert sorted(one["split"] for one in card["recordings"]) == ["test", "train"]
    assert card["synthetic"] is False
    assert set(card["scores_of_recordings"]) == {"tonic", "clonic"}
    assert not any(name in text for name in (TAUGHT, HELD_OUT, "night.edf"))


def test_the_shipped_bundle_is_not_compared_with_one_from_recordings(tmp_path: Path) -> None:
    request = TrainRequest(None, check=True, share=1.0, jobs=1, force=False, recordings=tmp_path)
    with pytest.raises(TrainingError, match="--check"):
        train_model(request)


@pytest.mark.shared_data
def test_real_recordings_are_lessons_too() -> None:
    folder = Path(__file__).resolve().parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is not there")
    found = gather_recorded(folder)
    tonic = sum(int(np.count_nonzero(part.labels == TONIC)) for part in found.examples.values())
    assert set(found.examples) == {"train", "calibration", "test"}
    assert tonic > 1000
    splits: dict[str, set[str]] = {}
    for one in found.card:
        splits.setdefault(str(one["person"]), set()).add(str(one["split"]))
    assert {len(of_person) for of_person in splits.values()} == {1}
