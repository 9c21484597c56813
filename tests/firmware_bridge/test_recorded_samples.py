"""The project's own excerpts of real recordings are what their README says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from firmware_bridge.recordings import Recording, open_recording
from firmware_bridge.samples import SampleBlock

FOLDER = Path(__file__).resolve().parents[1] / "recordings"
SECONDS = {"bursts": 28.519, "fatigue": 56.9, "quiet": 60.0}


def _open(name: str) -> tuple[Recording, npt.NDArray[np.float32]]:
    recording = open_recording(FOLDER / f"{name}.edf")
    (block,) = recording.items(block_s=600.0)
    assert isinstance(block, SampleBlock)
    return recording, block.emg_uv[:, 0]


def _rms_uv(emg_uv: npt.NDArray[np.float32], window: int = 500) -> npt.NDArray[np.float64]:
    rows = emg_uv[: len(emg_uv) // window * window].reshape(-1, window).astype(np.float64)
    rms: npt.NDArray[np.float64] = rows.std(axis=1)
    return rms


@pytest.mark.parametrize("name", SECONDS)
def test_an_excerpt_opens_without_a_remark(name: str) -> None:
    recording, _ = _open(name)
    assert recording.warnings == ()
    assert recording.duration_s == SECONDS[name]
    assert recording.recording_id == f"biosignalsnotebooks-{name}"
    assert recording.info.emg_rate_hz == 1000.0
    assert recording.info.emg_scales[0].unit == "uV"


def test_the_bursts_come_and_go() -> None:
    rms = _rms_uv(_open("bursts")[1])
    assert np.percentile(rms, 10) < 12
    assert np.percentile(rms, 80) > 60
    crossings = np.diff((rms > 30).astype(int)) == 1
    assert 7 <= crossings.sum() <= 11


def test_the_fatigue_run_clips_at_both_rails_and_ends_in_rest() -> None:
    recording, emg_uv = _open("fatigue")
    scale = recording.info.emg_scales[0]
    assert emg_uv.min() == np.float32(scale.physical_min)
    assert emg_uv.max() == np.float32(scale.physical_max)
    assert _rms_uv(emg_uv)[-8:].max() < 10


def test_the_quiet_recording_is_mostly_rest() -> None:
    rms = _rms_uv(_open("quiet")[1])
    assert np.median(rms) < 5
    assert rms.max() > 100


def test_the_excerpts_are_small_and_bring_their_licence() -> None:
    files = [path for path in FOLDER.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_000_000
    assert {path.stem for path in files if path.suffix == ".edf"} == set(SECONDS)
    licence = (FOLDER / "LICENSE-biosignalsnotebooks.txt").read_text(encoding="utf-8")
    assert "MIT License" in licence
    assert "PLUX Wireless Biosignals" in licence
