"""What an installer gets: locked, complete, honest about its version, and nothing it was not asked for."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import sys
from pathlib import Path

import pytest
import vendor_uplot

from tests.house.house import ROOMS, ROOT, imported_modules, pyproject, python_files, short, tracked_files

PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^\s;\\]+)", re.MULTILINE)
NAME = re.compile(r"^[A-Za-z0-9._-]+")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(lock: str) -> set[tuple[str, str]]:
    return set(PIN.findall((ROOT / "constraints" / lock).read_text(encoding="utf-8")))


def _names(requirements: list[str]) -> set[str]:
    return {_normal(found.group()) for text in requirements if (found := NAME.match(text))}


def test_tests_run_on_the_versions_that_users_get() -> None:
    assert _pins("core.txt") <= _pins("test.txt")


def test_every_dependency_is_locked() -> None:
    project = pyproject()["project"]
    locked_core = {name for name, _ in _pins("core.txt")}
    assert _names(project["dependencies"]) <= locked_core
    for extra, requirements in project["optional-dependencies"].items():
        lock = "fuzz.txt" if extra == "fuzz" else "test.txt"
        assert _names(requirements) - {project["name"]} <= {name for name, _ in _pins(lock)}, extra


def test_core_users_get_no_test_tools() -> None:
    locked_core = {name for name, _ in _pins("core.txt")}
    assert locked_core & {"pytest", "hypothesis", "mypy", "ruff", "playwright"} == set()


def test_everything_imported_is_a_dependency_of_its_own() -> None:
    project = pyproject()["project"]
    extras = [entry for extra in project["optional-dependencies"].values() for entry in extra]
    declared = _names(project["dependencies"]) | _names(extras)
    owners = importlib.metadata.packages_distributions()
    undeclared = {
        f"{short(path)}: {module}"
        for path in python_files()
        for module in {name.partition(".")[0] for name in imported_modules(path)}
        if module not in sys.stdlib_module_names and module not in ROOMS
        if not {_normal(owner) for owner in owners.get(module, [module])} & declared
    }
    assert undeclared == set()


def test_the_version_is_written_once() -> None:
    version = pyproject()["project"]["version"]
    assert importlib.metadata.version("crampwatch") == version
    written = [short(path) for path in python_files() if f'"{version}"' in path.read_text(encoding="utf-8")]
    assert written == []


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == pyproject()["project"]["version"]


def test_the_licence_is_the_one_declared() -> None:
    project = pyproject()["project"]
    assert project["license"] == "Apache-2.0"
    assert all((ROOT / name).is_file() for name in project["license-files"])
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text(
        encoding="utf-8"
    )


def test_no_third_party_source_is_committed() -> None:
    assert [short(path) for path in tracked_files() if "vendor" in path.parts or ".min." in path.name] == []


def test_uplot_is_asked_for_as_locked() -> None:
    asked = {
        tuple(one.split("==")) for one in (vendor_uplot.UPLOT_REQUIREMENT, vendor_uplot.PACKER_REQUIREMENT)
    }
    assert asked <= _pins("build.txt")


def test_uplot_is_copied_when_it_is_the_file_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin, vendor = tmp_path / "origin", tmp_path / "vendor"
    origin.mkdir()
    (origin / "uPlot.js").write_bytes(b"a chart")
    monkeypatch.setattr(vendor_uplot, "UPLOT_SHA256", {"uPlot.js": vendor_uplot._sha256(b"a chart")})
    monkeypatch.setattr(vendor_uplot, "PACKED_SHA256", {})
    vendor_uplot.vendor_uplot(vendor, origin)
    assert [path.name for path in vendor.iterdir()] == ["uPlot.js"]
    assert vendor_uplot.is_vendored(vendor)


def test_uplot_is_refused_when_it_is_another_file(tmp_path: Path) -> None:
    for name in vendor_uplot.UPLOT_SHA256:
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(
        vendor_uplot.VendorError, match=r"uPlot\.iife\.js is not the file expected: SHA-256 655bc8aa"
    ):
        vendor_uplot.vendor_uplot(tmp_path / "vendor", tmp_path)
    assert not (tmp_path / "vendor").exists()


def test_a_vendored_file_that_was_changed_is_brought_in_again(tmp_path: Path) -> None:
    for name in vendor_uplot.UPLOT_SHA256:
        (tmp_path / name).write_bytes(b"edited by hand")
    assert not vendor_uplot.is_vendored(tmp_path)


def test_a_build_without_uplot_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(vendor_uplot.VendorError, match=r"the build environment has no uplot-python==1\.1\.1"):
        vendor_uplot.vendor_uplot(tmp_path / "vendor")


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_of_a_room_reaches_who_installs_it(room: str) -> None:
    patterns = pyproject()["tool"]["setuptools"]["package-data"]
    packed = {
        path
        for key in ("*", room)
        for pattern in patterns.get(key, [])
        for path in (ROOT / room).glob(pattern)
    }
    of_room = {path for path in tracked_files() if path.is_relative_to(ROOT / room) and path.suffix != ".py"}
    assert {short(path) for path in of_room - packed} == set()
