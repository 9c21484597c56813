"""What the doctor says of files: who may read them, whether they are whole, and how much room there is."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from crampwatch.check_line import Line
from crampwatch.check_surroundings import LEAST_FREE_BYTES
from crampwatch.storage_settings import StorageSettings
from crampwatch.upkeep.home import Home
from dashboard.migrations import NEWEST
from detector.durable_sqlite import PRIVATE_FILE, PRIVATE_FOLDER
from detector.reserve import ROOMY_BYTES, trouble_of
from detector.sqlite_copy import check_sqlite
from firmware_bridge.recordings import RecordingError, open_recording

_GB = 1_000_000_000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# So many files are named; the rest is counted.
_NAMED = 3
# How long a look waits for a writer, s.
_BUSY_S = 2.0
# A night brings some ten files, and signs of life two at a time.
_LEAST_FILES = 100
# So many events that wait are more than a busy minute's.
_BACKLOG = 100


def mode_lines(home: Home, settings: Path) -> list[Line]:
    """Tell which folders and files others can read."""
    if home.folder.exists() and not home.folder.is_dir():
        return [Line("rights", "bad", f"{home.folder} is no folder", "name another with --folder")]
    if not home.folder.is_dir():
        return [Line("rights", "unknown", f"{home.folder} is not there yet", "`crampwatch run` makes it")]
    everything = [home.folder, *home.files(), settings, settings.with_name(settings.name + ".last-good")]
    wide = [path for path in everything if path.exists() and stat.S_IMODE(path.stat().st_mode) & _OTHERS]
    if not wide:
        return [
            Line(
                "rights", "good", f"{home.folder} is its owner's alone ({PRIVATE_FOLDER:o}, {PRIVATE_FILE:o})"
            )
        ]
    # Behind a closed folder nobody gets at what lies in it.
    closed = not stat.S_IMODE(home.folder.stat().st_mode) & _OTHERS
    inside = [path for path in wide if path.is_relative_to(home.folder)]
    if closed and len(inside) == len(wide):
        return [
            Line("rights", "good", f"{home.folder} is closed to others, though {len(inside)} files are not")
        ]
    named = ", ".join(str(path) for path in wide[:_NAMED])
    more = f" and {len(wide) - _NAMED} more" if len(wide) > _NAMED else ""
    return [Line("rights", "bad", f"others can read {named}{more}", f"chmod -R go= {home.folder} {settings}")]


def owner_lines(home: Home) -> list[Line]:
    """Tell whether the folder is ours, and all in it its owner's: a command given as root leaves files that are not."""
    if os.name != "posix" or not home.folder.is_dir():
        return []
    owner = home.folder.stat().st_uid
    if os.geteuid() not in {0, owner}:
        advice = f"sudo -u '#{owner}' crampwatch doctor --folder {home.folder}"
        return [
            Line("owner", "bad", f"{home.folder} is user {owner}'s, and you are user {os.geteuid()}", advice)
        ]
    others = [path for path in sorted(home.folder.rglob("*")) if path.lstat().st_uid != owner]
    if not others:
        return [Line("owner", "good", f"all in {home.folder} is user {owner}'s")]
    named = ", ".join(str(path.relative_to(home.folder)) for path in others[:_NAMED])
    text = f"{len(others)} files and folders are not user {owner}'s, who owns {home.folder}: {named}"
    return [Line("owner", "bad", text, f"sudo chown -R {owner} {home.folder}")]


