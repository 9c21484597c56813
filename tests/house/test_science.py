"""What the code cites as science.md leads to something: a heading of docs/science.md, or a line of its references."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.house import ROOT, short, tracked_files

PAGE = ROOT / "docs" / "science.md"
CODE = {".js", ".md", ".py", ".toml"}
# A citation may go on in the next line of a comment.
LINE_END = re.compile(r"\s*\n\s*(?:#|//|\*)?\s*")
NUMBER = r"\d+(?:\.\d+|, point \d+)?"
CITED = re.compile(rf"science\.md,? sections? ({NUMBER}(?:(?:, | and ){NUMBER})*)")
CITED_REFERENCE = re.compile(r"science\.md (R\d+[a-z]?)")
HEADING = re.compile(r"^#+ (\d+(?:\.\d+)?)\.? ", re.MULTILINE)
REFERENCE = re.compile(r"^\| (R\d+[a-z]?) \|", re.MULTILINE)


def _cited(text: str) -> set[str]:
    """Return what a text cites, as the page numbers it."""
    joined = LINE_END.sub(" ", text)
    sections = {
        number.replace(", point ", ".")
        for numbers in CITED.findall(joined)
        for number in re.findall(NUMBER, numbers)
    }
    return sections | set(CITED_REFERENCE.findall(joined))


def _citing_files() -> list[Path]:
    return [path for path in tracked_files() if path.suffix in CODE and path not in {PAGE, Path(__file__)}]


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("# Silence (science.md section 10: 5\n# s).", {"10"}),
        ("# as there (science.md\n    # section 4).", {"4"}),
        ("(science.md sections 3, 4 and 10).", {"3", "4", "10"}),
        ("(science.md, section 0, point 5), and", {"0.5"}),
        ("as science.md section 0.1. 5 of them", {"0.1"}),
        ("3–1000 (science.md R38a).", {"R38a"}),
        ("the table in science.md says", set()),
    ],
)
def test_the_search_for_citations_finds_them(text: str, cited: set[str]) -> None:
    assert _cited(text) == cited


def test_every_citation_of_the_science_leads_to_a_heading_or_a_reference() -> None:
    page = PAGE.read_text(encoding="utf-8")
    there = set(HEADING.findall(page)) | set(REFERENCE.findall(page))
    cited = {short(path): _cited(path.read_text(encoding="utf-8")) for path in _citing_files()}
    assert len(set().union(*cited.values())) > 10
    assert {name: missing for name, numbers in cited.items() if (missing := numbers - there)} == {}


def test_every_reference_that_the_page_uses_is_in_its_list() -> None:
    page = PAGE.read_text(encoding="utf-8")
    used = re.findall(r"\bR\d+[a-z]?\b", page)
    listed = REFERENCE.findall(page)
    assert len(listed) == len(set(listed))
    assert set(used) - set(listed) == set()
    assert {name for name in listed if used.count(name) == 1} == set()
