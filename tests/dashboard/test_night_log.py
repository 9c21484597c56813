"""The night log: whatever comes, however often and in whatever order, each event is there once, in its newest state."""

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from dashboard.database import Database
from dashboard.ingest import Ingest
from dashboard.live import Live
from dashboard.night_log import NightLog, NightLogError, SensorMark
from dashboard.tables import metadata
from detector.alarms.values import Stage
from detector.broker_address import BrokerAddress
from detector.messages import LoggedMark
from firmware_bridge.clock import Clock
from tests.dashboard.events import alarm, event, receipt

ROOT = Path(__file__).resolve().parents[2]
# Four contractions in three revisions each, as an outbox numbers them.
STREAM = [event(seq, f"rec.{seq % 4}", seq // 4, duration_s=float(seq)) for seq in range(1, 13)]
NEWEST = {f"rec.{n}": max(m["revision"] for m in STREAM if m["id"] == f"rec.{n}") for n in range(4)}


def mark(seq: int, outbox: str = "box") -> SensorMark:
    return SensorMark("left-calf", LoggedMark(outbox, seq))


@pytest.fixture
def log(database: Database) -> NightLog:
    return NightLog(database)


# Each example commits some ten times; the database is the same, and emptied.
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(STREAM), again=st.lists(st.sampled_from(STREAM)), size=st.integers(1, 5))
def test_order_and_repetition_do_not_matter(
    log: NightLog,
    order: list[dict[str, Any]],
    again: list[dict[str, Any]],
    size: int,
) -> None:
    with log.database.writing() as connection:
        for name in ("event", "mark", "beyond_mark"):
            connection.execute(delete(metadata.tables[name]))
    told = order + again
    for start in range(0, len(told), size):
        log.add(told[start : start + size])
    kept = {message["id"]: message["revision"] for message in log.of_recordings(["rec"])}
    assert kept == NEWEST
    assert log.marks() == [mark(12)]


def test_the_mark_waits_for_what_is_missing(log: NightLog) -> None:
    assert log.add([event(2), event(3)]) == []
    assert log.marks() == [SensorMark("left-calf", LoggedMark("box", 0))]
    assert log.add([event(1)]) == [mark(3)]


def test_the_mark_steps_over_what_was_given_up(log: NightLog) -> None:
    assert log.add([event(1), event(5, after=1)]) == [mark(5)]


def test_each_outbox_counts_for_itself(log: NightLog) -> None:
    log.add([event(1), event(1, "rec.9", outbox="other"), event(3, "rec.8", outbox="other")])
    assert log.marks() == [mark(1), mark(1, "other")]


def test_events_and_alarms_of_an_outbox_are_counted_together(log: NightLog) -> None:
    first = alarm(outbox="box", seq=2, after=1)
    assert log.add([event(1)], [first]) == [mark(2)]
    assert log.add([event(4)]) == [mark(2)]
    assert log.add(alarms=[alarm(revision=1, outbox="box", seq=3, after=2)]) == [mark(4)]


def test_of_an_alarm_every_change_is_kept_once_and_in_order(log: NightLog) -> None:
    stages: tuple[Stage, ...] = ("active", "acked", "closed")
    told = [alarm(revision=revision, stage=stage) for revision, stage in enumerate(stages)]
    assert log.add(alarms=[*reversed(told), *told]) == []
    assert log.alarm_history("left-calf.1") == told
    assert log.alarm_history("another") == []
    assert [message["stage"] for message in log.alarms(limit=2)] == ["closed", "acked"]


def test_an_alarm_is_gone_through_once_by_its_last_change_since_then(log: NightLog) -> None:
    at = [f"2026-03-01T22:00:0{second}.000+00:00" for second in range(4)]
    log.add(
        alarms=[alarm("old", 0, at=at[0]), alarm("both", 0, at=at[0]), alarm("both", 1, "closed", at=at[2])]
    )
    log.add(alarms=[alarm("new", 1, "closed", at=at[3]), alarm("new", 0, at=at[1])])
    found = [(one["id"], one["revision"]) for one in log.last_changes(at[1])]
    assert found == [("new", 1), ("both", 1)]


def test_of_a_receipt_the_newest_revision_is_kept(log: NightLog) -> None:
    log.add(receipts=[receipt(revision=1, outcome="answered"), receipt(outcome="sent"), receipt("told.2")])
    log.add(receipts=[receipt("test.1", occurrence_id=None, test=True)])
    outcomes = {message["id"]: message["outcome"] for message in log.receipts(["left-calf.1"])}
    assert outcomes == {"told.1": "answered", "told.2": "sent"}
    assert len(log.receipts()) == 3


def test_a_repeated_message_is_answered_again(log: NightLog) -> None:
    log.add([event(1)])
    assert log.add([event(1)]) == [mark(1)]


def test_it_is_all_there_after_opening_again(opened: Callable[[], Database]) -> None:
    log = NightLog(opened())
    log.add(STREAM)
    log.close()
    again = NightLog(opened())
    assert len(again.recent()) == 4
    assert again.marks() == [mark(12)]
    assert again.of_recordings(["another"]) == []


def test_a_span_of_time_holds_what_began_in_it(log: NightLog) -> None:
    told = [event(seq, f"rec.{seq}", onset_at=f"2026-11-22T0{seq}:00:00.000Z") for seq in (1, 2, 3)]
    log.add(reversed(told))
    span = ("2026-11-22T01:00:00.000Z", "2026-11-22T03:00:00.000Z")
    assert [message["id"] for message in log.between(*span)] == ["rec.1", "rec.2"]


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    NightLog(tmp_path / "deep" / "log.sqlite")
    assert stat.S_IMODE((tmp_path / "deep" / "log.sqlite").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be looked at" * 100, b"SQLite format 3\0" + bytes(5000)]
)
def test_a_damaged_file_is_put_aside_and_a_new_one_begun(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log.sqlite").write_bytes(content)
    log = NightLog(tmp_path / "log.sqlite")
    assert log.quarantined is not None
    assert log.quarantined.read_bytes() == content
    assert log.add([event(1)]) == [mark(1)]


def test_a_folder_in_its_place_is_put_aside_and_one_in_the_folders_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "log.sqlite").mkdir()
    with closing(NightLog(tmp_path / "log.sqlite")) as log:
        assert log.quarantined is not None
        assert log.quarantined.is_dir()
        assert log.add([event(1)]) == [mark(1)]
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(NightLogError, match=r"log\.sqlite: cannot be opened"):
        NightLog(tmp_path / "file" / "log.sqlite")


def test_a_commit_that_fails_leaves_nothing(log: NightLog) -> None:
    log.add([event(1)])
    with pytest.raises(NightLogError, match="cannot be written"):
        # The second has no onset for its column.
        log.add([event(2, "rec.2"), event(3, "rec.3") | {"onset_at": None}])
    assert [message["id"] for message in log.recent()] == ["rec.1"]
    assert log.marks() == [mark(1)]


def test_what_is_committed_outlives_a_killed_process(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from dashboard.night_log import NightLog;"
        "from tests.dashboard.events import event; log = NightLog(Path(sys.argv[1]));"
        "log.add([event(1), event(2, 'rec.2')]); os.kill(os.getpid(), 9)"
    )
    path = tmp_path / "log.sqlite"
    killed = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=False)
    assert killed.returncode == -9
    log = NightLog(path)
    assert log.quarantined is None
    assert log.marks() == [mark(2)]
    assert len(log.recent()) == 2


