"""Nobody writes a line of their own into a log or onto a terminal."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.errors import complain
from crampwatch.plain_lines import LONGEST, log_plainly, plain

FORGED = "left-calf\nERROR all: forged\r\x1b[2J\x1b]0;owned\x07\u202egnp\u2028.\x85\x00"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level, stream = root.handlers[:], root.level, io.StringIO()
    log_plainly(stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


@given(st.text())
def test_a_line_stays_one_line_without_control_characters(text: str) -> None:
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert all(one.isprintable() or one == "\t" for one in shown)


def test_words_of_any_language_stay_as_they_are() -> None:
    assert plain("Wadenkrampf · 小腿 µV\t12 s") == "Wadenkrampf · 小腿 µV\t12 s"
    assert len(plain("x" * 10 * LONGEST)) < LONGEST + 10


def test_what_is_logged_forges_no_line(log: io.StringIO) -> None:
    logging.getLogger("detector").warning("sensor %s", FORGED)
    [line] = log.getvalue().splitlines()
    assert "\\nERROR all: forged" in line
    # Neither an escape sequence nor letters that turn the reading round.
    assert line.isprintable()


def test_a_traceback_is_kept_and_its_text_escaped(log: io.StringIO) -> None:
    try:
        int(FORGED)
    except ValueError:
        logging.getLogger("detector").exception("failed")
    assert "Traceback" in log.getvalue()
    assert "\x1b" not in log.getvalue()


@pytest.mark.parametrize(
    "where", ["fail()", "t = threading.Thread(target=fail, name='reader'); t.start(); t.join()"]
)
def test_an_error_that_nobody_expected_is_logged_plainly_too(where: str) -> None:
    script = (
        "import threading; from crampwatch.plain_lines import log_plainly, log_the_unexpected\n"
        f"def fail(): raise RuntimeError({FORGED!r})\n"
        f"log_plainly(); log_the_unexpected(); {where}"
    )
    outcome = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "CRITICAL crampwatch.plain_lines: unexpected" in outcome.stderr
    assert "| RuntimeError: left-calf\n| ERROR all: forged" in outcome.stderr
    assert sum(not line.startswith("| ") for line in outcome.stderr.splitlines()) == 1
    assert "\x1b" not in outcome.stderr


def test_a_complaint_is_one_line_whatever_a_file_put_into_it(capsys: pytest.CaptureFixture[str]) -> None:
    complain(f"night.edf: channel {FORGED}")
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("crampwatch: night.edf: channel left-calf\\nERROR")
    assert "\x1b" not in line
