"""The system's service: hardened, the same in the repository and in the program, idempotent, undoable."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from crampwatch.settings import SettingsError, load_settings
from crampwatch.upkeep.errors import ServiceError
from crampwatch.upkeep.service import shown, steps_to_set_up, steps_to_undo, take
from crampwatch.upkeep.service_files import HOME, UNIT, Host, service_files

HOST = Host("/opt/crampwatch/.venv/bin/crampwatch")
DEPLOY = Path(__file__).parents[3] / "deploy" / "systemd"
# RELIABILITY S19, in tenths as `--threshold` takes them.
EXPOSURE = 25


@pytest.mark.parametrize("name", service_files(HOST))
def test_what_lies_in_the_repository_is_what_the_program_writes(name: str) -> None:
    assert (DEPLOY / Path(name).name).read_text() == service_files(HOST)[name]


def test_the_unit_is_hardened(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on this machine")
    unit = tmp_path / "crampwatch.service"
    unit.write_text(service_files(HOST)[UNIT])
    command = [analyze, "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


def test_what_our_processes_ask_of_the_system_is_not_refused_by_the_units_filter() -> None:
    lines = service_files(HOST)[UNIT].splitlines()
    filters = [line.partition("=")[2] for line in lines if line.startswith("SystemCallFilter=")]
    # The lab's process asks to be nicer, and the first filter that refuses it must not be the last word.
    assert filters.index("setpriority") > filters.index("~@privileged @resources")


def set_up(root: Path, ran: list[Sequence[str]], arm_at: str = "22:30") -> None:
    steps = steps_to_set_up(HOST, arm_at=arm_at, root=root)
    take(steps, lambda _text: None, ran.append)


def test_setting_up_twice_does_nothing_twice_and_undoing_leaves_the_nights(tmp_path: Path) -> None:
    ran: list[Sequence[str]] = []
    set_up(tmp_path, ran)
    assert ran[0][0] == "useradd"
    assert ran[-1] == ("systemctl", "enable", "--now", "crampwatch.service")
    settings = tmp_path / HOME.lstrip("/") / "configuration" / "crampwatch" / "crampwatch.toml"
    assert load_settings(settings).alarms.arm_at == "22:30"
    assert settings.stat().st_mode & 0o077 == 0
    settings.write_text("# hers\n")
    (tmp_path / "etc" / "passwd").write_text("crampwatch:x:999:999::/var/lib/crampwatch:/usr/sbin/nologin\n")
    with pytest.raises(ServiceError, match="is there already, with arm_at = ''; write '23:15' there"):
        steps_to_set_up(HOST, arm_at="23:15", root=tmp_path)
    again = steps_to_set_up(HOST, root=tmp_path)
    assert again[-1].command[:2] == ("systemctl", "enable")
    assert [step for step in again if step.file or step.command[0] == "useradd"] == []
    take(steps_to_undo(HOST, root=tmp_path), lambda _text: None, ran.append)
    assert [path for path in (tmp_path / "etc").rglob("*crampwatch*") if path.is_file()] == []
    assert settings.read_text() == "# hers\n"


def test_a_unit_that_changed_is_started_by_and_settings_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    set_up(tmp_path, [])
    unit = tmp_path / UNIT.lstrip("/")
    unit.write_text("# of an older version\n")
    assert steps_to_set_up(HOST, root=tmp_path)[-1].command[:2] == ("systemctl", "try-restart")
    settings = tmp_path / HOME.lstrip("/") / "configuration" / "crampwatch" / "crampwatch.toml"
    settings.write_bytes(b"\0 = [")
    with pytest.raises(SettingsError, match=re.escape(str(settings))):
        steps_to_set_up(HOST, root=tmp_path)


def test_a_dry_run_shows_every_command_and_every_line_and_writes_nothing(tmp_path: Path) -> None:
    text = "\n".join(shown(steps_to_set_up(HOST, root=tmp_path)))
    for part in (
        "useradd --system",
        "WatchdogSec=10",
        "dialout",
        "systemctl enable --now",
        "SystemMaxUse=50M",
    ):
        assert part in text
    assert list(tmp_path.iterdir()) == []


def test_a_step_that_fails_is_told_unless_it_was_only_tried(tmp_path: Path) -> None:
    def fails(command: Sequence[str]) -> None:
        if command[0] in {"udevadm", "systemctl"}:
            raise subprocess.CalledProcessError(1, list(command), stderr="no such daemon")

    said: list[str] = []
    with pytest.raises(ServiceError, match="systemd reads its files again: no such daemon"):
        take(steps_to_set_up(HOST, root=tmp_path), said.append, fails)
    with pytest.raises(ServiceError, match="lies in a home folder"):
        steps_to_set_up(Host(str(Path("/", "home", "pi", "bin", "crampwatch"))), root=tmp_path)
    with pytest.raises(SettingsError, match="arm_at"):
        steps_to_set_up(HOST, arm_at="25:00", root=tmp_path)
