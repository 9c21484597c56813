"""One session a folder, and one monitor a sensor: a second one would record over the first one's night.

SessionLockError    another session uses the folder or another monitor the sensor, or the lock cannot be made

The kernel holds the lock, so it ends with the process that holds it, however that ends.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from detector.quarantine import cleared

# For its owner alone, as everything in the folder.
_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700
# How long a monitor that was told to stop may take to close its files, and how often one looks.
_PATIENCE_S, _LOOK_S = 5.0, 0.2
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
        descriptor = _opened(folder / _NAME)
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


@contextmanager
def only_monitor(folder: Path, sensor_id: str) -> Iterator[None]:
    """Speak for a sensor alone; one that has just been told to stop may take a moment to do so.

    Raises:
        SessionLockError: another monitor speaks for it, or the lock's file cannot be written.
    """
    path = folder / f"{sensor_id}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
        descriptor = _opened(path)
    except OSError as error:
        raise SessionLockError(
            f"folder {folder}: cannot be written ({error.strerror}); choose another with --folder"
        ) from error
    with os.fdopen(descriptor, "r+", encoding="ascii", errors="replace"):
        gives_up_s = time.monotonic() + _PATIENCE_S
        while not _locked(descriptor):
            if time.monotonic() >= gives_up_s:
                raise SessionLockError(
                    f"sensor {sensor_id}: another monitor already watches one of this name; give this one another, "
                    "such as ?id=right-calf after its address, or `crampwatch pair --name right-calf`"
                )
            time.sleep(_LOOK_S)
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


def _opened(path: Path) -> int:
    """Open a lock's file; what lies in its place and is no file is put aside, and one of ours that is closed is opened.

    One of another user is left alone: who has it may hold the lock.
    """
    if not path.is_file():
        cleared(path)
    elif os.name == "posix" and path.stat().st_uid == os.geteuid():
        path.chmod(_PRIVATE)
    return os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE)


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
