"""NumPy files: one array (``.npy``), or several under names (``.npz``), memory-mapped and never unpickled.

An array is ``[time]``, or ``[time, channel]`` with the longer side as time; a structured array has a column a
field. They know no time, so the rate comes from the person, or in an archive from a number called as in
`RATE_NAMES`, alone or behind an array's name (``emg_rate_hz`` beside ``emg``). Texts in an archive called
``labels`` and ``units`` name its columns in order; without them a unit behind a name counts (``emg_uv``).

Stored members of an archive are mapped like files. Compressed ones have to be unpacked as a whole, so those are
taken up to `LARGEST_PACKED_BYTES` together.
"""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.columns import (
    BrokenFileError,
    Column,
    ReadHints,
    Table,
    TextNote,
    UnclearFileError,
)
from firmware_bridge.formats.guard import reading
from firmware_bridge.formats.text_layout import name_and_unit

Array = npt.NDArray[Any]

# Names that a sampling rate goes by in an archive.
RATE_NAMES = ("rate_hz", "fs", "sfreq", "sampling_rate", "rate")
# What compressed members may unpack to, all together: an hour of four channels, and far below any memory.
LARGEST_PACKED_BYTES = 64 << 20
# Bytes of a local file header in a ZIP archive before its name, and where the lengths of its name and extra
# field stand (PKWARE APPNOTE 4.3.7).
_LOCAL_HEADER_BYTES, _NAME_LENGTH_AT = 30, 26
# Longest header of an array that is looked for; real ones take 128 bytes.
_HEADER_BYTES = 1 << 16
_KINDS = "iuf"


@dataclass(frozen=True, slots=True)
class _Series:
    """One column: the array it lies in, and where."""

    column: Column
    array: Callable[[], Array]
    place: int | str | None

    def span(self, start: int, stop: int) -> Array:
        array = self.array()
        series = array if self.place is None else array[self.place]
        return np.asarray(series[start:stop])


@dataclass(frozen=True, slots=True)
class NumpyFile:
    """An open ``.npy`` or ``.npz`` file."""

    path: Path
    kind: str
    warnings: tuple[str, ...]
    _series: tuple[_Series, ...]
    start: datetime | None = None
    notes: tuple[TextNote, ...] = ()

    @property
    def parts(self) -> tuple[Path, ...]:
        """The file itself."""
        return (self.path,)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column of every array."""
        return tuple(series.column for series in self._series)

    def read(self, numbers: Sequence[int], start: int, stop: int) -> Table:
        """Return samples of some columns; see `firmware_bridge.formats.columns.ColumnFile.read`.

        Raises:
            BrokenFileError: the file has become shorter or unreadable meanwhile.
        """
        table = np.empty((stop - start, len(numbers)))
        with reading(self.kind):
            for i, number in enumerate(numbers):
                table[:, i] = self._series[number - 1].span(start, stop)
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
    series = _columns("", mapped, rate_hz, 1)
    if not series:
        raise BrokenFileError("NumPy: expected an array of numbers in one or two dimensions, got none")
    return NumpyFile(path, "NumPy", (), tuple(series))


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
    series: list[_Series] = []
    warnings: list[str] = []
    for name, array in arrays.items():
        shape = array()
        if shape.ndim and shape.size > 1 and (shape.dtype.kind in _KINDS or shape.dtype.names):
            series += _columns(name, array, _rate(hints, small, name), len(series) + 1)
    if not series:
        raise BrokenFileError(f"{kind}: expected arrays of numbers, got {', '.join(arrays) or 'none'}")
    for key in ("labels", "units"):
        series = _named(series, key, small.get(key), warnings)
    return NumpyFile(path, kind, tuple(warnings), tuple(series))


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


def _columns(name: str, array: Callable[[], Array], rate_hz: float, number: int) -> list[_Series]:
    shape = array()
    if shape.dtype.names:
        fields = [field for field in shape.dtype.names if shape.dtype[field].kind in _KINDS]
        return [
            _Series(Column(number + i, *name_and_unit(field), rate_hz, len(shape)), array, field)
            for i, field in enumerate(fields)
        ]
    if shape.dtype.kind not in _KINDS or not 1 <= shape.ndim <= 2 or not shape.size:  # noqa: PLR2004
        return []
    label, unit = name_and_unit(name)
    if shape.ndim == 1:
        return [_Series(Column(number, label, unit, rate_hz, len(shape)), array, None)]
    channels, samples = sorted(shape.shape)
    by_channel = array if shape.shape[0] == channels else lambda: array().T
    return [
        _Series(Column(number + i, f"{label}{i + 1}", unit, rate_hz, samples), by_channel, i)
        for i in range(channels)
    ]


def _rate(hints: ReadHints, small: Mapping[str, Array], name: str) -> float:
    if hints.rate_hz is not None:
        return hints.rate_hz
    for key in (*(f"{name}_{rate}" for rate in RATE_NAMES), *RATE_NAMES):
        value = small.get(key)
        if value is not None and value.size == 1 and value.dtype.kind in _KINDS:
            return float(value.reshape(-1)[0])
    raise UnclearFileError("the file does not say its sampling rate; give it with --rate HZ")


def _named(series: list[_Series], key: str, texts: Array | None, warnings: list[str]) -> list[_Series]:
    """Return the columns with the labels or units that an archive gives them."""
    if texts is None or texts.dtype.kind != "U":
        return series
    words = [str(word) for word in texts.reshape(-1)]
    if len(words) != len(series):
        warnings.append(f"{key}: expected {len(series)} for the columns, got {len(words)}; they are left out")
        return series
    return [
        _Series(_renamed(one.column, key, word), one.array, one.place)
        for one, word in zip(series, words, strict=True)
    ]


def _renamed(column: Column, key: str, word: str) -> Column:
    label, unit = (word, column.unit) if key == "labels" else (column.label, word)
    return Column(column.number, label, unit, column.rate_hz, column.samples, column.runs)
