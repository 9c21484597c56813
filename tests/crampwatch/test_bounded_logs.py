"""Whatever a session says for however long, what is kept of it is bounded."""

from __future__ import annotations

import configparser
import re
import subprocess
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

from crampwatch import broker as broker_module
from crampwatch import broker_kinds
from crampwatch.broker import PrivateBroker, answers
from crampwatch.broker_login import Login
from crampwatch.capped_log import cap
from crampwatch.upkeep.service_files import JOURNAL
from tests.conftest import ROOT
from tests.crampwatch.nights_on_disk import record
from tests.crampwatch.running import command, free_port, until
from tests.detector.signals import Scene

LARGEST = 4000
# RELIABILITY S25.
MOST_MB = 50
REQUESTS = 20


@pytest.mark.broker
def test_the_log_of_a_broker_that_has_much_to_say_is_cut_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = broker_kinds.KINDS["mosquitto"]

    def talkative(folder: Path, port: int, logins: Sequence[Login]) -> list[str]:
        words = quiet.prepare(folder, port, logins)
        file = folder / "mosquitto.conf"
        file.write_text(
            re.sub("log_type error\n.*\nconnection_messages false", "log_type all", file.read_text())
        )
        return words

    kind = broker_kinds.BrokerKind("mosquitto", quiet.is_installed, talkative)
    monkeypatch.setattr(broker_module, "KINDS", {"mosquitto": kind})
    monkeypatch.setattr(broker_module, "_PROBE_EVERY_S", 0.0)
    monkeypatch.setattr(broker_module, "cap", lambda path: cap(path, LARGEST))
    log, said, largest = tmp_path / "broker" / "broker.log", 0, 0
    with PrivateBroker(tmp_path / "broker", prefer="mosquitto") as broker:
        while said < 10 * LARGEST:
            before = log.stat().st_size
            assert answers(broker.address, 5.0)
            said += log.stat().st_size - before
            assert broker.alive()
            largest = max(largest, log.stat().st_size)
    # Its next lines may come between a cut and our look.
    assert 0 < largest < 2 * LARGEST
    assert b"\0" not in log.read_bytes()


def test_of_a_log_that_is_cut_the_newest_whole_lines_are_left(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("ab", buffering=0) as other:
        other.write(b"".join(b"line %04d\n" % number for number in range(100)))
        assert not cap(path, 1000)
        assert cap(path, 999)
        other.write(b"goes on\n")
    lines = path.read_text().splitlines()
    assert lines[:2] == ["line 0051", "line 0052"]
    assert lines[-2:] == ["line 0099", "goes on"]


@pytest.mark.slow
def test_a_session_keeps_no_other_log_and_none_of_who_asked_for_its_pages(tmp_path: Path) -> None:
    folder, port = tmp_path / "data", free_port()
    folder.mkdir()
    source = f"replay:{record(folder / 'worn.edf', Scene(300.0))}?speed=1"
    words = ("run", "--no-browser", "--folder", folder, "--port", port, "--source", source)
    with (tmp_path / "said").open("w") as said:
        night = subprocess.Popen(command(*words), stderr=said, stdin=subprocess.DEVNULL)
    try:
        until(lambda: _answers(port))
        before = (tmp_path / "said").stat().st_size
        for _ in range(REQUESTS):
            assert _answers(port)
        # One of them would take more than this.
        assert (tmp_path / "said").stat().st_size - before < REQUESTS * len("GET / 200\n")
        assert "GET" not in (tmp_path / "said").read_text()
        assert {path.name for path in folder.rglob("*.log*")} == {"broker.log"}
    finally:
        night.terminate()
        night.wait()


def test_the_journal_of_a_service_is_bounded() -> None:
    unit, journal = (configparser.ConfigParser(strict=False, interpolation=None) for _ in range(2))
    unit.read(ROOT / "deploy" / "systemd" / "crampwatch.service")
    journal.read(ROOT / "deploy" / "systemd" / Path(JOURNAL).name)
    assert JOURNAL.endswith(f"journald@{unit['Service']['LogNamespace']}.conf")
    assert int(journal["Journal"]["SystemMaxUse"].removesuffix("M")) <= MOST_MB
    assert int(journal["Journal"]["RuntimeMaxUse"].removesuffix("M")) <= MOST_MB


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5.0) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
