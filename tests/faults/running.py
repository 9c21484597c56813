"""Runs rows beside each other, each in a process of its own: a crash or a hang is a verdict, not the end.

The processes are forked from one that has everything imported, and hand over their outcome through a pipe.
"""

from __future__ import annotations

import json
import logging
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.faults.line import Line, broken, judged
from tests.faults.row import PATIENCE_S, Outcome, Row, Tier

# Most rows wait most of the time.
WORKERS = 3
LOOK_S = 0.5
# Of what a row that broke had to say.
LAST_WORDS = 600
READ_BYTES = 65_536


@dataclass
class Attempt:
    """A row at work."""

    row: Row
    pid: int
    pipe: int
    scratch: Path
    began_s: float
    told: bytes = b""
    fate: str = ""

    @property
    def took_s(self) -> float:
        return time.monotonic() - self.began_s

    def kill(self, fate: str) -> None:
        """End it and all that it has started in its group; what left the group ends with its standard input."""
        self.fate = fate
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def hear(self) -> bool:
        """Take what it says; tell whether that was all."""
        part = os.read(self.pipe, READ_BYTES)
        self.told += part
        return not part

    def line(self, tier: Tier) -> Line:
        """Bury it, and return what came of it."""
        took_s = self.took_s
        os.close(self.pipe)
        _, status = os.waitpid(self.pid, 0)
        said = (self.scratch / "said").read_text(errors="replace").strip()[-LAST_WORDS:]
        shutil.rmtree(self.scratch, ignore_errors=True)
        if self.fate:
            return broken(self.row, tier, self.fate, took_s, "stopped" if self.fate == "stopped" else "FAIL")
        try:
            outcome = Outcome(**json.loads(self.told))
        except ValueError:
            code = os.waitstatus_to_exitcode(status)
            return broken(self.row, tier, f"broke (exit code {code}): {said or 'without a word'}", took_s)
        return judged(self.row, tier, outcome, took_s)


@dataclass
class Runner:
    """Runs rows.

    Attributes:
        tier: How often each fault is tried.
        workers: How many rows run beside each other.
        told: Given each line as soon as it is known.
    """

    tier: Tier
    workers: int = WORKERS
    told: Callable[[Line], None] = lambda _line: None
    lines: list[Line] = field(default_factory=list)
    _under_way: list[Attempt] = field(default_factory=list)

    def run(self, rows: Sequence[Row]) -> list[Line]:
        """Run the rows and return their lines, as far as they came before Ctrl-C."""
        waiting = []
        for row in rows:
            missing = row.missing()
            if missing or not row.repetitions[self.tier]:
                why = missing or f"not in the tier {self.tier}"
                self._tell(broken(row, self.tier, why, 0.0, "not run"))
            else:
                waiting.append(row)
        together = [row for row in waiting if not row.alone]
        try:
            self._run(together, self.workers)
            self._run([row for row in waiting if row.alone], 1)
        except KeyboardInterrupt:
            for attempt in list(self._under_way):
                attempt.kill("stopped")
                self._bury(attempt)
            begun = {line.row for line in self.lines}
            for row in waiting:
                if row.id not in begun:
                    self._tell(broken(row, self.tier, "stopped", 0.0, "stopped"))
        return self.lines

    def _run(self, rows: list[Row], workers: int) -> None:
        waiting = list(rows)
        while waiting or self._under_way:
            while waiting and len(self._under_way) < workers:
                self._under_way.append(begin(waiting.pop(0), self.tier))
            ready, _, _ = select.select([attempt.pipe for attempt in self._under_way], [], [], LOOK_S)
            for attempt in list(self._under_way):
                if attempt.pipe in ready and attempt.hear():
                    self._bury(attempt)
                elif not attempt.fate and attempt.took_s > PATIENCE_S[self.tier]:
                    attempt.kill(f"hung: it was not over after {PATIENCE_S[self.tier]:g} s")
                    self._bury(attempt)

    def _bury(self, attempt: Attempt) -> None:
        self._under_way.remove(attempt)
        self._tell(attempt.line(self.tier))

    def _tell(self, line: Line) -> None:
        self.lines.append(line)
        self.told(line)


def begin(row: Row, tier: Tier) -> Attempt:
    """Fork a process that tries a row."""
    ours, theirs = os.pipe()
    scratch = Path(tempfile.mkdtemp(prefix=f"fault-{row.id}-"))
    (scratch / "said").touch()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(ours)
            code = _try(row, row.repetitions[tier], scratch, theirs)
        finally:
            # Whatever the process that was forked would do at its end is not for this one.
            os._exit(code)
    os.close(theirs)
    with suppress(ProcessLookupError, PermissionError):
        # Whichever of the two comes first: it can be killed as a group from now on.
        os.setpgid(pid, pid)
    return Attempt(row, pid, ours, scratch, time.monotonic())


def _try(row: Row, repetitions: int, scratch: Path, pipe: int) -> int:
    os.setpgid(0, 0)
    said = os.open(scratch / "said", os.O_WRONLY | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(ours, theirs)
    sys.stdout = sys.stderr = os.fdopen(said, "w", buffering=1)
    tempfile.tempdir = str(scratch)
    # What every part has to say about each of its faults would fill the disk.
    logging.disable(logging.CRITICAL)
    try:
        outcome = row.run(repetitions)
    # A row that breaks has failed; what it said is shown in its line.
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        sys.stderr.flush()
        return 1
    told = json.dumps(asdict(outcome)).encode()
    while told:
        told = told[os.write(pipe, told) :]
    return 0
