"""Accounts and certificates from the command line: no password in an argument, and files that browsers take."""

import ssl
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from crampwatch.certificates import CertificateError, make_certificate
from dashboard.access_store import AccessStore
from dashboard.passwords import fits

PASSWORD = "correct horse"


def crampwatch(*arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crampwatch", *arguments]
    return subprocess.run(command, input=said, capture_output=True, text=True, check=False)


def test_an_account_is_made_listed_changed_and_removed(tmp_path: Path) -> None:
    where = ("--folder", str(tmp_path))
    made = crampwatch("account", "add", "Ann", "--role", "sleeper", *where, said=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    store = AccessStore(tmp_path / "accounts.sqlite")
    account = store.account("Ann")
    assert account is not None
    assert fits(PASSWORD, account.password)
    assert crampwatch("account", "list", *where).stdout.startswith("Ann\tsleeper\tsince 2")
    assert crampwatch("account", "remove", "Ann", *where).returncode == 0
    assert store.accounts() == []
    again = crampwatch("account", "remove", "Ann", *where)
    assert again.returncode == 1
    assert again.stderr == "crampwatch: name: expected one of `crampwatch account list`, got 'Ann'\n"


def test_a_password_that_is_too_short_is_told_in_one_line(tmp_path: Path) -> None:
    answer = crampwatch(
        "account", "add", "Ann", "--role", "sleeper", "--folder", str(tmp_path), said="short\n"
    )
    assert answer.returncode == 1
    assert answer.stderr == "crampwatch: password: expected 10 to 200 characters, got 5\n"
    assert AccessStore(tmp_path / "accounts.sqlite").accounts() == []


def test_a_certificate_is_for_its_names_and_vouched_for_by_an_authority_that_stays(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    answer = crampwatch("tls", "init", "crampwatch.local", "192.168.1.5", "--out", str(folder))
    assert answer.returncode == 0, answer.stderr
    assert 'name = "crampwatch.local"' in answer.stdout
    authority = (folder / "ca.crt").read_bytes()
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    made = make_certificate(folder, ["other.local"])
    assert made.authority.read_bytes() == authority
    decoded = ssl._ssl._test_decode_cert(str(made.certificate))  # type: ignore[attr-defined]
    assert decoded["subjectAltName"] == (("DNS", "other.local"),)
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(made.certificate, made.key)


def test_a_computer_without_openssl_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CertificateError, match="openssl: expected it to be installed"):
        make_certificate(tmp_path / "tls", ["crampwatch.local"])


def test_what_openssl_refuses_is_told(tmp_path: Path) -> None:
    with pytest.raises(CertificateError, match="openssl: "):
        make_certificate(tmp_path / "tls", ["a,DNS:"])
