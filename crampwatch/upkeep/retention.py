"""Old recordings make room for new ones: so many nights of each sensor are kept, within a quota. Events stay for ever.

Counted by nights and not by the calendar: a clock that is wrong by years must not empty the folder. A night that such a
clock has dated, before this program or in the future, is neither counted nor removed for its age: nobody knows which it
is. Never removed are the night that is being recorded, the newest of each sensor, and those that somebody marked to be
kept.
"""

import contextlib
import logging
import shutil
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from crampwatch.upkeep.home import KEEP_MARK, NIGHT, SIGNALS, Home, folder_bytes
from crampwatch.wall_clock import EARLIEST

_log = logging.getLogger(__name__)

# A recording grows every second; one that was not touched for so long has ended, s.
_AT_REST_S = 900.0
# The first characters of a night's name.
_DATE = len("2026-11-20")


@dataclass(frozen=True, slots=True)
class Rule:
    """How much is kept.

    Attributes:
        nights: Of each sensor, the newest; 0 keeps all.
        quota_bytes: For everything in the data folder.
    """

    nights: int
    quota_bytes: int


@dataclass(frozen=True, slots=True)
class Removal:
    """A night whose recordings go.

    Attributes:
        night: Its folder.
        bytes: How much room that gives.
        reason: Why, for a person.
    """

    night: Path
    bytes: int
    reason: str


def due(home: Home, rule: Rule, today: date | None = None) -> list[Removal]:
    """Return the nights that the rule no longer keeps, oldest first; nothing is removed.

    Args:
        home: Whose nights.
        rule: What is kept.
        today: By the computer's clock; None asks it.
    """
    recorded = _recorded(home)
    removable = [folder for folder in recorded if not _is_held(folder)]
    latest = (today or datetime.now(UTC).date()) + timedelta(days=1)
    dated = [
        folder for folder in recorded if EARLIEST.isoformat() <= folder.name[:_DATE] <= latest.isoformat()
    ]
    newest = _newest(recorded, 1) | _newest(dated, 1)
    kept = _newest(dated, rule.nights) | (frozenset(recorded) - frozenset(dated))
    if not rule.nights:
        kept = frozenset(removable)
    room_bytes = home.used_bytes() - rule.quota_bytes
    found: list[Removal] = []
    for folder in removable:
        size = folder_bytes(folder) + folder_bytes(home.overviews / folder.name)
        if folder not in kept:
            found.append(Removal(folder, size, f"older than the {rule.nights} newest nights of its sensor"))
        elif room_bytes > 0 and folder not in newest:
            found.append(Removal(folder, size, "the oldest, and there is more than the quota"))
        else:
            continue
        room_bytes -= size
    return found


def remove(home: Home, removals: Sequence[Removal]) -> int:
    """Remove recordings and what was worked out from them; return how many nights could not be.

    What else lies in a night's folder stays, and so does the folder then.
    """
    failed = 0
    for removal in removals:
        try:
            remove_night(home, removal.night)
        except OSError as error:
            failed += 1
            _log.warning("retention: %s cannot be removed: %s", removal.night, error)
        else:
            _log.info("retention: %s removed: %s", removal.night.name, removal.reason)
    return failed


def remove_night(home: Home, night: Path) -> None:
    """Remove the recordings of a night and what was worked out from them.

    Raises:
        OSError: something cannot be removed.
    """
    for path in sorted(night.glob(SIGNALS)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    overview = home.overviews / night.name
    if overview.is_dir():
        shutil.rmtree(overview)
    # What somebody put there is not ours to remove.
    with contextlib.suppress(OSError):
        night.rmdir()


def _recorded(home: Home) -> list[Path]:
    return [folder for folder in home.night_folders() if any(folder.glob(SIGNALS))]


def _newest(folders: Collection[Path], count: int) -> frozenset[Path]:
    """Return the newest of each sensor."""
    own: dict[str, list[Path]] = {}
    for folder in sorted(folders):
        own.setdefault(_sensor(folder), []).append(folder)
    return frozenset(folder for nights in own.values() for folder in nights[-count:])


def _sensor(folder: Path) -> str:
    found = NIGHT.fullmatch(folder.name)
    return found[2] if found else folder.name


def _is_held(folder: Path) -> bool:
    """Tell whether somebody keeps it, or a recording in it may still grow."""
    if (folder / KEEP_MARK).exists():
        return True
    newest_s = max((path.stat().st_mtime for path in folder.glob(SIGNALS)), default=0.0)
    return time.time() - newest_s < _AT_REST_S
