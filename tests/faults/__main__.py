"""The fault runner: ``python -m tests.faults --rows A1,A2 --tier pr``, or ``make faults ROWS=A1,A2 TIER=pr``.

It prints a line per row and ends with 1 if any of them fails.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from typing import cast, get_args

from tests.faults.matrix import ROWS
from tests.faults.row import Outcome, Row, Tier

COLUMNS = ("row", "fault", "reps", "lost", "wrong", "worst delay", "took", "verdict")
WIDTHS = (5, 44, 9, 8, 6, 11, 7, 7)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows that are asked for and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description="Runs rows of the fault matrix."
    )
    parser.add_argument("--rows", default="", help=f"of {','.join(ROWS)}; all if empty")
    parser.add_argument("--tier", choices=get_args(Tier), default="pr", help="how often each fault is tried")
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    asked = parser.parse_args(arguments)
    names = [name.strip() for name in asked.rows.split(",") if name.strip()] or list(ROWS)
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        parser.error(f"--rows: expected some of {','.join(ROWS)}, got {','.join(unknown)}")
    # What the bridge has to say about each of its faults would bury the table.
    logging.disable(logging.CRITICAL)
    try:
        if not asked.json:
            say(*COLUMNS)
        failed = sum(not tried(ROWS[name], cast("Tier", asked.tier), as_json=asked.json) for name in names)
    finally:
        logging.disable(logging.NOTSET)
    return 1 if failed else 0


def tried(row: Row, tier: Tier, *, as_json: bool) -> bool:
    """Run one row, print its line and return whether it has passed."""
    began_s = time.monotonic()
    repetitions = row.repetitions[tier]
    try:
        outcome = row.run(repetitions)
    # A row that breaks has failed; the others are still worth their lines.
    except Exception as error:  # noqa: BLE001
        traceback.print_exc()
        outcome = Outcome(0, 0, passed=False, figures=f"broke: {type(error).__name__}: {error}")
    took_s = time.monotonic() - began_s
    repetitions = repetitions if outcome.repetitions is None else outcome.repetitions
    if as_json:
        told = {"row": row.id, "fault": row.fault, "tier": tier, "expected": row.expected, "took_s": took_s}
        sys.stdout.write(json.dumps(told | asdict(outcome) | {"repetitions": repetitions}) + "\n")
        sys.stdout.flush()
        return outcome.passed
    delay = "" if outcome.worst_delay_s is None else f"{outcome.worst_delay_s:.3f} s"
    verdict = "pass" if outcome.passed else "FAIL"
    say(row.id, row.fault, repetitions, outcome.lost, outcome.wrong, delay, f"{took_s:.1f} s", verdict)
    sys.stdout.write(f"      expected: {row.expected}\n      measured: {outcome.figures}\n")
    sys.stdout.flush()
    return outcome.passed


def say(*cells: object) -> None:
    """Print one line of the table."""
    sys.stdout.write(
        "  ".join(str(cell).ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