@pytest.mark.parametrize("damage", ["'{\"id\": '", "'[]'", "x'00ff'", "'\"text\"'"])
def test_a_message_that_the_disk_has_damaged_costs_no_other(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "log.sqlite"
    with closing(NightLog(path)) as log:
        log.add([event(1, "rec.1"), event(2, "rec.2")], [alarm()])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE event SET message = {damage} WHERE id = 'rec.1'")
        connection.execute("UPDATE alarm SET message = '{}'")
    with closing(NightLog(path)) as log:
        assert [message["id"] for message in log.recent()] == ["rec.2"]
        assert log.quarantined is None
        ingest = Ingest(BrokerAddress("127.0.0.1", 1), log, Live(Clock()))
        ingest.remember()
        assert ingest.counters.damaged == 1


def test_a_log_whose_index_has_lost_a_row_is_put_aside_and_loses_no_event(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    with closing(NightLog(path)) as log:
        log.add([event(1, "rec.1"), event(2, "rec.2")])
    with closing(sqlite3.connect(path)) as connection:
        ((size,),) = connection.execute("PRAGMA page_size")
        ((page,),) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'event_by_onset'")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    place = content.index(b"2026-", (page - 1) * size, page * size)
    content[place] ^= 0x01
    path.write_bytes(content)
    with closing(NightLog(path)) as log:
        assert log.quarantined is not None
        assert {message["id"] for message in log.recent()} == {"rec.1", "rec.2"}


@pytest.mark.parametrize("place", [2, -3])
def test_a_log_whose_tables_have_lost_their_names_is_put_aside(tmp_path: Path, place: int) -> None:
    path = tmp_path / "log.sqlite"
    with closing(NightLog(path)) as log:
        log.add([event(1, "rec.1")])
    content = path.read_bytes()
    name = b"CREATE TABLE mark"
    spoilt = bytearray(name)
    spoilt[place] ^= 0x80 if place > 0 else 0x01
    path.write_bytes(content.replace(name, bytes(spoilt), 1))
    with closing(NightLog(path)) as log:
        assert log.quarantined is not None
        log.add([event(2, "rec.2")])
        assert "rec.2" in {message["id"] for message in log.recent()}
