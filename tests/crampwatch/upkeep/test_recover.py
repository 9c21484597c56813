"""Recordings that were cut off: afterwards every program reads them, to the last whole second."""

from __future__ import annotations

import random
from pathlib import Path

import edfio
import pytest

from crampwatch.upkeep.errors import RecoverError
from crampwatch.upkeep.recover import recover
from firmware_bridge.edf_header import RECORDS_OFFSET
from tests.crampwatch.nights_on_disk import record
from tests.detector.signals import Scene

SCENE = Scene(10.0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return record(tmp_path_factory.mktemp("whole") / "signal.edf", SCENE).read_bytes()


def test_a_torn_recording_is_valid_to_its_last_whole_second(whole: bytes, tmp_path: Path) -> None:
    chance, header = random.Random(2), int(whole[184:192])
    record_bytes = (len(whole) - header) // 10
    for number in range(20):
        path = tmp_path / f"cut-{number}.edf"
        size = chance.randrange(header + record_bytes, len(whole))
        torn = bytearray(whole[:size])
        torn[RECORDS_OFFSET : RECORDS_OFFSET + 8] = b"-1      "
        path.write_bytes(torn)
        done = recover(path)
        seconds = (size - header) // record_bytes
        assert done.kept is not None
        assert done.kept.read_bytes() == torn
        read = edfio.read_edf(path)
        assert (done.records, done.seconds, read.num_data_records) == (seconds, seconds, seconds)
        assert path.read_bytes()[header:] == whole[header : header + seconds * record_bytes]


def test_a_healthy_recording_is_left_alone(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "signal.edf"
    path.write_bytes(whole)
    assert recover(path).kept is None
    assert [one.name for one in tmp_path.iterdir()] == ["signal.edf"]


@pytest.mark.parametrize("size", [0, 100, 300, 2000])
def test_what_holds_no_second_is_refused_and_left_alone(whole: bytes, tmp_path: Path, size: int) -> None:
    path = tmp_path / "signal.edf"
    path.write_bytes(whole[:size])
    with pytest.raises(RecoverError, match=r"signal\.edf: "):
        recover(path)
    assert path.read_bytes() == whole[:size]
    with pytest.raises(RecoverError, match="cannot be read"):
        recover(tmp_path / "none.edf")
