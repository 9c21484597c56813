"""WFDB records: storage formats, several rates, segments and lost ones, annotations; and headers that mean harm."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from firmware_bridge.formats.columns import BrokenFileError, FormatError, ReadHints, UnclearFileError
from firmware_bridge.formats.known import open_columns
from firmware_bridge.formats.wfdb_record import quiet

with quiet():
    import wfdb

Counts = npt.NDArray[np.int64]


def ramp(samples: int, step: int = 1) -> Counts:
    return (np.arange(samples) * step) % 400 - 200


def record(folder: Path, name: str, signals: dict[str, Counts], fmt: str = "16", **fields: Any) -> Path:
    """A record of signals at 500 Hz, one µV a count, written by the library."""
    with quiet():
        wfdb.wrsamp(
            name,
            fields.pop("fs", 500),
            ["uV"] * len(signals),
            list(signals),
            d_signal=np.stack(list(signals.values()), axis=1),
            fmt=[fmt] * len(signals),
            adc_gain=[1.0] * len(signals),
            baseline=[0] * len(signals),
            write_dir=str(folder),
            **fields,
        )
    return folder / f"{name}.hea"


def headed(folder: Path, lines: Sequence[str], signal: bytes = b"\x00" * 200) -> Path:
    (folder / "night.dat").write_bytes(signal)
    (folder / "night.hea").write_text("\n".join(lines) + "\n")
    return folder / "night.hea"


@pytest.mark.parametrize("fmt", ["16", "24", "32", "80", "212", "516"])
def test_every_storage_format_is_read_from_any_place(tmp_path: Path, fmt: str) -> None:
    counts = ramp(101) // 2
    file = open_columns(record(tmp_path, "night", {"EMG": counts, "EMG2": counts[::-1]}, fmt))

    np.testing.assert_array_equal(file.read([1, 2], 0, 101)[:, 1], counts[::-1])
    for start, stop in ((1, 2), (7, 100), (100, 101), (50, 50)):
        np.testing.assert_array_equal(file.read([1], start, stop)[:, 0], counts[start:stop])


def test_counts_from_an_offset_are_read(tmp_path: Path) -> None:
    counts = ramp(100)
    lines = ["night 1 500 100", "night.dat 160 1/uV 16 0 0 0 0 EMG"]
    file = open_columns(headed(tmp_path, lines, (counts + 32768).astype("<u2").tobytes()))

    np.testing.assert_array_equal(file.read([1], 9, 90)[:, 0], counts[9:90])


def test_differences_which_only_a_beginning_explains_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFileError, match=r"format of 80.*got 8"):
        open_columns(headed(tmp_path, ["night 1 500 200", "night.dat 8 1/uV 8 0 0 0 0 EMG"]))


def test_signals_of_several_rates_keep_their_own(tmp_path: Path) -> None:
    frames = np.stack([np.arange(40), *(1000 + 4 * np.arange(40) + i for i in range(4))], axis=1)
    lines = ["night 2 250 40", "night.dat 16 1/g 16 0 0 0 0 acc", "night.dat 16x4 1/uV 16 0 0 0 0 EMG"]
    file = open_columns(headed(tmp_path, lines, frames.astype("<i2").tobytes()))

    assert [(c.label, c.rate_hz, c.samples) for c in file.columns] == [
        ("acc", 250.0, 40),
        ("EMG", 1000.0, 160),
    ]
    np.testing.assert_array_equal(file.read([2], 3, 18)[:, 0], 1000 + np.arange(3, 18))
    np.testing.assert_array_equal(file.read([1], 3, 18)[:, 0], np.arange(3, 18))


def test_start_and_annotations_are_read(tmp_path: Path) -> None:
    counts = ramp(1000)
    path = record(tmp_path, "night", {"EMG": counts}, base_date=None, base_time=None)
    text = path.read_text().replace("night 1 500 1000", "night 1 500 1000 23:04:05 02/05/2026")
    path.write_text(text)
    with quiet():
        wfdb.wrann(
            "night",
            "atr",
            np.array([250, 500]),
            ["N", '"'],
            aux_note=["", "squeeze"],
            write_dir=str(tmp_path),
        )
        wfdb.wrann("night", "leg", np.array([750]), ["N"], write_dir=str(tmp_path))

    file = open_columns(path)
    other = open_columns(path, ReadHints(options={"annotator": "leg"}))

    assert str(file.start) == "2026-05-02 23:04:05"
    assert [(note.onset_s, note.text) for note in file.notes] == [(0.5, "N"), (1.0, "squeeze")]
    assert tmp_path / "night.atr" in file.parts
    assert [note.onset_s for note in other.notes] == [1.5]
    with pytest.raises(UnclearFileError, match=r"night\.xyz"):
        open_columns(path, ReadHints(options={"annotator": "xyz"}))


def test_segments_are_joined_and_lost_ones_are_missing(tmp_path: Path) -> None:
    first, second = ramp(300), ramp(200, 3)
    record(tmp_path, "night_1", {"EMG": first})
    record(tmp_path, "night_2", {"EMG": second})
    (tmp_path / "night.hea").write_text("night/3 1 500 600\nnight_1 300\n~ 100\nnight_2 200\n")

    file = open_columns(tmp_path / "night.hea")
    read = file.read([1], 290, 410)[:, 0]

    assert file.columns[0].samples == 600
    np.testing.assert_array_equal(read[:10], first[290:])
    assert np.isnan(read[10:110]).all()
    np.testing.assert_array_equal(read[110:], second[:10])


def test_segments_of_a_variable_layout_hold_what_they_hold(tmp_path: Path) -> None:
    emg, acc = ramp(300), ramp(300, 7)
    record(tmp_path, "night_1", {"acc": acc, "EMG": emg})
    record(tmp_path, "night_2", {"EMG": emg})
    layout = ["night_0 2 500 0", "~ 0 1/uV 0 0 0 0 0 EMG", "~ 0 1/uV 0 0 0 0 0 acc"]
    (tmp_path / "night_0.hea").write_text("\n".join(layout) + "\n")
    (tmp_path / "night.hea").write_text("night/3 2 500 600\nnight_0 0\nnight_1 300\nnight_2 300\n")

    file = open_columns(tmp_path / "night.hea")
    read = file.read([1, 2], 0, 600)

    assert [column.label for column in file.columns] == ["EMG", "acc"]
    np.testing.assert_array_equal(read[:, 0], np.concatenate([emg, emg]))
    np.testing.assert_array_equal(read[:300, 1], acc)
    assert np.isnan(read[300:, 1]).all()


def test_a_signal_file_is_opened_by_the_header_beside_it(tmp_path: Path) -> None:
    path = record(tmp_path, "night", {"EMG": ramp(100)})
    assert open_columns(path.with_suffix(".dat")).columns[0].samples == 100

    path.unlink()
    with pytest.raises(UnclearFileError, match=r"night\.hea"):
        open_columns(tmp_path / "night.dat")


def test_a_signal_file_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = record(tmp_path, "night", {"EMG": ramp(100)})
    dat = path.with_suffix(".dat")
    dat.write_bytes(dat.read_bytes()[:101])

    file = open_columns(path)

    assert file.columns[0].samples == 50
    assert file.warnings == ("night.hea: cut off: 100 frames expected, 50 held; those are read",)


@pytest.mark.parametrize(
    "lines",
    [
        ["night 1 500 100", "../secret.dat 16 1/uV 16 0 0 0 0 EMG"],
        ["night 1 500 100", "/etc/passwd 16 1/uV 16 0 0 0 0 EMG"],
        ["night 1 500 100", "http://x/y.dat 16 1/uV 16 0 0 0 0 EMG"],
        ["night 1 500 100", "gone.dat 16 1/uV 16 0 0 0 0 EMG"],
        ["night 1 500 100", "night.dat 99 1/uV 16 0 0 0 0 EMG"],
        ["night 1 500 100", "night.dat 16x0 1/uV 16 0 0 0 0 EMG"],
        ["night 2 500 100", "night.dat 16 1/uV 16 0 0 0 0 EMG"],
        ["night 0 500 100"],
        ["night/2 1 500 100", "night 100", "night 100"],
        ["night/1 1 500 100", "../night 100"],
        ["night/1 1 500 100", "~ 100"],
        ["#only a comment"],
    ],
)
def test_a_header_that_leads_elsewhere_or_nowhere_is_refused(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(FormatError):
        open_columns(headed(tmp_path, lines))


def test_a_header_that_promises_more_than_the_file_is_not_believed(tmp_path: Path) -> None:
    file = open_columns(headed(tmp_path, ["night 1 500 99999999999999", "night.dat 16 1/uV 16 0 0 0 0 EMG"]))

    assert file.columns[0].samples == 100


def test_no_path_is_given_to_the_library_that_it_could_follow_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "simplecache::http:"
    folder.mkdir()

    with pytest.raises(BrokenFileError, match="rename the folder"):
        open_columns(record(tmp_path, "night", {"EMG": ramp(10)}).rename(folder / "night.hea"))


def test_nothing_is_asked_of_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)

    file = open_columns(record(tmp_path, "100", {"EMG": ramp(10)}))

    assert file.read([1], 0, 10).shape == (10, 1)
