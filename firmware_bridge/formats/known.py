"""Which reader a file gets: by its first bytes, and by its name where those are no help."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from firmware_bridge.formats.columns import BrokenFileError, ColumnFile, MissingReaderError, ReadHints

Opener = Callable[[Path, ReadHints], ColumnFile]

# So many first bytes tell a format by its content.
LOOKED_AT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes:
        name: As a person would say it.
        module: The module of this package whose ``open_columns`` reads it; imported when one is met.
        suffixes: What such files end in, lower case.
        openings: What such files begin with; none where their content does not tell.
        extra: The optional dependency that brings the library it needs; empty for none.
    """

    name: str
    module: str
    suffixes: tuple[str, ...]
    openings: tuple[bytes, ...] = ()
    extra: str = ""


# Tried in this order: by content first, so that a wrong name does no harm.
FORMATS = (
    Format("OpenBCI text", "openbci_text", (), (b"%OpenBCI",)),
    Format("Parquet", "parquet", (".parquet", ".pq"), (b"PAR1",), "research"),
    Format("NumPy", "numpy_arrays", (".npy",), (b"\x93NUMPY",)),
    Format("NumPy archive", "numpy_arrays", (".npz",)),
    Format("XDF", "xdf_streams", (".xdf", ".xdfz"), (b"XDF:",), "research"),
    Format("HDF5", "hdf5_file", (".h5", ".hdf5", ".hdf", ".he5"), (b"\x89HDF\r\n\x1a\n",), "research"),
    Format("MATLAB", "matlab_file", (".mat",), (b"MATLAB 5.0", b"MATLAB 7.3")),
    Format("OTB+", "otb_archive", (".otb+", ".otb")),
    Format("WFDB", "wfdb_record", (".hea", ".dat"), (), "research"),
    Format("OpenSignals text", "delimited_text", (), (b"# OpenSignals",)),
    Format("CSV", "delimited_text", (".csv", ".tsv", ".txt", ".tab", ".asc")),
)


def format_of(path: Path, first: bytes) -> Format | None:
    """Return the format of a file, given its name and first bytes; None where no reader knows it."""
    name = path.name.lower()
    by_content = (f for f in FORMATS if any(first.startswith(opening) for opening in f.openings))
    by_name = (f for f in FORMATS if name.endswith(f.suffixes))
    return next(by_content, None) or next(by_name, None)


def open_columns(path: Path, hints: ReadHints | None = None) -> ColumnFile:
    """Open a file of columns by the reader that its content or name asks for.

    Raises:
        FormatError: no reader knows it, or the one that does cannot read it.
        OSError: it cannot be opened.
    """
    with path.open("rb") as raw:
        first = raw.read(LOOKED_AT_BYTES)
    if not first:
        raise BrokenFileError("the file is empty: expected a recording")
    found = format_of(path, first)
    if found is None:
        names = ", ".join(dict.fromkeys(f.name for f in FORMATS))
        raise BrokenFileError(f"expected a recording (EDF, BDF, {names}), got a file that no reader knows")
    try:
        module = import_module(f"firmware_bridge.formats.{found.module}")
        opener = cast("Opener", module.open_columns)
        return opener(path, hints or ReadHints())
    except ModuleNotFoundError as error:
        if not found.extra:
            raise
        raise MissingReaderError(
            f"{found.name}: its reader needs {error.name}, which is not installed; "
            f'bring it in with: pip install "crampwatch[{found.extra}]"'
        ) from error
