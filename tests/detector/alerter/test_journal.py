"""The journal: what was about to be sent is known after a crash, and a disk that takes nothing stops no push."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.alarms.values import Moment
from detector.alerter import journal as journal_module
from detector.alerter.caregivers import Channel
from detector.alerter.channels import Delivery, Outcome, Push
from detector.alerter.journal import Journal
from detector.alerter.proof import SOUND, Proof
from detector.alerter.tellings import WAITS_S, Attempt, Telling, Told, is_unreached, next_channel

AT = Moment(1000.0, datetime(2026, 3, 1, 23, 0, tzinfo=UTC))
BOOT = "boot-1"
CHANNELS = [Channel("Anna", number, f"json://127.0.0.1:{number}") for number in (1, 2)]


def telling(number: int = 1, caregiver: str = "Anna") -> Telling:
    push = Push(f"left-calf.1/1/{number}", "crampwatch", "Alarm on left-calf")
    return Telling(
        push, "left-calf.1", "left-calf", 1, f"1/caregiver-1/0/{caregiver}", caregiver, AT.wall, AT
    )


def answer(outcome: Outcome = "accepted", number: int = 1, channel: str = "Anna-1-json") -> Delivery:
    return Delivery(
        telling(number).push.id, channel, outcome, "" if outcome == "accepted" else "error 500", 0.5
    )


def test_what_was_told_and_how_it_went_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path, BOOT, AT) as journal:
        journal.about_to_send(telling(), "Anna-1-json", AT)
        journal.answered(answer("refused"), AT.after(1))
        journal.about_to_send(telling(), "Anna-2-json", AT.after(1))
        journal.answered(answer(channel="Anna-2-json"), AT.after(2))
        journal.about_to_send(telling(2), "Anna-1-json", AT.after(3))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Journal(path, BOOT, AT.after(10)) as journal:
        [first, second] = journal.of("left-calf.1")
        assert first.telling == telling()
        assert [(item.channel, item.outcome, item.reason) for item in first.attempts] == [
            ("Anna-1-json", "refused", "error 500"),
            ("Anna-2-json", "accepted", ""),
        ]
        assert first.accepted
        assert [item.uncertain for item in second.attempts] == [True]
        assert not second.under_way


def test_the_latency_from_the_alarm_to_the_service_is_stored(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite", BOOT, AT) as journal:
        journal.about_to_send(telling(), "Anna-1-json", AT.after(1))
        journal.answered(answer(), AT.after(1.5))
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as connection:
        assert connection.execute("SELECT outcome, latency_s FROM attempt").fetchall() == [("accepted", 1.5)]


def test_what_was_uncertain_is_settled_by_the_next_try(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path, BOOT, AT) as journal:
        journal.about_to_send(telling(), "Anna-1-json", AT)
    with Journal(path, BOOT, AT.after(5)) as journal:
        journal.about_to_send(telling(), "Anna-1-json", AT.after(5))
        [entry] = journal.of("left-calf.1")
        assert entry.under_way
        journal.answered(answer(), AT.after(6))
        assert entry.accepted
        assert [item.outcome for item in entry.attempts] == ["no_answer", "accepted"]


def test_times_of_another_start_of_the_computer_are_told_by_the_wall_clock(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path, BOOT, AT) as journal:
        journal.about_to_send(telling(), "Anna-1-json", AT)
    now = Moment(20.0, AT.after(90).wall)
    with Journal(path, "boot-2", now) as journal:
        [entry] = journal.of("left-calf.1")
        assert entry.telling.decided.mono_s == -70.0
        assert entry.attempts[0].at.mono_s == -70.0


@pytest.mark.parametrize("days", [-30, -1, 1, 30])
def test_a_clock_that_was_set_meanwhile_makes_nobody_be_told_again(tmp_path: Path, days: int) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path, BOOT, AT) as journal:
        journal.about_to_send(telling(), "Anna-1-json", AT)
        journal.answered(answer(), AT)
    now = Moment(AT.mono_s + 5, AT.wall + timedelta(days=days))
    with Journal(path, BOOT, now) as journal:
        [entry] = journal.of("left-calf.1")
        assert entry.accepted
        assert entry.telling.decided.mono_s == AT.mono_s


def test_it_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "KEPT", 5)
    with Journal(tmp_path / "journal.sqlite", BOOT, AT) as journal:
        for number in range(12):
            journal.about_to_send(telling(number), "Anna-1-json", AT)
        assert len(journal.tellings) == 5
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM telling").fetchone()[0] == 5
        assert connection.execute("SELECT count(*) FROM attempt").fetchone()[0] == 5


def test_an_answer_to_what_nobody_asked_is_not_taken(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite", BOOT, AT) as journal:
        assert journal.answered(answer(), AT) is None
        journal.about_to_send(telling(), "Anna-1-json", AT)
        assert journal.answered(answer(channel="Bo-1-json"), AT) is None


def test_facts_and_proofs_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    proof = Proof(SOUND, passed=True, at=AT.wall, took_s=0.1)
    with Journal(path, BOOT, AT) as journal:
        assert journal.recall("engine") is None
        journal.remember("engine", "{}")
        journal.remember("engine", "{1}")
        journal.prove(proof)
    with Journal(path, BOOT, AT) as journal:
        assert journal.recall("engine") == "{1}"
        assert journal.proofs == {SOUND: proof}


@pytest.mark.parametrize("damage", [b"", b"not a database at all, but long enough to look at" * 100])
def test_a_damaged_journal_is_put_aside_and_a_new_one_begun(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(damage)
    with Journal(path, BOOT, AT) as journal:
        journal.about_to_send(telling(), "Anna-1-json", AT)
        assert journal.trouble == ""
        assert (journal.quarantined is not None) == bool(damage)


def test_a_journal_with_other_columns_is_put_aside_and_the_new_one_keeps_what_it_is_told(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.sqlite"
    Journal(path, BOOT, AT).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE fact RENAME COLUMN value TO valuf")
    with Journal(path, BOOT, AT) as journal:
        assert journal.quarantined is not None
        journal.remember("engine", "{1}")
        assert journal.recall("engine") == "{1}"


def test_rows_that_make_no_sense_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path, BOOT, AT) as journal:
        journal.about_to_send(telling(1), "Anna-1-json", AT)
        journal.about_to_send(telling(2), "Anna-1-json", AT)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE telling SET began = 'once' WHERE push_id = ?", (telling(1).push.id,))
        connection.execute("INSERT INTO proof VALUES ('x', 1, 'never', '', 0)")
    with Journal(path, BOOT, AT) as journal:
        assert list(journal.tellings) == [telling(2).push.id]
        assert journal.proofs == {}


def test_a_disk_that_takes_nothing_stops_no_push(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")
    with Journal(tmp_path / "in the way" / "journal.sqlite", BOOT, AT) as journal:
        journal.about_to_send(telling(), "Anna-1-json", AT)
        journal.answered(answer(), AT)
        journal.remember("a", "b")
        assert journal.recall("a") is None
        assert journal.of("left-calf.1")[0].accepted
        assert "cannot be opened" in journal.trouble


def test_a_locked_file_is_a_trouble_until_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path, BOOT, AT) as journal, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        journal.about_to_send(telling(1), "Anna-1-json", AT)
        assert "cannot be written" in journal.trouble
        other.execute("ROLLBACK")
        journal.about_to_send(telling(2), "Anna-1-json", AT)
        assert journal.trouble == ""
        assert len(journal.tellings) == 2


def test_what_was_about_to_be_sent_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    script = (
        "import sys, os, signal, pathlib; from tests.detector.alerter.test_journal import *\n"
        "journal = Journal(pathlib.Path(sys.argv[1]), BOOT, AT)\n"
        "journal.about_to_send(telling(), 'Anna-1-json', AT)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    killed = subprocess.run(
        [sys.executable, "-c", script, str(path)], env=environment, check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    with Journal(path, BOOT, AT.after(1)) as journal:
        [entry] = journal.of("left-calf.1")
        assert next_channel(entry, CHANNELS, AT.mono_s + 1) == CHANNELS[0]


def tried(*attempts: tuple[int, Outcome | None, float]) -> Told:
    made = [
        Attempt(number, f"Anna-{channel}-json", AT, outcome, ended_s=at_s)
        for number, (channel, outcome, at_s) in enumerate(attempts)
    ]
    return Told(telling(), made)


def test_the_next_channel_is_tried_at_once_and_the_round_again_later_each_time() -> None:
    told = tried()
    waited: list[float] = []
    now_s = 0.0
    for number in range(2 * len(WAITS_S) + 4):
        while (channel := next_channel(told, CHANNELS, now_s)) is None:
            now_s += 0.5
            waited.append(0.5) if number % 2 == 0 else pytest.fail("the second channel must not wait")
        assert channel == CHANNELS[number % 2]
        assert is_unreached(told, CHANNELS) == (number >= 2)
        told.attempts.append(Attempt(number, channel.name, AT, "refused", ended_s=now_s))
    assert sum(waited) == sum(WAITS_S) + WAITS_S[-1]


def test_what_is_taken_or_under_way_is_not_tried_again() -> None:
    assert next_channel(tried((1, "refused", 0.0), (2, "accepted", 1.0)), CHANNELS, 1e6) is None
    assert next_channel(tried((1, None, 0.0)), CHANNELS, 1e6) is None
    assert next_channel(tried(), [], 1e6) is None
    # A channel that is no more in the file of caregivers begins the round anew.
    assert next_channel(tried((9, "refused", 0.0)), CHANNELS, 0.0) == CHANNELS[0]


@given(
    attempts=st.lists(
        st.tuples(
            st.integers(1, 3), st.sampled_from(["accepted", "refused", "no_answer", None]), st.floats(0, 1e4)
        )
    )
)
def test_whatever_was_tried_somebody_is_tried_again_until_it_is_taken(
    attempts: list[tuple[int, Outcome | None, float]],
) -> None:
    told = tried(*attempts)
    channel = next_channel(told, CHANNELS, 1e9)
    assert (channel is None) == (told.accepted or told.under_way)
