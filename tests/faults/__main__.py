"""The fault runner: ``python -m tests.faults --rows A1,A2 --tier pr``, or ``make faults ROWS=A1,A2 TIER=pr``.

It prints a table of all rows and ends with 1 if any of them fails. Rows that this machine cannot run, and those that
the test suite shows, are listed with the reason or the place.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast, get_args

from rich.console import Console
from rich.progress import Progress

from tests.faults.elsewhere import ELSEWHERE
from tests.faults.line import COLUMNS, Line, as_text
from tests.faults.matrix import ROWS, in_order
from tests.faults.row import Row, Tier
from tests.faults.running import WORKERS, Runner
from tests.faults.table import page


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows that are asked for and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description="Runs rows of the fault matrix."
    )
    parser.add_argument("--rows", default="", help=f"of {','.join(ROWS)}; all if empty")
    parser.add_argument("--tier", choices=get_args(Tier), default="pr", help="how often each fault is tried")
    parser.add_argument("--workers", type=int, default=WORKERS, help="rows beside each other")
    parser.add_argument("--json", action="store_true", help="a JSON object a line, as soon as it is known")
    parser.add_argument("--markdown", action="store_true", help="the page docs/faults.md")
    asked = parser.parse_args(arguments)
    names = [name.strip() for name in asked.rows.split(",") if name.strip()]
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        parser.error(f"--rows: expected some of {','.join(ROWS)}, got {','.join(unknown)}")
    if asked.workers < 1:
        parser.error(f"--workers: expected 1 or more, got {asked.workers}")
    tier = cast("Tier", asked.tier)
    rows = [ROWS[name] for name in names or ROWS]
    with told(rows, as_json=asked.json, as_page=asked.markdown) as tell:
        runner = Runner(tier, asked.workers, tell)
        if not names:
            for one in ELSEWHERE:
                runner.lines.append(one.line(tier))
        lines = in_order(runner.run(rows))
    if asked.markdown:
        sys.stdout.write(page(lines))
    elif not asked.json:
        sys.stdout.write(table(lines))
    return 0 if all(line.passed for line in lines) else 1


@contextmanager
def told(rows: Sequence[Row], *, as_json: bool, as_page: bool) -> Iterator[Callable[[Line], None]]:
    """Show each line as it comes, and on a terminal how far things are."""
    # A thread that draws would not survive the forks, so that it is drawn when something has happened.
    console = Console(stderr=True)
    with Progress(console=console, auto_refresh=False, disable=not console.is_terminal) as bar:
        task = bar.add_task("faults", total=len(rows))

        def tell(line: Line) -> None:
            bar.advance(task)
            bar.refresh()
            if as_json:
                sys.stdout.write(f"{line.to_json()}\n")
            elif not as_page:
                sys.stdout.write(f"{line.row:<5}{line.verdict:<9}{line.took_s:7.1f} s  {line.figures}\n")
            sys.stdout.flush()

        yield tell


def table(lines: Sequence[Line]) -> str:
    """Return the table as text, and its sum."""
    counts = {verdict: sum(line.verdict == verdict for line in lines) for verdict in VERDICTS}
    shown = "\n".join(as_text(line.cells) for line in lines)
    total = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    reasons = "".join(
        f"  {line.row}: {line.why}\n" for line in lines if line.verdict in {"not run", "elsewhere"}
    )
    return f"\n{as_text(COLUMNS)}\n{shown}\n\n{reasons}\n{total}\n"


VERDICTS = ("pass", "FAIL", "stopped", "not run", "elsewhere")


if __name__ == "__main__":
    sys.exit(main())
