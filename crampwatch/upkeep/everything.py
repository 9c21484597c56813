"""Everything that is kept about a person, in formats that any program reads: EDF, TSV, JSON lines and TOML."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from crampwatch.broker_login import PRIVATE_FILE, private_folder, write_private
from crampwatch.upkeep.errors import BackupError
from crampwatch.upkeep.home import Home
from dashboard.database import Database
from dashboard.tables import alarm, diary, event, label, profile, receipt

_TABLES: Mapping[str, Table] = {
    "events": event,
    "alarms": alarm,
    "receipts": receipt,
    "labels": label,
    "diary": diary,
    "profile": profile,
}
_READ_ME = """Everything that crampwatch keeps about the people of this household, as of {at}.
A comfort aid, not a medical device.

nights/        recordings (EDF+C: any EDF viewer) and their event tables (TSV)
*.jsonl        one JSON object a line: {tables}
fits/          a wearer's own limits (TOML)
settings.toml  the settings

Left out: passwords, logins and the addresses of caregivers, which are other people's; what was put aside as damaged
(*.bad-*) or by a restoration (before-*), which lies in the data folder; and what still waits for the night log.
"""


def export_everything(
    home: Home, settings: Path, destination: Path, log: Path | str, password: str = ""
) -> int:
    """Write all of it into a new folder, for its owner alone, and return how many rows and files that were.

    Args:
        home: The data folder.
        settings: The settings file; it need not be there.
        destination: A folder that is not there yet, or is empty.
        log: The night log: its file, or the address of a PostgreSQL database.
        password: Of the user there.

    Raises:
        BackupError: the destination is used or cannot be written, or there is no data folder.
        NightLogError: the night log cannot be read.
    """
    if not home.folder.is_dir():
        raise BackupError(f"data folder {home.folder}: expected a folder, found none; name it with --folder")
    if destination.exists() and not (destination.is_dir() and not any(destination.iterdir())):
        raise BackupError(f"{destination}: is there already; name a new folder")
    try:
        private_folder(destination)
        written = sum(_table(destination, name, rows) for name, rows in _logged(log, password))
        for source in (*_files(home), *([settings] if settings.is_file() else [])):
            inside = "settings.toml" if source == settings else source.relative_to(home.folder)
            target = destination / inside
            private_folder(target.parent)
            shutil.copyfile(source, target)
            target.chmod(PRIVATE_FILE)
            written += 1
        told = _READ_ME.format(at=datetime.now(UTC).isoformat(timespec="seconds"), tables=", ".join(_TABLES))
        write_private(destination / "README.txt", told)
    except OSError as error:
        raise BackupError(f"{destination}: cannot be written ({error.strerror or error})") from error
    return written


def _logged(log: Path | str, password: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    with closing(Database(log, password)) as database, database.reading() as connection:
        for name, table in _TABLES.items():
            rows = connection.execute(select(table).order_by(*table.primary_key)).mappings()
            yield name, [dict(row) for row in rows]


def _table(destination: Path, name: str, rows: list[dict[str, Any]]) -> int:
    # A message holds all that its row does.
    lines = (json.dumps(row.get("message", row), ensure_ascii=False) for row in rows)
    write_private(destination / f"{name}.jsonl", "".join(f"{line}\n" for line in lines))
    return len(rows)


def _files(home: Home) -> Iterator[Path]:
    for folder in (home.nights, home.folder / "fits"):
        if folder.is_dir():
            yield from (path for path in sorted(folder.rglob("*")) if path.is_file())
