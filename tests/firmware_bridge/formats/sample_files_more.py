"""The same table in the formats of acquisition programs and archives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

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


MORE: tuple[SampleFile, ...] = (SampleFile("hdf5", _hdf5),)
