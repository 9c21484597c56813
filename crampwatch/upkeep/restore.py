"""A backup becomes an installation again: looked through whole before anything is touched, then put in its place.

What is there already is moved into ``before-<time>`` beside it, never deleted. Recordings stay where they are unless
the backup brings its own.
"""

import os
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from crampwatch.broker_login import PRIVATE_FILE, private_folder
from crampwatch.session_lock import is_in_use
from crampwatch.upkeep.backup import DATA, SETTINGS, Copied, Manifest, read_manifest, sha256_of
from crampwatch.upkeep.errors import BackupError
from crampwatch.upkeep.home import Home

_STAGED = ".restoring"


def verify(source: Path) -> Manifest:
    """Look through a backup.

    Raises:
        BackupError: a file is missing, is another one than was written, or lies elsewhere than in it.
    """
    manifest = read_manifest(source)
    for name, expected in manifest.files.items():
        path = _inside(source, name)
        try:
            found = _seen(path, expected)
        except (OSError, ValueError) as error:
            raise BackupError(
                f"{path!s:.300}: cannot be read ({getattr(error, 'strerror', error)}); the backup is not whole"
            ) from error
        if found != expected:
            raise BackupError(
                f"{path}: expected {expected.bytes} bytes with SHA-256 {expected.sha256}, got {found.bytes} with "
                f"{found.sha256}; the backup was changed or its disk is failing"
            )
    return manifest


def restore(source: Path, home: Home, settings: Path, *, force: bool = False) -> Path | None:
    """Put a backup in place.

    Args:
        source: The backup.
        home: The data folder.
        settings: Where the settings file goes.
        force: Move aside what is there.

    Returns:
        Where what was there lies now; None where nothing was.

    Raises:
        BackupError: the backup is damaged, a session runs, or something is there and ``force`` is not given.
    """
    manifest = verify(source)
    if is_in_use(home.folder):
        raise BackupError(f"folder {home.folder}: a session uses it; stop that one first")
    there = _there(home.folder)
    if not any(PurePosixPath(name).parts[:2] == (DATA, home.nights.name) for name in manifest.files):
        there = [entry for entry in there if entry != home.nights]
    has_settings = SETTINGS in manifest.files and settings.exists()
    if (there or has_settings) and not force:
        held = there[0] if there else settings
        raise BackupError(f"{held}: is there already; --force moves what is there aside, and restores")
    try:
        return _put_in_place(source, manifest, home.folder, settings, there)
    except OSError as error:
        raise BackupError(
            f"folder {home.folder}: cannot be written ({error.strerror or error}); nothing was deleted"
        ) from error


def _seen(path: Path, expected: Copied) -> Copied:
    """Return size and sum of a file that may be anything: only one of the size that it should have is read.

    Raises:
        OSError: it cannot be read.
        ValueError: its name can be no file's, or it is a pipe, a folder or a device.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("expected a file, got something else")
    return (
        sha256_of(path)
        if found.st_size == expected.bytes
        else Copied("no sum, it was not read", found.st_size)
    )


def _put_in_place(
    source: Path, manifest: Manifest, folder: Path, settings: Path, there: list[Path]
) -> Path | None:
    staged = private_folder(folder) / _STAGED
    shutil.rmtree(staged, ignore_errors=True)
    private_folder(staged)
    for name in manifest.files:
        if name != SETTINGS:
            _copy(_inside(source, name), staged / PurePosixPath(name).relative_to(DATA))
    before = folder / f"before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    for entry in there:
        entry.replace(private_folder(before) / entry.name)
    for entry in sorted(staged.iterdir()):
        entry.replace(folder / entry.name)
    staged.rmdir()
    if SETTINGS in manifest.files:
        if settings.exists():
            shutil.copyfile(settings, private_folder(before) / settings.name)
            (before / settings.name).chmod(PRIVATE_FILE)
        _copy(source / SETTINGS, settings)
    return before if before.exists() else None


def _there(folder: Path) -> list[Path]:
    """Return what lies in the folder, but for what earlier restorations moved aside."""
    if not folder.is_dir():
        return []
    return sorted(e for e in folder.iterdir() if e.name != _STAGED and not e.name.startswith("before-"))


def _copy(source: Path, target: Path) -> None:
    if not target.parent.exists():
        private_folder(target.parent)
    beside = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, beside)
    beside.chmod(PRIVATE_FILE)
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(target)


def _inside(source: Path, name: str) -> Path:
    """Return a file of the backup; a name that leads out of it is refused."""
    parts = PurePosixPath(name)
    is_ours = name == SETTINGS or parts.parts[:1] == (DATA,)
    path = source / parts
    if (
        not is_ours
        or ".." in parts.parts
        or _leads_out(source, path)
        or len(parts.parts) < (1 if name == SETTINGS else 2)
    ):
        raise BackupError(f"{source}: its manifest names {name!r:.300}, which is no file of a backup")
    return path


def _leads_out(source: Path, path: Path) -> bool:
    """Tell whether a link is on the way to a file, or its name can be no file's."""
    try:
        return path.resolve() != source.resolve() / path.relative_to(source)
    except (OSError, ValueError, RuntimeError):
        return True
