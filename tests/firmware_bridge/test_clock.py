"""The clock: one time in all processes, at any rate, with durations that no time server can change."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.clock import Clock

EVENING = datetime(2026, 1, 1, 21, 30, tzinfo=UTC)


def test_at_rate_1_it_is_the_computers_own() -> None:
    clock = Clock()
    before = time.monotonic()
    assert before <= clock.mono_s() + 1e-6
    assert abs(clock.wall() - datetime.now(UTC)) < timedelta(seconds=1)
    assert clock.wall().tzinfo is not None


def test_an_accelerated_clock_runs_both_times_at_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("firmware_bridge.clock.boot_s", lambda: now)
    clock = Clock(60.0, 1000.0, EVENING)
    assert (clock.mono_s(), clock.wall()) == (1000.0, EVENING)
    now = 1002.0
    assert (clock.mono_s(), clock.wall()) == (1120.0, EVENING + timedelta(minutes=2))
    assert clock.wall_at(1060.0) == EVENING + timedelta(minutes=1)


def test_an_accelerated_clock_leaves_from_the_present() -> None:
    clock = Clock(1000.0)
    assert timedelta() <= clock.wall() - datetime.now(UTC) < timedelta(minutes=30)


def test_a_step_of_the_wall_clock_moves_no_duration(monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY.md row B1: at rate 1 the wall time follows the computer's, the monotonic one does not."""
    clock = Clock()
    before_s, then = clock.mono_s(), clock.wall_at(clock.mono_s())

    class Stepped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(hours=1)

    monkeypatch.setattr("firmware_bridge.clock.datetime", Stepped)
    assert clock.mono_s() - before_s < 60
    assert clock.wall_at(before_s) - then > timedelta(minutes=59)


@given(st.floats(0.01, 1e5), st.floats(0, 1e9), st.none() | st.datetimes(timezones=st.just(UTC)))
def test_a_clock_in_words_is_the_same_clock(rate: float, origin_s: float, wall: datetime | None) -> None:
    clock = Clock(rate, origin_s, wall)
    assert Clock.from_text(clock.to_text()) == clock


def test_another_process_reads_the_same_time() -> None:
    clock = Clock(50.0)
    code = "import sys; from firmware_bridge.clock import Clock; print(Clock.from_text(sys.argv[1]).mono_s())"
    before_s = clock.mono_s()
    told = subprocess.run(
        [sys.executable, "-c", code, clock.to_text()], capture_output=True, text=True, check=True
    )
    assert before_s <= float(told.stdout) <= clock.mono_s()


@pytest.mark.parametrize("text", ["", "1", "1/2", "x/2/", "1/2/yesterday", "0/2/", "-1/0/", "inf/0/"])
def test_words_that_are_no_clock_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate/monotonic/wall.*got"):
        Clock.from_text(text)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("inf"), float("nan")])
def test_a_clock_that_does_not_run_forward_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="finite rate above 0"):
        Clock(rate)


def test_waiting_takes_the_clocks_seconds_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    clock = Clock(60.0)
    clock.sleep(30.0)
    clock.sleep(-1.0)
    assert slept == [0.5]
    assert clock.real_s(120.0) == 2.0
    assert clock.at_least(5.0, real_s=1.0) == 60.0
    assert Clock().at_least(5.0, real_s=1.0) == 5.0


def test_waiting_for_an_event_ends_with_it() -> None:
    event = threading.Event()
    assert not Clock(1000.0).wait(event, 1.0)
    event.set()
    assert Clock().wait(event, 3600.0)
