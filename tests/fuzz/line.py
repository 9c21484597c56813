"""One target's result, as a line of the table and as an object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fuzz.trial import HANG_MS, Figures

COLUMNS = (
    f"{'target':<10}{'executions':>11}{'s':>7}{'processor s':>13}{'documented errors':>19}{'uncaught':>10}"
    f"{f'over {HANG_MS:.0f} ms':>13}{'slowest ms':>12}{'greedy':>8}{'grown MB':>10}{'crashes':>9}"
)


@dataclass(frozen=True)
class Line:
    """A target's figures.

    Attributes:
        target: Its name.
        took_s: Wall time.
        figures: Of all its processes.
        native: Inputs that ended a process: a crash in compiled code, an endless loop, too much memory.
    """

    target: str
    took_s: float
    figures: Figures
    native: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        found = self.figures
        return bool(found.executions) and not (found.uncaught or found.slow or found.greedy or self.native)

    @property
    def text(self) -> str:
        """The line."""
        found = self.figures
        return (
            f"{self.target:<10}{found.executions:>11}{self.took_s:>7.0f}{found.processor_s:>13.0f}{found.refused:>19}{len(found.uncaught):>10}"
            f"{len(found.slow):>13}{found.slowest_ms:>12.1f}{len(found.greedy):>8}{found.grown_mb:>10.1f}"
            f"{len(self.native):>9}"
        )

    @property
    def findings(self) -> str:
        """What was found, and how to see it again; empty where nothing was."""
        said = [f"uncaught, {times} times: {place}" for place, times in self.figures.uncaught.items()]
        again = f"python -m tests.fuzz {self.target} --replay"
        said += [f"{ms:.0f} ms: {again} {name}" for name, ms in self.figures.slow.items()]
        said += [f"too much memory: {again} {name}" for name in self.figures.greedy]
        said += [f"the process ended: {again} {name}" for name in self.native]
        return "".join(f"{self.target}: {one}\n" for one in said)

    def as_object(self) -> dict[str, Any]:
        """Return it for a program to read."""
        found = self.figures
        return {
            "target": self.target,
            "executions": found.executions,
            "took_s": round(self.took_s, 1),
            "processor_s": found.processor_s,
            "documented_errors": found.refused,
            "uncaught": dict(found.uncaught),
            "over_100_ms": found.slow,
            "slowest_ms": round(found.slowest_ms, 1),
            "greedy": found.greedy,
            "grown_mb": found.grown_mb,
            "crashes": list(self.native),
        }
