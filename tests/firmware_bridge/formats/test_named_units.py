"""A unit behind an array's name is its unit, in NumPy, MATLAB and HDF5 files as in text."""

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


def test_units_behind_the_names_of_hdf5_sets_are_taken_and_three_columns_are_the_axes(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "night.h5"
    arrays = _arrays()
    with h5py.File(path, "w") as file:
        file["emg_mv"] = arrays["emg_mv"]
        file["emg_mv"].attrs["fs"] = 1000.0
        file["acc_g"] = np.stack([arrays[f"acc_{axis}_g"] for axis in "xyz"], axis=1)
        file["acc_g_rate_hz"] = 100.0
    recording = open_recording(path)
    assert recording.warnings == ()
    assert 60 < recording.info.emg_scales[0].physical_max < 200
    assert recording.info.acc_rate_hz == pytest.approx(100.0)
    assert recording.info.acc_scale is not None
    assert recording.info.acc_scale.unit == "g"


def test_units_that_an_hdf5_set_says_count_more_than_its_name(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "night.h5"
    with h5py.File(path, "w") as file:
        file["emg_mv"] = _arrays()["emg_mv"] * 1000
        file["emg_mv"].attrs.update({"fs": 1000.0, "units": "uV"})
    assert 60 < open_recording(path).info.emg_scales[0].physical_max < 200
