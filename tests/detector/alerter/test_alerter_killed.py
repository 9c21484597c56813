"""kill -9 at any instant: no call to a caregiver is lost, none is repeated without saying so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detector.alerter.kill_rounds import Figures, kill_rounds

ROUNDS = 30


@pytest.mark.slow
def test_thirty_kills_lose_nothing_and_double_nothing_unsaid(tmp_path: Path) -> None:
    figures = kill_rounds(tmp_path, ROUNDS)
    assert figures == Figures(
        rounds=ROUNDS,
        pushes=figures.pushes,
        repeated_and_said_so=figures.repeated_and_said_so,
        lost=0,
        shown_twice=0,
        sounded_after_answer=0,
        pushed_after_answer=0,
    )
    assert figures.pushes >= ROUNDS
