"""The checkout as the house tests look at it: what git tracks, and what pyproject.toml says."""

from __future__ import annotations

import ast
import functools
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("crampwatch", "dashboard", "detector", "firmware_bridge", "models")


@functools.cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git tracks here and that is still there; skips the test outside a git checkout."""
    listing = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z"],
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip(f"needs a git checkout: {listing.stderr.strip()}")
    return tuple(path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file())


def python_files(*folders: str) -> list[Path]:
    """Every Python file under `folders` of the checkout; all five rooms by default."""
    return sorted(path for folder in folders or ROOMS for path in (ROOT / folder).rglob("*.py"))


def short(path: Path) -> str:
    """Name a file as a reader of the repository would."""
    return path.relative_to(ROOT).as_posix()


def syntax_nodes(path: Path) -> Iterator[ast.AST]:
    """Every node of a Python file's syntax tree."""
    return ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))


def imported_modules(path: Path) -> Iterator[str]:
    """Every module that a Python file imports, at its top or anywhere inside."""
    for node in syntax_nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@functools.cache
def pyproject() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
