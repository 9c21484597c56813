"""Alarms kept in the outbox's own transactions, and read from outside (I8, I12)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from detector.alarms import store
from detector.alarms.engine import AlarmEngine
from detector.alarms.reader import AlarmReader
from detector.alarms.values import Change, Moment, SnapshotError, SystemChange
from detector.outbox import Outbox, Transaction
from tests.detector.alarms.alarm_world import SENSOR, Night, in_stage, raised

TOPIC = f"crampwatch/1/{SENSOR}/alarm"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / f"{SENSOR}.sqlite"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with Outbox(path) as opened:
        yield opened


def keep(outbox: Outbox, night: Night) -> None:
    """Write the night's state and its whole log."""
    with outbox.transaction() as transaction:
        store.write(transaction, night.engine, night.log)


def _write_and_fail(transaction: Transaction, night: Night) -> None:
    store.write(transaction, night.engine, night.log)
    transaction.append(TOPIC, {"id": "1"})
    transaction.append(TOPIC, {})


def reopened(outbox: Outbox, night: Night) -> AlarmEngine:
    return store.load(outbox, SENSOR, "observe", night.now, boot_id="boot-1")


def test_what_was_written_is_what_is_loaded(outbox: Outbox) -> None:
    night = in_stage("snoozed")
    keep(outbox, night)
    engine = reopened(outbox, night)
    assert [(item.id, item.stage, item.until) for item in engine.occurrences] == [
        (item.id, item.stage, item.until) for item in night.engine.occurrences
    ]
    assert engine.mode == "guarded"


def test_the_first_start_is_a_new_engine_in_the_mode_of_the_settings(outbox: Outbox) -> None:
    night = Night()
    engine = store.load(outbox, SENSOR, "self-managed", night.now, boot_id="boot-1")
    assert (engine.mode, engine.occurrences) == ("self-managed", ())
    assert engine.tick(night.now) == []


def test_event_alarm_and_messages_are_written_together_or_not_at_all(outbox: Outbox, path: Path) -> None:
    night = in_stage("active")
    reader = AlarmReader(path)
    with pytest.raises(ValueError, match="expected a message"), outbox.transaction() as transaction:
        _write_and_fail(transaction, night)
    assert (reader.look(night.now, "boot-1"), reader.changes(0), outbox.pending()) == (None, [], [])
    with outbox.transaction() as transaction:
        store.write(transaction, night.engine, night.log)
        transaction.append(TOPIC, {"id": "1"})
    assert reader.look(night.now, "boot-1") is not None
    assert (len(reader.changes(0)), len(outbox.pending())) == (len(night.log), 1)


def test_every_change_comes_back_as_it_was(outbox: Outbox, path: Path) -> None:
    night = in_stage("latched")
    raised(night, "NO_DATA")
    changes: list[Change] = [
        *night.log,
        SystemChange("system", "self_test", "armed", "why", "Ada", night.now),
    ]
    with outbox.transaction() as transaction:
        store.write(transaction, night.engine, changes)
    found = AlarmReader(path).changes(0)
    assert [item.change for item in found] == changes
    assert [item.number for item in found] == list(range(1, len(changes) + 1))
    assert AlarmReader(path).changes(found[-2].number) == found[-1:]


def test_at_least_five_thousand_transitions_are_kept_and_no_more_than_needed(
    outbox: Outbox, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.KEPT_CHANGES >= 5000
    monkeypatch.setattr(store, "KEPT_CHANGES", 20)
    night = in_stage("latched")
    for _ in range(10):
        keep(outbox, night)
    found = AlarmReader(path).changes(0, limit=1000)
    assert len(found) == 20
    assert found[-1].number == 10 * len(night.log)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE alarm_snapshot SET body = CAST('{}' AS BLOB)",
        "UPDATE alarm_snapshot SET crc = crc + 1",
        "UPDATE alarm_snapshot SET body = 'text'",
        "UPDATE alarm_snapshot SET body = substr(body, 1, 100)",
        "DELETE FROM alarm_snapshot",
        "ALTER TABLE alarm_snapshot RENAME COLUMN crc TO crd",
        "ALTER TABLE alarm_change RENAME COLUMN body TO bodx",
    ],
)
def test_a_damaged_state_is_said_not_taken_for_silence(outbox: Outbox, path: Path, damage: str) -> None:
    night = in_stage("active")
    keep(outbox, night)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute(damage)
    other.close()
    engine = reopened(outbox, night)
    changes = engine.tick(night.now)
    assert [change.now for change in changes] == ["pending", "active"]
    (said,) = engine.raised
    assert (said.code, said.key) == ("CONFIG", "alarm state")
    assert "not known" in said.text
    # Observers who never heard of it do not end it.
    engine.conditions({}, night.now.after(1000.0))
    assert engine.raised[0].id == said.id


