"""Ten thousand wrong passwords: few are even looked at, and the book of who tried stays small (RELIABILITY S12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard import passwords
from dashboard.access import Access, TurnedAwayError
from dashboard.access_store import AccessStore
from dashboard.attempts import FIRST_WAIT_S, FORGOTTEN_AFTER_S, FREE, LONGEST_WAIT_S, MOST_KEPT
from dashboard.invitations import Invitations
from dashboard.passwords import kept_form
from dashboard.texts import texts_in

TRIES = 10_000
# Faster than anybody types, and slower than a program tries: the book must hold over a while, too, s.
EVERY_S = 0.1
BEGAN = datetime(2026, 11, 22, tzinfo=UTC)
PASSWORD = "correct horse"


class Door:
    """The door with a clock that goes when told, and a count of how often a password was looked at."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(passwords, "_COST", 16)
        self.now_s = 0.0
        store, invitations = (
            AccessStore(folder / "accounts.sqlite"),
            Invitations(folder / "invitations.sqlite"),
        )
        store.add("Ann", "sleeper", kept_form(PASSWORD), now=BEGAN)
        self.access = Access(
            store, invitations, texts_in(), lambda: BEGAN + timedelta(seconds=self.now_s), lambda: self.now_s
        )

    def status(self, password: str, address: str) -> int:
        """Return 200, 401 where the password was looked at in vain, or 429 where it was not looked at."""
        try:
            self.access.log_in("Ann", password, address)
        except TurnedAwayError as error:
            return error.status
        return 200


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    return Door(tmp_path, monkeypatch)


def test_of_ten_thousand_wrong_passwords_one_in_five_seconds_is_looked_at(door: Door) -> None:
    answered = []
    for number in range(TRIES):
        answered.append((door.now_s, door.status(f"wrong horse {number}", "192.168.1.7")))
        door.now_s += EVERY_S
    looked_at_s = [when_s for when_s, status in answered if status == 401]
    assert {status for _, status in answered} == {401, 429}
    assert len(looked_at_s) <= FREE + door.now_s / FIRST_WAIT_S
    apart_s = [
        later - earlier for earlier, later in zip(looked_at_s[FREE - 1 :], looked_at_s[FREE:], strict=False)
    ]
    assert min(apart_s) >= FIRST_WAIT_S
    # Waiting, even the right one is not looked at; others are not kept waiting.
    assert door.status(PASSWORD, "192.168.1.7") == 429
    assert door.status(PASSWORD, "192.168.1.8") == 200


def test_five_tries_are_free_and_each_after_that_waits_twice_as_long_up_to_a_quarter_of_an_hour(
    door: Door,
) -> None:
    for _ in range(5):
        assert door.status("wrong horse", "192.168.1.7") == 401
    for wait_s in (5, 10, 20, 40, 80, 160, 320, 640, 900, 900):
        door.now_s += wait_s - 0.1
        assert door.status("wrong horse", "192.168.1.7") == 429
        door.now_s += 0.1
        assert door.status("wrong horse", "192.168.1.7") == 401
    # Forgotten an hour after the last wait was over, and not before.
    door.now_s += 900 + 3599
    assert door.status("wrong horse", "192.168.1.7") == 401
    assert door.status("wrong horse", "192.168.1.7") == 429


def test_an_account_of_their_own_gives_nobody_more_tries_at_anothers(door: Door) -> None:
    statuses = []
    for number in range(200):
        statuses.append(door.status(PASSWORD if number % 3 == 0 else "wrong horse", "192.168.1.7"))
        door.now_s += EVERY_S
    assert statuses.count(401) <= FREE + door.now_s / FIRST_WAIT_S
    # Whoever mistypes now and then is not kept waiting for what was long ago.
    door.now_s += FORGOTTEN_AFTER_S + LONGEST_WAIT_S
    assert [door.status("wrong horse", "192.168.1.7") for _ in range(FREE - 1)] == [401] * (FREE - 1)
    assert door.status(PASSWORD, "192.168.1.7") == 200


def test_ten_thousand_addresses_leave_a_small_book(door: Door) -> None:
    # Each once, as the password itself is looked at for each.
    door.access._attempts.note_failure("192.168.1.7")
    for number in range(TRIES):
        door.access._attempts.note_failure(f"10.0.{number // 256}.{number % 256}")
    assert len(door.access._attempts._failed) == MOST_KEPT
