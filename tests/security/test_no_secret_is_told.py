"""A session whose every secret can be told by its text: it stands in the files that are for it, and nowhere else."""

from __future__ import annotations

import http.client
import os
import re
import signal
import stat
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crampwatch.access_list import ROLES
from crampwatch.broker_login import OWNER, Login, keep_logins, private_folder, write_private
from dashboard.access_store import FILE_NAME as ACCOUNTS
from dashboard.access_store import AccessStore
from dashboard.invitations import FILE_NAME as INVITATIONS
from dashboard.invitations import Invitations
from dashboard.passwords import kept_form
from detector.alerter.caregivers import FILE_NAME as CAREGIVERS
from detector.broker_address import BrokerAddress
from tests.crampwatch.nights_on_disk import record
from tests.crampwatch.running import PATIENCE_S, command, free_port, until
from tests.detector.mqtt_world import Ear
from tests.detector.signals import Scene
from tests.house.house import short, tracked_files

# What every secret of the session holds.
CANARY = "canary5ecret"
# Made while it runs and gone with it: what its processes are told, for their owner alone.
WHERE_SECRETS_ARE = {"broker/login.toml", CAREGIVERS, "run/session.json", "broker/embedded.toml"}
ADDRESSES = (
    *(
        "/",
        "/now",
        "/care",
        "/nights",
        "/trends",
        "/diary",
        "/lab",
        "/lab/recordings",
        "/setup",
        "/openapi.json",
    ),
    *("/api/nights", "/api/standing", "/api/visitor", "/nothing", f"/nights/{CANARY[:3]}"),
)


@dataclass
class Told:
    """What could be read of a session while it ran, and what it left."""

    log: bytes
    answers: list[bytes]
    messages: list[tuple[str, bytes, bool]]
    folder: Path


def fill(folder: Path, port: int) -> None:
    """Put a secret wherever there is a place for one."""
    private_folder(folder)
    private_folder(folder / "broker")
    logins = (Login(name, f"{CANARY}-{name}") for name in (OWNER, *ROLES))
    write_private(
        folder / "broker" / "login.toml", "".join(f'{one.username} = "{one.password}"\n' for one in logins)
    )
    dead = f"127.0.0.1:{port}/{CANARY}"
    write_private(
        folder / CAREGIVERS,
        f'watchdog = "http://{dead}"\n[[caregiver]]\nname = "Anna"\nchannels = ["json://user:{CANARY}@{dead}"]\n',
    )
    AccessStore(folder / ACCOUNTS).add(
        "Ann", "sleeper", kept_form(f"{CANARY}-password"), now=datetime.now(UTC)
    )
    Invitations(folder / INVITATIONS).make("Bob", now=datetime.now(UTC))


def asked(port: int, address: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", address)
        answer = connection.getresponse()
        return b"\n".join((str(answer.getheaders()).encode(), answer.read()))
    finally:
        connection.close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("session")
    nobody, port, broker_port = free_port(), free_port(), free_port()
    data = folder / "data"
    fill(data, nobody)
    settings = folder / "settings.toml"
    write_private(settings, f"[broker]\nport = {broker_port}\n")
    scene = Scene(300.0, amplitude_uv=[(8.0, 60.0, 80.0)])
    source = f"replay:{record(folder / 'worn.edf', scene)}?speed=4"
    arguments = ("--no-browser", "--settings", settings, "--folder", data, "--port", port, "--source", source)
    log = folder / "said.txt"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command("run", *arguments), stdout=stream, stderr=stream, stdin=subprocess.DEVNULL
        )
    try:
        until(lambda: any(file.stat().st_size > 4000 for file in data.glob("nights/*/*.edf")))
        owner = keep_logins(data / "broker" / "login.toml", [OWNER])[OWNER]
        with Ear(BrokerAddress("127.0.0.1", broker_port, owner.username, owner.password)) as ear:
            # Until the caregiver was called in vain, which is told, and the cramp has come.
            until(lambda: any(topic.endswith("/event") for topic, _, _ in ear.heard))
            until(lambda: any(b"anna" in payload.lower() for _, payload, _ in ear.heard))
            answers = [asked(port, address) for address in ADDRESSES]
            messages = list(ear.heard)
        assert stat.S_IMODE((data / "run" / "session.json").stat().st_mode) == 0o600
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()
    return Told(log.read_bytes(), answers, messages, data)


@pytest.mark.slow
def test_no_log_holds_a_secret(told: Told) -> None:
    assert b"pages" in told.log
    assert CANARY.encode() not in told.log


@pytest.mark.slow
def test_no_page_holds_a_secret(told: Told) -> None:
    assert sum(b"<main" in answer for answer in told.answers) >= 8
    assert [answer for answer in told.answers if CANARY.encode() in answer] == []


@pytest.mark.slow
def test_no_message_holds_a_secret(told: Told) -> None:
    assert len({topic for topic, _, _ in told.messages}) >= 4
    assert [topic for topic, payload, _ in told.messages if CANARY.encode() in payload] == []


@pytest.mark.slow
def test_no_file_but_those_for_it_holds_a_secret_and_none_is_for_others(told: Told) -> None:
    files = [path for path in told.folder.rglob("*") if path.is_file()]
    assert {".edf", ".sqlite"} <= {path.suffix for path in files}
    holding = {str(path.relative_to(told.folder)) for path in files if CANARY.encode() in path.read_bytes()}
    assert {"broker/login.toml", CAREGIVERS} <= holding <= WHERE_SECRETS_ARE
    wider = [
        path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077 and _is_open(path, told.folder)
    ]
    assert wider == []


def _is_open(path: Path, base: Path) -> bool:
    """Whether others can come as far as a file: every folder above it lets them through."""
    return all(
        stat.S_IMODE(folder.stat().st_mode) & 0o011 for folder in path.parents if folder.is_relative_to(base)
    )


@pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX's")
def test_the_folder_of_a_session_is_closed_to_others_although_it_was_open(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o755)
    assert stat.S_IMODE(private_folder(tmp_path / "data").stat().st_mode) == 0o700


def test_no_secret_is_committed() -> None:
    looks_like = re.compile(
        rb"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}"
        rb"|\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[abp]-[0-9A-Za-z-]{20,}|glpat-[\w-]{20})\b"
    )
    assert looks_like.search(b"-----BEGIN PRIVATE KEY-----\n" + b"M" * 64)
    assert [short(path) for path in tracked_files() if looks_like.search(path.read_bytes())] == []
