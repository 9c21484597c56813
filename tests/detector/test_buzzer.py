"""Which cue is for what, and how each is followed until the board has answered."""

from __future__ import annotations

from typing import get_args

import pytest

from detector.buzzer import CUE_MS, REPORTED_WITHIN_S, RHYTHMIC_AFTER_S, Buzzer
from detector.monitor_state import Mode
from detector.types import Alert
from firmware_bridge.frames import PATTERNS, Cue
from firmware_bridge.marks import cue_mark, to_frame, to_mark
from firmware_bridge.samples import Mark
from tests.detector.mqtt_world import contraction

DOUBLE, URGENT = PATTERNS.index("double"), PATTERNS.index("urgent")
CUE = Cue(DOUBLE, DOUBLE, CUE_MS)


def waiting(at_s: float = 10.0, index: int = 10_000) -> Buzzer:
    buzzer = Buzzer("guarded")
    buzzer.sent(CUE, index, at_s)
    return buzzer


@pytest.mark.parametrize("mode", get_args(Mode))
def test_every_mode_but_observing_buzzes_at_a_cramp(mode: Mode) -> None:
    cue = Buzzer(mode).wanted(contraction(1))
    assert cue == (None if mode == "observe" else CUE)


@pytest.mark.parametrize(
    ("alert", "pattern"), [("cramp", DOUBLE), ("clonic", URGENT), ("tonic_clonic", URGENT), ("none", None)]
)
def test_each_verdict_has_its_pattern(alert: Alert, pattern: int | None) -> None:
    cue = Buzzer("awake").wanted(contraction(1, alert=alert, duration_s=RHYTHMIC_AFTER_S))
    assert (cue.vibration if cue else None) == pattern


def test_one_verdict_buzzes_once_and_a_worse_one_on_the_same_event_again() -> None:
    buzzer = Buzzer("guarded")
    assert buzzer.wanted(contraction(1, alert="none")) is None
    assert buzzer.wanted(contraction(1, revision=1)) is not None
    assert buzzer.wanted(contraction(1, revision=2, phase="updated")) is None
    assert buzzer.wanted(contraction(1, revision=3, alert="tonic_clonic")) is not None
    assert buzzer.wanted(contraction(2)) is not None


def test_what_is_over_when_it_is_judged_does_not_buzz() -> None:
    assert Buzzer("guarded").wanted(contraction(1, phase="ended")) is None


def test_a_rhythmic_run_buzzes_when_it_has_lasted() -> None:
    buzzer = Buzzer("guarded")
    assert buzzer.wanted(contraction(1, alert="clonic", duration_s=RHYTHMIC_AFTER_S - 0.1)) is None
    assert buzzer.wanted(contraction(1, alert="clonic", duration_s=RHYTHMIC_AFTER_S)) is not None


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
    buzzer = Buzzer("guarded")
    buzzer.answered({"commands_unanswered": 1})
    assert (buzzer.trouble, buzzer.counters["cues_given_up"]) == ("", 0)


def test_the_hosts_note_of_a_cue_reads_as_the_boards_own() -> None:
    mark = cue_mark(CUE, 40)
    frame = to_frame(mark, 40, 1)
    assert frame is not None
    assert to_mark(frame, 40) == mark == Mark(40, "cue", "vibrate double, light double, 3000 ms", 3.0)
