from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.formats.columns import BrokenFileError, FormatError, ReadHints, UnclearFileError
from firmware_bridge.formats.delimited_text import TextTable, open_columns
from firmware_bridge.formats.text_layout import layout_of
from firmware_bridge.recordings import open_recording


def _opened(tmp_path: Path, text: str | bytes, hints: ReadHints | None = None) -> TextTable:
    path = tmp_path / "night.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return open_columns(path, hints or ReadHints())


@pytest.mark.parametrize(
    ("text", "fields", "labels", "units"),
    [
        ("1,2\n3,4\n5,6\n", 2, ("", ""), ("", "")),
        ("a,b\n1,2\n3,4\n5,6\n", 2, ("a", "b"), ("", "")),
        ("a;b\n1,5;2,5\n3,5;4,5\n5,5;6,5\n", 2, ("a", "b"), ("", "")),
        ("a\tb\n1,5\t2\n3,5\t4\n5,5\t6\n", 2, ("a", "b"), ("", "")),
        ("emg calf\n1\n2\n3\n", 1, ("emg calf",), ("",)),
        ("1 2 3\n4  5 6\n7 8 9\n", 3, ("", "", ""), ("", "", "")),
        ('"EMG (mV)","acc_x [g]"\n"1","2"\n"3","4"\n"5","6"\n', 2, ("EMG", "acc_x"), ("mV", "g")),
        ("emg_uv,az_g\n1,2\n3,4\n5,6\n", 2, ("emg", "az"), ("uv", "g")),
        ("EMG,az\nmV,g\n1,2\n3,4\n5,6\n", 2, ("EMG", "az"), ("mV", "g")),
        ("Recorder v2\nSubject: 7\n\n#x\na,b\r\n1,2\r\n3,4\r\n5,6\r\n", 2, ("a", "b"), ("", "")),
        ("# a, b\n1,2\n3,4\n5,6\n", 2, ("a", "b"), ("", "")),
        ("\ufeffa,b\n1,2\n,4\n5,n/a\n", 2, ("a", "b"), ("", "")),
    ],
)
def test_the_layout_is_found(text: str, fields: int, labels: tuple[str, ...], units: tuple[str, ...]) -> None:
    layout = layout_of(text.encode())

    assert (layout.form.fields, layout.labels, layout.units) == (fields, labels, units)


def test_labels_as_spreadsheets_write_them_keep_their_units() -> None:
    layout = layout_of("Zeit (ms);EMG Wade (µV)\n0;1,5\n1;2,5\n".encode("cp1252"))
    assert (layout.labels, layout.units) == (("Zeit", "EMG Wade"), ("ms", "µV"))


def test_values_lie_where_they_were_across_many_steps_of_the_index(tmp_path: Path) -> None:
    values = np.round(np.random.default_rng(1).normal(0, 50, (9000, 2)), 4)
    lines = [f"{a},{b}" for a, b in values]
    lines[100:100] = ["# a remark in the middle", ""]
    file = _opened(tmp_path, "x,y\n" + "\n".join(lines), ReadHints(1000.0))

    assert file.columns[0].samples == 9000
    for start, stop in ((0, 9000), (4095, 4097), (8191, 9000), (99, 102), (8999, 9000)):
        np.testing.assert_array_equal(file.read([2, 1], start, stop), values[start:stop, ::-1])


def test_what_is_no_number_is_missing(tmp_path: Path) -> None:
    text = "emg;az\n1,5;2\n;3\n2;2\nx;4\nNaN;5\n6;7;8\n9\n10;\n11;1\n"
    file = _opened(tmp_path, text, ReadHints(1000.0))

    emg, az = file.read([1, 2], 0, 9).T

    np.testing.assert_array_equal(emg, [1.5, np.nan, 2, np.nan, np.nan, 6, 9, 10, 11])
    np.testing.assert_array_equal(az, [2, 3, 2, 4, 5, 7, np.nan, np.nan, 1])


def test_a_row_that_was_never_finished_is_left_out_and_told(tmp_path: Path) -> None:
    file = _opened(tmp_path, "a,b,c\n1,2,3\n4,5,6\n7,8,9\n10,1", ReadHints(1000.0))

    assert file.columns[0].samples == 3
    assert file.warnings == ("the last row is cut off, and left out",)


@pytest.mark.parametrize(
    ("label", "step", "rate_hz"),
    [
        ("time", 0.001, 1000.0),
        ("Time (ms)", 1, 1000.0),
        ("t", 2, 500.0),
        ("timestamp [us]", 1000, 1000.0),
        ("timestamp", 488281.25, 2048.0),
        ("time", 27 / 34_000, 34_000 / 27),
        ("time_s", 0.003, 333.3333333),
    ],
)
def test_the_rate_comes_from_the_times(tmp_path: Path, label: str, step: float, rate_hz: float) -> None:
    rows = "\n".join(f"{i * step:.9f},{i % 7}" for i in range(9000))
    file = _opened(tmp_path, f"{label},emg\n{rows}\n")

    (column,) = file.columns
    assert column.rate_hz == pytest.approx(rate_hz, rel=1e-6)
    assert len(column.runs) == 1
    assert column.number == 2


def _timed_rows(times: list[float]) -> str:
    return "time (s),emg\n" + "".join(f"{time:.6f},{i % 9}\n" for i, time in enumerate(times))


def test_holes_in_the_times_are_holes(tmp_path: Path) -> None:
    times = [i / 1000 for i in range(12_000) if not (3000 <= i < 3500 or i == 7000 or 10_000 <= i < 10_002)]
    file = _opened(tmp_path, _timed_rows(times))

    (column,) = file.columns
    assert column.rate_hz == 1000
    starts = [(run.first_sample, round(run.start_s, 6)) for run in column.runs]
    assert starts == [(0, 0.0), (3000, 3.5), (6500, 7.001), (9499, 10.002)]


