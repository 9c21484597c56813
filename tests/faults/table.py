"""Figures of the fault runner as a page: ``python -m tests.faults.table FIGURES.jsonl… > docs/faults.md``.

The figures are what the runner prints with ``--json``; of a row that is there twice the last counts.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.elsewhere import ELSEWHERE
from tests.faults.line import COLUMNS, Line
from tests.faults.matrix import ROWS, in_order

HEAD = """# Faults that were tried

Measured on {date} on {cores} cores of a busy, shared machine ({system}, {memory:.0f} GB, Python {python}), several
rows beside each other and other work besides: delays include what that took. One board on a pseudo-terminal or a TCP
connection of this machine unless the row says otherwise; no radio, no USB and no real board took part. Synthetic
signals. `make faults TIER=nightly` prints the same table; `make faults` alone tries each fault less often, and runs
in CI.

"Doubled" counts what came twice or should not have come at all.

| row | fault | times | lost | doubled | worst delay | verdict |
| --- | --- | --- | --- | --- | --- | --- |
"""


# These have lines of their own, or nobody asks.
IN_WORDS = ("expected", "took")


def page(lines: Iterable[Line]) -> str:
    """Return the page."""
    newest = {line.row: line for line in lines}
    ordered = in_order(newest.values())
    ran = [line for line in ordered if line.verdict in {"pass", "FAIL", "stopped"}]
    head = HEAD.format(
        date=datetime.now(UTC).date().isoformat(),
        cores=os.cpu_count(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        python=platform.python_version(),
    )
    words = "".join(f"- **{line.row}**, {line.expected}. Measured: {line.figures}.\n" for line in ran)
    return (
        f"{head}{''.join(map(cells, ran))}\n## What was expected, and what came\n\n{words}"
        + told("Not run on that machine", [line for line in ordered if line.verdict == "not run"])
        + told("Shown by the test suite", [line for line in ordered if line.verdict == "elsewhere"])
    )


def told(title: str, lines: list[Line]) -> str:
    """Return what was not run, and why or where."""
    if not lines:
        return ""
    return f"\n## {title}\n\n" + "".join(f"- **{line.row}**, {line.fault}: {line.why}.\n" for line in lines)


def cells(line: Line) -> str:
    """Return a row of the table."""
    shown = [cell for name, cell in zip(COLUMNS, line.cells, strict=True) if name not in IN_WORDS]
    return f"| {' | '.join(shown)} |\n"


def main(names: Iterable[str]) -> str:
    """Return the page of files of figures."""
    written = [text for name in names for text in Path(name).read_text(encoding="utf-8").splitlines() if text]
    lines = [Line.from_json(text) for text in written]
    known = [line for line in lines if line.row in ROWS]
    return page([*(one.line("nightly") for one in ELSEWHERE), *known])


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]))
