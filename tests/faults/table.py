"""Figures of the fault runner as a page: ``python -m tests.faults.table FIGURES.jsonl… > docs/faults.md``.

The figures are what the runner prints with ``--json``; of a row that is there twice the last counts.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.matrix import ROWS

HEAD = """# Faults that were tried

Measured on {date} on {cores} cores of a busy, shared machine ({system}, Python {python}), at the lowest priority:
delays include what other work on it took. One board on a pseudo-terminal or a TCP connection of this machine unless the
row says otherwise; no radio, no USB and no real board took part. Synthetic signals. The rows are those of the fault
runner (`make faults ROWS=A1,A2 TIER=nightly`), which prints the same figures.

| row | fault | times | lost | wrong | worst delay | verdict |
| --- | --- | --- | --- | --- | --- | --- |
"""


def page(told: Iterable[Mapping[str, Any]]) -> str:
    """Return the page."""
    newest = {line["row"]: line for line in told}
    lines = [newest[name] for name in ROWS if name in newest]
    head = HEAD.format(
        date=datetime.now(UTC).date().isoformat(),
        cores=os.cpu_count(),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
    )
    table = "".join(cells(line) for line in lines)
    words = "".join(
        f"- **{line['row']}**, {ROWS[line['row']].expected}. Measured: {line['figures']}.\n" for line in lines
    )
    return f"{head}{table}\n## What was expected, and what came\n\n{words}"


def cells(line: Mapping[str, Any]) -> str:
    """Return a row of the table."""
    delay = "" if line["worst_delay_s"] is None else f"{line['worst_delay_s']:.3f} s"
    verdict = "pass" if line["passed"] else "FAIL"
    shown = (
        line["row"],
        ROWS[line["row"]].fault,
        f"{line['repetitions']:,}",
        line["lost"],
        line["wrong"],
        delay,
        verdict,
    )
    return f"| {' | '.join(map(str, shown))} |\n"


if __name__ == "__main__":
    files = [Path(name).read_text(encoding="utf-8") for name in sys.argv[1:]]
    sys.stdout.write(page(json.loads(line) for text in files for line in text.splitlines() if line))
