"""What all tests share: the parts of this machine that a marker stands for, and how hypothesis searches.

A test with one of the markers in `NEEDS` is skipped, with the reason, where that part is missing.
With CI=true a missing broker, browser, viewer or database server is a failure: there nothing may go untested unseen.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
# Debian keeps servers where an ordinary user's PATH does not look.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

# A browser that draws nothing on a screen and asks nobody for updates.
BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)

# No deadline: how long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if IN_CI else "local")


def find_program(*names: str) -> str | None:
    """Give the full path of the first of `names` that is installed."""
    return next((path for name in names if (path := shutil.which(name, path=SEARCH_PATH))), None)


def find_mosquitto() -> str | None:
    """Give the path of mosquitto, if its command-line clients are there as well."""
    return find_program("mosquitto") if find_program("mosquitto_sub") else None


def find_chromium() -> str | None:
    """Give the path of Debian's chromium, or of what other systems call it."""
    return find_program("chromium", "chromium-browser")


def find_postgresql() -> str | None:
    """Give the folder of PostgreSQL's server programs; Debian keeps each version's out of everybody's PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(versions[-1]) if versions else find_program("initdb")
    return str(Path(found).parent) if found else None


def find_firmware_tools() -> str | None:
    """Give the path of avr-gcc, if all else that builds the firmware and runs it in simavr is there as well."""
    programs = all(map(find_program, ("avr-g++", "gcc", "g++", "make")))
    folders = (Path("/usr/include/simavr"), Path("/usr/share/arduino/hardware/arduino/avr"))
    return find_program("avr-gcc") if programs and all(map(Path.is_dir, folders)) else None


def find_edfbrowser() -> str | None:
    """Give the path of EDFbrowser, if a screen to show it on and what looks at that are there as well."""
    return find_program("edfbrowser") if all(map(find_program, ("Xvfb", "xdotool"))) else None


def find_shared_data() -> str | None:
    """Give the folder of real recordings, if it lies beside this checkout."""
    return str(SHARED_DATA) if SHARED_DATA.is_dir() else None


# Marker to (how to find what it needs, what to say where that is missing, whether CI must have it).
NEEDS: dict[str, tuple[Callable[[], str | None], str, bool]] = {
    "broker": (
        find_mosquitto,
        "needs mosquitto and mosquitto-clients: `make setup-test` installs them",
        True,
    ),
    "browser": (find_chromium, "needs chromium: `make setup-test` installs it", True),
    "firmware": (
        find_firmware_tools,
        "needs avr-gcc, g++, simavr and arduino-core-avr: `make setup-test` installs them",
        True,
    ),
    "edfbrowser": (
        find_edfbrowser,
        "needs edfbrowser, xvfb and xdotool: `make setup-test` installs them",
        True,
    ),
    "postgres": (find_postgresql, "needs postgresql: `make setup-test` installs it", True),
    "shared_data": (
        find_shared_data,
        "needs the real recordings in ../shared/data, which are not there",
        False,
    ),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with long tests first: of several processes, none is left with one when the others are done."""
    long = {
        item.path for item in items if any(item.get_closest_marker(name) for name in ("slow", "firmware"))
    }
    items.sort(key=lambda item: item.path not in long)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (find, reason, required_in_ci) in NEEDS.items():
        if item.get_closest_marker(marker) is None or find() is not None:
            continue
        if required_in_ci and IN_CI:
            pytest.fail(f"CI=true, and this test {reason}", pytrace=False)
        pytest.skip(f"this test {reason}")


@pytest.fixture(scope="session")
def mosquitto_path() -> str:
    """Path of mosquitto; mark the test `broker`."""
    return find_mosquitto() or "mosquitto"


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of chromium for Playwright's `executable_path`; mark the test `browser`."""
    return find_chromium() or "chromium"


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """A browser without a window; mark the test `browser`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=list(BROWSER_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgresql_programs() -> str:
    """Folder of initdb and pg_ctl; mark the test `postgres`."""
    return find_postgresql() or ""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real recordings; mark the test `shared_data`."""
    return SHARED_DATA
