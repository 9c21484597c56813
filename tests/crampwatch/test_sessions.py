"""Whole sessions as a person runs them: what cannot begin says why, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from crampwatch import session
from crampwatch.channel_flags import ChannelFlags
from crampwatch.pages_settings import DashboardSettings
from crampwatch.settings import BrokerSettings, Settings
from tests.crampwatch.nights_on_disk import record
from tests.crampwatch.running import PATIENCE_S, children_of, command, free_port, is_running, until
from tests.detector.signals import Scene

# It lasts longer than any test.
LONG = Scene(300.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("port", "there is no such port: is the sensor plugged in?"),
        ("page", "expected it free, got: Address already in use; choose another with --port"),
        ("broker", "expected it free, got: Address already in use; choose another port in the settings"),
    ],
)
def test_a_night_that_cannot_begin_says_why_and_leaves_nothing_running(
    tmp_path: Path, what: str, said: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = tmp_path / "settings.toml"
        settings.write_text(f"[broker]\nport = {port if what == 'broker' else 0}\n")
        source = "serial:/dev/ttyNONE" if what == "port" else "replay:" + str(record(tmp_path / "night.edf"))
        where = (
            "--settings",
            settings,
            "--folder",
            tmp_path / "data",
            "--port",
            port if what == "page" else free_port(),
        )
        done = subprocess.run(
            command("run", "--no-browser", "--source", source, *where),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data" / "run" / "session.json").exists()


class Night:
    """A running session."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "said.txt"
        folder.mkdir()
        source = f"replay:{record(folder / 'worn.edf', LONG)}?speed=1"
        with self.log.open("w") as log:
            arguments = (
                "run",
                "--no-browser",
                "--folder",
                folder,
                "--port",
                free_port(),
                "--source",
                source,
            )
            self.process = subprocess.Popen(command(*arguments), stderr=log, stdin=subprocess.DEVNULL)

    def recordings(self) -> list[Path]:
        return [file for file in self.folder.glob("nights/*/*.edf") if file.stat().st_size > 4000]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.mark.slow
def test_a_second_session_is_refused_and_ctrl_c_closes_everything(tmp_path: Path) -> None:
    night = Night(tmp_path / "data")
    try:
        until(lambda: len(night.recordings()) == 1)
        source = "replay:" + str(record(tmp_path / "night.edf"))
        second = subprocess.run(
            command("run", "--no-browser", "--folder", night.folder, "--source", source),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert second.returncode == 1
        assert f"another crampwatch session (process {night.process.pid}) uses it" in second.stderr
        started = children_of(night.process.pid)
        assert len(started) >= 3
        night.process.send_signal(signal.SIGINT)
        assert night.process.wait(PATIENCE_S) == 0
        assert not any(map(is_running, started))
        assert not (night.folder / "run" / "session.json").exists()
        assert "Traceback" not in night.log.read_text()
    finally:
        night.end()


@pytest.mark.slow
def test_killed_children_come_back_and_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    night = Night(tmp_path / "data")
    try:
        until(lambda: len(night.recordings()) == 1)
        before = children_of(night.process.pid)
        for child in before:
            os.kill(child, signal.SIGKILL)
        until(lambda: len(night.recordings()) == 2)
        until(lambda: len(children_of(night.process.pid) - before) == len(before))
        after = children_of(night.process.pid)
    finally:
        night.end()
    until(lambda: not any(map(is_running, after)))


def test_a_demo_opens_no_page_either_where_the_settings_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens = []
    monkeypatch.setattr(session, "_watch", lambda *asked: opens.append(asked[3].browser))
    monkeypatch.setattr(session, "log_plainly", lambda: None)
    settings = Settings(
        dashboard=DashboardSettings(open_browser=False), broker=BrokerSettings(prefer="embedded")
    )
    wishes = session.Wishes(folder=tmp_path)
    session.run_demo(None, ChannelFlags(), seed=1, settings=settings, wishes=wishes)
    assert opens == [False]
