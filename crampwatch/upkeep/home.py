"""What lies in a data folder, and how much room it takes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A night's folder: the date of its evening, and the sensor.
NIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})_([a-z0-9-]{1,32})", re.ASCII)
# What a recording and its tables are called.
SIGNALS = "signal*"
# Demonstrations are nobody's nights.
_DEMO = "demo"
# Beside a night's recordings: this night is not to be removed.
KEEP_MARK = "keep"


@dataclass(frozen=True, slots=True)
class Home:
    """A data folder.

    Attributes:
        folder: The folder itself.
    """

    folder: Path

    @property
    def nights(self) -> Path:
        """Folder of the recordings."""
        return self.folder / "nights"

    @property
    def overviews(self) -> Path:
        """Folder of what was worked out from them."""
        return self.folder / "overviews"

    @property
    def night_log(self) -> Path:
        """The night log's file."""
        return self.folder / "night_log.sqlite"

    def night_folders(self) -> list[Path]:
        """Return the folders of nights, oldest evening first."""
        return _named_as_nights(self.nights)

    def databases(self) -> list[Path]:
        """Return every SQLite file that is ours, by path."""
        return sorted(path for path in self.files() if path.suffix == ".sqlite")

    def files(self) -> Iterator[Path]:
        """Give every file but those of demonstrations."""
        if not self.folder.is_dir():
            return
        for entry in sorted(self.folder.iterdir()):
            if entry.name == _DEMO:
                continue
            # Recordings may lie on another disk.
            if entry.is_dir() and (entry == self.nights or not entry.is_symlink()):
                yield from (path for path in sorted(entry.rglob("*")) if path.is_file())
            elif entry.is_file():
                yield entry

    def used_bytes(self) -> int:
        """Return how much room all of it takes."""
        return sum(size_bytes(path) for path in self.files())


def size_bytes(path: Path) -> int:
    """Return the size of a file; 0 where it has just gone."""
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


def folder_bytes(folder: Path) -> int:
    """Return the size of everything in a folder; 0 where there is none."""
    return sum(size_bytes(path) for path in folder.rglob("*")) if folder.is_dir() else 0


def _named_as_nights(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if entry.is_dir() and NIGHT.fullmatch(entry.name))
