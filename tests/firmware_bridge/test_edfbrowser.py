"""EDFbrowser, which people who look at nights have, opens our copies and lists what we noted."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageGrab

from firmware_bridge.edf_annotating import write_annotated
from firmware_bridge.edf_annotations import Annotation
from tests.conftest import find_program
from tests.firmware_bridge.foreign_edf import ForeignFile, acceleration, emg
from tests.firmware_bridge.own_nights import block, record

pytestmark = pytest.mark.edfbrowser
PATIENCE_S = 30.0
NO_ERROR, NOT_COMPLIANT = "0", "106"
# Text is white on a dark list.
BRIGHT = 200


class Browser:
    """EDFbrowser on a screen that nobody sees, asked through its own remote control."""

    def __init__(self, display: str, home: Path) -> None:
        self.display = display
        self._environment = os.environ | {
            "DISPLAY": display,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_RUNTIME_DIR": str(home),
            "LANG": "C.UTF-8",
            "QT_QPA_PLATFORM": "xcb",
        }
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._program = subprocess.Popen(
            [find_program("edfbrowser") or "edfbrowser", f"--rc-host-port={port}"],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._line = self._connected(port)
        self._answers = self._line.makefile("r")

    def open(self, path: Path) -> str:
        """Open a file in place of the one before; return the error number."""
        for command in ("*RST", "*CLS", f"FILE:OPEN {path}"):
            self._tell(command)
            until = time.monotonic() + PATIENCE_S
            while self._asked("*OPC?") != "1":
                assert time.monotonic() < until, f"{command} does not end"
                time.sleep(0.02)
        return self._asked("SYSTEM:ERROR?")

    def titles(self) -> set[str]:
        arguments = ["xdotool", "search", "--onlyvisible", "--name", ".", "getwindowname", "%@"]
        named = subprocess.run(arguments, env=self._environment, capture_output=True, text=True, check=False)
        return {line for line in named.stdout.splitlines() if line}

    def lines_listed(self, expected: int) -> int:
        """Return how many annotations its list shows, once it shows as many as expected or patience ends."""
        until = time.monotonic() + PATIENCE_S
        while (lines := self._lines()) != expected and time.monotonic() < until:
            time.sleep(0.1)
        return lines

    def close(self) -> None:
        self._answers.close()
        self._line.close()
        self._program.terminate()
        self._program.wait(PATIENCE_S)

    def _lines(self) -> int:
        """Count the lines of text in the largest dark part of the right half of the window."""
        window = np.asarray(ImageGrab.grab(xdisplay=self.display).convert("L"))[:480, :640]
        strip = window[:, 220:400]
        dark = np.flatnonzero((strip < BRIGHT).mean(axis=1) > 0.5)
        runs = np.split(dark, np.flatnonzero(np.diff(dark) > 1) + 1)
        longest = max(runs, key=len)
        has_text = np.any(strip[longest] > BRIGHT, axis=1)
        return sum(now and not before for before, now in pairwise([False, *has_text.tolist()]))

    def _connected(self, port: int) -> socket.socket:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), PATIENCE_S)
            except OSError:
                assert time.monotonic() < until, "EDFbrowser does not answer"
                assert self._program.poll() is None, "EDFbrowser has ended"
                time.sleep(0.05)

    def _tell(self, command: str) -> None:
        self._line.sendall(f"{command}\n".encode())

    def _asked(self, question: str) -> str:
        self._tell(question)
        return self._answers.readline().strip()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as number:
        display = f":{number.readline().strip()}"
    browser = Browser(display, home)
    yield browser
    browser.close()
    screen.terminate()
    screen.wait(PATIENCE_S)


def noted(count: int) -> list[Annotation]:
    return [Annotation(0.5 * number, 0.25, f"tonic cramp {number}") for number in range(count)]


@pytest.mark.parametrize(("kind", "count"), [("edf", 2), ("edf", 5), ("bdf", 3)])
def test_a_strangers_file_opens_with_our_annotations_listed(
    browser: Browser, tmp_path: Path, kind: str, count: int
) -> None:
    bits = {"edf": 16, "bdf": 24}[kind]
    signals = [emg(digital_min="-32768", digital_max="32767"), *acceleration()]
    source = ForeignFile(signals, bits=bits).write(tmp_path / f"lab.{kind}")
    copy = tmp_path / f"copy{count}.{kind}"
    write_annotated(source, copy, noted(count))
    assert browser.open(copy) == NO_ERROR
    assert browser.titles() == {f"{copy.name} - EDFbrowser"}
    assert browser.lines_listed(count) == count


def test_our_own_night_opens_with_our_annotations_listed(browser: Browser, tmp_path: Path) -> None:
    record(tmp_path / "signal.edf", [block(0, 5000)])
    write_annotated(tmp_path / "signal.edf", tmp_path / "night.edf", noted(3))
    assert browser.open(tmp_path / "night.edf") == NO_ERROR
    # The recorder's own note, who was recorded, is the first.
    assert browser.lines_listed(4) == 4


def test_it_would_say_if_a_file_were_no_edf(browser: Browser, tmp_path: Path) -> None:
    source = ForeignFile([emg()]).write(tmp_path / "lab.edf")
    write_annotated(source, tmp_path / "copy.edf", noted(2))
    damaged = bytearray((tmp_path / "copy.edf").read_bytes())
    # The number of signals.
    damaged[252:256] = b"9   "
    (tmp_path / "copy.edf").write_bytes(damaged)
    assert browser.open(tmp_path / "copy.edf") == NOT_COMPLIANT
