"""A unit behind an array's name is its unit, in NumPy and MATLAB files as in text."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

from firmware_bridge.recordings import open_recording


def _arrays() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    axes = {f"acc_{axis}_g": rng.normal(axis == "z", 0.01, 300) for axis in "xyz"}
    rates = {f"{name}_rate_hz": 100.0 for name in axes}
    return {"emg_mv": rng.normal(0, 0.02, 3000), "fs": 1000.0, **axes, **rates}


def test_units_behind_names_are_taken_and_rates_found_by_the_whole_names(tmp_path: Path) -> None:
    path = tmp_path / "night.npz"
    np.savez(path, **_arrays())
    recording = open_recording(path)
    assert recording.warnings == ()
    # The highest of 3000 values of 0.02 mV; 1000 times less if they were taken for microvolts.
    assert 60 < recording.info.emg_scales[0].physical_max < 200
    assert recording.info.acc_scale is not None
    assert recording.info.acc_rate_hz == pytest.approx(100.0)


def test_a_unit_behind_a_matlab_name_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "night.mat"
    scipy.io.savemat(path, {name: value for name, value in _arrays().items() if not name.startswith("acc")})
    recording = open_recording(path)
    assert recording.warnings == ()
    assert 60 < recording.info.emg_scales[0].physical_max < 200
