"""A backup is a folder of plain copies and a manifest with their SHA-256, taken while everything runs.

The manifest is written last: a backup that was interrupted has none, and cannot be restored by accident.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from crampwatch.broker_login import PRIVATE_FILE, private_folder, write_private
from crampwatch.upkeep.errors import BackupError
from crampwatch.upkeep.home import Home
from detector.durable_sqlite import DurableFileError
from detector.sqlite_copy import copy_sqlite
from firmware_bridge.small_file import read_small

MANIFEST, SETTINGS, DATA = "manifest.json", "settings.toml", "data"
FORMAT = 1
# What is true only while a session runs, can be worked out anew, or was put aside as damaged.
_LEFT_OUT = frozenset({"run", "broker", "overviews", "lab", "nights"})
_LEFT_OUT_ENDINGS = (".lock", ".reserve", ".new", "-wal", "-shm", "-journal")
_PART_BYTES = 1 << 20
# A file takes 150 bytes of it; ten years of nights are some ten thousand.
_LONGEST_MANIFEST = 1 << 24


@dataclass(frozen=True, slots=True)
class Copied:
    """A file of a backup."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        made_at: When, ISO 8601 in UTC.
        program: Version of crampwatch.
        files: By their path in the backup.
    """

    made_at: str
    program: str
    files: dict[str, Copied]


def back_up(
    home: Home,
    settings: Path,
    destination: Path,
    *,
    with_raw: bool = False,
    on_file: Callable[[Path], None] = lambda _path: None,
) -> Manifest:
    """Copy an installation; it may run meanwhile.

    Args:
        home: The data folder.
        settings: The settings file; it need not be there.
        destination: A folder that is not there yet, or is empty.
        with_raw: Take the recordings, too.
        on_file: Told of each file before it is copied.

    Raises:
        BackupError: the destination is used, or lies in the data folder, nothing is there to be copied, or a database
            is damaged.
    """
    _check(home, destination)
    files: dict[str, Copied] = {}
    try:
        private_folder(destination)
        for source in _sources(home, with_raw=with_raw):
            on_file(source)
            inside = PurePosixPath(DATA, *source.relative_to(home.folder).parts)
            files[str(inside)] = _copied(source, destination / inside)
        if settings.is_file():
            files[SETTINGS] = _copied(settings, destination / SETTINGS)
        manifest = Manifest(datetime.now(UTC).isoformat(timespec="seconds"), version("crampwatch"), files)
        write_private(destination / MANIFEST, _text(manifest))
    except DurableFileError as error:
        raise BackupError(
            f"{error}. If it is damaged, start crampwatch once, which puts it aside, and back up into a new folder: "
            f"{destination} has no manifest and cannot be restored"
        ) from error
    except OSError as error:
        raise BackupError(
            f"backup {destination}: cannot be written ({error.strerror or error}); it has no manifest and "
            "cannot be restored: remove it, and choose a disk with more room"
        ) from error
    return manifest


def read_manifest(source: Path) -> Manifest:
    """Read what a backup says of itself.

    Raises:
        BackupError: it is none, or of a newer program.
    """
    path = source / MANIFEST
    try:
        told = json.loads(read_small(path, _LONGEST_MANIFEST)[0])
        if told["format"] != FORMAT:
            raise BackupError(
                f"{path}: expected format {FORMAT}, got {told['format']!r}: use a newer crampwatch"
            )
        files = {
            str(name): Copied(str(one["sha256"]), int(one["bytes"])) for name, one in told["files"].items()
        }
        return Manifest(str(told["made_at"]), str(told["program"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BackupError(f"{path}: expected the manifest of a backup, got {error!r}") from error


def sha256_of(path: Path) -> Copied:
    """Return size and sum of a file.

    Raises:
        OSError: it cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while part := file.read(_PART_BYTES):
            digest.update(part)
            size += len(part)
    return Copied(digest.hexdigest(), size)


def _check(home: Home, destination: Path) -> None:
    if not home.folder.is_dir():
        raise BackupError(f"data folder {home.folder}: expected a folder, found none; name it with --folder")
    if destination.exists() and not (destination.is_dir() and not any(destination.iterdir())):
        raise BackupError(f"backup {destination}: is there already; name a new folder")
    if destination.resolve().is_relative_to(home.folder.resolve()):
        raise BackupError(f"backup {destination}: lies in the data folder {home.folder}; choose another disk")


def _sources(home: Home, *, with_raw: bool) -> Iterator[Path]:
    left_out = _LEFT_OUT - {"nights"} if with_raw else _LEFT_OUT
    for path in home.files():
        inside = path.relative_to(home.folder).parts
        is_wanted = inside[0] not in left_out and not inside[0].startswith((".", "before-"))
        if is_wanted and not path.name.endswith(_LEFT_OUT_ENDINGS) and ".bad-" not in path.name:
            yield path


def _copied(source: Path, target: Path) -> Copied:
    private_folder(target.parent)
    if source.suffix == ".sqlite":
        copy_sqlite(source, target)
    else:
        shutil.copyfile(source, target)
        target.chmod(PRIVATE_FILE)
        with target.open("rb") as file:
            os.fsync(file.fileno())
    return sha256_of(target)


def _text(manifest: Manifest) -> str:
    files = {name: {"sha256": one.sha256, "bytes": one.bytes} for name, one in manifest.files.items()}
    told = {"format": FORMAT, "made_at": manifest.made_at, "program": manifest.program, "files": files}
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"
