"""Every row of the fault matrix that is built passes at its fewest repetitions, and the runner says so."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from firmware_bridge.decoder import Decoder
from firmware_bridge.frames import Samples, encode
from tests.conftest import ROOT
from tests.faults.__main__ import main
from tests.faults.damage import damage
from tests.faults.matrix import ROWS
from tests.faults.row import Outcome, Row
from tests.faults.table import page
from tests.firmware_bridge.assembled import frames_of

FAST = ("A1", "A2", "A3", "A4", "A6", "A10", "A11", "B4")
VIRTUAL = tuple(name for name, row in ROWS.items() if row.virtual)
# `test_kills` looks at more of it.
ELSEWHERE = ("C1",)
REAL_TIME = tuple(name for name in ROWS if name not in {*FAST, *VIRTUAL, *ELSEWHERE})


class NeverDiffers:
    """Stands in for the check sum's residue, and switches the check off."""

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("name", sorted({*FAST, *VIRTUAL}))
def test_the_row_passes(name: str) -> None:
    """With the delays that it promises, where they are counted on a clock of its own."""
    row = ROWS[name]
    outcome = row.run(row.repetitions["quick"])
    assert outcome.passed, outcome.figures


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.firmware if name == "TCP" else ()) for name in REAL_TIME]
)
def test_the_slow_row_loses_nothing_and_believes_nothing_wrong(name: str) -> None:
    """What they say of time is the runner's to judge: here a busy machine would be judged as well."""
    row = ROWS[name]
    outcome = row.run(row.repetitions["quick"])
    assert (outcome.lost, outcome.wrong) == (0, 0), outcome.figures


@pytest.mark.parametrize("name", ["A2", "A11"])
def test_a_decoder_that_does_not_look_at_the_check_sum_fails_the_row(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware_bridge.frames._CRC_RESIDUE", NeverDiffers())
    outcome = ROWS[name].run(ROWS[name].repetitions["quick"])
    assert not outcome.passed
    assert outcome.wrong > 10


def test_the_rows_that_were_asked_of_the_bridge_are_there() -> None:
    assert {*(f"A{n}" for n in range(1, 14)), "B4", "B5", "NIGHT", "TCP"} <= set(ROWS)


def test_a_row_that_fails_or_breaks_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(_repetitions: int) -> Outcome:
        raise RuntimeError("no pty")

    reps = dict.fromkeys(("quick", "pr", "nightly"), 3)
    fails = Outcome(1, 2, passed=False, figures="as bad as can be", worst_delay_s=0.5)
    monkeypatch.setitem(ROWS, "X1", Row("X1", "a fault", "nothing", reps, lambda _n: fails))  # type: ignore[arg-type]
    monkeypatch.setitem(ROWS, "X2", Row("X2", "a fault", "nothing", reps, breaks))  # type: ignore[arg-type]
    assert main(["--rows", "X1,X2"]) == 1
    out = capsys.readouterr().out
    assert out.count("FAIL") == 2
    assert "as bad as can be" in out
    assert "RuntimeError: no pty" in out


def test_a_program_can_read_the_outcome() -> None:
    command = [sys.executable, "-m", "tests.faults", "--rows", "A6", "--tier", "quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert (told["row"], told["passed"], told["wrong"], told["repetitions"]) == ("A6", True, 0, 500)


def test_the_page_shows_the_last_figures_of_each_row() -> None:
    told = {
        "repetitions": 1000,
        "lost": 0,
        "worst_delay_s": None,
        "passed": True,
        "figures": "as it should be",
    }
    text = page(
        [{"row": "A6", "wrong": 7} | told, {"row": "A2", "wrong": 0} | told, {"row": "A6", "wrong": 0} | told]
    )
    rows = [line for line in text.splitlines() if line.startswith("| A")]
    assert [row.split(" | ")[0] for row in rows] == ["| A2", "| A6"]
    assert rows[1].endswith("| 1,000 | 0 | 0 |  | pass |")
    assert text.count("as it should be") == 2


def test_an_unknown_row_is_a_usage_error() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--rows", "Z9"])


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1])
def test_damage_tells_what_it_did(share: float) -> None:
    """A frame that is called clean is all there; one that is called hit is not, but for the rarest luck.

    A zero put between a frame and its delimiter changes nothing.
    """
    frames = [encode(frame) for frame in frames_of(0, 3000)]
    result = damage(frames, share, np.random.default_rng(8))
    found = {frame.payload for frame in Decoder().feed(result.data) if isinstance(frame, Samples)}
    unharmed = 0
    for frame, hit, clean in zip(frames, result.hit, result.clean, strict=True):
        [whole] = Decoder().feed(frame)
        assert isinstance(whole, Samples)
        assert not clean or frame in result.data
        assert not (hit and clean)
        unharmed += bool(hit) and whole.payload in found
    assert unharmed <= 0.01 * result.hit.sum() + 1
    assert 0 < result.hit.sum() < len(frames)
    assert result.clean.any()
