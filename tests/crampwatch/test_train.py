"""`crampwatch train`: says how good the model is, writes a bundle, and tells a rebuilt one from another."""

from __future__ import annotations

from pathlib import Path

import pytest

from crampwatch.errors import BAD_INPUT, DONE
from crampwatch.train import TrainRequest, train_model
from detector.bundle import load_model
from models import train as training
from models.lessons import Split


@pytest.mark.slow
def test_a_trial_writes_a_bundle_that_loads_and_is_not_the_shipped_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A lesson of a few events is enough to tell one bundle from another.
    monkeypatch.setattr("models.lessons.LESSON", {"cramp": 1, "clonic": 1, "turn_over": 1})
    monkeypatch.setattr(training, "SPLITS", {"train": Split(1, 1), "calibration": Split(2, 1)})
    request = TrainRequest(tmp_path / "trial", check=True, share=1.0, jobs=1, force=False)
    assert train_model(request) == BAD_INPUT
    assert load_model(tmp_path / "trial").name.startswith("additive-1@")
    assert "differ from what these seeds give" in " ".join(capsys.readouterr().out.split())
    monkeypatch.setattr("detector.bundle.shipped_bundle", lambda: tmp_path / "trial")
    assert train_model(TrainRequest(None, check=True, share=1.0, jobs=1, force=False)) == DONE
    assert "the same to the byte" in " ".join(capsys.readouterr().out.split())
