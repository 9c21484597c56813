"""The processes of a night are killed at random instants, and nobody is told too little, too much, or twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.detector.mqtt_world import contraction
from tests.faults import broker_kills, kills, ledger
from tests.faults.matrix import ROWS
from tests.faults.row import Outcome, Row

BEGAN = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


def change(revision: int, stage: str = "active", **more: Any) -> Mapping[str, Any]:
    at = BEGAN + timedelta(seconds=revision)
    said = {"id": "a", "revision": revision, "stage": stage, "at": at.isoformat(), "kind": "physio"}
    return said | {"event_id": "e", "code": "CRAMP", "outbox": "o", "seq": revision} | more


def event(revision: int, **more: Any) -> Mapping[str, Any]:
    return {"id": contraction().id, "revision": revision, "seq": revision} | more


def test_an_event_is_lost_whose_newest_revision_the_night_log_has_not_or_has_otherwise() -> None:
    emitted = [event(0), event(1)]
    assert ledger.lost_events(emitted, []) == ledger.lost_events(emitted, [event(0)]) == [contraction().id]
    assert ledger.lost_events(emitted, [event(1, phase="ended")]) == [contraction().id]
    assert ledger.lost_events(emitted, [event(1, seq=7)]) == ledger.lost_events(emitted, [event(2)]) == []


def test_a_change_of_an_alarm_is_lost_in_whatever_revision() -> None:
    emitted = [change(0), change(1)]
    assert ledger.lost_changes(emitted, [change(1)]) == [("a", 0)]
    assert ledger.lost_changes(emitted, [change(0), change(1, text="other")]) == [("a", 1)]
    assert ledger.lost_changes(emitted, [change(1, seq=9), change(0)]) == []


def test_a_key_with_two_contents_and_a_change_with_two_keys_are_shown_twice() -> None:
    assert ledger.shown_twice([change(0), change(0, seq=9, issued_at="later"), change(1)]) == []
    assert ledger.shown_twice([change(0), change(0, text="other")]) == [("a", 0)]
    assert ledger.shown_twice([change(0), change(1, at=BEGAN.isoformat())]) == [("a", 1)]


def test_two_alarms_for_one_contraction_are_one_too_many() -> None:
    assert ledger.alarmed_twice([change(0), change(1), change(0, id="b", code="RHYTHMIC")]) == []
    assert ledger.alarmed_twice([change(0), change(0, id="b")]) == ["e"]


def test_the_course_of_an_alarm_tells_when_it_stood_unanswered() -> None:
    course = ledger.Course.of([change(0), change(10, "acked"), change(20), change(30, "closed")])
    seconds = [BEGAN + timedelta(seconds=second) for second in range(41)]
    active = frozenset({"active"})
    assert course.any_in(active, seconds[0], seconds[1])
    assert course.any_in(active, seconds[9], seconds[12])
    assert not course.any_in(active, seconds[11], seconds[19])
    assert course.was_in("a", active, seconds[11], seconds[21])
    assert not course.any_in(active, seconds[31], seconds[40])


@pytest.mark.parametrize("wrong", [0, 1])
def test_the_command_prints_the_figures_and_fails_by_them(
    wrong: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def killed(_folder: Path, asked: int, seed: int, **_more: object) -> kills.Figures:
        return kills.Figures(seed, {"broker": asked}, 1.0, *(0,) * 15, pushed_after_answer=wrong)

    monkeypatch.setattr(kills, "killed", killed)
    assert kills.main(["7", "--seed", "3"]) == wrong
    said = capsys.readouterr().out
    assert '"broker": 7' in said
    assert '"seed": 3' in said
    assert said.endswith(("pass\n", "FAIL\n")[wrong])


@pytest.mark.parametrize("passed", [True, False])
def test_the_command_says_what_came_of_killed_and_of_hanging_brokers(
    passed: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[int] = []

    def run(times: int) -> Outcome:
        asked.append(times)
        return Outcome(0, 0, passed=passed, figures="as it was")

    reps = dict.fromkeys(("pr", "nightly"), 3)
    for name in ("E1", "E3"):
        monkeypatch.setitem(ROWS, name, Row(name, "a fault", "nothing", reps, run))  # type: ignore[arg-type]
    assert broker_kills.main(["7"]) == (0 if passed else 1)
    assert asked == [7, broker_kills.HANGS]
    assert capsys.readouterr().out.count("as it was") == 2
