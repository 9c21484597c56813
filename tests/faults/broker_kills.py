"""Kills the broker under an alarm a second: ``python -m tests.faults.broker_kills [KILLS]``, or ``make broker-kills``.

From the real outbox and publisher to the real night log (row E1), and a broker that hangs (row E3): it prints what was
lost or doubled and how soon the link was back, or was noticed to be gone, and ends with 1 if that is not as it must be.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from tests.faults.matrix import ROWS

# Each of them takes as long as a silent link is believed in.
HANGS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.broker_kills", description="Kills the broker under an alarm a second."
    )
    parser.add_argument("kills", nargs="?", type=int, default=500)
    asked = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    try:
        outcomes = [(name, ROWS[name].run(times)) for name, times in (("E1", asked.kills), ("E3", HANGS))]
    finally:
        logging.disable(logging.NOTSET)
    for name, outcome in outcomes:
        verdict = "pass" if outcome.passed else "FAIL"
        sys.stdout.write(f"{verdict}  {ROWS[name].fault}\n      expected: {ROWS[name].expected}\n")
        sys.stdout.write(f"      measured: {outcome.figures}\n")
    return 0 if all(outcome.passed for _, outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
