"""Small files that people write: whatever else lies in their place must not keep a reader waiting, nor fill it."""

import os
import stat
from pathlib import Path


class NotSmallError(ValueError):
    """It is no file, or a large one."""


def read_small(path: Path, longest: int) -> tuple[bytes, os.stat_result]:
    """Return what is in a file, and what the system says of it.

    Args:
        path: The file.
        longest: Most bytes that it may have.

    Raises:
        OSError: it cannot be read.
        NotSmallError: it is a folder, a pipe or a device, or longer.
    """
    # Without waiting for whoever may write into a pipe.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > longest:
            raise NotSmallError(f"expected a file of up to {longest} bytes, got something else")
        return os.read(descriptor, longest), found
    finally:
        os.close(descriptor)
