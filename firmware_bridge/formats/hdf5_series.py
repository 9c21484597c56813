"""An open HDF5 file: where each of its columns lies, and how its samples are read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from firmware_bridge.formats.columns import OneFile, Table
from firmware_bridge.formats.guard import reading
from firmware_bridge.formats.hdf5_sets import Node, dataset_at


@dataclass(frozen=True, slots=True)
class Series:
    """Where a column lies: its set, its place there, and its numbers as ``stored * gain + offset``."""

    dataset: str
    place: int | None
    by_channel: bool
    gain: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hdf5File(OneFile):
    """An open HDF5 file; ``series`` says where each of its columns lies."""

    series: tuple[Series, ...]

    def read(self, numbers: Sequence[int], start: int, stop: int) -> Table:
        """Return samples of some columns; see `firmware_bridge.formats.columns.ColumnFile.read`.

        Raises:
            BrokenFileError: the file has become shorter or unreadable meanwhile, or is damaged here.
        """
        import h5py

        table = np.empty((stop - start, len(numbers)))
        with reading(self.kind), h5py.File(self.path, "r") as file:
            for i, number in enumerate(numbers):
                series = self.series[number - 1]
                table[:, i] = _span(dataset_at(file, series.dataset), series, start, stop)
                table[:, i] *= series.gain
                table[:, i] += series.offset
        return table


def _span(dataset: Node, series: Series, start: int, stop: int) -> Node:
    if series.place is None:
        return dataset[start:stop]
    return dataset[series.place, start:stop] if series.by_channel else dataset[start:stop, series.place]
