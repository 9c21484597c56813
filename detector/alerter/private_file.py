"""A small file that holds secrets: read only where it is for its owner alone.

PrivateFileError    others may read it, or it is no small file; the message says what to do
"""

import os
from pathlib import Path

from firmware_bridge.small_file import NotSmallError, read_small

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
        content, found = read_small(path, _LONGEST)
    except FileNotFoundError:
        return None
    except NotSmallError as error:
        raise PrivateFileError(str(error)) from error
    if os.name == "posix" and found.st_mode & _OTHERS:
        raise PrivateFileError(
            f"expected a file for its owner alone (mode 600), got {found.st_mode & 0o777:o}; "
            f"it holds secrets: chmod 600 {path}"
        )
    return content
