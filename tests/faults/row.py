"""A row of the fault matrix (RELIABILITY.md): what goes wrong, how often, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

Tier = Literal["pr", "nightly"]

# How long a row may take before it counts as hanging, s: several times what the slowest takes on two busy cores.
PATIENCE_S: Mapping[Tier, float] = {"pr": 240.0, "nightly": 5400.0}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row has shown.

    Attributes:
        lost: What should have come and did not, in the row's own unit.
        wrong: What came twice, or should not have come at all.
        passed: The verdict.
        figures: What was measured, in words.
        worst_delay_s: Longest time until what was expected happened; None where nothing is waited for.
        repetitions: How often, where that is not what was asked for.
    """

    lost: int
    wrong: int
    passed: bool
    figures: str
    worst_delay_s: float | None = None
    repetitions: int | None = None


def available() -> str:
    """Tell that a row needs nothing that a machine may lack."""
    return ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: an id of the matrix, and the function that tries it so many times.

    Attributes:
        virtual: Whether its delays are counted on a simulated clock, which no busy machine can delay.
        alone: Whether it judges how fast something is, and so wants the machine for itself.
        missing: Tells what this machine lacks to run it; empty where that is nothing.
    """

    id: str
    fault: str
    expected: str
    repetitions: Mapping[Tier, int]
    run: Callable[[int], Outcome]
    virtual: bool = False
    alone: bool = False
    missing: Callable[[], str] = available


ROWS: dict[str, Row] = {}

Run = TypeVar("Run", bound=Callable[[int], Outcome])


def row(
    id_: str,
    fault: str,
    expected: str,
    *,
    pr: int,
    nightly: int,
    virtual: bool = False,
    alone: bool = False,
    missing: Callable[[], str] = available,
) -> Callable[[Run], Run]:
    """Enter a function into the matrix, with its repetitions by tier; 0 leaves it out of a tier."""

    def enter(run: Run) -> Run:
        repetitions: dict[Tier, int] = {"pr": pr, "nightly": nightly}
        ROWS[id_] = Row(id_, fault, expected, repetitions, run, virtual, alone, missing)
        return run

    return enter
