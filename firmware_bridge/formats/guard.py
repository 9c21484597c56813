"""The boundary to libraries that read files: whatever a damaged file makes them raise becomes one of our errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from firmware_bridge.formats.columns import BrokenFileError, FormatError


@contextmanager
def reading(kind: str) -> Iterator[None]:
    """Turn what a library raises while it reads a file into a `BrokenFileError` that says so.

    Raises:
        BrokenFileError: the library could not make sense of the file.
    """
    try:
        yield
    except (FormatError, ModuleNotFoundError):
        raise
    except Exception as error:
        # Parsers of foreign bytes raise anything, of tokenizers and decompressors and their own; the cause is kept.
        said = " ".join(str(error).split()) or type(error).__name__
        raise BrokenFileError(f"{kind}: damaged, or not what its name says: {said}") from error
