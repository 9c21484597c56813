"""The threat model names every row, and for each a test that exists or a reason."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

from tests.house.house import ROOT

MODEL = ROOT / "docs" / "threat-model.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROWS = [f"S{number}" for number in range(1, 29)]
ARROWS = (
    *("board → bridge", "host → board", "bridge → recording", "monitor → outbox", "monitor → broker"),
    *(
        "broker → night log",
        "broker → alerter",
        "alerter → channel",
        "browser → pages",
        "pages → broker, commands",
    ),
    *("files → lab, replay", "settings, model → process", "packages → install", "backup, export → out"),
)


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table under a heading, by cells, its head left out."""
    part = MODEL.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@functools.cache
def functions(path: Path) -> frozenset[str]:
    """Return the tests of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_row_is_there_once_in_its_order() -> None:
    assert [row[0] for row in table("Each row, and what shows it")] == ROWS


@pytest.mark.parametrize("row", ROWS)
def test_each_row_names_tests_that_exist_or_a_reason(row: str) -> None:
    [(_, _holds, shown)] = [cells for cells in table("Each row, and what shows it") if cells[0] == row]
    named = TEST.findall(shown)
    assert named or shown.startswith("no test: ")
    missing = [f"{file}::{name}" for file, name in named if name not in functions(ROOT / file)]
    assert missing == []


def test_every_arrow_has_its_line_and_leads_to_rows() -> None:
    arrows = table("The data flow")
    assert set(ARROWS) <= {arrow for arrow, _, _ in arrows}
    for arrow, told, rows in arrows:
        assert re.search(r"\*\*[STRIDE]\*\* ", told), arrow
        assert rows, arrow
        assert set(rows.split()) <= set(ROWS), arrow


def test_a_weakness_can_be_told_and_by_when_it_is_public() -> None:
    policy = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "90 days" in policy
    assert "report a vulnerability" in policy
    assert re.search(r"^## Which versions", policy, re.MULTILINE)
    # A way that the repository itself has: no address that dies with its owner.
    assert not re.search(r"\S+@\S+\.\w+", policy)
