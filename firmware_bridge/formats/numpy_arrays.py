"""NumPy files: one array (``.npy``), or several under names (``.npz``), memory-mapped and never unpickled.

What an array says of its columns and their rate: `firmware_bridge.formats.array_columns`; a structured array has a
column a field. A single array knows no time, so its rate comes from the person. Texts in an archive called ``labels``
and ``units`` name its columns in order.

Stored members of an archive are mapped like files. Compressed ones have to be unpacked as a whole, so those are
taken up to `LARGEST_PACKED_BYTES` together.
"""

import io
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.array_columns import MOST_SIDES, NUMBERS, columns_of, is_by_channel, rate_names
from firmware_bridge.formats.columns import (
    BrokenFileError,
    Column,
    OneFile,
    ReadHints,
    Table,
    UnclearFileError,
)
from firmware_bridge.formats.guard import reading
from firmware_bridge.formats.text_layout import name_and_unit

Array = npt.NDArray[Any]

# What compressed members may unpack to, all together: an hour of four channels, and far below any memory.
LARGEST_PACKED_BYTES = 64 << 20
# Bytes of a local file header in a ZIP archive before its name, and where the lengths of its name and extra
# field stand (PKWARE APPNOTE 4.3.7).
_LOCAL_HEADER_BYTES, _NAME_LENGTH_AT = 30, 26
# Longest header of an array that is looked for; real ones take 128 bytes.
_HEADER_BYTES = 1 << 16
# Halves of characters in UTF-16, which are none by themselves (Unicode 16, section 23.6).
_SURROGATES = (0xD800, 0xDFFF)


@dataclass(frozen=True, slots=True)
class _Series:
    """Where a column lies: its array, and the place there."""

    array: Callable[[], Array]
    place: int | str | None

    def span(self, start: int, stop: int) -> Array:
        array = self.array()
        series = array if self.place is None else array[self.place]
        return np.asarray(series[start:stop])


@dataclass(frozen=True, slots=True, kw_only=True)
class NumpyFile(OneFile):
    """An open ``.npy`` or ``.npz`` file; ``series`` says where each of its columns lies."""

    series: tuple[_Series, ...]

    def read(self, numbers: Sequence[int], start: int, stop: int) -> Table:
        """Return samples of some columns; see `firmware_bridge.formats.columns.ColumnFile.read`.

        Raises:
            BrokenFileError: the file has become shorter or unreadable meanwhile.
        """
        table = np.empty((stop - start, len(numbers)))
        with reading(self.kind):
            for i, number in enumerate(numbers):
                table[:, i] = self.series[number - 1].span(start, stop)
        return table


def open_columns(path: Path, hints: ReadHints) -> NumpyFile:
    """Open a NumPy file.

    Raises:
        BrokenFileError: damaged, or it holds objects or no numbers.
        UnclearFileError: its rate is unknown.
        OSError: it cannot be opened.
    """
    hints.refuse_others()
    with reading("NumPy"):
        return _open_archive(path, hints) if zipfile.is_zipfile(path) else _open_array(path, hints)


def _open_array(path: Path, hints: ReadHints) -> NumpyFile:
    def mapped() -> Array:
        return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]

    rate_hz = _rate(hints, {}, path.stem)
    columns = _columns("", mapped(), rate_hz, 1)
    if not columns:
        raise BrokenFileError("NumPy: expected an array of numbers in one or two dimensions, got none")
    return NumpyFile(path, "NumPy", tuple(columns), series=tuple(_series(mapped)))


def _open_archive(path: Path, hints: ReadHints) -> NumpyFile:
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
        packed = [info for info in members if info.compress_type != zipfile.ZIP_STORED]
        unpacked = sum(info.file_size for info in packed)
        if unpacked > LARGEST_PACKED_BYTES:
            raise UnclearFileError(
                f"NumPy archive: expected compressed arrays of at most {LARGEST_PACKED_BYTES >> 20} MiB, got "
                f"{unpacked / (1 << 20):.0f} MiB; save it with numpy.savez, which is read piece by piece"
            )
        held = {info.filename: _unpacked(archive, info) for info in packed}
    arrays: dict[str, Callable[[], Array]] = {}
    for info in members:
        arrays[info.filename.removesuffix(".npy")] = _member(path, info, held.get(info.filename))
    return archive_of(path, "NumPy archive", hints, arrays)