def room_lines(home: Home, storage: StorageSettings) -> list[Line]:
    """Tell how much room is left, and how much is used of what the settings allow."""
    try:
        place = home.folder if home.folder.exists() else home.folder.parent
        free = shutil.disk_usage(place).free
    except OSError as error:
        return [Line("disk", "bad", str(error), "name another folder with --folder")]
    trouble = trouble_of(home.folder, stopped=free < ROOMY_BYTES)
    if not trouble and _takes_no_file(place):
        trouble = (
            f"{free / _GB:.1f} GB free, but the disk takes hardly any further file: its inodes are used up"
        )
    if not trouble and free < LEAST_FREE_BYTES:
        trouble = f"{free / _GB:.2f} GB free, expected {LEAST_FREE_BYTES / _GB:g} for the nights to come"
    lines = [Line("disk", "bad", trouble, "free some, or lower storage.quota_gb")] if trouble else []
    lines = lines or [Line("disk", "good", f"{free / _GB:.1f} GB free")]
    used = home.used_bytes()
    text = f"{used / _GB:.2f} of {storage.quota_gb} GB used, {len(home.night_folders())} nights"
    if used <= storage.quota_gb * _GB:
        return [*lines, Line("quota", "good", text)]
    return [*lines, Line("quota", "bad", text, "`crampwatch retention`, or raise storage.quota_gb")]


def _takes_no_file(place: Path) -> bool:
    if not hasattr(os, "statvfs"):
        return False
    told = os.statvfs(place)
    # Some file systems have no such number, and say 0 of 0.
    return told.f_files > 0 and told.f_favail < _LEAST_FILES


def database_lines(home: Home) -> list[Line]:
    """Tell of each database whether it is whole, of which layout, and how much waits in it; nothing is written."""
    lines = [_database_line(path, home) for path in home.databases()]
    return lines or [Line("databases", "unknown", f"none in {home.folder} yet")]


def _database_line(path: Path, home: Home) -> Line:
    name = str(path.relative_to(home.folder))
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=_BUSY_S)
        ) as opened:
            check_sqlite(opened)
            tables = {one for (one,) in opened.execute("SELECT name FROM sqlite_master")}
            if "layout" in tables:
                return _layout_line(name, opened)
            if "message" in tables:
                return _backlog_line(name, opened)
    except (sqlite3.Error, OSError) as error:
        advice = "the next start puts it aside and begins a new one; or `crampwatch restore` a backup"
        return Line(name, "bad", f"damaged or not readable: {error}", advice)
    return Line(name, "good", "whole")


def _layout_line(name: str, opened: sqlite3.Connection) -> Line:
    (version,) = opened.execute("SELECT version FROM layout").fetchone() or (None,)
    if not isinstance(version, int):
        raise sqlite3.DatabaseError(f"its layout is {version!r:.40}")
    text = f"whole, layout {version} of {NEWEST}"
    if version > NEWEST:
        return Line(name, "bad", f"{text}: a newer crampwatch made it", "install that version again")
    return Line(name, "good", text if version == NEWEST else f"{text}: the next start brings it up")


def _backlog_line(name: str, opened: sqlite3.Connection) -> Line:
    (waiting,) = opened.execute("SELECT count(*) FROM message").fetchone()
    text = f"whole, {waiting} messages wait for the night log"
    if waiting <= _BACKLOG:
        return Line(name, "good", text)
    return Line(name, "bad", text, "look whether `crampwatch run` runs and its broker is reached")


def recording_line(home: Home) -> Line:
    """Tell whether the newest recording can be read."""
    recordings = [path for folder in home.night_folders() for path in folder.glob("signal*.edf")]
    if not recordings:
        return Line("last night", "unknown", "nothing was recorded yet")
    newest = max(recordings, key=lambda path: path.stat().st_mtime)
    try:
        recording = open_recording(newest)
    except (RecordingError, OSError) as error:
        return Line("last night", "bad", str(error), f"`crampwatch recover {newest}`")
    return Line("last night", "good", f"{newest.relative_to(home.folder)}: {recording.duration_s:.0f} s")


def damaged_line(home: Home) -> Line:
    """Name what was put aside as damaged."""
    bad = [
        path.name
        for path in home.files()
        if ".bad-" in path.name and not path.name.endswith(("-wal", "-shm"))
    ]
    if not bad:
        return Line("put aside", "good", "nothing was damaged")
    advice = "look after the disk or its power; remove them when nothing in them is missed"
    return Line("put aside", "bad", f"damaged: {', '.join(bad[:_NAMED])} ({len(bad)} in all)", advice)
