"""The same table in the formats of acquisition programs and archives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.wfdb_record import quiet
from tests.firmware_bridge.formats import xdf_files
from tests.firmware_bridge.formats.sample_files import LABELS, RATE_HZ, UNITS, SampleFile

Numbers = npt.NDArray[np.float64]


def _hdf5(folder: Path, table: Numbers) -> Path:
    """Two sets, one by time and one by channel, the second one packed."""
    import h5py

    path = folder / "night.h5"
    with h5py.File(path, "w") as file:
        file.attrs["sampling_rate"] = RATE_HZ
        emg = file.create_dataset("a/emg", data=table[:, :1])
        acc = file.create_dataset(
            "b/acc", data=table[:, 1:].T, chunks=(3, min(500, len(table))), compression="gzip"
        )
        emg.attrs["labels"], emg.attrs["unit"] = LABELS[0], UNITS[0]
        acc.attrs["labels"], acc.attrs["units"] = list(LABELS[1:]), "g"
    return path


def _wfdb(folder: Path, table: Numbers) -> Path:
    """Two signal files of different storage formats, EMG at 32 bits and acceleration at 24."""
    gains = (1000.0, 1e5, 1e5, 1e5)
    counts = np.rint(table * gains).astype(np.int64)
    with quiet():
        import wfdb

        wfdb.wrsamp(
            "night",
            RATE_HZ,
            list(UNITS),
            list(LABELS),
            d_signal=counts,
            fmt=["32", "24", "24", "24"],
            adc_gain=list(gains),
            baseline=[0, 0, 0, 0],
            write_dir=str(folder),
        )
    return folder / "night.hea"


def _xdf(folder: Path, table: Numbers) -> Path:
    """One stream in chunks of uneven size, as LabRecorder stamps them."""
    stream = xdf_files.stream(1, "night", RATE_HZ, LABELS, UNITS)
    chunks = xdf_files.samples(1, table, RATE_HZ, begin_s=50.0, chunk=137)
    return xdf_files.write(folder / "night.xdf", [stream, *chunks, xdf_files.clock_offset(1, 50.0, 0.25)])


MORE: tuple[SampleFile, ...] = (
    SampleFile("hdf5", _hdf5),
    SampleFile("wfdb", _wfdb),
    SampleFile("xdf", _xdf),
)
