"""Rows D1, D2 and D7: a disk that is full, fails, or is slow, under a monitor at work."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from detector import mqtt_link
from detector.durable_sqlite import immediate
from detector.monitor import Monitor, Wishes
from detector.reserve import RESERVE_BYTES
from firmware_bridge.clock import Clock
from firmware_bridge.record_file import RecordFile
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import SampleBlock
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source
from tests.detector.mqtt_world import until
from tests.detector.night_watch import Night
from tests.detector.test_monitor import NOBODY
from tests.faults.cramps_all_night import BLOCK, Wearer, stored_cramps, watched
from tests.faults.row import Outcome, row

# So many times faster than life: a second in which a busy machine does something else is ten of the night.
RATE = 10.0
# RELIABILITY P10: told within a minute; s of the night.
TOLD_S = 60.0
# RELIABILITY P2, s of life.
ALERT_S = 0.25
PATIENCE_S = 60.0
# Room for as many nights as are tried, and several times the reserve, bytes.
DISK_BYTES = 24 * RESERVE_BYTES


def no_small_disk() -> str:
    """Tell what is missing for a file system of our own."""
    return "" if os.geteuid() == 0 and shutil.which("mount") else "wants root, for a small disk (tmpfs)"


@contextmanager
def small_disk() -> Iterator[Path]:
    """Mount a disk that is soon full."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", scratch], check=True)
        try:
            yield Path(scratch)
        finally:
            subprocess.run(["umount", "--lazy", scratch], check=True)


def is_told(night: Night) -> bool:
    """Tell whether STORAGE is shown to people."""
    said = [line for line in night.said if "  STORAGE: " in line]
    return bool(said) and not said[-1].endswith(": over")


@dataclass
class Ordeal:
    """A disk's bad times under one monitor: what was told and lost, and how soon."""

    night: Night
    wearer: Wearer
    told_s: list[float] = field(default_factory=list)
    over_s: list[float] = field(default_factory=list)
    good_s: list[float] = field(default_factory=list)
    bad_s: list[float] = field(default_factory=list)
    missed: int = 0

    def _lives(self, condition: Callable[[], object]) -> float:
        """Live until it holds; return how long that took, s of the night."""
        began_s = self.night.clock.mono_s()
        self.missed += not until(condition, patience_s=PATIENCE_S)
        return self.night.clock.mono_s() - began_s

    def _sleeps_through(self, cramps: int) -> list[float]:
        """Live through so many cramps; return how soon their buzzes left."""
        before = len(self.wearer.delays_s)
        self._lives(lambda: len(self.wearer.delays_s) >= before + cramps)
        return self.wearer.delays_s[before:]

    def suffer(self, fails: Callable[[], None], mends: Callable[[], None]) -> None:
        """Live through a good time and a bad one."""
        self.good_s += self._sleeps_through(1)
        fails()
        self.told_s.append(self._lives(lambda: is_told(self.night)))
        self.bad_s += self._sleeps_through(1)
        mends()
        self.over_s.append(self._lives(lambda: not is_told(self.night)))

    def judged(self, where: str) -> Outcome:
        """Compare the cramps that there were with what was felt and stored."""
        self._lives(lambda: stored_cramps(self.night.folder) >= len(self.wearer.delays_s))
        felt, stored = len(self.wearer.delays_s), stored_cramps(self.night.folder)
        lost = max(0, self.wearer.cramps - felt) + max(0, felt - stored)
        # `cramps` counts what must have been noticed by now; one more may have been, already.
        wrong = max(0, felt - self.wearer.cramps - 1)
        slowest_s = max(self.bad_s)
        good = not (lost or wrong or self.missed)
        return Outcome(
            lost=lost + self.missed,
            wrong=wrong,
            passed=good and max(self.told_s) <= TOLD_S and slowest_s < ALERT_S,
            figures=f"{where}; told within {max(self.told_s):.0f} s of the night, over within "
            f"{max(self.over_s):.0f} s of its end; {felt} cramps buzzed, {stored} stored, {lost} lost; from samples "
            f"to buzz at worst {max(self.good_s) * 1000:.0f} ms with a good disk, {slowest_s * 1000:.0f} ms with "
            f"this one; not in {PATIENCE_S:.0f} s: {self.missed}",
            worst_delay_s=max(self.told_s),
            repetitions=len(self.told_s),
        )


