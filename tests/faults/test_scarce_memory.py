"""A machine on which no limit of memory can be made says so, and the row that wants one is listed with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import scarce_memory
from tests.faults.matrix import ROWS
from tests.faults.running import Runner


def test_where_no_group_can_be_made_the_row_is_not_run_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scarce_memory, "GROUPS", tmp_path / "absent")
    (line,) = Runner("nightly", 1).run([ROWS["C5"]])
    assert line.verdict == "not run"
    assert line.why.startswith("wants a control group with a limit of memory, which cannot be made here: ")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"),
        ("memory.events", "low 0\nmax 12\noom 4\noom_kill 3\n"),
    ],
)
def test_whom_the_kernel_killed_is_counted_in_both_versions(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / name).write_text(told)
    assert scarce_memory.killed_by_kernel(tmp_path) == 3


def test_a_folder_that_is_no_group_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"expected memory\.oom_control or memory\.events"):
        scarce_memory.killed_by_kernel(tmp_path)
