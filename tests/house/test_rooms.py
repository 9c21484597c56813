"""The folders keep their walls, their size and their manners."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.house.house import ROOMS, ROOT, imported_modules, pyproject, python_files, short, syntax_nodes

# The owner's limit for one file.
MAX_LINES = 300
# Rooms that compute and nothing else: what they import must not reach a port, a disk, a clock or a thread.
PURE_FILES = {
    "firmware_bridge": ("wire", "frames", "decoder", "samples", "assembler", "device_clock"),
    "detector": (
        *("types", "filters", "features", "quality", "classifier", "events", "pipeline"),
        *("leg_movements", "scoring", "alarms", "guidance"),
    ),
    "dashboard": ("views",),
}
IMPURE_MODULES = {
    *(
        "asyncio",
        "multiprocessing",
        "paho",
        "requests",
        "select",
        "serial",
        "socket",
        "sqlalchemy",
        "sqlite3",
    ),
    *("subprocess", "threading", "time", "urllib"),
}
# Modules that run code found in what they load.
UNSAFE_MODULES = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "runpy", "shelve", "skops"}
# What may be had of them all the same, by file: joblib's pool among our own processes, and nothing that loads.
SAFE_PARTS = {
    "crampwatch/replay/runners.py": {
        *("joblib.Parallel", "joblib.delayed", "joblib.externals.loky.get_reusable_executor"),
        "joblib.externals.loky.process_executor.BrokenProcessPool",
    }
}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__"}
# Likewise, by their whole names: a shell's, and a YAML that makes any object.
UNSAFE_NAMES = {
    *("os.popen", "os.system", "subprocess.getoutput", "subprocess.getstatusoutput"),
    *("yaml.full_load", "yaml.load", "yaml.unsafe_load"),
}
UNSAFE_ARGUMENTS = {"shell", "allow_pickle"}


def test_no_python_file_is_longer_than_300_lines() -> None:
    lengths = {
        short(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files(*ROOMS, "tests", "build_hooks", "benchmarks", "scripts")
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_imports_only_go_left() -> None:
    lint_imports = shutil.which("lint-imports", path=sysconfig.get_path("scripts"))
    assert lint_imports, "import-linter belongs to the test extra: `make setup-test`"
    outcome = subprocess.run(
        [lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_walls_stand_between_all_rooms() -> None:
    tool = pyproject()["tool"]["importlinter"]
    walled = {room.strip() for layer in tool["contracts"][0]["layers"] for room in layer.split("|")}
    assert walled == set(tool["root_packages"]) == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_every_folder_with_code_is_a_listed_package(room: str) -> None:
    listed = set(pyproject()["tool"]["setuptools"]["packages"])
    folders = {path.parent.relative_to(ROOT) for path in python_files(room)}
    assert {".".join(folder.parts) for folder in folders} <= listed
    assert [short(ROOT / folder) for folder in folders if not (ROOT / folder / "__init__.py").is_file()] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_typed_for_those_who_import_it(room: str) -> None:
    assert (ROOT / room / "py.typed").is_file()


@pytest.mark.parametrize("room", PURE_FILES)
def test_rooms_that_compute_do_nothing_else(room: str) -> None:
    found = {
        short(path): reached
        for path in python_files(room)
        if path.stem in PURE_FILES[room] and (reached := _tops(path) & IMPURE_MODULES)
    }
    assert found == {}


@pytest.mark.parametrize(
    "path", python_files(*ROOMS, "build_hooks", "benchmarks", "deploy", "scripts"), ids=short
)
def test_nothing_that_is_loaded_can_run_code(path: Path) -> None:
    assert _unsafe_imports(path) - SAFE_PARTS.get(short(path), set()) == set()
    assert [ast.unparse(node) for node in syntax_nodes(path) if _is_unsafe_call(node)] == []


@pytest.mark.parametrize(
    ("source", "unsafe"),
    [
        ("eval('1')", True),
        ("subprocess.run('ls', shell=True)", True),
        ("numpy.load(path, allow_pickle=True)", True),
        ("numpy.load(path, allow_pickle=False)", False),
        ("re.compile('a')", False),
        ("yaml.load(text)", True),
        ("yaml.safe_load(text)", False),
        ("os.system('ls')", True),
    ],
)
def test_the_search_for_unsafe_calls_finds_them(source: str, *, unsafe: bool) -> None:
    assert any(_is_unsafe_call(node) for node in ast.walk(ast.parse(source))) is unsafe


def test_help_answers_without_the_heavy_libraries() -> None:
    heavy = {"scipy", "sklearn", "sqlalchemy", "starlette", "uvicorn", "iotcore"}
    script = "import sys, crampwatch.commands; print(*{name.partition('.')[0] for name in sys.modules})"
    outcome = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert heavy & set(outcome.stdout.split()) == set()


def _tops(path: Path) -> set[str]:
    return {module.partition(".")[0] for module in imported_modules(path)}


def _unsafe_imports(path: Path) -> set[str]:
    """Return what is imported of modules that run code, each by its whole name; of a module as such, the module's."""
    found: set[str] = set()
    for node in syntax_nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.partition(".")[0] in UNSAFE_MODULES}


def _is_unsafe_call(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    by_name = isinstance(node.func, ast.Name) and node.func.id in UNSAFE_CALLS
    by_name |= ast.unparse(node.func) in UNSAFE_NAMES
    by_argument = any(
        keyword.arg in UNSAFE_ARGUMENTS and getattr(keyword.value, "value", True) is not False
        for keyword in node.keywords
    )
    return by_name or by_argument
