"""Who may come in: by a password or an invitation, for a while, not too often, and no longer when taken back."""

import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import passwords
from dashboard.access import COOKIE, RECHECK_S, SESSION, Access, TurnedAwayError, token_in
from dashboard.access_store import LONGEST_NAME, MOST_SESSIONS, AccessStore, AccountError, Session
from dashboard.attempts import FIRST_WAIT_S, FREE, LONGEST_WAIT_S, MOST_KEPT, Attempts
from dashboard.invitations import Invitations
from dashboard.passwords import PasswordError, fits, kept_form
from dashboard.texts import texts_in
from dashboard.visitors import Visitor

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse"


class Time:
    """A wall clock and a monotonic one that go when told."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed_s)

    def mono_s(self) -> float:
        return self.passed_s


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_COST", 16)


@pytest.fixture
def store(tmp_path: Path) -> AccessStore:
    return AccessStore(tmp_path / "accounts.sqlite")


@pytest.fixture
def invitations(tmp_path: Path) -> Invitations:
    return Invitations(tmp_path / "invitations.sqlite")


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def access(store: AccessStore, invitations: Invitations, time: Time) -> Access:
    store.add("Ann", "sleeper", kept_form(PASSWORD), now=NOW)
    return Access(store, invitations, texts_in(), time.now, time.mono_s)


@settings(max_examples=20)
@given(password=st.text(min_size=passwords.SHORTEST, max_size=passwords.LONGEST), other=st.text())
def test_a_password_fits_itself_alone(password: str, other: str) -> None:
    kept = kept_form(password)
    assert fits(password, kept)
    assert fits(other, kept) == (other == password)
    assert not fits(password, None)
    assert kept_form(password) != kept


@pytest.mark.parametrize("length", [0, passwords.SHORTEST - 1, passwords.LONGEST + 1])
def test_a_password_too_short_or_too_long_is_refused(length: int) -> None:
    with pytest.raises(PasswordError, match=f"expected 10 to 200 characters, got {length}"):
        kept_form("x" * length)
    assert not fits("x" * length, kept_form(PASSWORD))


def test_who_comes_in_by_a_password_is_known_again(access: Access) -> None:
    token = access.log_in("Ann", PASSWORD, "192.168.1.7")
    assert access.visitor_of(token) == Visitor("Ann", "sleeper")
    assert access.visitor_of(token + "x") is None
    assert access.visitor_of("") is None


@pytest.mark.parametrize(("name", "password"), [("Ann", "wrong horse"), ("Bob", PASSWORD), ("ann", PASSWORD)])
def test_wrong_names_and_wrong_passwords_are_turned_away_alike(
    access: Access, name: str, password: str
) -> None:
    with pytest.raises(TurnedAwayError, match="do not belong together") as told:
        access.log_in(name, password, "192.168.1.7")
    assert told.value.status == 401


def test_nobody_tries_often(access: Access, time: Time) -> None:
    for _ in range(FREE):
        with pytest.raises(TurnedAwayError, match="do not belong"):
            access.log_in("Ann", "wrong horse", "192.168.1.7")
    with pytest.raises(TurnedAwayError, match="Too many tries") as told:
        access.log_in("Ann", PASSWORD, "192.168.1.7")
    assert told.value.status == 429
    assert told.value.wait_s == FIRST_WAIT_S
    # Somebody else is not kept out by that.
    assert access.log_in("Ann", PASSWORD, "192.168.1.8")
    time.passed_s += FIRST_WAIT_S
    assert access.log_in("Ann", PASSWORD, "192.168.1.7")


def test_waits_double_up_to_the_longest_and_the_book_stays_small() -> None:
    attempts = Attempts(lambda: 0.0)
    waits = []
    for _ in range(FREE + 60):
        attempts.note_failure("a")
        waits.append(attempts.wait_s("a"))
    assert waits[: FREE - 1] == [0.0] * (FREE - 1)
    assert waits[FREE - 1 : FREE + 2] == [FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S]
    assert waits[-1] == LONGEST_WAIT_S
    for number in range(MOST_KEPT):
        attempts.note_failure(str(number))
    assert attempts.wait_s("a") == 0.0
    assert len(attempts._failed) == MOST_KEPT


def test_a_session_ends_by_itself(access: Access, time: Time) -> None:
    token = access.log_in("Ann", PASSWORD, "a")
    time.passed_s = SESSION.total_seconds() - 1
    assert access.visitor_of(token) is not None
    time.passed_s += RECHECK_S + 1
    assert access.visitor_of(token) is None


def test_whoever_leaves_is_out_at_once(access: Access) -> None:
    token, other = access.log_in("Ann", PASSWORD, "a"), access.log_in("Ann", PASSWORD, "a")
    access.log_out(token)
    assert access.visitor_of(token) is None
    assert access.visitor_of(other) is not None


def test_an_account_that_is_removed_or_changed_is_out_within_seconds(
    access: Access, store: AccessStore, time: Time
) -> None:
    token = access.log_in("Ann", PASSWORD, "a")
    assert access.visitor_of(token) is not None
    store.add("Ann", "researcher", kept_form("another horse"), now=NOW)
    time.passed_s += RECHECK_S
    assert access.visitor_of(token) is None
    assert access.visitor_of(access.log_in("Ann", "another horse", "a")) == Visitor("Ann", "researcher")
    assert store.remove("Ann")
    assert not store.remove("Ann")
    with pytest.raises(TurnedAwayError):
        access.log_in("Ann", "another horse", "a")


def test_an_invitation_opens_once_as_a_caregiver_and_can_be_taken_back(
    access: Access, invitations: Invitations, time: Time
) -> None:
    link = invitations.make("Bob", now=NOW)
    token = access.welcome(link, "a")
    assert access.visitor_of(token) == Visitor("Bob", "caregiver")
    with pytest.raises(TurnedAwayError, match="used already"):
        access.welcome(link, "a")
    invitations.revoke("Bob")
    time.passed_s += RECHECK_S
    assert access.visitor_of(token) is None


def test_a_lost_phone_does_not_come_back_when_its_owner_is_invited_again(
    access: Access, invitations: Invitations, time: Time
) -> None:
    lost = access.welcome(invitations.make("Bob", now=NOW), "a")
    new = access.welcome(invitations.make("Bob", now=NOW), "a")
    time.passed_s += RECHECK_S
    assert access.visitor_of(lost) is None
    assert access.visitor_of(new) is not None


def test_a_session_outlives_the_process(access: Access, store: AccessStore, invitations: Invitations) -> None:
    token = access.log_in("Ann", PASSWORD, "a")
    again = Access(store, invitations, texts_in(), lambda: NOW)
    assert again.visitor_of(token) == Visitor("Ann", "sleeper")


def test_the_file_is_private_and_opens_nothing(access: Access, store: AccessStore, tmp_path: Path) -> None:
    token = access.log_in("Ann", PASSWORD, "a")
    path = tmp_path / "accounts.sqlite"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = b"".join(part.read_bytes() for part in tmp_path.glob("accounts.sqlite*"))
    assert b"Ann" in kept
    assert token.encode() not in kept
    assert PASSWORD.encode() not in kept


@pytest.mark.parametrize("damage", [b"damaged" * 1000, b"SQLite format 3\0" + bytes(5000)])
def test_a_damaged_file_lets_nobody_in(access: Access, time: Time, tmp_path: Path, damage: bytes) -> None:
    token = access.log_in("Ann", PASSWORD, "a")
    for part in tmp_path.glob("accounts.sqlite*"):
        part.unlink()
    (tmp_path / "accounts.sqlite").write_bytes(damage)
    time.passed_s += RECHECK_S
    assert access.visitor_of(token) is None
    with pytest.raises(TurnedAwayError):
        access.log_in("Ann", PASSWORD, "a")


@pytest.mark.parametrize(
    "damage", ["ALTER TABLE session RENAME COLUMN hash TO hasi", "UPDATE account SET password = x'ff'"]
)
def test_accounts_that_nobody_could_come_in_by_are_put_aside(
    store: AccessStore, tmp_path: Path, damage: str
) -> None:
    store.add("Ann", "sleeper", "kept", now=NOW)
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite", isolation_level=None)) as connection:
        connection.execute(damage)
    assert store.accounts() == []
    store.add("Ann", "sleeper", "kept", now=NOW)
    assert store.session("x", now=NOW) is None


@pytest.mark.parametrize("name", ["", " Ann", "Ann\n", "x" * (LONGEST_NAME + 1), "\0"])
def test_names_that_cannot_be_told_apart_are_refused(store: AccessStore, name: str) -> None:
    with pytest.raises(AccountError, match="name: expected"):
        store.add(name, "sleeper", "kept", now=NOW)


def test_a_role_that_is_none_is_refused(store: AccessStore) -> None:
    with pytest.raises(AccountError, match="role: expected one of sleeper, caregiver, researcher"):
        store.add("Ann", "admin", "kept", now=NOW)  # type: ignore[arg-type]


def test_sessions_are_bounded_and_the_oldest_go(store: AccessStore) -> None:
    session = Session("Ann", "account", "sleeper", NOW + SESSION)
    with store._open() as connection:
        rows = [
            (f"h{n}", "Ann", "account", "sleeper", f"2026-01-01T{n:05}", "2027-01-01T00:00:00Z")
            for n in range(600)
        ]
        connection.executemany("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", rows)
    store.begin("token", session, now=NOW)
    with store._open() as connection:
        assert connection.execute("SELECT count(*) FROM session").fetchone() == (MOST_SESSIONS,)
    assert store.session("token", now=NOW) == session


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (f"{COOKIE}=abc", "abc"),
        (f"other=1; {COOKIE}=abc; more=2", "abc"),
        ("", ""),
        ("=", ""),
        (f"{COOKIE}", ""),
        ("a b c\x00;;==", ""),
    ],
)
def test_the_token_is_read_from_whatever_cookies_there_are(header: str, token: str) -> None:
    assert token_in(header) == token


@settings(max_examples=100)
@given(header=st.text())
def test_no_cookie_header_breaks_the_reading(header: str) -> None:
    assert isinstance(token_in(header), str)
