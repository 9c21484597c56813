"""The command as a person runs it: help that teaches, exit codes, one line for every mistake, nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from crampwatch.__main__ import main
from crampwatch.recording_commands import Kind
from models.synthesis import SCENES
from tests.crampwatch.nights_on_disk import record

# Longer than any step takes on a loaded machine.
PATIENCE_S = 60.0
HEAVY = ("numpy", "scipy", "sklearn", "sqlalchemy", "starlette", "uvicorn", "paho", "serial")


Run = Callable[..., tuple[int, str, str]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "crampwatch", *map(str, arguments)]


@pytest.fixture
def crampwatch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command to its end, in this process; return its exit code and what it said."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["crampwatch", *map(str, arguments)])
        capsys.readouterr()
        # Anything but an exit is the traceback that a person would see.
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err

    return run


def until(condition: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends_s, "waited in vain"
        time.sleep(0.05)


def children_of(pid: int) -> set[int]:
    """Return the processes that a process has started."""
    return {
        int(child)
        for file in Path(f"/proc/{pid}/task").glob("*/children")
        for child in file.read_text().split()
    }


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("subcommand", "teaches"),
    [
        ((), ["demo", "run", "replay", "simulate", "not a medical device"]),
        (("demo",), ["--recording", "--no-browser", "--port", "--minutes"]),
        (("run",), ["--source", "serial:/dev/ttyUSB0", "--settings"]),
        (("replay",), ["--events-dir", "--speed", "--via", "--force", "--json", "--all"]),
        (("simulate",), ["--out", "--hours", "--seed", "--force"]),
        (("settings",), ["--write"]),
    ],
)
def test_help_teaches(crampwatch: Run, subcommand: tuple[str, ...], teaches: list[str]) -> None:
    code, out, _ = crampwatch(*subcommand, "--help")
    plain = re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m", "", out))
    assert code == 0
    assert [word for word in teaches if word not in plain] == []


def test_every_kind_of_synthetic_night_can_be_asked_for() -> None:
    assert set(get_args(Kind)) == set(SCENES)


@pytest.mark.parametrize("after_s", [0.02, 0.05, 0.1, 0.2, 0.3])
def test_ctrl_c_while_it_is_loading_is_no_traceback(after_s: float) -> None:
    """The interpreter itself takes some milliseconds until it runs anything of ours."""
    loading = "import time, sys; from crampwatch.__main__ import main; print(flush=True); sys.argv[1:] = ['-h']; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", loading], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "\n"
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in said
    assert process.returncode in {0, 130, -signal.SIGINT}


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom crampwatch.commands import app\n"
        "assert CliRunner().invoke(app, ['replay', '--help']).exit_code == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ("bogus",),
        ("replay",),
        ("replay", "--nope"),
        ("run", "--port", "80"),
        ("simulate",),
        ("simulate", "--out", "new.edf", "--kind", "odd"),
        ("replay", "night.edf", "--speed", "fast"),
        ("replay", "night.edf", "--speed", "-1"),
        ("replay", "night.edf", "--via", "usb"),
    ],
)
def test_a_usage_that_does_not_exist_ends_with_2(crampwatch: Run, arguments: tuple[str, ...]) -> None:
    code, _, err = crampwatch(*arguments)
    assert code == 2
    assert "Usage" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("replay", "absent.edf"), "absent.edf: cannot be read: No such file"),
        (("replay", "."), "expected a file, got a folder"),
        (("replay", "empty.edf"), "the file is empty"),
        (("replay", "text.edf"), "not an EDF or BDF recording"),
        (
            ("demo", "--no-browser", "--recording", "text.edf", "--folder", "new"),
            "not an EDF or BDF recording",
        ),
        (("demo", "--no-browser", "--folder", "text.edf"), "folder text.edf: cannot be made"),
        (
            ("run", "--no-browser", "--source", "usb:1", "--folder", "new"),
            "expected an address that begins with",
        ),
        (("run", "--no-browser", "--settings", "text.edf"), "expected TOML"),
        (("run", "--no-browser", "--settings", "absent.toml"), "cannot be read"),
        (("run", "--no-browser", "--settings", "wrong.toml"), "unknown key sensors[1].sauce"),
        (("run", "--no-browser", "--settings", "http.toml", "--folder", "new"), "mqtt://"),
        (("simulate", "--out", "absent/night.edf", "--hours", "0.01"), "absent/night.edf: cannot be made"),
        (("simulate", "--out", "text.edf", "--hours", "0.01"), "--force"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crampwatch: Run, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.edf").touch()
    (tmp_path / "text.edf").write_text("[this is no recording")
    (tmp_path / "wrong.toml").write_text('[sensor]\nsauce = "hot"\n')
    (tmp_path / "http.toml").write_text('[broker]\nurl = "http://example"\n')
    code, _, err = crampwatch(*arguments)
    assert code == 1
    [line] = [line for line in err.splitlines() if line.startswith("crampwatch: ")]
    assert said in line


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
        # Slow, so that it lasts as long as the test.
        source = f"replay:{record(folder / 'worn.edf')}?speed=0.2"
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
def test_a_second_session_is_refused_and_ctrl_c_closes_everything(tmp_path: Path, crampwatch: Run) -> None:
    night = Night(tmp_path / "data")
    try:
        until(lambda: len(night.recordings()) == 1)
        source = "replay:" + str(record(tmp_path / "night.edf"))
        code, _, err = crampwatch("run", "--no-browser", "--folder", night.folder, "--source", source)
        assert code == 1
        assert f"another crampwatch session (process {night.process.pid}) uses it" in err
        started = children_of(night.process.pid)
        assert len(started) == 3
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
        until(lambda: len(children_of(night.process.pid) - before) == 3)
        after = children_of(night.process.pid)
    finally:
        night.end()
    until(lambda: not any(map(is_running, after)))


@pytest.mark.slow
@pytest.mark.parametrize("after_s", [1.0, 2.5])
def test_ctrl_c_leaves_no_half_written_events(tmp_path: Path, after_s: float) -> None:
    night, out = record(tmp_path / "night.edf"), tmp_path / "out"
    process = subprocess.Popen(
        command("replay", night, "--speed", "1", "--events-dir", out), stderr=subprocess.PIPE, text=True
    )
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert not out.exists() or list(out.iterdir()) == []
