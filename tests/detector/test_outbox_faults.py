"""An outbox under a file that is damaged, and under kill -9."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.durable_sqlite import DurableFileError
from detector.messages import LoggedMark
from detector.outbox import Outbox

TOPIC = "crampwatch/1/left-calf/event"
# Writes until it is killed, and says each number once it is certain.
WRITER = """
import sys
from pathlib import Path
from detector.outbox import Outbox
from detector.messages import LoggedMark
outbox = Outbox(Path(sys.argv[1]))
while True:
    with outbox.transaction() as transaction:
        seq = transaction.append("t", {"n": 1})
        transaction.execute("CREATE TABLE IF NOT EXISTS alarm (seq INTEGER)")
        transaction.execute("INSERT INTO alarm VALUES (?)", (seq,))
    print(seq, flush=True)
    if seq % 50 == 0:
        outbox.acknowledge(LoggedMark(outbox.id, seq - 40))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of an outbox whose process was killed: some messages in the file, some still in its log."""
    path = tmp_path_factory.mktemp("healthy") / "outbox.sqlite"
    with Outbox(path) as outbox:
        for number in range(40):
            outbox.append(TOPIC, {"n": number, "text": "x" * 200}, expendable=number % 3 == 0)
            if number == 20:
                with contextlib.closing(sqlite3.connect(path)) as other:
                    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return {file.name: file.read_bytes() for file in path.parent.iterdir()}


def works(path: Path) -> Outbox:
    """Open, write, read and acknowledge; return the outbox, still open."""
    outbox = Outbox(path)
    seq = outbox.append(TOPIC, {"n": "new"})
    rows = outbox.pending(limit=1000)
    assert rows[-1].seq == seq
    assert outbox.waiting == len(rows)
    return outbox


@pytest.mark.parametrize("content", [b"x" * 5000, b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_put_aside_and_kept(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with works(path) as outbox:
        assert outbox.quarantined is not None
        assert outbox.quarantined.name.startswith("outbox.sqlite.bad-2")
        assert outbox.quarantined.read_bytes() == content
        assert outbox.last_seq == 1


def test_a_new_file_has_another_id_so_that_old_marks_say_nothing(path: Path) -> None:
    with works(path) as outbox:
        old = LoggedMark(outbox.id, 1)
    path.write_bytes(b"\xff" * 5000)
    with works(path) as outbox:
        assert outbox.acknowledge(old) == 0
        assert outbox.waiting == 1


def test_an_empty_file_is_a_new_one(path: Path) -> None:
    path.touch()
    with works(path) as outbox:
        assert outbox.quarantined is None


def test_a_file_with_other_tables_of_the_same_name_is_put_aside(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE message (text TEXT)")
    connection.close()
    with works(path) as outbox:
        assert outbox.quarantined is not None


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE message RENAME COLUMN topic TO topik",
        "ALTER TABLE message ADD COLUMN more TEXT",
        # The last number there is: SQLite would say for ever that the disk is full.
        f"UPDATE sqlite_sequence SET seq = {2**63 - 1}",
    ],
)
def test_a_file_that_would_take_no_message_is_put_aside(path: Path, damage: str) -> None:
    works(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(damage)
    connection.close()
    with works(path) as outbox:
        assert outbox.quarantined is not None


Damage = tuple[str, str, float, int]
KINDS = st.sampled_from(["cut", "zero", "flip"])
FILES = st.sampled_from(["outbox.sqlite", "outbox.sqlite", "outbox.sqlite-wal", "outbox.sqlite-shm"])
DAMAGES = st.lists(st.tuples(FILES, KINDS, st.floats(0, 1), st.integers(1, 4096)), min_size=1, max_size=4)


def damaged(content: bytes, kind: str, share: float, amount: int) -> bytes:
    place = int(share * len(content))
    match kind:
        case "cut":
            return content[:place]
        case "zero":
            return content[:place] + bytes(len(content[place : place + amount])) + content[place + amount :]
        case _:
            flipped = bytes(byte ^ (amount % 255 + 1) for byte in content[place : place + 1])
            return content[:place] + flipped + content[place + 1 :]


@settings(max_examples=150)
@given(damages=DAMAGES)
def test_no_damage_keeps_it_from_starting(
    tmp_path_factory: pytest.TempPathFactory,
    left_behind: dict[str, bytes],
    damages: list[tuple[str, str, float, int]],
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    contents = dict(left_behind)
    for name, kind, share, amount in damages:
        contents[name] = damaged(contents[name], kind, share, amount)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    works(folder / "outbox.sqlite").close()


def test_a_name_that_is_no_text_any_more_is_damage(path: Path) -> None:
    """SQLite repeats it in what it says of the file."""
    with Outbox(path) as outbox:
        outbox.append(TOPIC, {"n": 1})
    content = path.read_bytes()
    place = content.index(b"CREATE TABLE message")
    path.write_bytes(content[:place] + b"CREATE \xffABLE message" + content[place + 20 :])
    with works(path) as outbox:
        assert outbox.quarantined is not None


def test_what_a_killed_process_left_behind_is_all_there(
    tmp_path: Path, left_behind: dict[str, bytes]
) -> None:
    assert len(left_behind) == 3
    for name, content in left_behind.items():
        (tmp_path / name).write_bytes(content)
    with works(tmp_path / "outbox.sqlite") as outbox:
        assert outbox.quarantined is None
        assert outbox.last_seq == 41


def test_a_lock_held_by_another_is_not_taken_for_damage(path: Path) -> None:
    with works(path) as outbox:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DurableFileError, match="locked"):
            outbox.append(TOPIC, {"n": 1})
        other.execute("ROLLBACK")
        other.close()
        assert outbox.append(TOPIC, {"n": 1}) == 2


@pytest.mark.slow
def test_kill_9_loses_nothing_that_was_certain_and_never_reuses_a_number(path: Path) -> None:
    random.seed(9)
    last_said = 0
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            said = [int(writer.stdout.readline()) for _ in range(random.randint(1, 120))]
            writer.send_signal(signal.SIGKILL)
            said += [int(line) for line in writer.stdout.read().split()]
        assert said[0] > last_said
        assert said == list(range(said[0], said[-1] + 1))
        last_said = said[-1]
        with Outbox(path) as outbox, outbox.transaction() as transaction:
            assert outbox.quarantined is None
            # The last commit may have come through without having been said.
            assert outbox.last_seq - last_said in {0, 1}
            waiting = [row.seq for row in outbox.pending(limit=10_000)]
            assert waiting == list(range(outbox.oldest_seq or 0, outbox.last_seq + 1))
            rows = transaction.execute("SELECT seq FROM alarm ORDER BY seq").fetchall()
            assert [seq for (seq,) in rows] == list(range(1, outbox.last_seq + 1))
            last_said = outbox.last_seq
