"""The drawn chart and the tables of the page are those that the engine runs on."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from detector.alarms.chart import DRAWN, main, redrawn, state_chart
from detector.alarms.transitions import MEANING, TRANSITIONS, Trigger
from detector.alarms.values import Stage
from tests.house.house import ROOT, imported_modules

PAGE = ROOT / "docs" / "alarms.md"
ARROW = re.compile(r"^    (\w+) --> (\w+) : (.*)$", re.MULTILINE)
# What must compute and do nothing else; the store and its reader are what they are for.
PURE = [
    path
    for path in (ROOT / "detector" / "alarms").glob("*.py")
    if path.stem not in {"store", "reader", "chart"}
]
IMPURE = {
    "sqlite3",
    "time",
    "threading",
    "socket",
    "subprocess",
    "os",
    "pathlib",
    "logging",
    "random",
    "asyncio",
}


def test_the_page_shows_what_the_tables_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"<!-- drawn: {name} -->" in page for name in DRAWN)
    assert redrawn(page) == page, "run: python -m detector.alarms.chart docs/alarms.md"


def test_a_page_is_brought_up_to_date_by_one_command(tmp_path: Path) -> None:
    page = tmp_path / "alarms.md"
    page.write_text("before\n<!-- drawn: chart -->\nold\n<!-- end -->\nafter\n", encoding="utf-8")
    main([str(page)])
    drawn = page.read_text(encoding="utf-8")
    assert state_chart() in drawn
    assert drawn.startswith("before")
    assert drawn.endswith("after\n")
    assert "old" not in drawn


def test_the_chart_has_every_arrow_of_the_table_and_no_other() -> None:
    drawn = {(stage, now) for stage, now, _ in ARROW.findall(state_chart())} - {("closed", "inactive")}
    assert drawn == {(stage, now) for (stage, _), now in TRANSITIONS.items()}


def test_every_trigger_has_a_meaning_and_an_arrow() -> None:
    assert set(MEANING) == set(get_args(Trigger)) == {trigger for _, trigger in TRANSITIONS}


def test_every_stage_can_be_reached_and_only_closed_has_no_way_out() -> None:
    stages = set(get_args(Stage))
    assert set(TRANSITIONS.values()) == stages - {"inactive"}
    assert stages - {stage for stage, _ in TRANSITIONS} == {"closed"}


def test_no_answer_of_a_person_makes_a_sound_and_no_silence_is_without_a_way_back() -> None:
    by_people = {"ack", "pause", "snooze", "reset", "standby"}
    assert all(now != "active" for (_, trigger), now in TRANSITIONS.items() if trigger in by_people)
    silent = {"paused", "acked", "snoozed", "latched"}
    assert silent == {stage for (stage, _), now in TRANSITIONS.items() if now == "active"} - {"pending"}


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.stem)
def test_the_engine_reaches_no_clock_no_disk_and_no_thread(path: object) -> None:
    assert hasattr(path, "read_text")
    assert {name.partition(".")[0] for name in imported_modules(path)} & IMPURE == set()  # type: ignore[arg-type]
    called = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert called & {"now", "utcnow", "today", "monotonic"} <= {"now"}
