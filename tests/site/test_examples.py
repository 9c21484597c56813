"""Every example and every command in the documentation does what the page says: it is run, or says why not."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from crampwatch.commands import app
from tests.site.pages import PAGES, ROOT, Block, blocks, command_lines

SHELL = ("sh", "bash", "console")
PROSE = {"text", "toml", "json", "yaml", "ini", "powershell", "tsv", "csv", "mermaid", "cpp", "c"}
WITH_PYTHON = [page for page in PAGES if any(block.reason is None for block in blocks(page, "python"))]
WITH_COMMANDS = [page for page in PAGES if any(block.reason is None for block in blocks(page, *SHELL))]
SHOWN = [block for page in PAGES for block in blocks(page, *SHELL)]
LIMIT_S = 100


def _named(value: Any) -> str:
    return value.place if isinstance(value, Block) else value.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", WITH_PYTHON, ids=_named)
def test_the_python_of_a_page_runs_from_top_to_bottom(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks(page, "python"):
        if block.reason is None:
            exec(compile(block.body, block.place, "exec"), names)  # the page is the program under test


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_COMMANDS, ids=_named)
def test_the_commands_of_a_page_run_in_order(page: Path, tmp_path: Path) -> None:
    """In an empty folder, a home of its own, with nothing set up but the program."""
    home = tmp_path / "home"
    home.mkdir()
    folder = tmp_path / "here"
    folder.mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "PYTHONWARNINGS": "ignore"}
    for block in blocks(page, *SHELL):
        if block.reason is not None:
            continue
        done = subprocess.run(
            ["sh", "-e", "-c", block.body],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, f"{block.place}\n{block.body}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("block", SHOWN, ids=_named)
def test_every_command_that_is_shown_exists_with_its_options(block: Block) -> None:
    for line in command_lines(block.body):
        for words in _crampwatch_calls(line):
            _check(words, block)


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_every_command_that_is_named_in_a_sentence_exists(page: Path) -> None:
    for span in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", page.read_text(encoding="utf-8")):
        if re.match(r"crampwatch [a-z]", span):
            _check(span.split()[1:], Block(page, 1, "sh", span, None))


def test_a_command_or_an_option_that_is_not_there_is_noticed() -> None:
    block = Block(ROOT / "README.md", 1, "sh", "", None)
    for words in (["levitate"], ["replay", "a.edf", "--levitate"], ["export", "levitate"]):
        with pytest.raises(AssertionError):
            _check(words, block)


def test_every_block_is_of_a_kind_that_is_run_or_that_nobody_could_run() -> None:
    kinds = {
        found
        for page in PAGES
        for found in re.findall(r"^\s*```(\w[\w-]*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert kinds <= {*SHELL, *PROSE, "python"}


def _crampwatch_calls(line: str) -> list[list[str]]:
    words = shlex.split(line, comments=True)
    calls: list[list[str]] = []
    current: list[str] | None = None
    for word in words:
        if word in {"|", "&&", "||", ";", ">", "<", "&"}:
            current = None
        elif Path(word).name == "crampwatch" and current is None:
            current = []
            calls.append(current)
        elif current is not None:
            current.append(word)
    return calls


def _check(words: list[str], block: Block) -> None:
    command: Any = get_command(app)
    context = typer.Context(command, info_name="crampwatch")
    while getattr(command, "commands", None) and words and not words[0].startswith("-"):
        name, *words = words
        assert name in command.commands, f"{block.place}: there is no `{context.command_path} {name}`"
        command = command.commands[name]
        context = typer.Context(command, info_name=name, parent=context)
    known = {option for parameter in command.get_params(context) for option in parameter.opts}
    known |= {option for parameter in command.get_params(context) for option in parameter.secondary_opts}
    known |= {"-h", "--help"}
    for word in words:
        option = word.partition("=")[0]
        if re.match(r"--?[a-z]", option):
            assert option in known, f"{block.place}: `{context.command_path}` has no {option}"
