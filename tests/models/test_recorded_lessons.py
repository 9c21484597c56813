"""Real recordings as lessons: whose they are, what they teach, and what is no lesson. The files here are made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from crampwatch.errors import DONE
from crampwatch.train import TrainRequest, train_model
from detector.bundle import CARD, load_model
from detector.classifier import CLONIC, OTHER, TONIC
from models import train as training
from models.bundle_files import TrainingError
from models.labelled_recordings import OwnRecordings
from models.labels import UNLABELLED
from models.lessons import Split
from models.recorded_lessons import gather_recorded
from models.training import taught
from tests.models.recorded import recorded

FEW = {"train": Split(1, 1), "calibration": Split(2, 1), "test": Split(3, 1)}
# Their groups follow from their names.
TAUGHT, HELD_OUT = "sub-01", "sub-08"


def test_labels_name_moments_and_what_nobody_labelled_is_only_no_rhythm(tmp_path: Path) -> None:
    recorded(tmp_path / TAUGHT / "night.edf")
    found = gather_recorded(OwnRecordings(tmp_path)).examples["train"]
    assert {TONIC, OTHER, UNLABELLED} <= set(found.labels.tolist())
    assert CLONIC not in found.labels
    active = taught(CLONIC, found)
    assert set(found.labels[active & ~taught(TONIC, found)].tolist()) == {UNLABELLED}
    assert set(found.names.tolist()) <= {"recorded hold", "recorded leg_movement", "recorded rest"}


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
    found = gather_recorded(OwnRecordings(folder))
    tonic = sum(int(np.count_nonzero(part.labels == TONIC)) for part in found.examples.values())
    assert set(found.examples) == {"train", "calibration", "test"}
    assert tonic > 1000
    splits: dict[str, set[str]] = {}
    for one in found.card:
        splits.setdefault(str(one["person"]), set()).add(str(one["split"]))
    assert {len(of_person) for of_person in splits.values()} == {1}
