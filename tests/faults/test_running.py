"""The fault runner: a row that fails, breaks or hangs is a verdict, and no row is forgotten."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

import pytest

from tests.conftest import ROOT
from tests.faults import running
from tests.faults.__main__ import main
from tests.faults.elsewhere import ELSEWHERE
from tests.faults.line import Line, broken, judged
from tests.faults.matrix import ROWS
from tests.faults.row import Outcome, Row, Tier
from tests.faults.running import Runner
from tests.faults.table import page

GOOD = Outcome(0, 0, passed=True, figures="as it should be")
BAD = Outcome(1, 2, passed=False, figures="as bad as can be", worst_delay_s=0.5)
REPS: Mapping[Tier, int] = {"pr": 3, "nightly": 3}


def made(name: str, run: Callable[[int], Outcome], *, alone: bool = False) -> Row:
    return Row(name, "a fault", "nothing", REPS, run, alone=alone)


def breaks(_repetitions: int) -> Outcome:
    raise RuntimeError("no pty")


def dies(_repetitions: int) -> Outcome:
    os.kill(os.getpid(), signal.SIGKILL)
    return GOOD


def hangs(_repetitions: int) -> Outcome:
    while True:
        time.sleep(1.0)


def verdicts(*rows: Row, workers: int = 2) -> dict[str, Line]:
    return {line.row: line for line in Runner("pr", workers).run(rows)}


def test_rows_run_beside_each_other_and_whatever_one_does_the_others_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "PATIENCE_S", {"pr": 0.5})
    lines = verdicts(
        made("X1", hangs),
        made("X2", breaks),
        made("X3", dies),
        made("X4", lambda _n: BAD),
        made("X5", lambda n: Outcome(0, 0, passed=True, figures=f"{n} times")),
        made("X6", lambda _n: GOOD, alone=True),
    )
    assert {name: line.verdict for name, line in lines.items()} == {
        **dict.fromkeys(("X1", "X2", "X3", "X4"), "FAIL"),
        **dict.fromkeys(("X5", "X6"), "pass"),
    }
    assert "hung" in lines["X1"].figures
    assert "RuntimeError: no pty" in lines["X2"].figures
    assert f"exit code {-signal.SIGKILL}" in lines["X3"].figures
    assert lines["X4"].outcome == BAD
    assert (lines["X5"].figures, lines["X5"].repetitions) == ("3 times", 3)


def test_what_a_row_says_is_kept_out_of_the_table() -> None:
    def chatters(_repetitions: int) -> Outcome:
        os.write(1, b"I am a row")
        return GOOD

    assert verdicts(made("X1", chatters))["X1"].figures == "as it should be"


def test_rows_that_want_the_machine_for_themselves_come_after_all_others() -> None:
    order: list[str] = []
    runner = Runner("pr", 3, lambda line: order.append(line.row))
    runner.run([made("X1", lambda _n: GOOD, alone=True), made("X2", lambda _n: GOOD)])
    assert order == ["X2", "X1"]


def test_a_row_that_the_machine_cannot_run_says_what_is_missing() -> None:
    lines = Runner("pr").run([Row("X1", "a fault", "nothing", REPS, breaks, missing=lambda: "wants a moon")])
    assert [(line.verdict, line.why, line.passed) for line in lines] == [("not run", "wants a moon", True)]


def test_a_row_outside_a_tier_is_not_run_in_it() -> None:
    lines = Runner("pr").run([Row("X1", "a fault", "nothing", {**REPS, "pr": 0}, breaks)])
    assert [(line.verdict, line.why) for line in lines] == [("not run", "not in the tier pr")]


def test_ctrl_c_ends_what_is_under_way_and_tells_what_there_is() -> None:
    heard: list[str] = []

    def interrupted(line: Line) -> None:
        heard.append(line.row)
        if line.row == "X1":
            raise KeyboardInterrupt

    rows = [made("X1", lambda _n: GOOD), made("X2", hangs), made("X3", lambda _n: GOOD)]
    lines = {line.row: line for line in Runner("pr", 2, interrupted).run(rows)}
    assert {name: line.verdict for name, line in lines.items()} == {
        "X1": "pass",
        "X2": "stopped",
        "X3": "stopped",
    }
    assert not lines["X3"].passed


@pytest.mark.parametrize(("outcome", "code"), [(GOOD, 0), (BAD, 1)])
def test_a_row_that_fails_fails_the_run(
    outcome: Outcome, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(ROWS, "X1", made("X1", lambda _n: outcome))
    assert main(["--rows", "X1"]) == code
    out = capsys.readouterr().out
    assert outcome.figures in out
    assert ("1 FAIL" if code else "1 pass") in out


def test_a_program_can_read_the_outcome() -> None:
    command = [sys.executable, "-m", "tests.faults", "--rows", "A11", "--tier", "pr", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert (told["row"], told["verdict"], told["wrong"], told["repetitions"]) == ("A11", "pass", 0, 300)


@pytest.mark.parametrize(
    "line",
    [
        judged(made("A6", breaks), "pr", BAD, 1.5),
        broken(made("A6", breaks), "pr", "it hung", 2.5),
        broken(made("A6", breaks), "pr", "wants a moon", 0.0, "not run"),
    ],
)
def test_a_line_comes_back_from_json_as_it_was(line: Line) -> None:
    back = Line.from_json(line.to_json())
    assert (back.cells, back.figures, back.passed) == (line.cells, line.figures, line.passed)


def test_the_page_shows_the_last_figures_of_each_row_and_why_others_were_not_run() -> None:
    first, last = Outcome(0, 7, passed=False, figures="bad"), Outcome(0, 0, passed=True, figures="good")
    lines = [
        judged(made("A6", breaks), "nightly", first, 1.0),
        judged(made("A2", breaks), "nightly", last, 1.0),
        judged(made("A6", breaks), "nightly", last, 1.0),
        broken(made("D2", breaks), "nightly", "wants root", 0.0, "not run"),
    ]
    text = page(lines)
    rows = [line for line in text.splitlines() if line.startswith("| A")]
    assert [row.split(" | ")[0] for row in rows] == ["| A2", "| A6"]
    assert rows[1].endswith("| 3 | 0 | 0 |  | pass |")
    assert "- **D2**, a fault: wants root." in text


@pytest.mark.parametrize("wrong", [["--rows", "Z9"], ["--workers", "0"], ["--tier", "monthly"]])
def test_what_cannot_be_asked_is_a_usage_error(wrong: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(wrong)


def test_every_row_of_the_matrix_is_run_or_said_where_or_why_not() -> None:
    rows = {"A": 14, "B": 5, "C": 8, "D": 8, "E": 12, "F": 10, "G": 5, "H": 6}
    wanted = {f"{letter}{number}" for letter, count in rows.items() for number in range(1, count + 1)}
    known = set(ROWS) | {one.id for one in ELSEWHERE}
    assert wanted <= known, sorted(wanted - known)


def test_what_is_said_to_be_shown_elsewhere_is_there() -> None:
    for one in ELSEWHERE:
        assert bool(one.why) != bool(one.where)
        for name in one.where:
            assert (ROOT / name).is_file(), name
