"""Which cue is for what, and how each is followed until the board has answered."""

from __future__ import annotations

import pytest

from detector.alarms.signals import Cue as Kind
from detector.alarms.signals import Signals
from detector.alarms.values import Priority
from detector.buzzer import ALARM, REPORTED_WITHIN_S, URGENT, Buzzer
from firmware_bridge.frames import PATTERNS, Cue
from firmware_bridge.marks import cue_mark, to_frame, to_mark
from firmware_bridge.samples import Mark

CUE = ALARM.cue


def waiting(at_s: float = 10.0, index: int = 10_000) -> Buzzer:
    buzzer = Buzzer()
    buzzer.sent(CUE, index, at_s)
    return buzzer


def of(cue: Kind, sounding: str | None = "a.1", priority: Priority | None = "medium") -> Signals:
    return Signals(priority=priority, sounding_id=sounding, cue=cue)


def cues(buzzer: Buzzer, signals: Signals, begin_s: int, end_s: int) -> list[int]:
    """Return the seconds at which a cue goes out while signals stay as they are."""
    return [second for second in range(begin_s, end_s) if buzzer.due(signals, float(second)) is not None]


def test_an_alarm_buzzes_at_once_and_again_until_it_is_answered() -> None:
    buzzer = Buzzer()
    assert cues(buzzer, Signals(), 0, 100) == []
    assert cues(buzzer, of("alarm"), 100, 131) == [100, 115, 130]
    assert cues(buzzer, Signals(priority="medium"), 131, 300) == []
    assert buzzer.due(of("alarm"), 300.0) == ALARM.cue


def test_what_presses_most_buzzes_otherwise_and_oftener() -> None:
    buzzer = Buzzer()
    assert buzzer.due(of("alarm"), 0.0) == ALARM.cue
    assert buzzer.due(of("alarm", priority="high"), 1.0) == URGENT.cue
    assert cues(buzzer, of("alarm", priority="high"), 2, 30) == [11, 21]


def test_another_alarm_buzzes_although_the_one_before_has_just_done() -> None:
    buzzer = Buzzer()
    assert cues(buzzer, of("alarm", "a.1"), 0, 2) == [0]
    assert cues(buzzer, of("alarm", "a.2"), 2, 4) == [2]


@pytest.mark.parametrize("kind", ["gentle", "hint"])
def test_a_gentle_buzz_comes_once(kind: Kind) -> None:
    assert cues(Buzzer(), of(kind), 0, 7200) == [0]


def test_a_cue_that_the_board_reports_is_left_to_the_board() -> None:
    buzzer = waiting()
    buzzer.heard(cue_mark(CUE, 10_012))
    assert buzzer.unreported(11.0) == []
    assert buzzer.counters["cues_unreported"] == 0


def test_a_cue_whose_report_is_lost_is_noted_once_at_the_sample_at_which_it_was_sent() -> None:
    buzzer = waiting()
    assert buzzer.unreported(10.0 + 0.9 * REPORTED_WITHIN_S) == []
    assert buzzer.unreported(10.0 + 1.1 * REPORTED_WITHIN_S) == [cue_mark(CUE, 10_000)]
    assert buzzer.unreported(11.0) == []
    assert buzzer.counters == {"cues": 1, "cues_unreported": 1, "cues_refused": 0, "cues_given_up": 0}


def test_the_boards_own_alarm_is_not_taken_for_the_report_of_a_cue() -> None:
    buzzer = waiting()
    alone = PATTERNS.index("alone")
    buzzer.heard(cue_mark(Cue(alone, alone, 1000), 10_005))
    assert len(buzzer.unreported(11.0)) == 1


@pytest.mark.parametrize(
    ("counter", "count", "word"),
    [
        ("commands_refused", "cues_refused", "refuses"),
        ("commands_unanswered", "cues_given_up", "not answered"),
        ("unsent_commands", "cues_given_up", "cannot buzz"),
    ],
)
def test_a_cue_that_comes_to_nothing_is_counted_and_said_until_one_succeeds(
    counter: str, count: str, word: str
) -> None:
    buzzer = waiting()
    buzzer.answered({counter: 1})
    buzzer.answered({counter: 1})
    assert buzzer.counters[count] == 1
    assert word in buzzer.trouble
    buzzer.sent(CUE, 20_000, 20.0)
    buzzer.answered({counter: 1, "commands_acknowledged": 1})
    assert buzzer.trouble == ""


def test_an_answer_that_is_both_acknowledged_and_refused_is_a_refusal() -> None:
    buzzer = waiting()
    buzzer.answered({"commands_acknowledged": 1, "commands_refused": 1})
    assert buzzer.trouble


def test_commands_that_are_no_cues_of_ours_concern_nobody() -> None:
    buzzer = Buzzer()
    buzzer.answered({"commands_unanswered": 1})
    assert (buzzer.trouble, buzzer.counters["cues_given_up"]) == ("", 0)


def test_the_hosts_note_of_a_cue_reads_as_the_boards_own() -> None:
    mark = cue_mark(CUE, 40)
    frame = to_frame(mark, 40, 1)
    assert frame is not None
    assert to_mark(frame, 40) == mark == Mark(40, "cue", "vibrate double, light double, 3000 ms", 3.0)
