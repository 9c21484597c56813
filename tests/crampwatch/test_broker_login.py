from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from crampwatch.broker_login import Login, keep_login, write_private


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "login.toml"


def test_a_login_is_made_once(file: Path) -> None:
    login = keep_login(file)
    assert keep_login(file) == login
    assert len(login.password) >= 43
    assert login.password in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_two_logins_are_alike(tmp_path: Path) -> None:
    assert len({keep_login(tmp_path / str(number)).password for number in range(20)}) == 20


def test_a_login_that_others_could_read_is_replaced(file: Path) -> None:
    seen = keep_login(file)
    file.chmod(0o644)
    login = keep_login(file)
    assert login.password != seen.password
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not = [toml",
        'username = "a"',
        'username = "a"\npassword = ""',
        "username = 1\npassword = 2",
        "\0\0\0",
    ],
)
def test_what_is_no_login_is_replaced(file: Path, content: str) -> None:
    write_private(file, content)
    assert keep_login(file) == keep_login(file)


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