@contextmanager
def night_on(folder: Path) -> Iterator[Ordeal]:
    """Begin a night on a disk; nobody waits for a broker."""
    mqtt_link._RECONNECT_S = (60, 60)
    with watched(folder, Clock(RATE)) as (night, wearer):
        assert until(lambda: wearer.delays_s, patience_s=PATIENCE_S)
        yield Ordeal(night, wearer)


@row(
    "D1",
    "the disk is full (tmpfs)",
    "buzz as soon as ever, events stored in the reserve, STORAGE told <= 60 s, records again when there is room",
    pr=2,
    nightly=100,
    missing=no_small_disk,
)
def full_disk(repetitions: int) -> Outcome:
    with small_disk() as disk, night_on(disk) as ordeal:
        ballast = disk / "somebody-elses"
        for _ in range(repetitions):
            ordeal.suffer(lambda: fill(ballast), ballast.unlink)
        return ordeal.judged(f"{DISK_BYTES / 1e6:.0f} MB filled to the last byte")


def fill(path: Path) -> None:
    """Write until nothing is left."""
    with path.open("wb", buffering=0) as file:
        piece = 1 << 20
        while piece:
            try:
                file.write(bytes(piece))
            except OSError:
                piece >>= 1


@row(
    "D2",
    "every write to a file fails",
    "no crash, buzz as soon as ever, STORAGE told <= 60 s, what waited is stored when it works again",
    pr=1,
    nightly=50,
)
def failing_disk(repetitions: int) -> Outcome:
    """Let the kernel refuse every byte of every file (RLIMIT_FSIZE): EFBIG stands for EIO."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fails() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limit[1]))

    def mends() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    with tempfile.TemporaryDirectory() as scratch, night_on(Path(scratch)) as ordeal:
        try:
            for _ in range(repetitions):
                ordeal.suffer(fails, mends)
        finally:
            mends()
        return ordeal.judged("no byte could be written")


# What a worn-out card may take for a record or a commit, s.
SLOW_S = 0.5


@contextmanager
def slow_writes() -> Iterator[list[float]]:
    """Make each record and each commit wait as for a slow disk; the list grows with each."""
    waits: list[float] = []
    append = RecordFile.append

    def waiting() -> None:
        waits.append(SLOW_S)
        time.sleep(SLOW_S)

    def slow_append(file: RecordFile, record: bytes) -> None:
        waiting()
        append(file, record)

    @contextmanager
    def slow_commit(connection: sqlite3.Connection) -> Iterator[None]:
        with immediate(connection):
            yield
            waiting()

    with (
        patch.object(RecordFile, "append", slow_append),
        patch("detector.outbox.immediate", slow_commit),
    ):
        yield waits


def rounds(count: int) -> Iterator[SampleBlock]:
    """Yield rounds with a cramp in each."""
    for number in range(count):
        yield SampleBlock(BLOCK.info, number * BLOCK.samples, BLOCK.emg_counts, BLOCK.acc_counts)


@row(
    "D7",
    "each record and commit takes 0.5 s (rounds of 40 s, a board on a pty at life's pace)",
    "0 samples lost, every cramp felt and stored",
    pr=1,
    nightly=15,
)
def slow_disk(repetitions: int) -> Outcome:
    with (
        tempfile.TemporaryDirectory() as scratch,
        slow_writes() as waits,
        SimulatedBoard(rounds(repetitions), BLOCK.info) as board,
    ):
        folder = Path(scratch)
        wishes = Wishes(folder / "nights", folder / "outbox", mode="guarded")
        source = open_source(f"serial:{board.port}")
        Monitor(lambda: source, NOBODY, wishes, Clock()).run(threading.Event())
        [file] = (folder / "nights").rglob("*.edf")
        items = list(open_recording(file).items())
        cramps, felt = stored_cramps(folder), len(board.cues)
    given = repetitions * BLOCK.samples
    samples = sum(item.samples for item in items if isinstance(item, SampleBlock))
    return Outcome(
        lost=abs(given - samples) + abs(repetitions - cramps),
        wrong=0,
        passed=given == samples and cramps == repetitions and felt >= repetitions and bool(waits),
        figures=f"{given} samples given, {samples} recorded; {len(waits)} writes slowed; {cramps} of {repetitions} "
        f"cramps stored, {felt} buzzes",
    )
