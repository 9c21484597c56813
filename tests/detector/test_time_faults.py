"""Sleep, a clock that is set, a board of another time: news once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.time_faults import STEP_S, TimeFaults

AT = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


def wall(now_s: float, set_by_s: float = 0.0) -> datetime:
    return AT + timedelta(seconds=now_s + set_by_s)


def test_a_sleep_is_news_once() -> None:
    faults = TimeFaults(0.0, AT)
    faults.slept(600.0)
    assert faults.news()["HOST_SLEPT"].startswith("The computer slept for 600 s")
    assert not faults.news()


@pytest.mark.parametrize("step_s", [-86_400.0, -3600.0, -10.0, 10.0, 3600.0, 86_400.0])
def test_a_clock_that_is_set_is_news_once(step_s: float) -> None:
    faults = TimeFaults(0.0, AT)
    assert faults.wall_step(1.0, wall(1.0)) == ""
    assert faults.wall_step(2.0, wall(2.0, step_s)) != ""
    assert faults.wall_step(3.0, wall(3.0, step_s)) == ""
    text = faults.news()["CLOCK_FAULT"]
    assert ("forward" if step_s > 0 else "back") in text
    assert f"{abs(step_s):.0f} s" in text


def test_a_clock_that_a_time_server_slews_is_well() -> None:
    faults = TimeFaults(0.0, AT)
    notes = [faults.wall_step(t, wall(t, 0.0005 * t)) for t in map(float, range(0, 36_000, 10))]
    assert not any(notes)
    assert not faults.news()


@given(st.lists(st.floats(0.01, 1000.0), max_size=50))
def test_a_clock_that_runs_true_is_never_a_fault(pauses_s: list[float]) -> None:
    faults, now_s = TimeFaults(0.0, AT), 0.0
    for pause_s in pauses_s:
        now_s += pause_s
        assert faults.wall_step(now_s, wall(now_s, STEP_S / 2)) == ""


@pytest.mark.parametrize(("counter", "word"), [("clock_faults", "0.2 %"), ("impossible", "cannot be")])
def test_each_rise_of_what_the_bridge_counts_is_a_fault(counter: str, word: str) -> None:
    faults = TimeFaults(0.0, AT)
    faults.board({counter: 0})
    assert not faults.news()
    faults.board({counter: 2})
    assert word in faults.news()["CLOCK_FAULT"]
    faults.board({counter: 2})
    assert not faults.news()
    faults.board({counter: 3})
    assert faults.news()
