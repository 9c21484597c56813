"""XDF files: streams and their clocks as pyxdf reads them, holes, markers, damage; and files that mean harm."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import pyxdf
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.formats.columns import BrokenFileError, FormatError, ReadHints, UnclearFileError
from firmware_bridge.formats.known import open_columns
from tests.firmware_bridge.formats import xdf_files
from tests.firmware_bridge.formats.xdf_files import (
    chunk,
    clock_offset,
    counted,
    samples,
    stamped_samples,
    stream,
    texts,
)


def ramp(count: int, channels: int = 1) -> npt.NDArray[np.float64]:
    return np.arange(count * channels, dtype=np.float64).reshape(count, channels)


def emg(number: int = 1, name: str = "Calf", rate_hz: float = 500.0, layout: str = "double64") -> bytes:
    return stream(number, name, rate_hz, ["gastroc"], ["uV"], layout)


@pytest.mark.parametrize("stamped", ["first", "all", "some"])
@pytest.mark.parametrize(
    ("layout", "dtype"), [("float32", "<f4"), ("int16", "<i2"), ("int8", "i1"), ("int64", "<i8")]
)
def test_every_layout_and_way_of_stamping_is_read(
    tmp_path: Path, stamped: str, layout: str, dtype: str
) -> None:
    table = ramp(330) % 100
    content = samples(1, table, 500.0, chunk=50, stamped=stamped, dtype=dtype)
    file = open_columns(xdf_files.write(tmp_path / "night.xdf", [emg(layout=layout), *content]))

    (column,) = file.columns
    assert (column.label, column.unit, column.rate_hz, len(column.runs)) == ("gastroc", "uV", 500.0, 1)
    np.testing.assert_array_equal(file.read([1], 0, 330), table)
    np.testing.assert_array_equal(file.read([1], 49, 151), table[49:151])
    assert str(file.start) == "2026-05-02 23:04:05+02:00"


@settings(max_examples=20)
@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(1, 3))
def test_time_stamps_stand_where_they_stand(
    tmp_path_factory: pytest.TempPathFactory, stamped: list[bool], channels: int
) -> None:
    table = ramp(len(stamped), channels)
    rows = [
        (b"\x08" + struct.pack("<d", 5 + i / 500) if has else b"\x00") + table[i].tobytes()
        for i, has in enumerate(stamped)
    ]
    header = stream(1, "Calf", 500.0, [f"c{i}" for i in range(channels)], ["uV"] * channels)
    path = tmp_path_factory.mktemp("xdf") / "night.xdf"
    xdf_files.write(path, [header, counted(1, len(rows), b"".join(rows))])

    file = open_columns(path, ReadHints(options={"gap_s": 100.0}))

    np.testing.assert_array_equal(file.read(range(1, channels + 1), 0, len(rows)), table)


def test_streams_begin_where_their_clocks_say_as_pyxdf_reads_them(tmp_path: Path) -> None:
    acc = stream(2, "Leg", 100.0, ["X", "Y", "Z"], ["g"] * 3, kind="Accelerometer")
    path = xdf_files.write(
        tmp_path / "night.xdf",
        [
            *(emg(), acc, stream(3, "Keys", 0.0, ["key"], [""], "string", "Markers")),
            *samples(1, ramp(1000), 500.0, begin_s=100.0),
            *samples(2, ramp(200, 3), 100.0, begin_s=7000.5),
            *(clock_offset(1, 100.0, 3.0), clock_offset(1, 101.0, 3.0), clock_offset(2, 7000.5, -6897.0)),
            texts(3, [(104.0, "squeeze"), (105.25, "release")]),
        ],
    )
    streams, _ = pyxdf.load_xdf(str(path), dejitter_timestamps=False)
    first = {one["info"]["name"][0]: one["time_stamps"][0] for one in streams}

    file = open_columns(path)

    assert [column.label for column in file.columns] == ["Calf gastroc", "Leg X", "Leg Y", "Leg Z"]
    zero = first["Calf"]
    assert file.columns[0].start_s == 0
    assert file.columns[1].start_s == pytest.approx(first["Leg"] - zero, abs=1e-6)
    assert [note.text for note in file.notes] == ["squeeze", "release"]
    assert [note.onset_s for note in file.notes] == pytest.approx(
        [first["Keys"] - zero, first["Keys"] - zero + 1.25]
    )
    np.testing.assert_array_equal(file.read([4, 2], 3, 5), ramp(200, 3)[3:5][:, [2, 0]])


def test_a_jump_in_time_is_a_hole(tmp_path: Path) -> None:
    times = np.arange(1000) / 500 + np.where(np.arange(1000) >= 430, 12.0, 0.0)
    content = stamped_samples(1, ramp(1000), times, chunk=100, stamped="all")
    file = open_columns(xdf_files.write(tmp_path / "night.xdf", [emg(), *content]))

    runs = file.columns[0].runs
    assert [(run.first_sample, run.samples) for run in runs] == [(0, 430), (430, 570)]
    assert runs[1].start_s == pytest.approx(12.86)
    np.testing.assert_array_equal(file.read([1], 420, 440), ramp(1000)[420:440])


def test_a_shorter_jump_is_one_if_the_montage_says_so(tmp_path: Path) -> None:
    times = np.arange(1000) / 500 + np.where(np.arange(1000) >= 430, 0.2, 0.0)
    path = xdf_files.write(
        tmp_path / "night.xdf", [emg(), *stamped_samples(1, ramp(1000), times, stamped="all")]
    )

    assert len(open_columns(path, ReadHints(options={"gap_s": 0.1})).columns[0].runs) == 2


def test_jitter_moves_nothing(tmp_path: Path) -> None:
    times = np.arange(30_000) / 500 + np.random.default_rng(3).normal(0, 0.004, 30_000)
    file = open_columns(
        xdf_files.write(
            tmp_path / "night.xdf", [emg(), *stamped_samples(1, ramp(30_000), times, stamped="all")]
        )
    )

    assert [(run.first_sample, run.samples) for run in file.columns[0].runs] == [(0, 30_000)]
    assert file.columns[0].rate_hz == 500.0


def test_a_clock_that_drifts_is_read_at_its_own_rate_and_this_is_said(tmp_path: Path) -> None:
    table = ramp(30_000)
    path = xdf_files.write(tmp_path / "night.xdf", [emg(), *samples(1, table, 497.0, chunk=25)])

    file = open_columns(path)

    assert file.columns[0].rate_hz == pytest.approx(497.0, abs=1e-3)
    assert "as its time stamps say, instead of 500 Hz" in file.warnings[0]


def test_a_stream_without_a_rate_is_a_note_unless_it_is_given_one(tmp_path: Path) -> None:
    force = stream(2, "Force", 0.0, ["n"], ["N"], kind="Force")
    content = stamped_samples(2, ramp(300), np.arange(300) / 50, stamped="all")
    path = xdf_files.write(tmp_path / "night.xdf", [emg(), force, *samples(1, ramp(500), 500.0), *content])

    assert [note.text for note in open_columns(path).notes[:3]] == ["0", "1", "2"]
    (column,) = open_columns(path, ReadHints(50.0, {"stream": "Force"})).columns
    assert (column.label, column.rate_hz, column.samples) == ("n", 50.0, 300)


def test_a_stream_that_is_not_there_is_asked_for_by_those_that_are(tmp_path: Path) -> None:
    path = xdf_files.write(tmp_path / "night.xdf", [emg(), *samples(1, ramp(100), 500.0)])

    with pytest.raises(UnclearFileError, match=r"numbers Shin.*'Calf' \(EMG, 500 Hz\)"):
        open_columns(path, ReadHints(options={"stream": ["Shin"]}))


def test_reading_goes_on_behind_damage(tmp_path: Path) -> None:
    content = samples(1, ramp(1000), 500.0, chunk=100)
    damaged = content[4][:3] + b"\xff" * 40
    path = xdf_files.write(
        tmp_path / "night.xdf", [emg(), *content[:4], damaged, xdf_files.boundary(), *content[5:]]
    )

    file = open_columns(path, ReadHints(options={"gap_s": 0.1}))

    assert "damaged or cut off" in file.warnings[0]
    assert [(run.first_sample, run.samples) for run in file.columns[0].runs] == [(0, 400), (400, 500)]
    assert file.columns[0].runs[1].start_s == pytest.approx(1.0)
    np.testing.assert_array_equal(file.read([1], 399, 401)[:, 0], [399, 500])


def test_a_chunk_that_does_not_hold_what_it_counts_is_left_out_and_this_is_said(tmp_path: Path) -> None:
    content = [*samples(1, ramp(200), 500.0), counted(1, 1 << 31, b"\x00" * 90)]
    file = open_columns(xdf_files.write(tmp_path / "night.xdf", [emg(), *content]))

    assert file.columns[0].samples == 200
    assert "left out" in file.warnings[0]


def test_time_that_goes_back_is_counted_on(tmp_path: Path) -> None:
    content = [*samples(1, ramp(500), 500.0, begin_s=9.0), *samples(1, ramp(500), 500.0, begin_s=2.0)]
    file = open_columns(xdf_files.write(tmp_path / "night.xdf", [emg(), *content]))

    assert file.columns[0].runs[1].start_s == pytest.approx(1.0)
    assert "time goes back by up to 8.000 s" in file.warnings[-1]


@pytest.mark.parametrize(
    "header",
    [
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><info><name>&a;</name></info>",
        b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><info/>",
        "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE x [<!ENTITY a 'b'>]><info/>".encode("utf-16"),
        b"<a>" * 5000,
        b"<info><channel_count>999999999</channel_count><nominal_srate>1</nominal_srate></info>",
        b"<info><channel_count>1</channel_count><nominal_srate>nan</nominal_srate></info>",
        b"<info><channel_count>1</channel_count><nominal_srate>1</nominal_srate></info>",
        b"not xml",
    ],
)
def test_a_stream_header_that_means_harm_or_nothing_is_refused(tmp_path: Path, header: bytes) -> None:
    path = xdf_files.write(tmp_path / "night.xdf", [chunk(2, struct.pack("<I", 1) + header)])

    with pytest.raises(BrokenFileError, match="expected"):
        open_columns(path)


def test_times_years_apart_are_refused(tmp_path: Path) -> None:
    content = [*samples(1, ramp(100), 500.0), *samples(1, ramp(100), 500.0, begin_s=1e12)]

    with pytest.raises(BrokenFileError, match="31 days"):
        open_columns(xdf_files.write(tmp_path / "night.xdf", [emg(), *content]))


def test_a_compressed_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "night.xdfz"
    path.write_bytes(b"\x1f\x8b\x08" + bytes(30))

    with pytest.raises(UnclearFileError, match="gzip -d"):
        open_columns(path)


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="stream of numbers"):
        open_columns(xdf_files.write(tmp_path / "night.xdf", [emg()]))
