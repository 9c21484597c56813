"""Nights as facts: what was seen, what was found in it, and when somebody answered."""

from datetime import date, timedelta
from typing import Any

from dashboard.evenings import answered_after, days_between, evenings, joined
from dashboard.night_index import Glance, Span
from tests.dashboard.events import BEGAN, alarm, event

START = BEGAN.timestamp()
HOUR = 3600.0


def glance(recording_id: str, hours: float = 8.0, start: float = START) -> Glance:
    return Glance((Span(recording_id, start, start + hours * HOUR, hours * HOUR),))


def told(name: str, recording_id: str, after_s: float = 0.0, **changes: Any) -> dict[str, Any]:
    at = (BEGAN + timedelta(seconds=after_s)).isoformat()
    return event(1, name, recording_id=recording_id, onset_at=at, **changes)


def test_two_sensors_make_one_night() -> None:
    nights = {"2026-11-21_left-calf": glance("a"), "2026-11-21_right-calf": glance("b", 6.0)}
    found = evenings(nights, [told("a.1", "a", 60), told("b.1", "b", 30)], {"a.1": 12.0})
    (night,) = found
    assert night.date == date(2026, 11, 21)
    assert [cramp.event_id for cramp in night.cramps] == ["b.1", "a.1"]
    assert [cramp.answered_s for cramp in night.cramps] == [None, 12.0]
    assert night.usable_s == 8 * HOUR
    assert night.recorded_s == 8 * HOUR


def test_useless_signal_is_not_usable_and_a_short_night_is_not_counted() -> None:
    trouble = [told(f"t{n}", "a", n, kind="artefact", alert="none", duration_s=4.5 * HOUR) for n in range(2)]
    (night,) = evenings({"2026-11-21_left-calf": glance("a")}, trouble, {})
    assert night.usable_s == 8 * HOUR - 4.5 * HOUR - 1
    assert not night.is_counted
    assert night.cramps == ()


def test_nights_that_are_not_read_or_say_no_time_are_left_out() -> None:
    assert evenings({"2026-11-21_left-calf": None, "2026-11-20_left-calf": Glance(())}, [], {}) == []


def test_nights_without_a_recording_are_named() -> None:
    nights = {f"2026-11-{day}_left-calf": glance(f"{day}") for day in (18, 19, 22)}
    assert days_between(evenings(nights, [], {})) == [date(2026, 11, 20), date(2026, 11, 21)]


def test_an_answer_counts_from_the_onset_and_the_first_one_counts() -> None:
    def changed(revision: int, after_s: float, who: str | None) -> dict[str, Any]:
        at = (BEGAN + timedelta(seconds=after_s)).isoformat()
        return alarm(revision=revision, acked_by=who, at=at)

    assert answered_after([changed(2, 90, "Bob"), changed(0, 0, None), changed(1, 31, "Ann")]) == {
        "rec.1": 31.0
    }


def test_spans_that_touch_are_one() -> None:
    assert joined([(4.0, 6.0), (0.0, 4.0), (9.0, 10.0)]) == ((0.0, 6.0), (9.0, 10.0))
