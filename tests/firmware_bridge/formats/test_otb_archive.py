"""OTB+ archives: what is in them, what was cut off, and archives that mean harm."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.formats.columns import BrokenFileError, FormatError, ReadHints, UnclearFileError
from firmware_bridge.formats.known import open_columns
from tests.firmware_bridge.formats import otb_files

COUNTS = np.arange(4000, dtype="<i2").reshape(1000, 4)


def members(device: str = "", signal: bytes = COUNTS.tobytes()) -> dict[str, bytes]:
    return {"night.sig": signal, "night.xml": (device or otb_files.device(2048.0)).encode()}


def test_time_and_markers_are_read(tmp_path: Path) -> None:
    file = open_columns(otb_files.write(tmp_path / "night.otb+", COUNTS, 2048.0))

    assert str(file.start) == "2026-05-02 23:04:05"
    assert [(note.onset_s, note.text) for note in file.notes] == [(1.5, "squeeze")]
    assert file.columns[0].rate_hz == 2048
    assert file.read([1], 10, 11)[0, 0] == pytest.approx(40 * otb_files.STEPS[0])


def test_nothing_is_written_wherever_the_names_lead(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = otb_files.archive(folder / "night.otb+", {"../../out.txt": b"x", "/abs.txt": b"x", **members()})

    assert open_columns(path).columns[0].samples == 1000
    assert [one.name for one in tmp_path.rglob("*")] == ["in", "night.otb+"]


def test_links_in_the_archive_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(8000))
    with tarfile.open(tmp_path / "night.otb+", "w:") as tar:
        link = tarfile.TarInfo("night.sig")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
        tar.addfile(link)

    with pytest.raises(BrokenFileError, match=r"\.sig file in the archive, got none"):
        open_columns(tmp_path / "night.otb+")


def test_of_several_signals_one_is_asked_for(tmp_path: Path) -> None:
    second = {"other.sig": COUNTS[:500].tobytes(), "other.xml": otb_files.device(1000.0).encode()}
    path = otb_files.archive(tmp_path / "night.otb+", members() | second)

    with pytest.raises(UnclearFileError, match=r'signal = "night\.sig"'):
        open_columns(path)
    column = open_columns(path, ReadHints(options={"signal": "other.sig"})).columns[0]
    assert (column.rate_hz, column.samples) == (1000.0, 500)


def test_a_signal_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = otb_files.archive(tmp_path / "night.otb+", members(signal=COUNTS.tobytes()[:-3]))

    file = open_columns(path)

    assert file.columns[0].samples == 999
    assert "cut off" in file.warnings[0]


def test_a_device_that_is_not_in_the_table_is_read_as_counts_and_this_is_said(tmp_path: Path) -> None:
    path = otb_files.archive(tmp_path / "night.otb+", members(otb_files.device(2048.0, name="NOVECENTO")))

    file = open_columns(path)

    assert [column.unit for column in file.columns] == ["", "V", "V", "V"]
    assert "no range and gain known for device 'NOVECENTO'" in file.warnings[0]
    assert file.read([1], 10, 11)[0, 0] == 40


@pytest.mark.parametrize(
    "device",
    [
        "<!DOCTYPE x [<!ENTITY a 'b'>]><Device Name='&a;'/>",
        "<Other/>",
        otb_files.device(2048.0, bits=24),
        otb_files.device(2048.0, channels=0),
        otb_files.device(2048.0, channels=10**9),
        otb_files.device(2048.0, channels=1),
        otb_files.device(0.0),
        otb_files.device(2048.0).replace('"2048"', '"fast"'),
    ],
)
def test_a_description_that_makes_no_sense_or_harm_is_refused(tmp_path: Path, device: str) -> None:
    with pytest.raises(BrokenFileError):
        open_columns(otb_files.archive(tmp_path / "night.otb+", members(device)))


def _packed(path: Path) -> None:
    otb_files.archive(path, members(), mode="w:gz")


def _many(path: Path) -> None:
    otb_files.archive(path, {f"{i}.txt": b"" for i in range(1100)} | members())


def _undescribed(path: Path) -> None:
    otb_files.archive(path, {"night.sig": COUNTS.tobytes()})


@pytest.mark.parametrize("make", [_packed, _many, _undescribed])
def test_an_archive_of_another_kind_is_refused(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "night.otb+")

    with pytest.raises(FormatError, match="OTB"):
        open_columns(tmp_path / "night.otb+")
