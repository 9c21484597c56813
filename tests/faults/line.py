"""A line of the table: what came of a row, or why it was not run, as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tests.faults.row import Outcome, Row, Tier

Verdict = Literal["pass", "FAIL", "stopped", "not run", "elsewhere"]

COLUMNS = ("row", "fault", "times", "expected", "lost", "doubled", "worst delay", "took", "verdict")
WIDTHS = (5, 44, 11, 40, 6, 7, 11, 8, 9)
# A machine that ends a line here reads the whole of it with --json.
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        tier: How often it was tried is chosen by it.
        outcome: None where there is none.
        why: Why it was not run, or where it is shown.
        took_s: How long it ran.
    """

    row: str
    fault: str
    expected: str
    tier: Tier
    verdict: Verdict
    repetitions: int = 0
    outcome: Outcome | None = None
    why: str = ""
    took_s: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether it is no reason to fail the run."""
        return self.verdict not in {"FAIL", "stopped"}

    @property
    def figures(self) -> str:
        """What was measured, or why nothing was."""
        return self.outcome.figures if self.outcome else self.why

    def to_json(self) -> str:
        """Return it as an object on one line."""
        told: dict[str, Any] = {
            "row": self.row,
            "fault": self.fault,
            "expected": self.expected,
            "tier": self.tier,
            "verdict": self.verdict,
            "took_s": round(self.took_s, 1),
        }
        measured = asdict(self.outcome) if self.outcome else {"figures": self.why}
        return json.dumps(told | measured | {"passed": self.passed, "repetitions": self.repetitions})

    @classmethod
    def from_json(cls, text: str) -> Line:
        """Return the line that was written so."""
        told = json.loads(text)
        outcome = None
        if told["verdict"] in {"pass", "FAIL"} and "lost" in told:
            names = ("lost", "wrong", "passed", "figures", "worst_delay_s", "repetitions")
            outcome = Outcome(**{name: told[name] for name in names})
        same = {name: told[name] for name in ("row", "fault", "expected", "tier", "verdict", "repetitions")}
        return cls(**same, outcome=outcome, why=told["figures"], took_s=told["took_s"])

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in the columns."""
        one = self.outcome
        counted = ("", "", "", "") if one is None else (f"{self.repetitions:,}", *_counts(one))
        took = f"{self.took_s:.1f} s" if self.took_s else ""
        return self.row, self.fault, counted[0], self.expected, *counted[1:], took, self.verdict


def _counts(one: Outcome) -> tuple[str, str, str]:
    delay = "" if one.worst_delay_s is None else f"{one.worst_delay_s:.3f} s"
    return f"{one.lost:,}", f"{one.wrong:,}", delay


def judged(row: Row, tier: Tier, outcome: Outcome, took_s: float) -> Line:
    """Return the line of a row that was run."""
    asked = row.repetitions[tier]
    return Line(
        *(row.id, row.fault, row.expected, tier),
        verdict="pass" if outcome.passed else "FAIL",
        repetitions=asked if outcome.repetitions is None else outcome.repetitions,
        outcome=outcome,
        took_s=took_s,
    )


def broken(row: Row, tier: Tier, why: str, took_s: float, verdict: Verdict = "FAIL") -> Line:
    """Return the line of a row that has no outcome."""
    return Line(*(row.id, row.fault, row.expected, tier), verdict=verdict, why=why, took_s=took_s)


def as_text(cells: tuple[str, ...]) -> str:
    """Return cells as one line for a terminal."""
    cut = [
        cell if len(cell) <= width else cell[: width - 1] + ELLIPSIS
        for cell, width in zip(cells, WIDTHS, strict=True)
    ]
    return "  ".join(cell.ljust(width) for cell, width in zip(cut, WIDTHS, strict=True)).rstrip()
