"""Whoever has not installed the library that reads a format is told what to install."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from firmware_bridge.formats.columns import MissingReaderError
from firmware_bridge.formats.known import open_columns
from tests.firmware_bridge.formats.sample_files import SampleFile, values
from tests.firmware_bridge.formats.sample_files_more import MORE

NEEDS = {"hdf5": "h5py", "wfdb": "wfdb", "xdf": "pyxdf", "mat 7.3": "h5py"}


@pytest.mark.parametrize("sample", [one for one in MORE if one.name in NEEDS], ids=lambda sample: sample.name)
def test_a_missing_library_is_named_and_how_to_bring_it_in(
    sample: SampleFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sample.write(tmp_path, values(64))
    monkeypatch.setitem(sys.modules, NEEDS[sample.name], None)

    with pytest.raises(
        MissingReaderError, match=rf'{NEEDS[sample.name]}.*pip install "crampwatch\[research\]"'
    ):
        open_columns(path, sample.hints)
