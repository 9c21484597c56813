"""The command as a person runs it: help that teaches, exit codes, one line for every mistake, nothing left behind."""

from __future__ import annotations

import re
import signal
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
from tests.crampwatch.running import PATIENCE_S, command

HEAVY = ("numpy", "scipy", "sklearn", "sqlalchemy", "starlette", "uvicorn", "paho", "serial")


Run = Callable[..., tuple[int, str, str]]


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
    """The interpreter itself takes a while until it runs anything of ours; from then on it says so."""
    loading = (
        "import sys\n"
        "def tell(what, of):\n"
        "    if what == 'import' and of[0] == 'crampwatch.commands': print(flush=True)\n"
        "sys.addaudithook(tell)\n"
        "from crampwatch.__main__ import main; sys.argv[1:] = ['-h']; main()"
    )
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
        (("replay", "nothing"), "nothing: expected recordings (.asc, .bdf, "),
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
        (
            ("simulate", "--out", "absent/night.edf", "--hours", "0.01"),
            "absent/night.edf: cannot be made: No such file or directory; look that its folder is there",
        ),
        (("simulate", "--out", "text.edf", "--hours", "0.01"), "--force"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crampwatch: Run, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nothing").mkdir()
    (tmp_path / "empty.edf").touch()
    (tmp_path / "text.edf").write_text("[this is no recording")
    (tmp_path / "wrong.toml").write_text('[sensor]\nsauce = "hot"\n')
    (tmp_path / "http.toml").write_text('[broker]\nurl = "http://example"\n')
    code, _, err = crampwatch(*arguments)
    assert code == 1
    [line] = [line for line in err.splitlines() if line.startswith("crampwatch: ")]
    assert said in line


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
    assert "Traceback" not in said
    # By the signal itself where a busy machine was still loading; a shell calls both 130.
    assert process.returncode in {130, -signal.SIGINT}
    assert not out.exists() or list(out.iterdir()) == []
