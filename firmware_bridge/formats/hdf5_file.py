"""HDF5 files: what OpenSignals (PLUX, BITalino) writes, and any one- or two-dimensional set of numbers.

A set is an array as in an archive of NumPy's (`firmware_bridge.formats.array_columns`). Its rate may also come from
attributes of the set, of its group or of the file (`RATE_ATTRIBUTES`), its labels and units from its own (``labels``,
``units``). MATLAB's files of version 7.3 are such files.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from firmware_bridge.formats.array_columns import (
    MOST_SIDES,
    NUMBERS,
    RATE_NAMES,
    columns_of,
    is_by_channel,
    rate_names,
)
from firmware_bridge.formats.columns import (
    BrokenFileError,
    Column,
    ReadHints,
    UnclearFileError,
)
from firmware_bridge.formats.guard import reading
from firmware_bridge.formats.hdf5_series import Hdf5File, Series
from firmware_bridge.formats.hdf5_sets import (
    Node,
    check_storage,
    dataset_at,
    datasets_of,
    number_of,
    text_of,
)
from firmware_bridge.formats.opensignals_hdf5 import devices_of, opensignals

# Names that a sampling rate goes by in an attribute.
RATE_ATTRIBUTES = ("sampling rate", "sample_rate", "samplerate", "SamplingRate", "SR", *RATE_NAMES)
_LABELS = ("labels", "label", "channel_names", "channels", "columns")
_UNITS = ("units", "unit")
# Classes of MATLAB that are numbers.
MATLAB_NUMBERS = frozenset(
    {"double", "single", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}
)


def open_columns(path: Path, hints: ReadHints) -> Hdf5File:
    """Open an HDF5 file.

    Raises:
        BrokenFileError: damaged, hostile, or without numbers.
        UnclearFileError: it does not say its rate, or holds several sets and none was named.
        OSError: it cannot be opened.
    """
    import h5py

    hints.refuse_others("dataset")
    with path.open("rb"), reading("HDF5"), h5py.File(path, "r") as file:
        found = [] if "dataset" in hints.options else devices_of(file)
        return opensignals(path, found, hints) if found else _sets(path, file, hints)


def _sets(path: Path, file: Node, hints: ReadHints) -> Hdf5File:
    everything = list(datasets_of(file))
    wanted = hints.options.get("dataset")
    if wanted is None:
        chosen = _all(everything, hints)
    else:
        paths = wanted if isinstance(wanted, list) else [str(wanted)]
        chosen = [dataset_at(file, one) for one in paths]
    warnings: list[str] = []
    columns: list[Column] = []
    series: list[Series] = []
    for dataset in chosen:
        if not _is_table(dataset):
            raise UnclearFileError(
                f"HDF5: {dataset.name}: expected numbers in one or two dimensions, got {dataset.shape} of "
                f"{dataset.dtype}; these are there: {_listed(everything)}"
            )
        check_storage(dataset)
        found = _columns(dataset, _rate(dataset, hints, everything), len(columns) + 1, warnings)
        columns += found
        series += _series(dataset, len(found))
    return Hdf5File(path, "HDF5", tuple(columns), warnings=tuple(warnings), series=tuple(series))


def _all(everything: Sequence[Node], hints: ReadHints) -> list[Node]:
    """Return all tables if they say their rates, the only one if not, and ask otherwise."""
    tables = [dataset for dataset in everything if _is_table(dataset)]
    if not tables:
        raise BrokenFileError("HDF5: expected a set of numbers in one or two dimensions, got none")
    unsaid = [dataset for dataset in tables if _own_rate(dataset, everything) is None]
    if len(tables) > 1 and unsaid:
        raise UnclearFileError(
            f"HDF5: expected one data set, or a sampling rate beside each, got {_listed(tables)}; name yours in the "
            f'montage, and its rate if need be:\n\n[read]\ndataset = "{tables[0].name}"\n'
        )
    return tables if hints.rate_hz is None or not unsaid else tables[:1]


def _is_table(dataset: Node) -> bool:
    shape, matlab = dataset.shape or (), text_of(dataset.attrs.get("MATLAB_class", "double"))
    # MATLAB keeps texts and truth values as numbers, and says so.
    if matlab not in MATLAB_NUMBERS or dataset.dtype.kind not in NUMBERS:
        return False
    return 1 <= len(shape) <= MOST_SIDES and 0 not in shape and max(shape) > 1


def _rate(dataset: Node, hints: ReadHints, everything: Sequence[Node]) -> float:
    rate_hz = hints.rate_hz or _own_rate(dataset, everything)
    if rate_hz is None:
        raise UnclearFileError(
            f"HDF5: {dataset.name}: the file does not say its sampling rate; give it with --rate HZ"
        )
    return rate_hz


def _own_rate(dataset: Node, everything: Sequence[Node]) -> float | None:
    holders = (dataset, dataset.parent, dataset.file)
    said = (number_of(h.attrs[key]) for h in holders for key in RATE_ATTRIBUTES if key in h.attrs)
    name = dataset.name.rpartition("/")[2]
    beside = {
        one.name.rpartition("/")[2]: one
        for one in everything
        if one.parent == dataset.parent and one.size == 1
    }
    scalars = (number_of(beside[key][()]) for key in rate_names(name) if key in beside)
    return next((value for values in (said, scalars) for value in values if value is not None), None)


def _columns(dataset: Node, rate_hz: float, number: int, warnings: list[str]) -> list[Column]:
    shape, name = dataset.shape, dataset.name.rpartition("/")[2]
    channels = min(shape) if len(shape) == MOST_SIDES else 1
    labels = _words(dataset, _LABELS, channels, warnings)
    units = _words(dataset, _UNITS, channels, warnings)
    return columns_of(name, shape, rate_hz, number, labels, units)


def _series(dataset: Node, columns: int) -> list[Series]:
    wide = len(dataset.shape) == MOST_SIDES
    by_channel = is_by_channel(dataset.shape)
    return [Series(dataset.name, i if wide else None, by_channel) for i in range(columns)]


def _words(dataset: Node, keys: Sequence[str], count: int, warnings: list[str]) -> list[str]:
    """Return one word a channel from the first attribute that has texts; one word stands for all."""
    for key in keys:
        value = np.asarray(dataset.attrs[key]).reshape(-1) if key in dataset.attrs else np.zeros(0)
        if value.size and value.dtype.kind in "OSU":
            words = [text_of(word) for word in value.tolist()]
            if len(words) == 1 and keys is _UNITS:
                words *= count
            if len(words) == count:
                return words
            warnings.append(
                f"{dataset.name}: {key}: expected {count} for the columns, got {len(words)}; left out"
            )
    return []


def _listed(datasets: Sequence[Node]) -> str:
    return ", ".join(f"{one.name} {one.shape} {one.dtype}" for one in datasets[:16]) or "none"
