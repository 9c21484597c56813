"""The database: of either kind in today's layout, whatever it was before; one writer at a time; no password told."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text, update

from dashboard import migrations
from dashboard.database import Database, NightLogError
from dashboard.migrations import NEWEST, STEPS
from dashboard.night_log import NightLog
from dashboard.tables import layout, mark, metadata
from tests.dashboard.events import event
from tests.dashboard.postgresql_server import PASSWORD, Server

ROOT = Path(__file__).resolve().parents[2]
OPEN_FILES = Path("/proc/self/fd")
Opened = Callable[[], Database]


def shape(database: Database) -> dict[str, object]:
    """What every table consists of, in words that both databases share."""
    found: dict[str, object] = {}
    with database.reading() as connection:
        seen = inspect(connection)
        for table in seen.get_table_names():
            columns = {c["name"]: (type(c["type"]).__name__, c["nullable"]) for c in seen.get_columns(table)}
            keys = tuple(seen.get_pk_constraint(table)["constrained_columns"])
            indexes = sorted((i["name"] or "", tuple(i["column_names"])) for i in seen.get_indexes(table))
            found[table] = (columns, keys, indexes)
    return found


def test_the_steps_lead_to_the_tables_as_they_are_described(opened: Opened) -> None:
    by_steps = shape(opened())
    with opened().writing() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
        connection.execute(layout.insert().values(version=NEWEST))
    assert by_steps == shape(opened())
    assert set(by_steps) == set(metadata.tables)


def test_a_file_from_before_layouts_had_numbers_is_brought_up_with_all_that_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    old = sqlite3.connect(path)
    # As the first released program made it.
    for statement in STEPS[0]:
        old.execute(statement.replace(" IF NOT EXISTS", ""))
    old.execute("INSERT INTO mark VALUES ('box', 'left-calf', 7)")
    old.execute("INSERT INTO event VALUES ('rec.1', 0, 'left-calf', 'rec', '2026', '{\"id\": \"rec.1\"}')")
    old.commit()
    old.close()
    log = NightLog(path)
    assert log.recent() == [{"id": "rec.1"}]
    assert log.marks()[0].mark.seq == 7
    with log.database.reading() as connection:
        assert connection.execute(select(layout.c.version)).scalar_one() == NEWEST


def test_a_log_of_a_newer_program_is_refused_and_left_alone(opened: Opened) -> None:
    database = opened()
    with database.writing() as connection:
        connection.execute(update(layout).values(version=NEWEST + 1))
    with pytest.raises(NightLogError, match=f"up to {NEWEST}, got {NEWEST + 1}: a newer crampwatch made it"):
        opened()
    with database.reading() as connection:
        assert connection.execute(select(layout.c.version)).scalar_one() == NEWEST + 1


def test_a_step_that_fails_leaves_the_log_as_it_was(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    database = opened()
    before = shape(database)
    monkeypatch.setattr(migrations, "STEPS", (*STEPS, ("CREATE TABLE half (a INTEGER)", "NONSENSE")))
    monkeypatch.setattr(migrations, "NEWEST", NEWEST + 1)
    with pytest.raises(NightLogError, match="cannot be opened"):
        opened()
    monkeypatch.undo()
    assert shape(opened()) == before


def test_a_process_killed_between_the_statements_of_a_step_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    NightLog(path).add([event(1)])
    script = (
        "import os, sys, sqlite3; from pathlib import Path; from dashboard import migrations;"
        "from dashboard.database import Database;"
        "migrations.STEPS = (*migrations.STEPS, ('CREATE TABLE half (a INTEGER)', 'DROP TABLE event', 'KILL'));"
        "migrations.NEWEST += 1; plain = migrations.text;"
        "migrations.text = lambda said: os.kill(os.getpid(), 9) if said == 'KILL' else plain(said);"
        "Database(Path(sys.argv[1]))"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=False)
    assert killed.returncode == -9
    log = NightLog(path)
    assert log.quarantined is None
    assert [message["id"] for message in log.recent()] == ["rec.1"]
    assert "half" not in shape(log.database)


def test_several_programs_that_open_a_new_log_at_once_do_not_meet(opened: Opened) -> None:
    failed: list[BaseException] = []

    def open_it() -> None:
        try:
            opened()
        except NightLogError as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert set(shape(opened())) == set(metadata.tables)


def test_writers_that_read_first_lose_nothing_to_each_other(opened: Opened) -> None:
    databases = [opened(), opened()]
    with databases[0].writing() as connection:
        connection.execute(mark.insert().values(outbox="box", sensor="left-calf", seq=0))

    def count(database: Database) -> None:
        for _ in range(25):
            with database.writing() as connection:
                known = connection.execute(select(mark.c.seq)).scalar_one()
                connection.execute(update(mark).values(seq=known + 1))

    threads = [threading.Thread(target=count, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with databases[0].reading() as connection:
        assert connection.execute(select(mark.c.seq)).scalar_one() == 50


def test_who_reads_sees_one_moment(opened: Opened) -> None:
    reader, writer = opened(), opened()
    with reader.reading() as connection:
        assert connection.execute(select(mark)).all() == []
        with writer.writing() as other:
            other.execute(mark.insert().values(outbox="box", sensor="left-calf", seq=0))
        assert connection.execute(select(mark)).all() == []


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="the descriptors of a process are read from /proc")
def test_a_crowd_of_readers_leaves_no_more_connections_open_than_two_do(tmp_path: Path) -> None:
    file = tmp_path / "night_log.sqlite"
    database = Database(file)

    def crowd(size: int) -> int:
        at_once = threading.Barrier(size)

        def look() -> None:
            with database.reading() as connection:
                connection.execute(select(mark)).all()
                at_once.wait()

        threads = [threading.Thread(target=look) for _ in range(size)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Each connection has its own descriptor of the log; those of the file itself SQLite keeps, to use again.
        ahead = f"{file}-wal"
        return sum(str(entry.readlink()) == ahead for entry in OPEN_FILES.iterdir() if entry.is_symlink())

    try:
        of_two = crowd(2)
        assert 0 < of_two == crowd(12)
    finally:
        database.close()


@pytest.mark.parametrize(
    "address", ["", "not an address", "mysql://somebody:secret-word@127.0.0.1/log", "sqlite:///log"]
)
def test_an_address_of_something_else_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(NightLogError, match=r"night_log\.url: expected postgresql://") as told:
        Database(address)
    assert "secret-word" not in str(told.value)


@pytest.mark.postgres
def test_a_wrong_password_is_told_and_no_password_repeated(postgresql: Server) -> None:
    for place, password in (
        (postgresql.address, "secret-word"),
        (postgresql.address.replace("clinic@", "clinic:secret-word@"), ""),
    ):
        with pytest.raises(NightLogError, match="cannot be opened") as told:
            Database(place, password)
        assert "secret-word" not in f"{told.value}{told.value.__cause__}"


@pytest.mark.postgres
def test_a_server_that_was_away_is_found_again(postgresql: Server) -> None:
    postgresql.empty()
    log = NightLog(Database(postgresql.address, PASSWORD))
    log.add([event(1)])
    with postgresql.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    assert len(log.recent()) == 1
    log.close()


@pytest.mark.postgres
def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(NightLogError, match="check that its server runs"):
        Database("postgresql://clinic@127.0.0.1:1/log")


def test_a_statement_that_is_none_is_told_as_what_cannot_be_written(database: Database) -> None:
    with pytest.raises(NightLogError, match="cannot be written"), database.writing() as connection:
        connection.execute(text("NONSENSE"))
