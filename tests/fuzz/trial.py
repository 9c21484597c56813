"""One input after another, and what came of them: counted, timed by the processor, and kept where it is a finding."""

from __future__ import annotations

import hashlib
import json
import resource
import time
import traceback
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from tests.fuzz.target import Entry, Target

# An input that takes longer hangs a process that has better things to do; ms of its own processor time.
HANG_MS = 100.0
# An input of some kilobytes that takes more memory than this takes a small computer's; MB.
GREEDY_MB = 250.0
# Slow inputs of one run that are kept to be measured again.
_SLOW_KEPT = 40
# Of whose frames an error's place is told.
ROOMS = ("crampwatch", "dashboard", "detector", "firmware_bridge")


@dataclass
class Figures:
    """What came of a run.

    Attributes:
        executions: Inputs that were tried.
        processor_s: What that took of the processor, finding the next input included.
        refused: Of them, those that ended in a documented error.
        uncaught: How often each other error was raised, by what and where.
        slow: Files of inputs that took more than `HANG_MS`, and how long each took.
        slowest_ms: The longest.
        greedy: Files of inputs that took more than `GREEDY_MB`.
        grown_mb: By how much the process was larger at the end than after its seeds.
    """

    executions: int = 0
    processor_s: float = 0.0
    refused: int = 0
    uncaught: dict[str, int] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    slowest_ms: float = 0.0
    greedy: list[str] = field(default_factory=list)
    grown_mb: float = 0.0

    def add(self, other: Figures) -> None:
        """Add those of another run."""
        self.executions += other.executions
        self.processor_s = round(self.processor_s + other.processor_s, 1)
        self.refused += other.refused
        self.uncaught = dict(Counter(self.uncaught) + Counter(other.uncaught))
        self.slow |= other.slow
        self.slowest_ms = max(self.slowest_ms, other.slowest_ms)
        self.greedy += other.greedy
        self.grown_mb = max(self.grown_mb, other.grown_mb)

    def to_json(self) -> str:
        """Return them as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Figures:
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))


class Trial:
    """Tries inputs.

    Args:
        target: What at.
        scratch: A folder for the target's own.
        kept: Where findings are kept.
    """

    def __init__(self, target: Target, scratch: Path, kept: Path) -> None:
        self._target = target
        self._kept = kept
        kept.mkdir(parents=True, exist_ok=True)
        scratch.mkdir(exist_ok=True)
        self._opened = ExitStack()
        self._entry: Entry = self._opened.enter_context(target.opened(scratch))
        self._least_slow_ms = HANG_MS
        # Whatever is imported, compiled and drawn up the first time is no part of the first input's time.
        for seed in target.seeds():
            self.once(seed)
        self.figures = Figures()
        self._begun_s = time.process_time()
        self._begun_mb = resident_mb()
        self._most_mb = largest_mb()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._opened.close()

    def once(self, content: bytes) -> tuple[float, BaseException | None]:
        """Try one input; return its processor time in ms, and what it raised that is not documented."""
        raised: BaseException | None = None
        self.was_refused = False
        began_s = time.process_time()
        try:
            self._entry(content)
        except self._target.refusals:
            self.was_refused = True
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever else it is, it is what is looked for
            raised = error
        return (time.process_time() - began_s) * 1000, raised

    def __call__(self, content: bytes) -> None:
        """Try one input and count what came of it."""
        took_ms, raised = self.once(content)
        figures = self.figures
        figures.executions += 1
        figures.refused += self.was_refused
        figures.slowest_ms = max(figures.slowest_ms, took_ms)
        if raised is not None:
            place = where(raised)
            if place not in figures.uncaught:
                self._keep("uncaught", content, place)
            figures.uncaught[place] = figures.uncaught.get(place, 0) + 1
        if took_ms > self._least_slow_ms:
            self._keep_slow(content, took_ms)
        largest = largest_mb()
        if largest > self._most_mb + GREEDY_MB:
            figures.greedy.append(str(self._keep("greedy", content, f"{largest - self._most_mb:.0f} MB")))
        self._most_mb = max(self._most_mb, largest)

    def grown(self) -> Figures:
        """Return the figures, with how much the process has grown."""
        self.figures.processor_s = round(time.process_time() - self._begun_s, 1)
        self.figures.grown_mb = round(resident_mb() - self._begun_mb, 1)
        return self.figures

    def _keep_slow(self, content: bytes, took_ms: float) -> None:
        slow = self.figures.slow
        slow[str(self._keep("slow", content, f"{took_ms:.0f} ms"))] = took_ms
        if len(slow) > _SLOW_KEPT:
            quickest = min(slow, key=lambda name: slow[name])
            Path(quickest).unlink(missing_ok=True)
            del slow[quickest]
            self._least_slow_ms = min(slow.values())

    def _keep(self, kind: str, content: bytes, why: str) -> Path:
        path = self._kept / f"{kind}-{hashlib.sha256(content).hexdigest()[:12]}"
        path.write_bytes(content)
        with (self._kept / "why.txt").open("a", encoding="utf-8") as notes:
            notes.write(f"{path.name}: {why}\n")
        return path


def where(error: BaseException) -> str:
    """Return what an error is, and the last place of ours that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    rooms = [frame for frame in frames if any(f"/{room}/" in frame.filename for room in ROOMS)]
    place = (rooms or frames)[-1]
    said = " ".join(str(error).split())[:100]
    return (
        f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno} ({said})"
        if not rooms
        else (f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}")
    )


def resident_mb() -> float:
    """Return how large the process is."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def largest_mb() -> float:
    """Return how large it has ever been."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
