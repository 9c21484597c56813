"""What a damaged file is done with, whoever meets it: put aside under a name that says so, never deleted."""

import contextlib
import errno
import logging
import os
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

_log = logging.getLogger(__name__)

# Damaged copies of one file that are kept, the newest: one that is damaged at every start must not fill the disk.
KEPT = 5
_PRIVATE_FILE = 0o600


def quarantined(path: Path, beside: Sequence[str] = ()) -> Path:
    """Put a damaged file aside as ``NAME.bad-<time>``, and return where it lies now; the oldest of many go.

    Args:
        path: The file.
        beside: Endings of files that belong to it (``-wal``), which go with it where they are.

    Raises:
        OSError: it cannot be moved.
    """
    aside = path.with_name(f"{path.name}.bad-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    path.replace(aside)
    for ending in beside:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
    _log.warning("%s was damaged; put aside as %s", path, aside)
    _thin_out(path, beside)
    return aside


def cleared(path: Path, beside: Sequence[str] = ()) -> Path | None:
    """Put aside what lies in a file's place and cannot be used as one; return where it lies now.

    That is a folder, a pipe or a device, a link that leads nowhere, and a file that we may not use and cannot open to
    ourselves. None where nothing lies there, or a file that can be used.

    Args:
        path: The place.
        beside: As for `quarantined`.

    Raises:
        OSError: the folder that it lies in cannot be used.
    """
    try:
        kind = path.stat()
    except OSError as error:
        # Whatever else: a link that leads nowhere, or to itself, is there although nothing behind it is.
        if not isinstance(error, FileNotFoundError) and error.errno != errno.ELOOP:
            raise
        return quarantined(path, beside) if path.is_symlink() else None
    if stat.S_ISREG(kind.st_mode) and _is_open_to_us(path):
        return None
    return quarantined(path, beside)


def _is_open_to_us(path: Path) -> bool:
    if not os.access(path, os.R_OK | os.W_OK):
        with contextlib.suppress(OSError):
            path.chmod(_PRIVATE_FILE)
    return os.access(path, os.R_OK | os.W_OK)


def put_aside(path: Path) -> list[Path]:
    """Return the damaged copies of a file that lie beside it, oldest first."""
    main = (
        one for one in path.parent.glob(f"{path.name}.bad-*") if one.name.rpartition(".bad-")[2].isalnum()
    )
    return sorted(main)


def _thin_out(path: Path, beside: Sequence[str]) -> None:
    for old in put_aside(path)[:-KEPT]:
        for one in (old, *(old.with_name(old.name + ending) for ending in beside)):
            with contextlib.suppress(OSError):
                one.unlink(missing_ok=True)
