from __future__ import annotations

import json
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from detector.durable_sqlite import DurableFileError
from detector.messages import LoggedMark
from detector.outbox import Outbox

TOPIC = "crampwatch/1/left-calf/event"


class _UndoError(Exception):
    pass


class OutboxMachine(RuleBasedStateMachine):
    """An outbox beside a list that does the same, through transactions, marks and restarts."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "outbox.sqlite"
        self.outbox = Outbox(self.path)
        self.waiting: list[int] = []
        self.last = 0

    @rule(texts=st.lists(st.text(max_size=20), min_size=1, max_size=3))
    def append(self, texts: list[str]) -> None:
        with self.outbox.transaction() as transaction:
            numbers = [transaction.append(TOPIC, {"text": text}) for text in texts]
        assert numbers == list(range(self.last + 1, self.last + 1 + len(texts)))
        self.last += len(texts)
        self.waiting += numbers

    @rule()
    def append_and_undo(self) -> None:
        def broken_off() -> None:
            with self.outbox.transaction() as transaction:
                transaction.append(TOPIC, {"text": "never"})
                raise _UndoError

        with pytest.raises(_UndoError):
            broken_off()

    @rule(share=st.floats(0, 1))
    def acknowledge(self, share: float) -> None:
        mark = round(share * self.last)
        covered = [seq for seq in self.waiting if seq <= mark]
        assert self.outbox.acknowledge(LoggedMark(self.outbox.id, mark)) == len(covered)
        self.waiting = self.waiting[len(covered) :]

    @precondition(lambda self: self.waiting)
    @rule()
    def hear_a_mark_for_another_outbox(self) -> None:
        assert self.outbox.acknowledge(LoggedMark("0123456789abcdef", self.last)) == 0

    @rule()
    def restart(self) -> None:
        before = self.outbox.id
        self.outbox.close()
        self.outbox = Outbox(self.path)
        assert self.outbox.id == before
        assert self.outbox.quarantined is None

    @invariant()
    def agrees_with_the_list(self) -> None:
        rows = self.outbox.pending(limit=1000)
        assert [row.seq for row in rows] == self.waiting
        assert [json.loads(row.payload)["after"] for row in rows] == [0, *self.waiting][: len(rows)]
        assert (self.outbox.waiting, self.outbox.last_seq) == (len(self.waiting), self.last)
        assert self.outbox.oldest_seq == (self.waiting[0] if self.waiting else None)

    def teardown(self) -> None:
        self.outbox.close()
        self.folder.cleanup()


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox" / "left-calf.sqlite"


def test_a_message_leaves_with_its_number_and_is_otherwise_untouched(path: Path) -> None:
    message = {"reason": 'µV "quoted" {braces}', "value": 1.5, "nothing": None}
    with Outbox(path) as outbox:
        outbox.append(TOPIC, message)
        (row,) = outbox.pending()
        assert row.topic == TOPIC
        assert json.loads(row.payload) == message | {"outbox": outbox.id, "seq": 1, "after": 0}


def test_rows_of_the_caller_stand_or_fall_with_the_message(path: Path) -> None:
    with Outbox(path) as outbox:
        with outbox.transaction() as transaction:
            transaction.execute("CREATE TABLE alarm (code TEXT)")
            transaction.execute("INSERT INTO alarm VALUES (?)", ("CRAMP",))
            transaction.append(TOPIC, {"a": 1})
        with pytest.raises(DurableFileError, match="no such table"):
            _append_beside_a_mistake(outbox)
        with outbox.transaction() as transaction:
            assert transaction.execute("SELECT * FROM alarm").fetchall() == [("CRAMP",)]
        assert [row.seq for row in outbox.pending()] == [1]


def test_when_too_many_wait_the_oldest_expendable_go_and_the_others_never(path: Path) -> None:
    with Outbox(path, limit=6) as outbox:
        for number in range(1, 11):
            outbox.append(TOPIC, {"n": number}, expendable=number % 2 == 0)
        assert [row.seq for row in outbox.pending()] == [1, 3, 5, 7, 9, 10]
        assert [json.loads(row.payload)["after"] for row in outbox.pending()] == [0, 1, 3, 5, 7, 9]
        assert (outbox.dropped, outbox.overfull) == (4, False)
        for number in (11, 13, 15):
            outbox.append(TOPIC, {"n": number})
        assert [row.seq for row in outbox.pending()] == [1, 3, 5, 7, 9, 11, 12, 13]
        assert (outbox.dropped, outbox.overfull) == (5, True)
    with Outbox(path, limit=6) as outbox:
        assert (outbox.dropped, outbox.waiting) == (5, 8)


def test_an_old_copy_of_the_file_takes_a_new_id(path: Path) -> None:
    with Outbox(path) as outbox:
        outbox.append(TOPIC, {"n": 1})
        before = outbox.id
        assert outbox.acknowledge(LoggedMark(before, 7)) == 0
        assert outbox.id != before
        assert outbox.acknowledge(LoggedMark(before, 7)) == 0
        assert [json.loads(row.payload)["outbox"] for row in outbox.pending()] == [outbox.id]


@pytest.mark.parametrize("message", [{}, {"v": float("nan")}, {"t": "x" * 20_000}])
def test_what_cannot_be_sent_is_refused_before_it_is_stored(path: Path, message: dict[str, object]) -> None:
    with Outbox(path) as outbox:
        with pytest.raises(ValueError, match=r"expected|JSON"):
            outbox.append(TOPIC, message)
        assert (outbox.waiting, outbox.last_seq) == (0, 0)


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    with Outbox(path) as outbox:
        outbox.append(TOPIC, {"n": 1})
        modes = {
            file.name.removeprefix("left-calf"): file.stat().st_mode & 0o777 for file in path.parent.iterdir()
        }
        assert modes == {".sqlite": 0o600, ".sqlite-wal": 0o600, ".sqlite-shm": 0o600}
        assert path.parent.stat().st_mode & 0o777 == 0o700


def test_every_commit_is_on_disk_before_it_counts(path: Path) -> None:
    with Outbox(path) as outbox, outbox.transaction() as transaction:
        assert transaction.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        # 2 is FULL: the write-ahead log is synced at each commit.
        assert transaction.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_disk_without_room_is_told_and_nothing_is_half_written(path: Path) -> None:
    with Outbox(path) as outbox:
        outbox.append(TOPIC, {"n": 0})
        with outbox.transaction() as transaction:
            transaction.execute("PRAGMA max_page_count = 1")
        with pytest.raises(DurableFileError, match=r"left-calf.sqlite: cannot be written .*full"):
            _fill(outbox)
        with outbox.transaction() as transaction:
            transaction.execute("PRAGMA max_page_count = 1000000")
        seq = outbox.append(TOPIC, {"n": "last"})
        assert [row.seq for row in outbox.pending(limit=10_000)] == list(range(1, seq + 1))
        assert outbox.waiting == seq


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DurableFileError, match="cannot be opened"):
        Outbox(tmp_path / "file" / "outbox.sqlite")


def test_a_message_damaged_on_disk_goes_and_the_others_stay(path: Path) -> None:
    with Outbox(path) as outbox:
        for number in range(3):
            outbox.append(TOPIC, {"n": number})
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE message SET payload = X'7B00FF' WHERE seq = 1")
        connection.execute("UPDATE message SET topic = CAST(X'FFFE' AS TEXT) WHERE seq = 3")
    connection.close()
    with Outbox(path) as outbox:
        rows = outbox.pending()
        assert [
            (row.seq, json.loads(row.payload)["n"], json.loads(row.payload)["after"]) for row in rows
        ] == [(2, 1, 0)]
        assert (outbox.damaged, outbox.waiting) == (2, 1)


def _append_beside_a_mistake(outbox: Outbox) -> None:
    with outbox.transaction() as transaction:
        transaction.append(TOPIC, {"a": 2})
        transaction.execute("INSERT INTO never VALUES (1)")


def _fill(outbox: Outbox) -> None:
    for number in range(1000):
        outbox.append(TOPIC, {"n": number, "t": "x" * 1000})