def test_a_damaged_file_is_said_too(path: Path) -> None:
    night = in_stage("active")
    with Outbox(path) as outbox:
        keep(outbox, night)
    path.write_bytes(b"no database" * 100)
    with Outbox(path) as outbox:
        engine = reopened(outbox, night)
    assert "put aside" in engine.raised[0].text


def test_a_reader_sees_what_stands_while_the_monitor_writes_and_after_it_died(path: Path) -> None:
    reader = AlarmReader(path)
    night = in_stage("active")
    assert reader.look(night.now, "boot-1") is None
    with Outbox(path) as outbox:
        assert (reader.look(night.now, "boot-1"), reader.trouble) == (None, "")
        keep(outbox, night)
        seen = reader.look(night.now, "boot-1")
        assert seen is not None
        assert (seen.occurrences, seen.mode, seen.sensor) == (night.engine.occurrences, "guarded", SENSOR)
        assert reader.look(night.now, "boot-1") is seen
        night.ack(night.of("CRAMP"))
        keep(outbox, night)
        seen = reader.look(night.now, "boot-1")
        assert seen is not None
        assert seen.occurrences[0].stage == "acked"
    after = reader.look(night.now, "boot-1")
    assert after is not None
    assert after.occurrences == seen.occurrences
    reader.close()


def test_a_reader_tells_times_of_another_boot_on_its_own_clock(outbox: Outbox, path: Path) -> None:
    night = in_stage("snoozed")
    keep(outbox, night)
    now = Moment(7.0, night.now.after(60.0).wall)
    seen = AlarmReader(path).look(now, "boot-2")
    assert seen is not None
    until = seen.occurrences[0].until
    assert until is not None
    assert until.mono_s - now.mono_s == pytest.approx(540.0)


def test_a_reader_follows_the_file_that_takes_the_place_of_a_damaged_one(path: Path) -> None:
    reader, night = AlarmReader(path), in_stage("active")
    with Outbox(path) as outbox:
        keep(outbox, night)
    assert reader.look(night.now, "boot-1") is not None
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)
    assert reader.look(night.now, "boot-1") is None
    night.ack(night.of("CRAMP"))
    with Outbox(path) as outbox:
        keep(outbox, night)
        seen = reader.look(night.now, "boot-1")
    assert seen is not None
    assert seen.occurrences[0].stage == "acked"


def test_a_reader_never_writes(outbox: Outbox, path: Path) -> None:
    night = in_stage("active")
    keep(outbox, night)
    reader = AlarmReader(path)
    assert reader.look(night.now, "boot-1") is not None
    connection = reader._opened()
    assert connection is not None
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM alarm_change")


@pytest.mark.parametrize(
    "damage", ["UPDATE alarm_change SET crc = 0 WHERE number = 1", "UPDATE alarm_change SET body = 'x'"]
)
def test_damaged_changes_are_left_out_and_counted(outbox: Outbox, path: Path, damage: str) -> None:
    night = in_stage("latched")
    keep(outbox, night)
    with sqlite3.connect(path, isolation_level=None) as other:
        changed = other.execute(damage).rowcount
    other.close()
    reader = AlarmReader(path)
    assert len(reader.changes(0)) == len(night.log) - changed
    assert reader.damaged == changed


@pytest.mark.parametrize(
    "wrong", [{}, {"at": None}, {"at": {"mono_s": "x", "wall": "y"}}, {"region": "system"}]
)
def test_what_is_no_change_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SnapshotError, match="cannot be read"):
        store.change_of(wrong)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@example(garbage=b"\x80", offset=3921)
@given(garbage=st.binary(min_size=1, max_size=300), offset=st.integers(0, 20_000))
def test_a_reader_says_what_is_wrong_with_a_damaged_file(tmp_path: Path, garbage: bytes, offset: int) -> None:
    path = tmp_path / "damaged.sqlite"
    path.unlink(missing_ok=True)
    night = in_stage("active")
    with Outbox(path) as outbox:
        keep(outbox, night)
    content = bytearray(path.read_bytes())
    content[offset : offset + len(garbage)] = garbage
    path.write_bytes(bytes(content))
    reader = AlarmReader(path)
    seen = reader.look(night.now, "boot-1")
    assert seen is None or seen.occurrences == night.engine.occurrences
    reader.changes(0)
    reader.close()
