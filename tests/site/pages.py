"""The documentation's pages as a reader finds them: their code blocks, and those that are not run, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "firmware_bridge" / "device").glob("*.md")),
)
# A fenced block, and the comment on the line before it that says why it is not run.
_BLOCK = re.compile(
    r"^(?P<indent>[ ]*)(?:<!-- not run here: (?P<reason>[^>]+?) -->\n(?P=indent))?"
    r"```(?P<language>[\w-]*)[^\n]*\n(?P<body>.*?)\n(?P=indent)```[ ]*$",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """A code block of a page.

    Attributes:
        page: The page.
        line: On which it begins.
        language: As after the fence.
        body: Without the page's indentation.
        reason: Why it is not run; None where it is.
    """

    page: Path
    line: int
    language: str
    body: str
    reason: str | None

    @property
    def place(self) -> str:
        """Where it stands, for a message."""
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"


def blocks(page: Path, *languages: str) -> Iterator[Block]:
    """Yield the page's blocks in some languages, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        if found["language"] in languages:
            indent = found["indent"]
            body = "\n".join(line.removeprefix(indent) for line in found["body"].split("\n"))
            line = text.count("\n", 0, found.start()) + 1
            yield Block(page, line, found["language"], body, found["reason"])


def command_lines(body: str) -> list[str]:
    """Return a shell block's lines, those that go on after a backslash joined, comments and empty ones left out."""
    joined = re.sub(r"\\\n\s*", " ", body)
    return [line.strip() for line in joined.split("\n") if line.strip() and not line.strip().startswith("#")]
