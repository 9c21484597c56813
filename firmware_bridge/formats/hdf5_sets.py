"""Sets of numbers in an HDF5 file, found and looked at without trusting the file.

The HDF5 library runs in this process, so a file is held to what it needs no trust for: links out of a group are
not followed, storage outside the file and views of other files are refused, and of filters only those that the
library itself holds are used, because any other is code that it would look for and load. What a set declares
has to be backed by bytes in the file.
"""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import numpy as np

from firmware_bridge.formats.array_columns import NUMBERS
from firmware_bridge.formats.columns import BrokenFileError

# A file, group, data set or attribute of h5py, which has no types.
Node = Any
# Filters that the HDF5 library and h5py hold themselves: deflate, shuffle, Fletcher-32, SZIP, LZF; none is loaded.
_FILTERS = MappingProxyType({1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 32000: "lzf"})
# Deflate packs a run of equal bytes at most this well (zlib, technical details); SZIP and LZF stay below.
_BEST_PACKING = 1032
# A chunk is unpacked as a whole; the library's own advice is 1 MiB.
_LARGEST_CHUNK_BYTES = 64 << 20
# More sets and groups than any acquisition writes; a file of more has to be asked for a set by its path.
_MOST_OBJECTS = 4096
# What MATLAB keeps for cells and objects.
_INTERNAL = ("#refs#", "#subsystem#")


def dataset_at(file: Node, path: str) -> Node:
    """Return a set of numbers by its path, which leads through no link out of its group.

    Raises:
        BrokenFileError: there is none, or it is not one we read.
    """
    at = file
    for name in path.strip("/").split("/"):
        if not is_group(at) or name not in at or not is_hard(at, name):
            raise BrokenFileError(
                f"HDF5: expected a data set at {path!r}, got none that lies in the file itself"
            )
        at = at[name]
    if is_group(at):
        raise BrokenFileError(f"HDF5: expected a data set at {path!r}, got a group")
    check_storage(at)
    return at


def check_storage(dataset: Node) -> None:
    """Refuse a set that lies outside the file, needs code to be loaded, or declares more than is there.

    Raises:
        BrokenFileError: it does.
    """
    where = f"HDF5: {dataset.name}"
    if dataset.is_virtual or dataset.external:
        raise BrokenFileError(f"{where}: expected numbers in the file itself, got a reference to other files")
    plan = dataset.id.get_create_plist()
    filters = [plan.get_filter(i)[0] for i in range(plan.get_nfilters())]
    strange = [number for number in filters if number not in _FILTERS]
    if strange:
        raise BrokenFileError(
            f"{where}: expected filters {', '.join(_FILTERS.values())}, got number {strange[0]}"
        )
    if (
        dataset.chunks
        and int(np.prod(dataset.chunks, dtype=object)) * dataset.dtype.itemsize > _LARGEST_CHUNK_BYTES
    ):
        raise BrokenFileError(
            f"{where}: expected chunks below {_LARGEST_CHUNK_BYTES >> 20} MiB, got {dataset.chunks}"
        )
    declared = int(np.prod(dataset.shape, dtype=object)) * dataset.dtype.itemsize
    held = dataset.id.get_storage_size()
    if declared > held * (_BEST_PACKING if filters else 1):
        raise BrokenFileError(f"{where}: expected {declared} bytes for {dataset.shape} values, got {held}")


def datasets_of(group: Node) -> Iterator[Node]:
    """Yield the sets below a group that lie in the file itself, each once, however its groups hang together."""
    seen: set[Node] = set()
    waiting = [group]
    while waiting and len(seen) < _MOST_OBJECTS:
        member = waiting.pop()
        if member in seen:
            continue
        seen.add(member)
        if is_group(member):
            names = [name for name in member if name not in _INTERNAL and is_hard(member, name)]
            waiting += [member[name] for name in reversed(names[:_MOST_OBJECTS])]
        else:
            yield member


def number_of(value: Node) -> float | None:
    """Return a single number that HDF5 gave as a scalar or an array of one; None for anything else."""
    array = np.asarray(value)
    return float(array.reshape(-1)[0]) if array.size == 1 and array.dtype.kind in NUMBERS else None


def text_of(value: Node) -> str:
    """Return a text that HDF5 gave as bytes or text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def is_group(member: Node) -> bool:
    """Tell whether this is a group, or the file as one."""
    return hasattr(member, "keys")


def is_hard(group: Node, name: str) -> bool:
    """Tell whether a member lies in the file itself, and not behind a link to elsewhere."""
    import h5py

    return isinstance(group.get(name, getlink=True), h5py.HardLink)
