"""MATLAB files: arrays of numbers of version 5 to 7 by scipy, of version 7.3 as the HDF5 files that they are.

As in an archive of NumPy's, an array is ``[time]`` or ``[time, channel]`` with the longer side as time, its rate
is a number called ``fs`` or the like beside it, and texts called ``labels`` and ``units`` name its columns.
Structures, objects and functions are not read. Versions 5 to 7 have to be unpacked as a whole, so those are taken
up to `LARGEST_BYTES`; version 7.3 is read piece by piece.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.columns import (
    BrokenFileError,
    ColumnFile,
    MissingReaderError,
    ReadHints,
    UnclearFileError,
)
from firmware_bridge.formats.guard import reading
from firmware_bridge.formats.hdf5_file import MATLAB_NUMBERS
from firmware_bridge.formats.matlab_elements import COMPRESSED, HEADER_BYTES, TAG_BYTES, check_elements
from firmware_bridge.formats.numpy_arrays import archive_of

Array = npt.NDArray[Any]

# What arrays may unpack to, all together: eight hours of one channel as double, and far below any memory.
LARGEST_BYTES = 256 << 20
# Where two letters in the header of a version 5 file tell the byte order (MAT-File Format, MathWorks).
_ORDER_AT = 126
_PIECE_BYTES = 1 << 20
_TEXTS = ("labels", "units")
_TEXT_KINDS = ("char", "cell")


def open_columns(path: Path, hints: ReadHints) -> ColumnFile:
    """Open a MATLAB file.

    Raises:
        BrokenFileError: damaged, or without arrays of numbers.
        UnclearFileError: its rate is unknown, or it is larger than can be unpacked.
        MissingReaderError: it is of version 7.3, and h5py is not installed.
        OSError: it cannot be opened.
    """
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
        if header.startswith(b"MATLAB 7.3"):
            return _hdf5(path, hints)
        hints.refuse_others()
        orders = {b"IM": "<", b"MI": ">"}
        order = orders.get(header[_ORDER_AT:])
        if not header.startswith(b"MATLAB 5.0") or order is None:
            raise BrokenFileError(
                "MATLAB: expected a file of version 5 to 7.3, got another; save it with -v7.3"
            )
        _check_size(file, order, path.stat().st_size)
        check_elements(file, order, path.stat().st_size)
    with reading("MATLAB"):
        return archive_of(path, "MATLAB", hints, _arrays(path))


def _hdf5(path: Path, hints: ReadHints) -> ColumnFile:
    from firmware_bridge.formats import hdf5_file

    try:
        return hdf5_file.open_columns(path, hints)
    except ModuleNotFoundError as error:
        raise MissingReaderError(
            f"MATLAB 7.3: its reader needs {error.name}, which is not installed; "
            'bring it in with: pip install "crampwatch[research]"'
        ) from error


def _check_size(file: BinaryIO, order: str, size: int) -> None:
    """Refuse a file that unpacks to more than we hold, or is cut off.

    Raises:
        BrokenFileError: an element goes beyond the end.
        UnclearFileError: it is too large.
    """
    total = 0
    at = HEADER_BYTES
    while at + TAG_BYTES <= size:
        file.seek(at)
        kind, length = struct.unpack(f"{order}II", file.read(TAG_BYTES))
        if at + TAG_BYTES + length > size:
            raise BrokenFileError(
                f"MATLAB: cut off: expected {length} bytes at {at}, got {size - at - TAG_BYTES}"
            )
        for piece in _unpacked(file, length) if kind == COMPRESSED else (length,):
            total += piece
            if total > LARGEST_BYTES:
                raise UnclearFileError(
                    f"MATLAB: expected arrays of at most {LARGEST_BYTES >> 20} MiB, got more; save them with "
                    "save(..., '-v7.3'), which is read piece by piece"
                )
        at += TAG_BYTES + length


def _unpacked(file: BinaryIO, length: int) -> Iterator[int]:
    """Yield the sizes that compressed bytes unpack to, piece by piece and never as a whole."""
    unpacker = zlib.decompressobj()
    waiting = b""
    while not unpacker.eof and (length > 0 or waiting):
        if not waiting:
            waiting = file.read(min(length, _PIECE_BYTES))
            length -= len(waiting)
        try:
            yield len(unpacker.decompress(waiting, _PIECE_BYTES))
        except zlib.error as error:
            raise BrokenFileError(f"MATLAB: damaged: {error}") from error
        waiting = unpacker.unconsumed_tail


def _arrays(path: Path) -> dict[str, Callable[[], Array]]:
    from scipy.io import loadmat, whosmat

    kinds = {name: kind for name, _, kind in whosmat(path)}
    texts = {name for name in _TEXTS if kinds.get(name) in _TEXT_KINDS}
    wanted = [name for name, kind in kinds.items() if kind in MATLAB_NUMBERS or name in texts]
    held = loadmat(path, variable_names=wanted, chars_as_strings=True) if wanted else {}
    arrays = {name: _plain(np.asarray(held[name])) for name in wanted if name in held}
    if not any(array.dtype.kind in "iuf" and array.size > 1 for array in arrays.values()):
        there = ", ".join(f"{name} ({kind})" for name, kind in kinds.items()) or "none"
        raise BrokenFileError(
            f"MATLAB: expected arrays of numbers, got {there}; save the fields of a structure with "
            "save('night.mat', '-struct', 'name')"
        )
    return {name: _held(array) for name, array in arrays.items()}


def _plain(array: Array) -> Array:
    """Return an array without sides of one, and the texts in a cell as texts."""
    flat = array.squeeze()
    if flat.dtype.kind == "O":
        return np.array([str(np.asarray(cell).squeeze()) for cell in flat.reshape(-1)])
    flat.flags.writeable = False
    return flat


def _held(array: Array) -> Callable[[], Array]:
    return lambda: array
