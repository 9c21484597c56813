"""A small file that holds secrets: read only where it is for its owner alone.

PrivateFileError    others may read it, or it is no small file; the message says what to do
"""

import os
import stat
from pathlib import Path

# Whoever else may read the file could silence or flood the caregivers.
_OTHERS = 0o077
# A household's file is a page long, bytes.
_LONGEST = 65_536


class PrivateFileError(ValueError):
    """A file of secrets that must not be used as it lies there."""


def private_content(path: Path) -> bytes | None:
    """Return what is in a file; None where there is none.

    Raises:
        OSError: it cannot be read.
        PrivateFileError: others may read it, or it is no small file.
    """
    try:
        # Whoever put a pipe there must not keep the reader waiting.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LONGEST:
            raise PrivateFileError(f"expected a file of up to {_LONGEST} bytes, got something else")
        if os.name == "posix" and found.st_mode & _OTHERS:
            raise PrivateFileError(
                f"expected a file for its owner alone (mode 600), got {found.st_mode & 0o777:o}; "
                f"it holds secrets: chmod 600 {path}"
            )
        return os.read(descriptor, _LONGEST)
    finally:
        os.close(descriptor)