def test_times_that_come_in_bursts_are_no_holes(tmp_path: Path) -> None:
    # Ten rows at a time, as a radio brings them; then half a second is lost.
    times = [(i // 10 * 10 + 9) / 500 + (0.5 if i >= 5000 else 0) + (i % 10) * 1e-5 for i in range(9000)]
    file = _opened(tmp_path, _timed_rows(times))

    (column,) = file.columns
    assert column.rate_hz == pytest.approx(500, rel=1e-3)
    assert [run.first_sample for run in column.runs] == [0, 5000]
    assert column.runs[1].start_s == pytest.approx(10.5, abs=0.03)


def test_times_that_jitter_are_no_holes(tmp_path: Path) -> None:
    jitter = np.random.default_rng(2).uniform(-0.0003, 0.0003, 9000)
    file = _opened(tmp_path, _timed_rows((np.arange(9000) / 1000 + jitter).tolist()))

    assert file.columns[0].rate_hz == pytest.approx(1000, rel=1e-5)
    assert len(file.columns[0].runs) == 1


def test_dates_give_the_start_and_its_zone(tmp_path: Path) -> None:
    zone = timezone(timedelta(hours=2))
    began = datetime(2026, 3, 1, 23, 0, tzinfo=zone)
    rows = "\n".join(f"{began + timedelta(milliseconds=2 * i)},{i}" for i in range(50))
    file = _opened(tmp_path, f"when,emg\n{rows}\n")

    assert file.start == began
    assert file.columns[0].rate_hz == 500


def test_times_since_1970_give_the_start(tmp_path: Path) -> None:
    began = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    times = [began.timestamp() + i / 1000 for i in range(100)]
    file = _opened(tmp_path, _timed_rows(times))

    assert file.start == began
    assert file.columns[0].start_s == 0


def test_an_opensignals_header_gives_rate_and_labels(tmp_path: Path) -> None:
    header = (
        "# OpenSignals Text File Format\n"
        '# {"00:07:80": {"sensor": ["EMG"], "sampling rate": 1000, "column": ["nSeq", "DI", "EMG"]}}\n'
        "# EndOfHeader\n"
    )
    file = _opened(tmp_path, header + "".join(f"{i % 16}\t0\t{500 + i % 7}\t\n" for i in range(50)))

    assert [column.label for column in file.columns][:3] == ["nSeq", "DI", "EMG"]
    assert file.columns[0].rate_hz == 1000


def test_a_fraction_that_grows_in_a_file_without_labels_is_the_time(tmp_path: Path) -> None:
    file = _opened(tmp_path, "".join(f"{i / 250:.3f},{i % 5}\n" for i in range(100)))

    assert (file.columns[0].rate_hz, file.columns[0].number) == (250, 2)


@pytest.mark.parametrize(
    ("text", "hints", "kind", "what"),
    [
        ("a,b\n1,2\n3,4\n5,6\n", ReadHints(), UnclearFileError, "give the rate with --rate HZ"),
        ("1,2\n2,4\n3,6\n", ReadHints(), UnclearFileError, "does not say its sampling rate"),
        ("time,b\n0,2\n50,4\n100,6\n", ReadHints(), None, ""),
        ("time,b\n0,2\n0.3,4\n0.6,6\n", ReadHints(), None, ""),
        ("time (h),b\n0,2\n1,4\n2,6\n", ReadHints(), UnclearFileError, "expected a unit out of s"),
        ("time,b\n3,2\n2,4\n1,6\n", ReadHints(), BrokenFileError, "times that grow"),
        ("a,b\n1,2\n3,4\n5,6\n", ReadHints(options={"time": "c"}), UnclearFileError, "[read] time = 'c'"),
        ("a,b\n1,2\n3,4\n5,6\n", ReadHints(options={"x": "c"}), UnclearFileError, "got x"),
        ("nothing here", ReadHints(1000.0), BrokenFileError, "expected rows of numbers, got none"),
        ("a,b\nc,d\n", ReadHints(1000.0), BrokenFileError, "'a,b'"),
        ("1," * 40_000, ReadHints(1000.0), BrokenFileError, "expected"),
        ("a\n1\n2\n3\n".encode("utf-16"), ReadHints(1000.0), BrokenFileError, "UTF-16"),
        (b"1,2\n3,4\n5,6\n" + b"7" * 80_000, ReadHints(1000.0), BrokenFileError, "lines of at most"),
        ("time\n0.1\n0.2\n0.3\n", ReadHints(1000.0), BrokenFileError, "got times alone"),
    ],
)
def test_what_cannot_be_read_is_refused_with_why(
    tmp_path: Path, text: str | bytes, hints: ReadHints, kind: type[FormatError] | None, what: str
) -> None:
    if kind is None:
        assert _opened(tmp_path, text, hints).columns
        return
    with pytest.raises(kind) as refused:
        _opened(tmp_path, text, hints)

    assert what in str(refused.value)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="0123456789.,;\t\n- \"'eENnaA#:x%\r", max_size=300))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    try:
        file = _opened(tmp_path_factory.mktemp("any"), text, ReadHints(1000.0))
    except FormatError as error:
        assert str(error)  # noqa: PT017
        return
    for column in file.columns:
        assert file.read([column.number], 0, column.samples).shape == (column.samples, 1)


def test_the_only_column_beside_the_times_is_the_emg(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_text("time_s,leg (uV)\n" + "".join(f"{i / 1000},{i % 7}.5\n" for i in range(3000)))

    assert open_recording(path).info.emg_rate_hz == 1000.0
