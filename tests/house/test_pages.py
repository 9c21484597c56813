"""What is written for people is true of this checkout, and names no machine and no registry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.house import ROOT, short, tracked_files

ELSEWHERE = {
    "a package registry": re.compile(
        r"pypi\.org|pythonhosted\.org|registry\.npmjs|crates\.io|proxy\.golang|deb\.debian\.org"
        r"|^\s*--?(?:(?:extra-)?index-url|find-links)\b",
        re.MULTILINE,
    ),
    "a folder of one machine": re.compile(r"(?<![\w./:~-])/(?:root|work|home/\w+|Users/\w+)/"),
}
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
MAKE_COMMAND = re.compile(r"^make ([a-z-]+)|`make ([a-z-]+)", re.MULTILINE)
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE", "NOTICE")
NOT_A_DEVICE = "a comfort aid, not a medical device"


def _text(path: Path) -> str:
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


@pytest.mark.parametrize("place", ELSEWHERE)
def test_no_tracked_file_names_what_is_elsewhere(place: str) -> None:
    named = {
        short(path): found.group()
        for path in tracked_files()
        if (found := ELSEWHERE[place].search(_text(path)))
    }
    assert named == {}


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_of_the_house_are_there(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_on_a_page_exists(name: str) -> None:
    targets = set(TARGET.findall(_text(ROOT / "Makefile")))
    commands = {first or second for first, second in MAKE_COMMAND.findall(_text(ROOT / name))}
    assert commands
    assert commands <= targets


def test_readme_begins_with_the_two_commands() -> None:
    commands = [first for first, _ in MAKE_COMMAND.findall(_text(ROOT / "README.md")) if first]
    assert commands[:2] == ["demo", "test"]


def test_make_help_lists_every_target_for_people() -> None:
    makefile = _text(ROOT / "Makefile")
    phony = set(re.findall(r"^\.PHONY: (help .*)$", makefile, re.MULTILINE)[0].split())
    assert set(re.findall(r"^([a-z-]+):.*  ## \S", makefile, re.MULTILINE)) == phony


def test_readme_says_what_it_is_not() -> None:
    assert NOT_A_DEVICE in " ".join(_text(ROOT / "README.md").split())
