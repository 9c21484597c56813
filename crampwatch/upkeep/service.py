"""`setup --service`: a Debian or Raspberry Pi starts the session at boot, as a user of its own. Idempotent, undoable.

Everything is a list of steps first: a dry run prints it, a real one takes those that are not taken yet.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crampwatch.settings import Settings, load_settings, parsed_settings
from crampwatch.settings_text import settings_text
from crampwatch.upkeep.errors import ServiceError
from crampwatch.upkeep.service_files import Host, service_files

Runner = Callable[[Sequence[str]], object]

_WORLD_READABLE, _PRIVATE = 0o644, 0o600
# Where ProtectHome=yes lets no service look.
_HIDDEN = frozenset({"home", "root"})
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to be done.

    Attributes:
        text: What, for a person.
        command: What is run; empty where a file is written or removed.
        file: What is written or removed.
        content: What is written; None removes it.
        mode: Of the file.
        is_tried: A failure is said and does not stop the others.
    """

    text: str
    command: tuple[str, ...] = ()
    file: Path | None = None
    content: str | None = None
    mode: int = _WORLD_READABLE
    is_tried: bool = False


def steps_to_set_up(host: Host, *, arm_at: str = "", root: Path = Path("/")) -> list[Step]:
    """Return what is to be done.

    Args:
        host: Where.
        arm_at: Times of day at which watching begins by itself, as in the settings.
        root: The file system's; another one to look at what would be written.

    Raises:
        ServiceError: the program lies where no service can look.
        SettingsError: the times are none.
    """
    if Path(host.program).parts[1] in _HIDDEN:
        raise ServiceError(
            f"{host.program}: lies in a home folder, which the service cannot see; install crampwatch in "
            "/opt/crampwatch and call it from there"
        )
    settings = _armed(arm_at) if arm_at else Settings()
    file = root / host.home.lstrip("/") / "configuration" / "crampwatch" / "crampwatch.toml"
    owner = f"{host.user}:{host.user}"
    steps = [
        Step(
            f"a system user {host.user}, who can log in nowhere",
            (
                *("useradd", "--system", "--user-group", "--home-dir", host.home),
                *("--shell", "/usr/sbin/nologin", host.user),
            ),
        )
    ]
    if _has_user(host.user, root):
        steps.clear()
    for folder in (host.home, f"{host.home}/configuration", f"{host.home}/configuration/crampwatch"):
        what = ("install", "-d", "-m", "0700", "-o", host.user, "-g", host.user, folder)
        steps.append(Step(f"the folder {folder}, for that user alone", what))
    if not _is_set(file, arm_at):
        steps.append(Step("settings, which hold credentials", (), file, settings_text(settings), _PRIVATE))
        steps.append(Step("settings are that user's", ("chown", owner, str(file))))
    is_new = True
    for name, text in service_files(host).items():
        path = root / name.lstrip("/")
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            is_new = is_new and not path.is_file()
            steps.append(Step(f"the file {name}", (), path, text))
    return [*steps, *_STARTING] if is_new else [*steps, *_STARTING, _RESTART]


_STARTING = (
    Step("systemd reads its files again", ("systemctl", "daemon-reload")),
    Step("udev reads its rules again", ("udevadm", "control", "--reload"), is_tried=True),
    Step(
        "boards that are plugged in get their group",
        ("udevadm", "trigger", "--subsystem-match=tty"),
        is_tried=True,
    ),
    Step("the service starts now and at every boot", ("systemctl", "enable", "--now", "crampwatch.service")),
)


_RESTART = Step(
    "if it ran already, it starts again by the new files", ("systemctl", "try-restart", "crampwatch.service")
)


def steps_to_undo(host: Host, *, root: Path = Path("/")) -> list[Step]:
    """Return what takes the service away; nights, settings and the user stay."""
    steps = [
        Step("the service stops", ("systemctl", "disable", "--now", "crampwatch.service"), is_tried=True)
    ]
    for name in service_files(host):
        path = root / name.lstrip("/")
        if path.exists():
            steps.append(Step(f"the file {name} goes", (), path))
    return [
        *steps,
        Step("systemd reads its files again", ("systemctl", "daemon-reload"), is_tried=True),
        Step("udev reads its rules again", ("udevadm", "control", "--reload"), is_tried=True),
    ]


def shown(steps: Sequence[Step]) -> Iterator[str]:
    """Give each step as lines for a person, files with all that would be in them."""
    for step in steps:
        yield f"- {step.text}"
        if step.command:
            yield f"    {' '.join(step.command)}"
        elif step.content is None:
            yield f"    remove {step.file}"
        else:
            yield f"    write {step.file} (mode {step.mode:o}):"
            yield from (f"      {line}" for line in step.content.splitlines())


def take(steps: Sequence[Step], say: Callable[[str], None], run: Runner | None = None) -> None:
    """Take steps in order.

    Raises:
        ServiceError: one failed; what was done is done, and the same command goes on from there.
    """
    for step in steps:
        say(step.text)
        try:
            _take(step, run or _run)
        except (OSError, subprocess.SubprocessError) as error:
            reason = str(getattr(error, "stderr", "") or error).strip()
            if not step.is_tried:
                raise ServiceError(
                    f"{step.text}: {reason}; mend it and give the same command again"
                ) from error
            say(f"  not done: {reason}")


def this_program() -> str:
    """Return the path of the running `crampwatch`.

    Raises:
        ServiceError: it is not installed as a command.
    """
    beside = Path(sys.executable).with_name("crampwatch")
    found = str(beside) if beside.is_file() else shutil.which("crampwatch")
    if found is None:
        raise ServiceError("crampwatch: expected it as a command in the PATH, found none; install it first")
    return str(Path(found).absolute())


def check_root() -> None:
    """Look whether we may do it.

    Raises:
        ServiceError: only root may.
    """
    if os.name != "posix" or os.geteuid() != 0:
        raise ServiceError(
            "only root may set up a service: sudo crampwatch setup --service (--dry-run shows what)"
        )


def _armed(arm_at: str) -> Settings:
    return parsed_settings(f'[alarms]\narm_at = "{arm_at}"\n')


def _is_set(file: Path, arm_at: str) -> bool:
    """Tell whether the settings are there; they are somebody's and are never changed.

    Raises:
        ServiceError: only root can look, or they say another time than the one that is asked for.
        SettingsError: the service could not start with them.
    """
    try:
        if not file.exists():
            return False
        there = load_settings(file).alarms.arm_at
    except PermissionError as error:
        raise ServiceError(f"{file}: only root may look there: sudo crampwatch setup --service") from error
    if arm_at and there != arm_at:
        raise ServiceError(
            f"{file}: is there already, with arm_at = {there!r}; write {arm_at!r} there yourself, then "
            "systemctl restart crampwatch"
        )
    return True


def _has_user(name: str, root: Path) -> bool:
    try:
        lines = (root / "etc" / "passwd").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return any(line.startswith(f"{name}:") for line in lines)


def _take(step: Step, run: Runner) -> None:
    if step.command:
        run(step.command)
    elif step.file is not None and step.content is None:
        step.file.unlink(missing_ok=True)
    elif step.file is not None and step.content is not None:
        step.file.parent.mkdir(parents=True, exist_ok=True)
        beside = step.file.with_name(f".{step.file.name}.new")
        beside.unlink(missing_ok=True)
        beside.touch(mode=step.mode)
        beside.chmod(step.mode)
        beside.write_text(step.content, encoding="utf-8")
        beside.replace(step.file)


def _run(command: Sequence[str]) -> object:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PATIENCE_S)
