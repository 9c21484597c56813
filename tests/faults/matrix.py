"""All rows that are built, in the order of RELIABILITY.md."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from tests.faults.line import Line
from tests.faults.row import ROWS as ENTERED
from tests.faults.row import Row

# Each of these enters its rows when it is imported.
for _file in sorted(Path(__file__).parent.glob("*_row*.py")):
    if not _file.name.startswith("test_"):
        import_module(f"tests.faults.{_file.stem}")


def _place(name: str) -> tuple[str, int, str]:
    return name[0], len(name), name


ROWS: dict[str, Row] = {name: ENTERED[name] for name in sorted(ENTERED, key=_place)}


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Return lines in the order of the matrix."""
    return sorted(lines, key=lambda line: _place(line.row))
