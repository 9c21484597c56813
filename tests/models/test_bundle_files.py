"""Bundles on disk: written once, not replaced unasked, and read as they were written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detector.additive import AdditiveScore, Calibration, Curve
from detector.bundle import CARD, FORMAT, PARAMETERS, load_model
from detector.classifier import CLONIC, TONIC
from detector.trust import EMG_ALONE, Trust
from models.bundle_files import TrainingError, write_bundle

SCORE = AdditiveScore(
    0.25,
    (Curve("silent_share", np.array([0.1, 0.25]), np.array([1.0, 0.0, -3.5]), 0.0),),
    Calibration(np.array([-1.0, 1.0]), np.array([0.0625, 0.75])),
)
SCORES = {TONIC: SCORE, CLONIC: SCORE}
TRUST = Trust({(EMG_ALONE, "cramp"): Calibration(np.array([0.5, 0.75]), np.array([0.25, 0.5]))})
MADE = {"format": FORMAT, "name": "trial", "features": {"silent_share": "1"}}


def test_a_written_bundle_loads(tmp_path: Path) -> None:
    write_bundle(tmp_path / "new" / "trial", SCORES, TRUST, MADE, force=False)
    model = load_model(tmp_path / "new" / "trial")
    assert model.name.startswith("trial@")
    [(key, curve)] = model.trust.curves.items()
    assert key == (EMG_ALONE, "cramp")
    assert curve.probabilities.tolist() == [0.25, 0.5]


def test_a_bundle_is_not_replaced_unasked(tmp_path: Path) -> None:
    write_bundle(tmp_path, SCORES, TRUST, MADE, force=False)
    before = (tmp_path / PARAMETERS).read_bytes(), (tmp_path / CARD).read_bytes()
    with pytest.raises(TrainingError, match="--force"):
        write_bundle(
            tmp_path, {**SCORES, TONIC: AdditiveScore(9.0, (), SCORE.calibration)}, TRUST, MADE, force=False
        )
    assert ((tmp_path / PARAMETERS).read_bytes(), (tmp_path / CARD).read_bytes()) == before
    write_bundle(tmp_path, SCORES, TRUST, {**MADE, "name": "other"}, force=True)
    assert load_model(tmp_path).name.startswith("other@")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(TrainingError, match="cannot be written"):
        write_bundle(tmp_path / "file" / "bundle", SCORES, TRUST, MADE, force=False)
