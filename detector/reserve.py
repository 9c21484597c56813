"""Room on the disk that is kept for events and alarms: a full disk must not keep the base station from sounding.

Two guards. Recordings, which are what fills a disk, leave `RESERVE_BYTES` of it alone. And where another program has
filled it all the same, a file of that size, made beforehand, is given up for what must be written.
"""

import contextlib
import logging
import os
import shutil
from pathlib import Path

_log = logging.getLogger(__name__)

# Some thousand nights of events, and as many of the alerter's; RELIABILITY D1 asks for 8 MB.
RESERVE_BYTES = 8 * 1024 * 1024
# ALARMS: over only with twice the reserve, so that it does not come and go.
ROOMY_BYTES = 2 * RESERVE_BYTES
_MEGABYTE = 1_000_000
# A disk that was emptied is noticed soon enough, s.
LOOK_EVERY_S = 30.0
_PRIVATE_FILE = 0o600


def trouble_of(folder: Path, *, stopped: bool) -> str:
    """Return why nothing should be recorded there; empty where there is room, or nobody can tell.

    Args:
        folder: Of the recordings.
        stopped: Whether recording has stopped for that reason, and begins again only with more room.
    """
    needed = ROOMY_BYTES if stopped else RESERVE_BYTES
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        # Whoever then writes finds out, and says it.
        return ""
    if free >= needed:
        return ""
    return (
        f"{free / _MEGABYTE:.0f} MB are left on the disk, which are kept for events; "
        f"with {ROOMY_BYTES / _MEGABYTE:.0f} MB free it goes on"
    )


class Reserve:
    """A file that takes up room until that is needed. Use it from one thread.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked_s = float("-inf")

    def tend(self, now_s: float, *, needed: bool) -> None:
        """Give the room up where it is needed, and take it again once there is plenty; call it at every turn."""
        if needed:
            self._give_up()
        elif now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            self._take()

    def _give_up(self) -> None:
        if self._path.exists() and not _has(self._path.parent, RESERVE_BYTES):
            _log.warning("the disk is full: %s is given up for events and alarms", self._path)
            with contextlib.suppress(OSError):
                self._path.unlink()

    def _take(self) -> None:
        try:
            if self._path.exists() or not _has(self._path.parent, ROOMY_BYTES + RESERVE_BYTES):
                return
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
            try:
                _allocate(descriptor)
            except OSError:
                # Half a reserve would pass for a whole one.
                self._path.unlink()
                raise
            finally:
                os.close(descriptor)
        except OSError as error:
            _log.warning("%s cannot be made: %s", self._path, error)


def _has(folder: Path, free_bytes: int) -> bool:
    return shutil.disk_usage(folder).free >= free_bytes


def _allocate(descriptor: int) -> None:
    """Take up the room for real: a file with holes would keep none."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
    else:
        os.write(descriptor, bytes(RESERVE_BYTES))
