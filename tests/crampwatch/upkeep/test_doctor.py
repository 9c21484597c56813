"""The doctor: everything that is wrong is named, with what to do; and it changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from crampwatch.check_line import Line
from crampwatch.pages_settings import DashboardSettings
from crampwatch.session_lock import only_session
from crampwatch.settings import Settings, parsed_settings
from crampwatch.storage_settings import StorageSettings
from crampwatch.upkeep import doctor_system
from crampwatch.upkeep.doctor import examine, settings_line
from crampwatch.upkeep.doctor_files import (
    damaged_line,
    database_lines,
    mode_lines,
    owner_lines,
    recording_line,
    room_lines,
)
from crampwatch.upkeep.home import Home
from dashboard.night_log import NightLog
from detector.outbox import Outbox
from firmware_bridge.usb_ports import UsbPort
from tests.crampwatch.nights_on_disk import record
from tests.detector.mqtt_world import TOPICS
from tests.detector.signals import Scene


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    night = home.nights / "2026-11-20_left-calf"
    night.mkdir(parents=True)
    home.folder.chmod(0o700)
    record(night / "signal.edf", Scene(3.0))
    NightLog(home.night_log).close()
    with Outbox(home.folder / "outbox" / "left-calf.sqlite") as outbox:
        outbox.append(TOPICS.event, {"n": 1})
    return home


def of_files(home: Home) -> list[Line]:
    settings = home.folder / "crampwatch.toml"
    return [
        *mode_lines(home, settings),
        *room_lines(home, StorageSettings()),
        *database_lines(home),
        recording_line(home),
        damaged_line(home),
    ]


def test_nothing_is_wrong_with_a_healthy_folder(home: Home) -> None:
    before = {path: path.read_bytes() for path in home.files()}
    assert [line for line in of_files(home) if line.verdict == "bad"] == []
    assert {path: path.read_bytes() for path in before} == before


def _open_to_all(home: Home) -> None:
    home.folder.chmod(0o755)
    home.night_log.chmod(0o644)


def _damage(home: Home) -> None:
    home.night_log.write_bytes(b"noise" * 4000)


def _of_tomorrow(home: Home) -> None:
    with closing(sqlite3.connect(home.night_log)) as connection, connection:
        connection.execute("UPDATE layout SET version = 99")


def _pile_up(home: Home) -> None:
    with Outbox(home.folder / "outbox" / "left-calf.sqlite") as outbox, outbox.transaction() as transaction:
        for number in range(101):
            transaction.append(TOPICS.event, {"n": number})


def _tear(home: Home) -> None:
    (home.night_folders()[-1] / "signal.edf").write_bytes(b"0       torn")


@pytest.mark.parametrize(
    ("harm", "name", "advice"),
    [
        (_open_to_all, "rights", "chmod"),
        (_damage, "night_log.sqlite", "restore"),
        (_of_tomorrow, "night_log.sqlite", "install that version"),
        (_pile_up, "outbox/left-calf.sqlite", "broker"),
        (_tear, "last night", "crampwatch recover"),
        (lambda home: (home.folder / "a.json.bad-1").touch(), "put aside", "disk"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(
    home: Home, harm: Callable[[Home], object], name: str, advice: str
) -> None:
    harm(home)
    bad = {line.name: line.advice for line in of_files(home) if line.verdict == "bad"}
    assert advice in bad[name]


def test_a_quota_that_is_passed_is_told(home: Home) -> None:
    with (home.folder / "huge").open("wb") as file:
        file.truncate(2_000_000_000)
    [_, quota] = room_lines(home, StorageSettings(quota_gb=1))
    assert quota.verdict == "bad"


def test_a_disk_that_has_no_room_for_some_nights_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    usage, told = shutil.disk_usage(home.folder), list(os.statvfs(home.folder))
    told[5:8] = 1000, 3, 3
    with monkeypatch.context() as used_up:
        used_up.setattr("os.statvfs", lambda _folder: os.statvfs_result(told))
        [disk, _] = room_lines(home, StorageSettings())
        assert disk.verdict == "bad"
        assert "its inodes are used up" in disk.text
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: usage._replace(free=200_000_000))
    [disk, _] = room_lines(home, StorageSettings())
    assert (disk.verdict, disk.text) == ("bad", "0.20 GB free, expected 1 for the nights to come")


@pytest.mark.skipif(os.name != "posix", reason="files have owners there")
def test_whose_the_files_are_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    [whole] = owner_lines(home)
    assert whole.verdict == "good"
    owner = home.folder.stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: owner + 7)
    [foreign] = owner_lines(home)
    assert (foreign.verdict, f"you are user {owner + 7}" in foreign.text) == ("bad", True)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_a_folder_that_a_command_of_root_has_made_is_told(home: Home) -> None:
    os.chown(home.folder / "outbox", 4242, 4242)
    [line] = owner_lines(home)
    assert (line.verdict, line.text.endswith(": outbox")) == ("bad", True)


def test_a_port_of_the_pages_that_another_program_has_is_told(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = DashboardSettings(port=other.getsockname()[1])
        [line] = doctor_system.page_lines(taken, home)
        assert (line.verdict, str(taken.port) in line.text) == ("bad", True)
        with only_session(home.folder):
            assert doctor_system.page_lines(taken, home) == []
    [line] = doctor_system.page_lines(taken, home)
    assert line.verdict == "good"


def test_a_port_that_is_not_on_usb_is_nobodys_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [UsbPort("/dev/ttyS0"), UsbPort("/dev/ttyUSB7", vendor=0x2341, product=0x43)]
    monkeypatch.setattr("firmware_bridge.usb_ports.usb_ports", lambda: found)
    assert [line.text.split()[0] for line in doctor_system.port_lines()] == ["/dev/ttyUSB7"]


def test_a_serial_port_that_cannot_be_opened_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    line = doctor_system._port_line("/dev/ttyUSB7")
    assert "dialout" in line.advice


def test_all_of_it_as_json_with_an_exit_code(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "crampwatch.toml"
    settings.write_text('[broker]\nprefer = "embedded"\n')
    settings.chmod(0o600)
    home.night_log.write_bytes(b"noise" * 4000)
    assert examine(settings, home.folder, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    verdicts = {line["name"]: line["verdict"] for line in told["lines"]}
    assert verdicts["night_log.sqlite"] == "bad"
    assert (verdicts["settings"], verdicts["broker"], verdicts["model"]) == ("good", "good", "good")
    assert {
        "version",
        "rights",
        "disk",
        "quota",
        "last night",
        "clock",
        "time zone",
        "memory",
        "session",
    } <= set(verdicts)
    assert not told["ok"]


def test_settings_that_cannot_be_used_are_told_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "crampwatch.toml"
    file.write_text("mode = 1\n")
    lines, settings = settings_line(file)
    assert lines[0].verdict == "bad"
    assert settings == Settings() == parsed_settings("")


@pytest.mark.parametrize(
    ("zone", "verdict"),
    [
        ("Nowhere/Land", "bad"),
        (":Nowhere/Land", "bad"),
        ("Europe/Berlin", "good"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "good"),
    ],
)
def test_a_time_zone_that_the_computer_does_not_know_is_told(
    monkeypatch: pytest.MonkeyPatch, zone: str, verdict: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    assert doctor_system.zone_line().verdict == verdict


def test_a_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    assert mode_lines(Home(tmp_path / "home"), tmp_path / "settings.toml")[0].verdict == "bad"


def test_a_terminal_that_knows_only_ascii_ends_no_command(tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "crampwatch", "doctor", "--folder", str(tmp_path / "none")]
    narrow = os.environ | {"PYTHONIOENCODING": "ascii", "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(asked, capture_output=True, text=True, check=False, env=narrow)
    assert "Traceback" not in done.stderr
    assert "rights" in done.stdout
