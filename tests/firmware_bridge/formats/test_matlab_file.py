"""MATLAB files of every version, what they hold besides numbers, and what is too much."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from firmware_bridge.formats import matlab_file
from firmware_bridge.formats.columns import (
    BrokenFileError,
    FormatError,
    MissingReaderError,
    ReadHints,
    UnclearFileError,
)
from firmware_bridge.formats.known import open_columns

HEADER = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("side", [(500, 1), (1, 500)])
def test_vectors_lie_in_time_whichever_way_they_lie(
    tmp_path: Path, side: tuple[int, int], *, packed: bool
) -> None:
    emg = np.arange(500, dtype=np.int16)
    savemat(tmp_path / "night.mat", {"emg": emg.reshape(side), "emg_fs": 500}, do_compression=packed)

    file = open_columns(tmp_path / "night.mat")

    assert [(column.label, column.rate_hz) for column in file.columns] == [("emg", 500.0)]
    np.testing.assert_array_equal(file.read([1], 3, 9)[:, 0], emg[3:9])


def test_what_is_no_array_of_numbers_is_passed_over(tmp_path: Path) -> None:
    others = {"s": {"a": 1}, "c": np.array([1, "x"], object), "t": "text", "z": np.zeros(9, complex)}
    savemat(tmp_path / "night.mat", {"emg": np.zeros(500), "fs": 500, **others})

    assert [column.label for column in open_columns(tmp_path / "night.mat").columns] == ["emg"]


def test_a_structure_is_refused_with_what_to_do(tmp_path: Path) -> None:
    savemat(tmp_path / "night.mat", {"night": {"emg": np.zeros(500), "fs": 500}})

    with pytest.raises(BrokenFileError, match=r"got night \(struct\).*-struct"):
        open_columns(tmp_path / "night.mat")


def test_a_rate_that_nothing_says_is_asked_for(tmp_path: Path) -> None:
    savemat(tmp_path / "night.mat", {"emg": np.zeros(500)})

    with pytest.raises(UnclearFileError, match="--rate HZ"):
        open_columns(tmp_path / "night.mat")
    assert open_columns(tmp_path / "night.mat", ReadHints(500.0)).columns[0].rate_hz == 500


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matlab_file, "LARGEST_BYTES", 1 << 20)
    bomb = zlib.compress(bytes(64 << 20), 9)
    (tmp_path / "night.mat").write_bytes(HEADER + struct.pack("<II", 15, len(bomb)) + bomb)

    with pytest.raises(UnclearFileError, match=r"-v7\.3"):
        open_columns(tmp_path / "night.mat")


@pytest.mark.parametrize(
    "content",
    [
        HEADER,
        HEADER + struct.pack("<II", 14, 1 << 31),
        HEADER + struct.pack("<II", 15, 8) + b"not zlib",
        HEADER + struct.pack("<II", 14, 8) + bytes(8),
        HEADER[:-2] + b"XX" + bytes(99),
        struct.pack("<IIIII", 0, 1, 1, 0, 2) + b"x\x00" + bytes(8),
        b"MATLAB 7.3 MAT-file".ljust(512) + bytes(4096),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "night.mat").write_bytes(content)

    with pytest.raises(FormatError):
        open_columns(tmp_path / "night.mat", ReadHints(500.0))


def test_without_its_library_version_7_3_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    (tmp_path / "night.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(600))

    with pytest.raises(MissingReaderError, match=r'h5py.*pip install "crampwatch\[research\]"'):
        open_columns(tmp_path / "night.mat")
