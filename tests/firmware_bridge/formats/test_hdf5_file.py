"""HDF5 files: OpenSignals' layout and any other, which set is read, and files that reach for what is not in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import pytest

from firmware_bridge.formats.columns import BrokenFileError, FormatError, ReadHints, UnclearFileError
from firmware_bridge.formats.known import open_columns
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import SampleBlock

PLUX = Path(__file__).parents[3] / "../shared/data/plux"
# µV a count of PLUX' EMG sensor at 16 bits: 3 V, gain 1000.
STEP_UV = 3000 / 2**16


def opensignals(
    path: Path, counts: npt.NDArray[np.int64], *, kind: str = "biosignalsplux", bits: int = 16
) -> Path:
    """What OpenSignals writes of one device with an EMG sensor on port 3, as far as it is read."""
    with h5py.File(path, "w") as file:
        device = file.create_group("00:07:80:3B:46:61")
        said = {"channels": [3], "resolution": [bits], "sampling rate": 1000, "device": kind}
        for name, value in (said | {"date": "2017-1-23", "time": "10:28:51.69"}).items():
            device.attrs[name] = value
        raw = device.create_group("raw")
        channel = raw.create_dataset("channel_3", data=counts.astype(np.uint32)[:, None], chunks=(100, 1))
        channel.attrs["label"], channel.attrs["sensor"] = "PORT3_CHN1", "EMG"
        raw["nSeq"] = (np.arange(len(counts)) % 65536).astype(np.uint16)[:, None]
        device["digital/digital_1"] = np.ones((len(counts), 1), np.uint16)
    return path


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["emg_bursts", "emg_1000_hz_16_bits_solo"])
def test_a_real_plux_recording_reads_the_same_from_opensignals_as_from_edf(name: str, tmp_path: Path) -> None:
    edf = open_recording(PLUX / f"{name}.edf")
    blocks = [item for item in edf.items() if isinstance(item, SampleBlock)]
    emg_uv = np.concatenate([block.emg_uv for block in blocks])[:, 0]
    counts = np.rint(emg_uv / STEP_UV + 2**15).astype(np.int64)

    file = open_columns(opensignals(tmp_path / "night.h5", counts))

    (column,) = file.columns
    assert (column.label, column.unit, column.rate_hz) == ("EMG PORT3_CHN1", "uV", 1000.0)
    np.testing.assert_allclose(file.read([1], 0, column.samples)[:, 0], emg_uv, atol=STEP_UV)
    assert open_recording(tmp_path / "night.h5").samples == len(counts)


def test_an_opensignals_file_says_when_it_began(tmp_path: Path) -> None:
    file = open_columns(opensignals(tmp_path / "night.h5", np.full(5000, 2**15)))

    assert file.kind == "OpenSignals HDF5"
    assert str(file.start) == "2017-01-23 10:28:51.690000"
    assert (file.read([1], 0, 5000) == 0).all()


def test_samples_that_the_device_counted_and_nobody_received_are_a_hole(tmp_path: Path) -> None:
    path = opensignals(tmp_path / "night.h5", np.arange(1000))
    with h5py.File(path, "r+") as file:
        counts = file["00:07:80:3B:46:61/raw/nSeq"]
        counts[400:] = counts[400:] + 250

    runs = open_columns(path).columns[0].runs

    assert [(run.first_sample, run.samples, run.start_s) for run in runs] == [(0, 400, 0.0), (400, 600, 0.65)]


def test_a_count_that_stops_or_begins_anew_makes_no_hole(tmp_path: Path) -> None:
    path = opensignals(tmp_path / "night.h5", np.arange(1000))
    for anew in (np.minimum(np.arange(1000), 500), np.arange(1000) % 16, np.zeros(1000)):
        with h5py.File(path, "r+") as file:
            file["00:07:80:3B:46:61/raw/nSeq"][:, 0] = anew
        assert len(open_columns(path).columns[0].runs) == 1


def test_a_sensor_of_a_device_that_is_not_known_is_read_as_counts_and_this_is_said(tmp_path: Path) -> None:
    file = open_columns(opensignals(tmp_path / "night.h5", np.arange(100), kind="newplux"))

    assert file.columns[0].unit == ""
    assert "no transfer function for EMG of device 'newplux'" in file.warnings[0]
    assert file.read([1], 7, 8)[0, 0] == 7


@pytest.mark.parametrize("shape", [(900,), (900, 2), (2, 900)])
def test_time_is_the_longer_side(tmp_path: Path, shape: tuple[int, ...]) -> None:
    table = np.arange(np.prod(shape), dtype=np.int32).reshape(shape)
    with h5py.File(tmp_path / "night.h5", "w") as file:
        file["emg"] = table

    read = open_columns(tmp_path / "night.h5", ReadHints(1000.0))

    by_time = table.T if shape[0] == 2 else table.reshape(900, -1)
    assert {column.samples for column in read.columns} == {900}
    np.testing.assert_array_equal(read.read([len(read.columns)], 5, 90)[:, 0], by_time[5:90, -1])


def test_of_several_sets_one_is_asked_for_and_named(tmp_path: Path) -> None:
    path = tmp_path / "night.h5"
    with h5py.File(path, "w") as file:
        file["a/emg"], file["b/force"] = np.zeros(900), np.ones(900)

    with pytest.raises(UnclearFileError, match=r'/a/emg \(900,\)[^\[]*\[read\]\s+dataset = "/a/emg"'):
        open_columns(path)
    file = open_columns(path, ReadHints(1000.0, {"dataset": "/b/force"}))

    assert [column.label for column in file.columns] == ["force"]
    assert file.read([1], 0, 1)[0, 0] == 1
    for wrong in ("/a", "/a/none", "b/force/x", ""):
        with pytest.raises(FormatError, match="expected"):
            open_columns(path, ReadHints(1000.0, {"dataset": wrong}))


def test_a_rate_that_nothing_says_is_asked_for(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "night.h5", "w") as file:
        file["emg"] = np.zeros(900)

    with pytest.raises(UnclearFileError, match="--rate HZ"):
        open_columns(tmp_path / "night.h5")


def _external_link(file: h5py.File, folder: Path) -> None:
    with h5py.File(folder / "other.h5", "w") as other:
        other["emg"] = np.zeros(900)
    file["emg"] = h5py.ExternalLink("other.h5", "/emg")


def _soft_link(file: h5py.File, _: Path) -> None:
    file["emg"] = h5py.SoftLink("/gone")


def _external_storage(file: h5py.File, folder: Path) -> None:
    (folder / "secret.bin").write_bytes(b"s" * 7200)
    file.create_dataset("emg", (900,), "f8", external=[(str(folder / "secret.bin"), 0, 7200)])


def _virtual(file: h5py.File, folder: Path) -> None:
    layout = h5py.VirtualLayout((900,), "f8")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "emg", (900,))
    file.create_virtual_dataset("emg", layout)


def _huge(file: h5py.File, _: Path) -> None:
    file.create_dataset("emg", (1 << 50,), "f8", chunks=(1024,))


def _huge_packed(file: h5py.File, _: Path) -> None:
    file.create_dataset("emg", (1 << 50,), "f8", chunks=(1024,), compression="gzip")[:1024] = 1.0


def _huge_chunk(file: h5py.File, _: Path) -> None:
    file.create_dataset("emg", (65 << 20,), "u1", chunks=(65 << 20,), compression="gzip")[0] = 1


def _strange_filter(file: h5py.File, _: Path) -> None:
    file.create_dataset("emg", data=np.zeros(900), chunks=(900,), scaleoffset=3)


def _objects(file: h5py.File, _: Path) -> None:
    file.create_dataset("emg", data=["a", "b"], dtype=h5py.string_dtype())


@pytest.mark.parametrize(
    "make",
    [
        *(_external_link, _soft_link, _external_storage, _virtual, _huge, _huge_packed, _huge_chunk),
        *(_strange_filter, _objects),
    ],
)
def test_a_set_that_is_not_all_in_the_file_is_refused(
    make: Callable[[h5py.File, Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "night.h5"
    with h5py.File(path, "w") as file:
        make(file, tmp_path)

    for options in ({}, {"dataset": "/emg"}):
        with pytest.raises(FormatError, match=r"expected|not what its name says"):
            open_columns(path, ReadHints(1000.0, options))


def test_groups_that_hold_each_other_are_walked_once(tmp_path: Path) -> None:
    path = tmp_path / "night.h5"
    with h5py.File(path, "w") as file:
        groups = [file.create_group(f"g{i}") for i in range(12)]
        for group in groups:
            for i, other in enumerate(groups):
                group[f"to{i}"] = other
        groups[-1]["emg"] = np.zeros(900)

    assert open_columns(path, ReadHints(1000.0)).columns[0].label == "emg"


def test_an_empty_file_of_groups_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "night.h5", "w") as file:
        file.create_group("raw")

    with pytest.raises(BrokenFileError, match="got none"):
        open_columns(tmp_path / "night.h5", ReadHints(1000.0))
