"""Every reader keeps the contract of `firmware_bridge.formats.columns`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.formats.columns import ColumnFile, FormatError
from firmware_bridge.formats.known import open_columns
from tests.firmware_bridge.formats.sample_files import OWN, RATE_HZ, SAMPLES, SampleFile, values
from tests.firmware_bridge.formats.sample_files_more import MORE


@pytest.fixture(scope="module", params=[*OWN, *MORE], ids=lambda sample: sample.name)
def sample(request: pytest.FixtureRequest) -> SampleFile:
    assert isinstance(request.param, SampleFile)
    return request.param


@pytest.fixture(scope="module")
def written(sample: SampleFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.write(tmp_path_factory.mktemp("night"), values())


@pytest.fixture(scope="module")
def file(sample: SampleFile, written: Path) -> ColumnFile:
    return open_columns(written, sample.hints)


def test_it_says_what_it_holds(file: ColumnFile, sample: SampleFile, written: Path) -> None:
    assert file.path == written
    assert written in file.parts
    assert all(part.is_file() for part in file.parts)
    assert file.kind
    assert [column.number for column in file.columns] == list(sample.numbers)
    assert all(column.rate_hz == pytest.approx(RATE_HZ, rel=1e-9) for column in file.columns)
    assert {column.samples for column in file.columns} == {SAMPLES}
    assert tuple(column.label for column in file.columns) == sample.labels
    assert tuple(column.unit for column in file.columns) == (sample.units or ("", "", "", ""))


def test_a_sound_file_gives_no_warning(file: ColumnFile) -> None:
    assert file.warnings == ()


def test_what_was_written_is_read(file: ColumnFile, sample: SampleFile) -> None:
    read = file.read(sample.numbers, 0, SAMPLES)

    assert read.dtype == np.float64
    assert read.shape == (SAMPLES, 4)
    for column, step in enumerate(sample.step):
        np.testing.assert_allclose(read[:, column], values()[:, column], rtol=0, atol=step)


@settings(max_examples=20)
@given(
    st.tuples(st.integers(0, SAMPLES), st.integers(0, SAMPLES)), st.permutations(range(4)), st.integers(1, 4)
)
def test_any_span_of_any_columns_is_that_part_of_the_whole(
    file: ColumnFile, sample: SampleFile, ends: tuple[int, int], order: list[int], count: int
) -> None:
    start, stop = sorted(ends)
    places = order[:count]

    read = file.read([sample.numbers[place] for place in places], start, stop)

    whole = file.read(sample.numbers, 0, SAMPLES)
    np.testing.assert_array_equal(read, whole[start:stop, places])


def test_opening_it_again_gives_the_same(file: ColumnFile, sample: SampleFile, written: Path) -> None:
    again = open_columns(written, sample.hints)

    assert again.columns == file.columns
    np.testing.assert_array_equal(again.read(sample.numbers, 10, 90), file.read(sample.numbers, 10, 90))


def test_it_can_be_opened_under_another_name_of_its_folder(
    sample: SampleFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = sample.write(tmp_path, values())
    monkeypatch.chdir(tmp_path)

    assert open_columns(Path(written.name), sample.hints).columns[0].samples == SAMPLES


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.99])
def test_a_file_cut_off_is_read_as_far_as_it_goes_or_refused(
    sample: SampleFile, share: float, tmp_path: Path
) -> None:
    written = sample.write(tmp_path, values())
    for part in _parts(written, sample):
        content = part.read_bytes()
        part.write_bytes(content[: int(share * len(content))])
        _opens_or_refuses(written, sample)
        part.write_bytes(content)


@settings(max_examples=20)
@given(st.integers(0, 2**31), st.binary(min_size=1, max_size=16))
def test_a_damaged_file_is_read_or_refused(
    sample: SampleFile, tmp_path_factory: pytest.TempPathFactory, place: int, damage: bytes
) -> None:
    written = sample.write(tmp_path_factory.mktemp("damaged"), values(64))
    for part in _parts(written, sample):
        content = bytearray(part.read_bytes())
        at = place % len(content)
        content[at : at + len(damage)] = damage
        part.write_bytes(bytes(content))
        _opens_or_refuses(written, sample)


@pytest.mark.parametrize("content", [b"", b"\x00" * 4096, b"\xff" * 4096, bytes(range(256)) * 64])
def test_garbage_by_its_name_is_refused(sample: SampleFile, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / sample.write(tmp_path, values(64)).name
    path.write_bytes(content)

    with pytest.raises(FormatError):
        open_columns(path, sample.hints)


def test_a_file_that_is_gone_after_opening_is_refused(sample: SampleFile, tmp_path: Path) -> None:
    file = open_columns(sample.write(tmp_path, values(64)), sample.hints)
    for part in file.parts:
        part.write_bytes(b"")

    _reads_or_refuses(file)


def _parts(written: Path, sample: SampleFile) -> tuple[Path, ...]:
    return open_columns(written, sample.hints).parts


def _opens_or_refuses(path: Path, sample: SampleFile) -> None:
    try:
        file = open_columns(path, sample.hints)
    except FormatError as error:
        assert str(error)  # noqa: PT017
        return
    _reads_or_refuses(file)


def _reads_or_refuses(file: ColumnFile) -> None:
    for column in file.columns:
        try:
            read = file.read([column.number], 0, column.samples)
        except FormatError as error:
            assert str(error)  # noqa: PT017
        else:
            assert read.shape == (column.samples, 1)
