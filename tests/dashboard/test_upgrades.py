"""A log of an older layout, and a damaged one: nothing that can be read is lost."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from dashboard.diary_store import DiaryStore
from dashboard.night_log import NightLog
from tests.dashboard.events import alarm, event
from tests.dashboard.killed_upgrades import ROWS, layout_and_rows, old_log

MANY = 400


def test_upgrades_killed_at_random_instants_leave_the_old_log_or_the_new() -> None:
    command = [sys.executable, "-m", "tests.dashboard.killed_upgrades", "12"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "12 kills" in done.stdout


def test_a_copy_of_the_old_log_is_kept_before_it_is_changed(tmp_path: Path) -> None:
    log = tmp_path / "night_log.sqlite"
    old_log(log)
    NightLog(log).close()
    copy = tmp_path / "night_log.sqlite.layout-0"
    assert layout_and_rows(copy) == (0, ROWS, set())
    assert copy.stat().st_mode & 0o077 == 0
    copy.unlink()
    NightLog(log).close()
    assert not copy.exists()


def filled(path: Path) -> None:
    with closing(NightLog(path)) as log:
        log.add([event(number + 1, f"rec.{number}") for number in range(MANY)], [alarm("left-calf.1")])
        DiaryStore(log.database).put("2026-11-21", {"note": "two cramps"}, at="2026-11-22T06:00:00.000Z")


def test_what_can_be_read_of_a_damaged_log_is_in_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "night_log.sqlite"
    filled(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4096] = bytes(4096)
    file.write_bytes(content)
    with closing(NightLog(file)) as log:
        assert log.quarantined is not None
        ids = {message["id"] for message in log.recent(MANY)}
        assert len(ids) > MANY // 2
        log.add([event(MANY + 1, "rec.new")])
        sheet = DiaryStore(log.database).of("2026-11-21")
        assert sheet is not None
        assert sheet.answers == {"note": "two cramps"}


def test_a_file_that_holds_nothing_readable_gives_a_new_log(tmp_path: Path) -> None:
    file = tmp_path / "night_log.sqlite"
    file.write_bytes(b"noise" * 5000)
    with closing(NightLog(file)) as log:
        assert log.quarantined is not None
        assert log.recent() == []


def test_a_log_beside_a_damaged_file_does_not_stop_it(tmp_path: Path) -> None:
    file = tmp_path / "night_log.sqlite"
    filled(file)
    shutil.copy(file, tmp_path / "night_log.sqlite-wal")
    with closing(NightLog(file)) as log:
        log.add([event(MANY + 1, "rec.new")])
        assert log.recent(1)
