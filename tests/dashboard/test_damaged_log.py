"""A night log that SQLite takes for whole, and that a disk has changed: rows, names and numbers."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dashboard.database import NightLogError
from dashboard.diary_store import DiaryStore
from dashboard.labels import Label, Labels
from dashboard.migrations import NEWEST
from dashboard.night_log import NightLog
from tests.dashboard.events import alarm, event

AT = "2026-11-22T06:00:00.000Z"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "night_log.sqlite"
    with closing(NightLog(file)) as log:
        log.add([event(1, "rec.1"), event(2, "rec.2")], [alarm("left-calf.1"), alarm("left-calf.2")])
        for evening in ("2026-11-20", "2026-11-21"):
            DiaryStore(log.database).put(evening, {"note": "slept well"}, at=AT)
            said = Label(f"l{evening}", f"{evening}_left-calf", "anna", "cramp", AT, event_id="rec.1")
            Labels(log.database).put(said)
    return file


def run(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def counts(log: NightLog) -> tuple[int, int, int, int]:
    said = DiaryStore(log.database).evenings(), Labels(log.database).all()
    return len(log.recent()), len(log.alarms()), len(said[0]), len(said[1])


def changed(
    table: str, name: str, change: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            query = f"SELECT message FROM {table} WHERE id = ?"
            (text,) = connection.execute(query, (name,)).fetchone()
            new = json.dumps(change(json.loads(text)))
            connection.execute(f"UPDATE {table} SET message = ? WHERE id = ?", (new, name))

    return damage


def renamed(message: dict[str, Any]) -> dict[str, Any]:
    return {("qualitx" if key == "quality" else key): value for key, value in message.items()}


def said(*statements: str) -> Callable[[Path], None]:
    return lambda file: run(file, *statements)


@pytest.mark.parametrize(
    ("damage", "left"),
    [
        (changed("event", "rec.1", lambda message: message | {"onset_at": "2026-1q-22"}), (1, 2, 2, 2)),
        (changed("event", "rec.1", lambda message: message | {"duration_s": -1}), (1, 2, 2, 2)),
        (changed("event", "rec.1", lambda message: message | {"recording_id": "sec"}), (1, 2, 2, 2)),
        (changed("event", "rec.1", renamed), (1, 2, 2, 2)),
        (changed("alarm", "left-calf.1", lambda message: message | {"stage": "actife"}), (2, 1, 2, 2)),
        (said("UPDATE diary SET answers = '{\"note' WHERE date = '2026-11-20'"), (2, 2, 1, 2)),
        (said("UPDATE diary SET answers = '7' WHERE date = '2026-11-20'"), (2, 2, 1, 2)),
        (said("UPDATE label SET verdict = 'crimp' WHERE id = 'l2026-11-20'"), (2, 2, 2, 1)),
        (said("UPDATE label SET note = x'ff' WHERE id = 'l2026-11-20'"), (2, 2, 2, 1)),
    ],
)
def test_a_row_that_is_not_what_was_written_goes_alone_and_is_kept_beside(
    file: Path, damage: Callable[[Path], None], left: tuple[int, int, int, int]
) -> None:
    damage(file)
    with closing(NightLog(file)) as log:
        assert log.quarantined is None
        assert counts(log) == left
    (kept,) = file.parent.glob("*.bad-*.jsonl")
    assert len(kept.read_text(encoding="utf-8").splitlines()) == 1
    assert kept.stat().st_mode & 0o777 == 0o600
    NightLog(file).close()
    assert len(list(file.parent.glob("*.bad-*"))) == 1


def test_messages_of_an_older_program_which_said_less_stay(file: Path) -> None:
    changed("event", "rec.1", lambda message: {k: v for k, v in message.items() if k != "before"})(file)
    with closing(NightLog(file)) as log:
        assert counts(log) == (2, 2, 2, 2)
    assert not list(file.parent.glob("*.bad-*"))


@pytest.mark.parametrize(
    "damage",
    [
        *("UPDATE layout SET version = 0", "UPDATE layout SET version = 1", "UPDATE layout SET version = -3"),
        *("UPDATE layout SET version = 'two'", "DELETE FROM layout", "INSERT INTO layout VALUES (2)"),
        *("DROP TABLE layout", "ALTER TABLE layout RENAME COLUMN version TO versioo"),
    ],
)
def test_a_layout_whose_number_is_damaged_is_known_by_its_tables(file: Path, damage: str) -> None:
    run(file, damage)
    with closing(NightLog(file)) as log:
        assert log.quarantined is None
        assert counts(log) == (2, 2, 2, 2)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT version FROM layout").fetchall() == [(NEWEST,)]


@pytest.mark.parametrize(
    ("damage", "left"),
    [
        ("ALTER TABLE diary RENAME COLUMN wearer TO weaser", (2, 2, 0, 2)),
        ("ALTER TABLE label RENAME COLUMN night TO nigit", (2, 2, 2, 0)),
        ("DROP TABLE label", (2, 2, 2, 0)),
        ("ALTER TABLE event RENAME TO evenu", (0, 2, 2, 2)),
    ],
)
def test_tables_of_no_layout_are_put_aside_and_the_others_taken_over(
    file: Path, damage: str, left: tuple[int, int, int, int]
) -> None:
    run(file, damage)
    with closing(NightLog(file)) as log:
        assert log.quarantined is not None
        assert counts(log) == left
        log.add([event(3, "rec.3")])


def test_a_database_of_another_purpose_is_put_aside_and_not_written_into(file: Path) -> None:
    file.unlink()
    run(file, "CREATE TABLE fact (name TEXT, value TEXT)", "INSERT INTO fact VALUES ('id', '7')")
    with closing(NightLog(file)) as log:
        assert log.quarantined is not None
        with closing(sqlite3.connect(log.quarantined)) as aside:
            assert aside.execute("SELECT name FROM sqlite_schema").fetchall() == [("fact",)]


def test_a_log_of_a_newer_program_keeps_every_row_that_this_one_does_not_know(file: Path) -> None:
    run(file, "UPDATE layout SET version = 99", "UPDATE event SET message = x'01'")
    with pytest.raises(NightLogError, match="a newer crampwatch made it"):
        NightLog(file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (2,)
    assert not list(file.parent.glob("*.bad-*"))
