"""One session a folder: a second one would record over the first one's night and answer for its sensor.

SessionLockError    another session uses the folder, or the lock cannot be made

The kernel holds the lock, so it ends with the process that holds it, however that ends.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# For its owner alone, as everything in the folder.
_PRIVATE = 0o600
_NAME = "session.lock"


class SessionLockError(RuntimeError):
    """The folder cannot be had for this session alone; the text says who has it and what to do."""


@contextmanager
def only_session(folder: Path) -> Iterator[None]:
    """Have ``folder`` for this session alone; where the system has no such locks, trust the person.

    Raises:
        SessionLockError: another session has it, or the lock's file cannot be written.
    """
    try:
        descriptor = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT, _PRIVATE)
    except OSError as error:
        raise SessionLockError(
            f"folder {folder}: cannot be written ({error.strerror}); choose another with --folder"
        ) from error
    with os.fdopen(descriptor, "r+", encoding="ascii", errors="replace") as file:
        if not _locked(file.fileno()):
            raise SessionLockError(
                f"folder {folder}: another crampwatch session (process {file.read().strip() or 'unknown'}) "
                "uses it; stop that one, or choose another folder with --folder"
            )
        _sign(file.fileno())
        yield


def is_in_use(folder: Path) -> bool:
    """Tell whether a session has the folder at this moment."""
    try:
        descriptor = os.open(folder / _NAME, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _locked(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Take the lock, unless another process has it; on Windows there is none to take."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(descriptor: int) -> None:
    """Write who holds the lock, for whoever is refused."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
