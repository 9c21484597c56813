from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from crampwatch.broker_login import Login, keep_logins, write_private


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "login.toml"


NAMES = ("crampwatch", "monitor", "night-log")


def test_logins_are_made_once(file: Path) -> None:
    logins = keep_logins(file, NAMES)
    assert keep_logins(file, NAMES) == logins
    assert list(logins) == list(NAMES)
    assert all(len(login.password) >= 43 and login.username == name for name, login in logins.items())
    assert all(login.password in file.read_text() for login in logins.values())
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_two_logins_are_alike(tmp_path: Path) -> None:
    passwords = {
        login.password
        for number in range(20)
        for login in keep_logins(tmp_path / str(number), NAMES).values()
    }
    assert len(passwords) == 20 * len(NAMES)


def test_a_role_that_is_new_gets_a_login_and_the_others_keep_theirs(file: Path) -> None:
    before = keep_logins(file, NAMES[:2])
    after = keep_logins(file, NAMES)
    assert {name: after[name] for name in NAMES[:2]} == before
    assert keep_logins(file, NAMES[:2]) == before
    assert "night-log" not in file.read_text()


def test_logins_that_others_could_read_are_replaced(file: Path) -> None:
    seen = keep_logins(file, NAMES)
    file.chmod(0o644)
    logins = keep_logins(file, NAMES)
    assert all(logins[name].password != seen[name].password for name in NAMES)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    ["", "not = [toml", 'crampwatch = ""', "crampwatch = 1", '[crampwatch]\npassword = "x"', "\0\0\0"],
)
def test_what_is_no_login_is_replaced(file: Path, content: str) -> None:
    write_private(file, content)
    logins = keep_logins(file, NAMES)
    assert keep_logins(file, NAMES) == logins
    assert all(len(login.password) >= 43 for login in logins.values())


def test_the_old_file_stays_whole_where_the_new_one_cannot_be_written(file: Path) -> None:
    write_private(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(file, "new \ud800")
    assert file.read_text() == "old"


def test_no_text_shows_the_password() -> None:
    assert "hunter2" not in f"{Login('crampwatch', 'hunter2')}"


@pytest.mark.broker
def test_the_hash_is_what_mosquittos_own_tool_writes(tmp_path: Path) -> None:
    theirs = tmp_path / "passwords"
    subprocess.run(
        ["mosquitto_passwd", "-b", "-c", theirs, "crampwatch", "x"], check=True, capture_output=True
    )
    their_fields = theirs.read_text().strip().split("$")
    our_fields = Login("crampwatch", "x").mosquitto_line().strip().split("$")
    assert our_fields[:3] == their_fields[:3]
    assert [len(field) for field in our_fields] == [len(field) for field in their_fields]


def test_whatever_lies_in_the_place_of_logins_is_put_aside_and_they_are_made_anew(file: Path) -> None:
    file.mkdir()
    logins = keep_logins(file, NAMES)
    assert keep_logins(file, NAMES) == logins
    # More than any logins: no more of it is read than they have.
    file.write_text("".join(f'name-{number} = "{"p" * 60}"\n' for number in range(5000)))
    file.chmod(0o600)
    assert list(keep_logins(file, NAMES)) == list(NAMES)
    assert len(list(file.parent.glob("login.toml.bad-*"))) == 2
    folder = file.with_name("acl")
    folder.mkdir()
    write_private(folder, "user monitor\n")
    assert folder.read_text() == "user monitor\n"
