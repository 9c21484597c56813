"""Who is told next: the ladder as a page reads it from an alarm's message."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.next_steps import Callers, next_steps
from dashboard.texts import texts_in
from detector.alarms.ladder import Policy
from detector.alarms.values import Mode
from tests.dashboard.events import BEGAN, alarm

T = texts_in()
PEOPLE = ("Ann", "Bob")


def steps(at_s: float, mode: Mode = "guarded", names: tuple[str, ...] = PEOPLE, **changes: Any) -> list[Any]:
    now = (BEGAN + timedelta(seconds=at_s)).timestamp()
    found = next_steps(T, alarm(**changes), Policy(mode, names), now)
    return [(round(row["at"] - BEGAN.timestamp()), row["text"]) for row in found]


def test_a_guarded_cramp_climbs_the_ladder() -> None:
    assert steps(0) == [
        (30, "Ann"),
        (120, "Ann"),
        (120, "Bob"),
        (300, "by another way: Ann, Bob"),
        (420, "again: Ann, Bob"),
    ]
    assert steps(121)[0] == (300, "by another way: Ann, Bob")


def test_one_caregiver_has_no_second() -> None:
    assert [text for _, text in steps(0, names=("Ann",))] == [
        "Ann",
        "Ann",
        "by another way: Ann",
        "again: Ann",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"acked_by": "Ann", "stage": "acked"},
        {"stale": True},
        {"code": "CRAMP_SUSPECT"},
    ],
)
def test_nobody_is_next_where_nobody_is_called(changes: dict[str, Any]) -> None:
    assert steps(0, **changes) == []


def test_who_merely_observes_calls_nobody() -> None:
    assert steps(0, "observe") == []
    assert steps(0, names=()) == []
    assert steps(0, "self-managed")[0] == (180, "Ann")


def test_the_file_of_caregivers_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "caregivers.toml"
    callers = Callers(path)
    assert callers.policy("guarded").caregivers == ()
    path.write_text('[[caregiver]]\nname = "Ann"\nchannels = ["json://127.0.0.1:9/"]\n')
    path.chmod(0o600)
    assert callers.policy("guarded").caregivers == ("Ann",)
    path.write_text("nonsense [")
    assert callers.policy("guarded").caregivers == ()
