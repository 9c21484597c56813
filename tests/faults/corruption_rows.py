"""Rows D4 to D6: files that are torn, flipped, zeroed, emptied or of noise; whoever needs them starts all the same."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import RecordingError, open_recording
from firmware_bridge.samples import SampleBlock
from tests.detector.mqtt_world import BEGAN
from tests.detector.signals import Scene
from tests.faults.row import Outcome, row
from tests.faults.started_files import DATABASES, MODELS, SETTINGS, STATES, Subject

# RELIABILITY D4.
STARTS_S = 10.0
# What a disk writes at once, bytes.
SECTOR = 512

Damage = Callable[[bytes, random.Random], bytes]


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def torn(content: bytes, chance: random.Random) -> bytes:
    """Return it with some sectors as they were before anything was written to them."""
    sectors = [content[at : at + SECTOR] for at in range(0, len(content), SECTOR)]
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(sectors)) if sectors else 0
        sectors[place : place + 1] = [bytes(len(one)) for one in sectors[place : place + 1]]
    return b"".join(sectors)


def flipped(content: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(content)
    for _ in range(chance.choice((1, 2, 8, 64)) if spoilt else 0):
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def zeroed(content: bytes, _chance: random.Random) -> bytes:
    return bytes(len(content))


def emptied(_content: bytes, _chance: random.Random) -> bytes:
    return b""


def noise(content: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(len(content))


TEARS: Sequence[Damage] = (cut, torn)
DAMAGES: Sequence[Damage] = (flipped, flipped, cut, torn, zeroed, emptied, noise)


@dataclass
class Tried:
    """What came of so many damaged starts."""

    times: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    worst_s: float = 0.0

    def subject(self, subject: Subject, times: int, damages: Sequence[Damage], chance: random.Random) -> None:
        """Damage a file of the subject and start, so many times."""
        with tempfile.TemporaryDirectory() as scratch:
            healthy, folder = Path(scratch) / "healthy", Path(scratch) / "damaged"
            healthy.mkdir(mode=0o700)
            subject.make(healthy)
            names = sorted(file.relative_to(healthy) for file in healthy.rglob("*") if file.is_file())
            for _ in range(times):
                shutil.copytree(healthy, folder)
                victim = folder / chance.choice(names)
                victim.write_bytes(chance.choice(damages)(victim.read_bytes(), chance))
                self._start(subject, folder)
                shutil.rmtree(folder)

    def _start(self, subject: Subject, folder: Path) -> None:
        self.times += 1
        began_s = time.monotonic()
        try:
            subject.start(folder)
        except Exception as error:  # noqa: BLE001 - that nothing is raised is what the row asks
            self.refused[subject.kind] += 1
            self.reasons[subject.kind] = f"{type(error).__name__}: {error}"
        self.worst_s = max(self.worst_s, time.monotonic() - began_s)

    def outcome(self, what: str) -> Outcome:
        refused = self.refused.total()
        return Outcome(
            lost=refused,
            wrong=0,
            passed=not refused and self.worst_s <= STARTS_S,
            figures=f"{what}; did not start: {dict(self.refused) or 'none'}{self.reasons or ''}",
            worst_delay_s=self.worst_s,
            repetitions=self.times,
        )


@row(
    "D4",
    "databases cut off or torn by sectors (file, -wal or -shm)",
    "opened, written and read within 10 s every time",
    pr=25,
    nightly=500,
)
def torn_files(repetitions: int) -> Outcome:
    """Damage each database so many times."""
    tried, chance = Tried(), random.Random(4)
    for subject in DATABASES:
        tried.subject(subject, repetitions, TEARS, chance)
    return tried.outcome(f"{repetitions} each of {', '.join(one.kind for one in DATABASES)}")


@row(
    "D5",
    "database, settings, model, state: bits flipped, zeros, cut, empty, noise",
    "starts every time, within 10 s",
    pr=25,
    nightly=500,
)
def damaged_files(repetitions: int) -> Outcome:
    """Damage each file so many times."""
    tried, chance = Tried(), random.Random(5)
    subjects = (*DATABASES, *SETTINGS, *MODELS, *STATES)
    for subject in subjects:
        tried.subject(subject, repetitions, DAMAGES, chance)
    return tried.outcome(f"{repetitions} each of {', '.join(one.kind for one in subjects)}")


RECORDED = Scene(30.0)
# A record lasts so long, s.
RECORD_S = 1


@row(
    "D6",
    "a recording cut off anywhere, and while it is written",
    "the same samples up to the last whole second, or no recording",
    pr=300,
    nightly=5000,
)
def cut_recordings(repetitions: int) -> Outcome:
    chance, lost, wrong, refused = random.Random(6), 0, 0, 0
    block = RECORDED.block()
    with tempfile.TemporaryDirectory() as scratch:
        whole, torn_file = Path(scratch) / "whole.edf", Path(scratch) / "cut.edf"
        with NightRecorder(whole, RECORDED.info, recording_id="t", start=BEGAN) as recorder:
            recorder.write(block)
        content = whole.read_bytes()
        header = int(content[184:192])
        record = (len(content) - header) / int(content[236:244])
        for _ in range(repetitions):
            size = chance.randrange(len(content))
            torn_file.write_bytes(content[:size])
            expected = max(0, int((size - header) // record)) * int(RECORD_S * RECORDED.info.emg_rate_hz)
            try:
                found = np.concatenate([np.zeros((0, 1), np.int16), *samples_of(torn_file)])
            except RecordingError:
                refused += 1
                lost += expected > 0
                continue
            lost += len(found) < expected
            wrong += not np.array_equal(found, block.emg_counts[: len(found)])
    return Outcome(
        lost=lost,
        wrong=wrong,
        passed=not lost and not wrong,
        figures=f"{repetitions} cuts of a recording of {RECORDED.duration_s:.0f} s; {refused} too short for a header "
        f"or a record; {lost} with less than their whole seconds, {wrong} with other samples",
    )


def samples_of(path: Path) -> list[np.ndarray]:
    return [item.emg_counts for item in open_recording(path).items() if isinstance(item, SampleBlock)]
