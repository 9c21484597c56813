"""Processes of a session that can be killed several times a second: forked, with their libraries already loaded.

``python -m tests.faults.nursery LIFELINE`` loads them once; for each line on standard input it forks another
``crampwatch.processes`` with the words of the line as arguments, and prints its number. They end when the lifeline, a
pipe, closes.
"""

from __future__ import annotations

import importlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from crampwatch import processes
from detector.alerter.caregivers import Channel
from detector.alerter.channels import channel_trouble
from tests.conftest import ROOT

# What the processes import while they start, and would otherwise import again after each kill.
LOADED = ("detector.alerter.alerter", "detector.monitor", "dashboard.server", "models.synthesis", "uvicorn")
STOP_S = 10.0


class Nursery:
    """Forks processes; its context ends all of them."""

    def __init__(self, log: Path) -> None:
        ours, self._lifeline = os.pipe()
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.nursery", str(ours)],
                cwd=ROOT,
                # Threads do not survive a fork.
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                pass_fds=(ours,),
                text=True,
            )
        os.close(ours)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "loaded\n"

    def fork(self, *words: str) -> int:
        """Start a process and return a descriptor of it, which becomes readable when it ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(words) + "\n")
        self._process.stdin.flush()
        return os.pidfd_open(int(self._process.stdout.readline()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        os.close(self._lifeline)
        self._process.communicate()


class Forked:
    """One of our own processes, as `crampwatch.supervisor.Service`; to be used from one thread, but for `kill`."""

    def __init__(self, name: str, nursery: Nursery, *words: str) -> None:
        self.name = name
        self._nursery = nursery
        self._words = words
        self._descriptor: int | None = None

    def start(self) -> None:
        self.stop()
        self._descriptor = self._nursery.fork(*self._words)

    def alive(self) -> bool:
        descriptor = self._descriptor
        return descriptor is not None and not _has_ended(descriptor, 0.0)

    @property
    def pid(self) -> int | None:
        """Its process number; None while it is not running."""
        if not self.alive():
            return None
        told = Path(f"/proc/self/fdinfo/{self._descriptor}").read_text()
        return next(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pid:"))

    def kill(self) -> bool:
        """Kill it as a power cut would; tell whether it lived."""
        descriptor = self._descriptor
        if descriptor is None or _has_ended(descriptor, 0.0):
            return False
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        return True

    def stop(self) -> None:
        descriptor = self._descriptor
        if descriptor is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not _has_ended(descriptor, 0.0):
                signal.pidfd_send_signal(descriptor, number)
                _has_ended(descriptor, STOP_S)
        self._descriptor = None
        os.close(descriptor)


def _has_ended(descriptor: int, patience_s: float) -> bool:
    return bool(select.select([descriptor], [], [], patience_s)[0])


def main() -> None:
    lifeline = int(sys.argv[1])
    for module in LOADED:
        importlib.import_module(module)
    # The push services are loaded by the first look at a channel.
    channel_trouble(Channel("nobody", 1, "json://127.0.0.1"))
    # Nobody waits for those that are killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _say("loaded")
    while line := sys.stdin.readline():
        number = os.fork()
        if number == 0:
            _become(line.rstrip("\n").split("\t"), lifeline)
        _say(str(number))


def _become(words: list[str], lifeline: int) -> None:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.dup2(lifeline, 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.argv[1:] = words
        code = processes.main()
    finally:
        os._exit(code)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
