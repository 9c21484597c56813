"""Invitations: opened once, for a while, taken back at will, and nothing that is kept opens anything."""

from __future__ import annotations

import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import invitations
from dashboard.invitations import VALID, InvitationError, Invitations, Invitee
from detector.durable_sqlite import DurableFileError

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "invitations.sqlite"


@pytest.fixture
def invited(path: Path) -> Invitations:
    return Invitations(path)


def test_a_token_opens_once(invited: Invitations) -> None:
    token = invited.make("Kim", now=NOW)
    assert invited.look(token, now=LATER) == Invitee("Kim")
    assert invited.redeem(token, now=LATER) == Invitee("Kim")
    assert invited.redeem(token, now=LATER) is None
    assert invited.look(token, now=LATER) is None
    assert invited.listed()[0].used == LATER


def test_a_token_opens_nothing_once_its_time_is_over(invited: Invitations) -> None:
    token = invited.make("Kim", now=NOW)
    assert invited.redeem(token, now=NOW + VALID) is None
    assert invited.redeem(token, now=NOW + VALID - timedelta(seconds=1)) == Invitee("Kim")


def test_who_is_invited_again_has_one_link(invited: Invitations) -> None:
    first, second = invited.make("Kim", now=NOW), invited.make("Kim", now=LATER)
    assert invited.redeem(first, now=LATER) is None
    assert invited.redeem(second, now=LATER) == Invitee("Kim")


def test_an_invitation_taken_back_opens_nothing_and_whoever_came_in_by_it_is_no_longer_welcome(
    invited: Invitations,
) -> None:
    token = invited.make("Kim", now=NOW)
    assert not invited.stands("Kim")
    invited.redeem(token, now=NOW)
    assert invited.stands("Kim")
    assert invited.revoke("Kim")
    assert not invited.stands("Kim")
    assert invited.redeem(token, now=NOW) is None
    assert not invited.revoke("Kim")


def test_the_file_is_private_and_holds_no_token(invited: Invitations, path: Path) -> None:
    token = invited.make("Kim", now=NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    kept = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"Kim" in kept
    assert token.encode() not in kept


def test_of_many_who_open_one_link_at_once_one_comes_in(invited: Invitations, path: Path) -> None:
    token = invited.make("Kim", now=NOW)
    came: list[Invitee | None] = []
    threads = [
        threading.Thread(target=lambda: came.append(Invitations(path).redeem(token, now=NOW)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came, key=str) == [Invitee("Kim"), *[None] * 7]


@pytest.mark.parametrize("name", ["", " Kim", "K\nim", "\x1b[31m", "x" * 41])
def test_a_name_that_cannot_be_shown_is_refused(invited: Invitations, name: str) -> None:
    with pytest.raises(InvitationError, match="name"):
        invited.make(name, now=NOW)


@pytest.mark.parametrize("valid", [timedelta(), timedelta(days=-1), timedelta(days=91)])
def test_no_link_is_good_for_ever(invited: Invitations, valid: timedelta) -> None:
    with pytest.raises(InvitationError, match="valid"):
        invited.make("Kim", now=NOW, valid=valid)


def test_there_is_an_end_to_invitations(invited: Invitations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_INVITATIONS", 2)
    invited.make("Kim", now=NOW)
    invited.make("Robin", now=NOW)
    with pytest.raises(InvitationError, match="revoke"):
        invited.make("Sam", now=NOW)
    # Nobody lost theirs, and those that have expired make room.
    assert [one.name for one in invited.listed()] == ["Kim", "Robin"]
    assert invited.make("Sam", now=NOW + VALID)


@settings(max_examples=25)
@given(st.text(max_size=300))
def test_no_text_that_is_no_token_opens_anything(text: str) -> None:
    with TemporaryDirectory() as folder:
        invited = Invitations(Path(folder) / "invitations.sqlite")
        token = invited.make("Kim", now=NOW)
        for tried in (text, token[:-1], token.swapcase() + text, f"{token} "):
            assert invited.redeem(tried, now=NOW) is None


@settings(max_examples=15)
@given(st.binary(max_size=200), st.integers(0, 20_000))
def test_a_damaged_file_lets_nobody_in_and_stops_nothing(junk: bytes, at: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "invitations.sqlite"
        invited = Invitations(path)
        token = invited.make("Kim", now=NOW)
        whole = path.read_bytes()
        path.write_bytes(whole[: at % len(whole)] + junk + whole[at % len(whole) + len(junk) :])
        assert invited.redeem(token, now=NOW) in (None, Invitee("Kim"))
        again = invited.make("Robin", now=NOW)
        assert invited.redeem(again, now=NOW) == Invitee("Robin")


@pytest.mark.parametrize("damage", ["expires = 'tomorrow'", "hash = x'ff'"])
def test_rows_that_are_no_invitations_put_the_file_aside(
    invited: Invitations, path: Path, damage: str
) -> None:
    invited.make("Kim", now=NOW)
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE invitation SET {damage}")
    connection.close()
    assert invited.listed() == []
    assert list(path.parent.glob("*.bad-*"))


def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DurableFileError, match="opened"):
        Invitations(tmp_path / "file" / "invitations.sqlite").listed()
