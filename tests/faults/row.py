"""A row of the fault matrix (RELIABILITY.md): what goes wrong, how often, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Tier = Literal["quick", "pr", "nightly"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row has shown.

    Attributes:
        lost: What should have come and did not, in the row's own unit.
        wrong: What came and should not have.
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


@dataclass(frozen=True, slots=True)
class Row:
    """One row: an id of the matrix, and the function that tries it so many times.

    Attributes:
        virtual: Whether its delays are counted on a simulated clock, which no busy machine can delay.
    """

    id: str
    fault: str
    expected: str
    repetitions: Mapping[Tier, int]
    run: Callable[[int], Outcome]
    virtual: bool = False


ROWS: dict[str, Row] = {}

Run = Callable[[int], Outcome]


def row(
    id_: str, fault: str, expected: str, *, quick: int, pr: int, nightly: int, virtual: bool = False
) -> Callable[[Run], Run]:
    """Enter a function into the matrix, with its repetitions by tier."""

    def enter(run: Run) -> Run:
        repetitions: dict[Tier, int] = {"quick": quick, "pr": pr, "nightly": nightly}
        ROWS[id_] = Row(id_, fault, expected, repetitions, run, virtual)
        return run

    return enter
