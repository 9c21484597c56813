"""A limit of memory that the kernel keeps, and processes that it kills when that is used up (OOM).

A control group of version 1 or 2. Whoever is to be killed is moved into it and made the kernel's first choice; a
ballast then takes all that there is, and is the kernel's next choice.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.crampwatch.running import is_running

GROUPS = Path("/sys/fs/cgroup")
# RELIABILITY C5.
LIMIT_BYTES = 150_000_000
# In /proc/PID/oom_score_adj: killed before everything else, however small (proc(5)).
FIRST_CHOICE = 1000
# Reads more zeros at once than there is room for.
BALLAST = 'echo $$ > "$0/cgroup.procs" && exec dd if=/dev/zero of=/dev/null bs=1G count=1 status=none'
# How long the ballast may take to eat it all on a busy machine.
PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Words:
    """What a version of control groups calls things, and what is written there once."""

    limit: str
    no_swap: Mapping[str, str]


_FIRST = Words("memory.limit_in_bytes", {"memory.swappiness": "0"})
_SECOND = Words("memory.max", {"memory.swap.max": "0"})


def no_limit() -> str:
    """Tell what this machine lacks for a limit of memory; empty where it can be had."""
    try:
        with limited():
            return ""
    except OSError as error:
        return f"wants a control group with a limit of memory, which cannot be made here: {error}"


@contextmanager
def limited(limit_bytes: int = LIMIT_BYTES) -> Iterator[Path]:
    """Make a control group with so much memory; yield its folder. It must end empty.

    Raises:
        OSError: there is no such controller here, or it is not ours to use.
    """
    is_first = (GROUPS / "memory").is_dir()
    group = (_own_group() if is_first else GROUPS) / f"crampwatch-{os.getpid()}"
    words = _FIRST if is_first else _SECOND
    group.mkdir()
    try:
        (group / words.limit).write_text(str(limit_bytes))
        for name, value in words.no_swap.items():
            if (group / name).exists():
                (group / name).write_text(value)
        yield group
    finally:
        group.rmdir()


def _own_group() -> Path:
    """Return where this process is counted, under whose limit ours stays."""
    lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    own = next((path for _, controllers, path in lines if "memory" in controllers.split(",")), "/")
    folder = GROUPS / "memory" / own.lstrip("/")
    # In a container that sees its own part alone, that is the root.
    return folder if folder.is_dir() else GROUPS / "memory"


def starve(group: Path, number: int) -> bool:
    """Use up the memory of the group with this process in it; tell whether the kernel has killed it.

    The ballast has ended when this returns.
    """
    # It may have ended by itself in this moment.
    with suppress(ProcessLookupError, FileNotFoundError):
        (group / "cgroup.procs").write_text(str(number))
        Path(f"/proc/{number}/oom_score_adj").write_text(str(FIRST_CHOICE))
        before = killed_by_kernel(group)
        ballast = subprocess.Popen(("sh", "-c", BALLAST, str(group)), stderr=subprocess.DEVNULL)
        try:
            ballast.wait(PATIENCE_S)
        finally:
            ballast.kill()
            ballast.wait()
        return killed_by_kernel(group) > before and not is_running(number)
    return False


def killed_by_kernel(group: Path) -> int:
    """Return how many processes of a group the kernel has killed for want of memory."""
    for name in ("memory.oom_control", "memory.events"):
        with suppress(FileNotFoundError):
            told = dict(line.split() for line in (group / name).read_text().splitlines())
            return int(told["oom_kill"])
    raise FileNotFoundError(f"{group}: expected memory.oom_control or memory.events, found neither")
