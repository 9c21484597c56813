"""``python -m tests.dashboard.killed_upgrades N``: kill -9 the upgrade of a night log N times, at random instants.

Each time the log must be the old one or the new one, never neither, hold every row, and finish at the next start.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from dashboard.database import Database
from dashboard.migrations import NEWEST, STEPS
from dashboard.night_log import NightLog
from tests.dashboard.events import event

ROWS = 200


def old_log(path: Path) -> None:
    """Write a log as it was before layouts had numbers."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for statement in STEPS[0]:
            connection.execute(statement)
        for number in range(ROWS):
            message = event(number + 1, f"rec.{number}")
            row = (message["id"], 0, message["sensor"], "rec", message["onset_at"], json.dumps(message))
            connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", row)


def layout_and_rows(path: Path) -> tuple[int, int, set[str]]:
    """Return what a look without our program sees: layout, rows, and the tables that people's words go into."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (rows,) = connection.execute("SELECT count(*) FROM event").fetchone()
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        layout = 0
        if "layout" in tables:
            (layout,) = connection.execute("SELECT version FROM layout").fetchone()
    return layout, rows, tables & {"label", "diary", "profile"}


def killed_once(folder: Path, after_s: float) -> str:
    """Kill an upgrade after so long, and return what it left: old, partway, or new."""
    log = folder / "night_log.sqlite"
    child = os.fork()
    if not child:
        Database(log).close()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    layout, rows, spoken = layout_and_rows(log)
    assert rows == ROWS, f"{rows} of {ROWS} rows are left at layout {layout}"
    assert len(spoken) == (3 if layout == NEWEST else 0), f"layout {layout} with {spoken}"
    kept = log.with_name(f"{log.name}.layout-0")
    assert layout == 0 or layout_and_rows(kept)[:2] == (0, ROWS), "changed without a copy"
    with closing(NightLog(log)) as opened:
        assert opened.quarantined is None
        assert len(opened.recent(ROWS + 1)) == ROWS
        with opened.database.reading() as connection:
            assert connection.execute(text("SELECT version FROM layout")).scalar_one() == NEWEST
    return "old" if layout == 0 else "new" if layout == NEWEST else "between two steps"


def killed(times: int, seed: int) -> Counter[str]:
    """Kill so many upgrades; instants are spread over what one takes."""
    chance, left = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        old_log(made / "night_log.sqlite")
        folder = Path(scratch) / "log"
        shutil.copytree(made, folder)
        began_s = time.monotonic()
        Database(folder / "night_log.sqlite").close()
        takes_s = time.monotonic() - began_s
        for _ in range(times):
            shutil.rmtree(folder)
            shutil.copytree(made, folder)
            left[killed_once(folder, chance.uniform(0, 1.2 * takes_s))] += 1
    return left


if __name__ == "__main__":
    number = int(sys.argv[1]) if sys.argv[1:] else 200
    began = time.time_ns() % 1_000_000
    print(f"{number} kills, seed {began}: found {dict(killed(number, began))}; 0 rows lost, 0 logs neither")  # noqa: T201