def archive_of(
    path: Path, kind: str, hints: ReadHints, arrays: Mapping[str, Callable[[], Array]]
) -> NumpyFile:
    """Return the columns of arrays under names; texts and single numbers among them describe the others.

    Raises:
        BrokenFileError: there are no numbers.
        UnclearFileError: their rate is unknown.
    """
    small = {name: array() for name, array in arrays.items() if array().size <= _HEADER_BYTES}
    columns: list[Column] = []
    series: list[_Series] = []
    warnings: list[str] = []
    for name, array in arrays.items():
        shape = array()
        if shape.ndim and shape.size > 1 and (shape.dtype.kind in NUMBERS or shape.dtype.names):
            found = _columns(name, shape, _rate(hints, small, name), len(columns) + 1)
            columns += found
            series += _series(array) if found else []
    if not columns:
        raise BrokenFileError(f"{kind}: expected arrays of numbers, got {', '.join(arrays) or 'none'}")
    for key in ("labels", "units"):
        columns = _named(columns, key, small.get(key), warnings)
    return NumpyFile(path, kind, tuple(columns), warnings=tuple(warnings), series=tuple(series))


def _member(path: Path, info: zipfile.ZipInfo, held: Array | None) -> Callable[[], Array]:
    """Return how to come by a member: held where it was compressed, else mapped where it lies."""
    if held is not None:
        return lambda: held

    def mapped() -> Array:
        with path.open("rb") as raw:
            raw.seek(info.header_offset + _NAME_LENGTH_AT)
            lengths = np.frombuffer(raw.read(4), "<u2")
            begin = info.header_offset + _LOCAL_HEADER_BYTES + int(lengths.sum())
            raw.seek(begin)
            header = io.BytesIO(raw.read(_HEADER_BYTES))
        version = np.lib.format.read_magic(header)
        readers = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        if version not in readers:
            raise BrokenFileError(f"NumPy archive: expected arrays of version 1 or 2, got {version}")
        shape, fortran, dtype = readers[version](header)
        if dtype.hasobject:
            raise BrokenFileError(f"NumPy archive: {info.filename}: expected numbers, got Python objects")
        order: Any = "F" if fortran else "C"
        if header.tell() + int(np.prod(shape)) * dtype.itemsize > info.file_size:
            raise BrokenFileError(f"NumPy archive: {info.filename}: expected {shape} values, got fewer")
        if 0 in shape:
            return np.empty(shape, dtype)
        return np.memmap(path, dtype, "r", begin + header.tell(), shape, order)

    return mapped


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    with archive.open(info) as member:
        # One byte more than promised is read, not whatever a hostile stream holds.
        content = member.read(info.file_size + 1)
    return np.load(io.BytesIO(content), allow_pickle=False)  # type: ignore[no-any-return]


def _columns(name: str, array: Array, rate_hz: float, number: int) -> list[Column]:
    if array.dtype.names:
        return [
            Column(number + i, *name_and_unit(field), rate_hz, len(array))
            for i, field in enumerate(_fields(array))
        ]
    if array.dtype.kind not in NUMBERS or not 1 <= array.ndim <= MOST_SIDES or not array.size:
        return []
    return columns_of(name, array.shape, rate_hz, number)


def _series(array: Callable[[], Array]) -> list[_Series]:
    """Return where the columns of an array lie, in the order of `_columns`."""
    first = array()
    if first.dtype.names:
        return [_Series(array, field) for field in _fields(first)]
    if first.ndim == 1:
        return [_Series(array, None)]
    by_channel = array if is_by_channel(first.shape) else lambda: array().T
    return [_Series(by_channel, i) for i in range(min(first.shape))]


def _fields(array: Array) -> list[str]:
    """Return the fields of a structured array that are numbers."""
    return [field for field in array.dtype.names or () if array.dtype[field].kind in NUMBERS]


def _rate(hints: ReadHints, small: Mapping[str, Array], name: str) -> float:
    if hints.rate_hz is not None:
        return hints.rate_hz
    for key in rate_names(name):
        value = small.get(key)
        if value is not None and value.size == 1 and value.dtype.kind in NUMBERS:
            return float(value.reshape(-1)[0])
    raise UnclearFileError("the file does not say its sampling rate; give it with --rate HZ")


def _named(columns: list[Column], key: str, texts: Array | None, warnings: list[str]) -> list[Column]:
    """Return the columns with the labels or units that an archive gives them."""
    if texts is None or texts.dtype.kind != "U":
        return columns
    words = _words(texts)
    if len(words) != len(columns):
        warnings.append(
            f"{key}: expected {len(columns)} for the columns, got {len(words)}; they are left out"
        )
        return columns
    named = zip(columns, words, strict=True)
    if key == "labels":
        return [replace(column, label=word) for column, word in named]
    return [replace(column, unit=word) for column, word in named]


def _words(texts: Array) -> list[str]:
    """Return the texts of an array.

    Raises:
        BrokenFileError: they hold numbers that are no characters, of which Python would make texts that it cannot use.
    """
    if texts.dtype.itemsize:
        codes = np.ascontiguousarray(texts).reshape(-1).view(f"{texts.dtype.byteorder}u4")
        if ((codes > sys.maxunicode) | ((codes >= _SURROGATES[0]) & (codes <= _SURROGATES[1]))).any():
            raise BrokenFileError("labels and units: expected text, got numbers that are no characters")
    return [str(word) for word in texts.reshape(-1)]
