"""What is doubtful in a file of columns is told, what is unclear is asked for, what is useless refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.recordings import UnreadableRecordingError, UnsuitableRecordingError, open_recording
from tests.firmware_bridge.formats.sample_files import LABELS, UNITS
from tests.firmware_bridge.written_columns import noise, npz


@pytest.mark.parametrize(
    ("scale", "unit", "said"),
    [
        (10e-3, "uV", "1000 times too small"),
        (10.0, "mV", "1000 times too large"),
        (10.0, "uV", None),
        (0.7, "uV", None),
        (300.0, "uV", None),
    ],
)
def test_a_unit_that_cannot_be_true_is_doubted(
    tmp_path: Path, scale: float, unit: str, said: str | None
) -> None:
    recording = open_recording(npz(tmp_path, ["EMG"], [unit], x=noise(scale=scale)))

    doubts = [warning for warning in recording.warnings if "quiet level" in warning]
    assert bool(doubts) is (said is not None)
    assert said is None or said in doubts[0]


def test_acceleration_in_another_unit_than_it_says_is_doubted(tmp_path: Path) -> None:
    table = np.column_stack([noise(), noise(scale=0.01), noise(scale=0.01), noise(scale=0.01) + 9.8])
    path = npz(tmp_path, list(LABELS), list(UNITS), x=table)

    (doubt,) = open_recording(path).warnings

    assert "gravity measures 9.8 g" in doubt
    assert "9.807 times too large" in doubt
    assert open_recording(path, acc_unit="m/s2").warnings == ()
    assert open_recording(path, acc=("none",)).info.acc_scale is None


@pytest.mark.parametrize(
    ("labels", "flags", "what"),
    [
        (["a", "b"], {}, '--montage FILE.toml: emg = [{channel = "LABEL"'),
        (
            ["a", "b"],
            {"emg": ["c"]},
            "expected a label or number out of 1 'a' (uV, 1000 Hz), 2 'b' (uV, 1000 Hz)",
        ),
        (["EMG", "EMG"], {"emg": ["EMG"]}, "name it by its number"),
        (["EMG", "b"], {"emg_unit": "parsec"}, "expected one of v, mv, uv, nv, counts, got 'parsec'"),
        (["EMG", "b"], {"acc": ["1", "2"]}, "expected three channels X,Y,Z, got 2"),
        (["EMG", "b"], {"montage": "absent.toml"}, "montage absent.toml: cannot be read"),
    ],
)
def test_what_is_unclear_is_asked_for(
    tmp_path: Path, labels: list[str], flags: dict[str, object], what: str
) -> None:
    path = npz(tmp_path, labels, ["uV", "uV"], x=np.column_stack([noise(), noise()]))

    with pytest.raises(UnsuitableRecordingError) as refused:
        open_recording(path, **flags)  # type: ignore[arg-type]

    assert what in str(refused.value)
    assert str(path) in str(refused.value)


def test_too_slow_emg_and_units_that_differ_are_refused(tmp_path: Path) -> None:
    path = npz(tmp_path, ["EMG", "b"], ["uV", ""], x=np.column_stack([noise(), noise()]))

    with pytest.raises(UnsuitableRecordingError, match="EMG too slow: minimum 250 Hz"):
        open_recording(path, rate_hz=100.0)
    with pytest.raises(UnsuitableRecordingError, match="expected two channels of known units"):
        open_recording(path, emg=["EMG - b"])


def test_a_column_without_one_number_is_refused(tmp_path: Path) -> None:
    path = npz(tmp_path, ["EMG"], ["uV"], x=np.full(5_000, np.nan))

    with pytest.raises(UnreadableRecordingError, match="expected numbers, got none"):
        open_recording(path)


def test_the_same_content_is_the_same_recording_wherever_it_lies(tmp_path: Path) -> None:
    path = npz(tmp_path, ["EMG"], ["uV"], x=noise())
    moved = tmp_path / "elsewhere.npz"
    moved.write_bytes(path.read_bytes())

    assert open_recording(path).recording_id == open_recording(moved).recording_id
    assert (
        open_recording(npz(tmp_path, ["EMG"], ["uV"], x=noise(seed=9))).recording_id
        != open_recording(moved).recording_id
    )
