"""The command as processes of its own, and waiting for what they do."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

# Longer than any step takes on a loaded machine.
PATIENCE_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "crampwatch", *map(str, arguments)]


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
