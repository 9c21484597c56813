"""The same table in the formats of acquisition programs and archives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.wfdb_record import quiet
from tests.firmware_bridge.formats import otb_files, xdf_files
from tests.firmware_bridge.formats.sample_files import LABELS, RATE_HZ, UNITS, SampleFile

Numbers = npt.NDArray[np.float64]

# Half a count, and a little for the rounding of the halves.
OTB_STEP = (0.51 * otb_files.STEPS[0], *(0.51 * otb_files.STEPS[1],) * 3)


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


def _mat5(folder: Path, table: Numbers) -> Path:
    from scipy.io import savemat

    texts = {"labels": np.array(LABELS, object), "units": np.array(UNITS, object)}
    savemat(folder / "night.mat", {"night": table, "fs": RATE_HZ, **texts}, do_compression=True)
    return folder / "night.mat"


def _mat73(folder: Path, table: Numbers) -> Path:
    """As MATLAB writes it: 512 bytes before the HDF5 file, arrays turned, every value a matrix."""
    import h5py

    path = folder / "night.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, values in (("night", table.T), ("fs", [[RATE_HZ]])):
            file[name] = values
            file[name].attrs["MATLAB_class"] = np.bytes_("double")
        file["subject"] = np.frombuffer(b"P0", np.uint8)[:, None].astype(np.uint16)
        file["subject"].attrs["MATLAB_class"] = np.bytes_("char")
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
    return path


def _otb(folder: Path, table: Numbers) -> Path:
    """A Quattrocento with one EMG channel and three auxiliary inputs, which say g as V."""
    counts = np.rint(table / otb_files.STEPS).astype("<i2")
    return otb_files.write(folder / "night.otb+", counts, RATE_HZ)


MORE: tuple[SampleFile, ...] = (
    SampleFile("hdf5", _hdf5),
    SampleFile("wfdb", _wfdb),
    SampleFile("xdf", _xdf),
    SampleFile("mat", _mat5),
    SampleFile("mat 7.3", _mat73, labels=("night1", "night2", "night3", "night4"), units=()),
    SampleFile("otb+", _otb, step=OTB_STEP, labels=otb_files.LABELS, units=("uV", "V", "V", "V")),
)
