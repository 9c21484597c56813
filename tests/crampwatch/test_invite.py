"""Invitations from the command line: a link that a phone can open, in a code that a camera can read."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from crampwatch.certificates import make_certificate
from crampwatch.commands import app
from crampwatch.errors import is_mendable
from crampwatch.invite import InviteError, checked_page, code_lines, link
from dashboard.access_store import AccessStore
from dashboard.invitations import FILE_NAME, Invitations, Invitee
from dashboard.passwords import kept_form

NOW = datetime(2026, 3, 1, 22, tzinfo=UTC)
PAGE = "https://crampwatch.local:8461"


def invite(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["invite", *arguments, "--folder", str(folder)])


def test_an_invitation_is_printed_listed_and_taken_back(tmp_path: Path) -> None:
    made = invite(tmp_path, "Kim", "--page", PAGE, "--valid", "2")
    assert made.exit_code == 0, made.output
    parts = urlsplit(made.stdout.strip())
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{PAGE}/welcome"
    (token,) = parse_qs(parts.query)["token"]
    invited = Invitations(tmp_path / FILE_NAME)
    assert invited.look(token, now=datetime.now(UTC)) == Invitee("Kim")
    assert invite(tmp_path, "--list").stdout.startswith("Kim\topen until 2")
    invited.redeem(token, now=datetime.now(UTC))
    assert invite(tmp_path, "--list").stdout.startswith("Kim\tcame in 2")
    assert invite(tmp_path, "--revoke", "Kim").exit_code == 0
    assert not invited.stands("Kim")
    again = invite(tmp_path, "--revoke", "Kim")
    assert again.exception is not None
    assert is_mendable(again.exception)
    assert "got 'Kim'" in str(again.exception)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["Kim"], "this computer alone"),
        (["Kim", "--page", "https://localhost:8461"], "this computer alone"),
        (["Kim", "--page", "http://crampwatch.local"], "unencrypted"),
        (["Kim\n", "--page", PAGE], "printable"),
        (["Kim", "--page", PAGE, "--valid", "91"], "valid"),
        ([], "one of NAME"),
        (["Kim", "--list"], "one of NAME"),
    ],
)
def test_what_would_open_nothing_is_refused_and_nothing_is_made(
    tmp_path: Path, arguments: list[str], why: str
) -> None:
    answer = invite(tmp_path, *arguments)
    assert answer.exception is not None
    assert answer.exit_code == 2 or is_mendable(answer.exception)
    assert why in f"{answer.exception} {' '.join(answer.output.split())}"
    assert Invitations(tmp_path / FILE_NAME).listed() == []


def test_the_link_is_of_the_pages_that_the_settings_tell_of_once_they_can_be_served(tmp_path: Path) -> None:
    made = make_certificate(tmp_path / "tls", ["crampwatch.local"])
    settings = tmp_path / "settings.toml"
    settings.write_text(
        f'[dashboard]\nhost = "0.0.0.0"\nname = "crampwatch.local, other"\ntls_port = 8499\n'
        f'certificate = "{made.certificate}"\nkey = "{made.key}"\n'
    )
    early = invite(tmp_path, "Kim", "--settings", str(settings))
    assert early.exception is not None
    assert is_mendable(early.exception)
    assert "account add" in str(early.exception)
    AccessStore(tmp_path / "accounts.sqlite").add("Ann", "sleeper", kept_form("correct horse"), now=NOW)
    invited = invite(tmp_path, "Kim", "--settings", str(settings))
    assert invited.stdout.startswith("https://crampwatch.local:8499/welcome?token=")


def test_a_terminal_gets_the_code_and_until_when(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "crampwatch", "invite", "Kim", "--page", PAGE, "--folder", str(tmp_path)]
    with subprocess.Popen(command, stdout=slave, stderr=subprocess.PIPE) as process:
        os.close(slave)
        said = b""
        while chunk := _read(master):
            said += chunk
    os.close(master)
    assert process.returncode == 0
    shown = said.decode().replace("\r\n", "\n")
    (opened,) = [line for line in shown.splitlines() if line.startswith(PAGE)]
    assert "\n".join(code_lines(opened)) in shown
    assert "For Kim alone, once, until" in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # How Linux says that the other end has gone.
        return b""


def test_the_code_is_the_one_of_the_standard_black_on_white() -> None:
    text = link(PAGE, "x" * 43)
    lines = [line.removeprefix("\x1b[30;107m").removesuffix("\x1b[0m") for line in code_lines(text)]
    upper = np.array([[mark in "█▀" for mark in line] for line in lines])
    lower = np.array([[mark in "█▄" for mark in line] for line in lines])
    seen = np.stack([upper, lower], axis=1).reshape(-1, upper.shape[1])
    expected = np.array([list(row) for row in segno.make_qr(text, error="m").matrix_iter(border=4)], bool)
    np.testing.assert_array_equal(seen[: len(expected)], expected)
    assert not seen[len(expected) :].any()
    # A window of eighty columns shows it whole.
    assert all(len(line) <= 80 for line in lines)


@given(st.text(max_size=60) | st.text(max_size=40).map(lambda text: f"https://{text}"))
def test_whatever_is_given_for_the_page_a_link_is_encrypted_and_leads_away_from_here(page: str) -> None:
    try:
        checked = checked_page(page)
    except InviteError:
        return
    parts = urlsplit(link(checked, "token"))
    assert (parts.scheme, parts.path, parts.query) == ("https", "/welcome", "token=token")
    assert parts.username is None
    assert parts.hostname not in {"localhost", "127.0.0.1", "::1", None}


@pytest.mark.parametrize(
    "page",
    [
        "https://0.0.0.0",
        "https://[::1]:1",
        "https://a@b",
        "https://a/b",
        "https://a?b",
        "a",
        "",
        "https://a:x",
    ],
)
def test_an_address_that_is_none_is_refused(page: str) -> None:
    with pytest.raises(InviteError, match="page"):
        checked_page(page)
