"""The contractions under way: what is shown, and which conditions they are to the alarm engine."""

from __future__ import annotations

from typing import Any

import pytest

from detector.alarms.values import Observation
from detector.types import Contraction
from detector.under_way import UnderWay
from tests.detector.mqtt_world import BEGAN, contraction


def take(running: UnderWay, *events: Contraction, now_s: float = 100.0) -> UnderWay:
    for event in events:
        running.take(event, BEGAN, now_s)
    return running


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"alert": "cramp"}, "CRAMP"),
        ({"alert": "none"}, "CRAMP_SUSPECT"),
        ({"alert": "clonic", "kind": "clonic"}, "RHYTHMIC"),
        ({"alert": "tonic_clonic", "kind": "clonic"}, "RHYTHMIC"),
        ({"alert": "none", "kind": "tension_rise"}, "TENSION_RISE"),
        ({"alert": "none", "kind": "clonic"}, None),
        ({"alert": "none", "kind": "leg_movement"}, None),
        ({"alert": "none", "kind": "artefact"}, None),
    ],
)
def test_each_kind_and_verdict_is_its_condition(changes: dict[str, Any], code: str | None) -> None:
    observed = take(UnderWay(), contraction(1, **changes)).observed()
    assert list(observed) == ([] if code is None else [(code, "")])


def test_a_sequence_presses_at_once_and_a_run_counts_from_its_onset() -> None:
    running = take(UnderWay(), contraction(1, alert="clonic", kind="clonic", duration_s=4.0))
    assert running.observed()["RHYTHMIC", ""].since_s == 96.0
    running = take(UnderWay(), contraction(1, alert="tonic_clonic", kind="clonic", duration_s=4.0))
    assert running.observed()["RHYTHMIC", ""].priority == "high"


def test_what_a_cramp_is_said_to_have_lasted_counts_from_its_onset_not_from_its_verdict() -> None:
    running = take(UnderWay(), contraction(1, duration_s=9.0))
    assert running.observed()["CRAMP", ""].since_s == 91.0


def test_how_sure_it_is_is_said_where_a_fault_stood() -> None:
    sure, doubtful = contraction(1), contraction(1, quality="doubtful")
    assert take(UnderWay(), sure).observed()["CRAMP", ""].text == sure.reason
    assert "less sure" in take(UnderWay(), doubtful).observed()["CRAMP", ""].text


def test_what_is_observed_names_the_event_and_says_why() -> None:
    event = contraction(1)
    observed = take(UnderWay(), event).observed()
    assert observed["CRAMP", ""] == Observation(
        event.reason, since_s=100.0 - event.duration_s, event_id=event.id, site="left-calf"
    )


def test_a_verdict_that_comes_with_the_end_is_observed_once() -> None:
    running = take(UnderWay(), contraction(1, phase="ended"))
    assert list(running.observed()) == [("CRAMP", "")]
    assert running.observed() == {}


def test_a_verdict_that_was_known_is_over_with_the_end() -> None:
    running = take(UnderWay(), contraction(1), contraction(1, revision=1, phase="ended"))
    assert running.observed() == {}
    assert running.now is None


def test_another_channel_is_a_place_of_its_own() -> None:
    running = take(UnderWay(), contraction(1), contraction(2, channel=1, site="left-foot"))
    assert set(running.observed()) == {("CRAMP", ""), ("CRAMP", "left-foot")}


def test_of_two_in_one_place_the_newest_is_observed() -> None:
    older, newer = contraction(1, duration_s=30.0), contraction(2, duration_s=10.0)
    for events in ((older, newer), (newer, older)):
        assert take(UnderWay(), *events).observed()["CRAMP", ""].event_id == newer.id


def test_what_alarms_is_shown_before_what_does_not_and_then_the_newest() -> None:
    running = UnderWay()

    def shown() -> str | None:
        return running.now.event_id if running.now else None

    for number, event in enumerate(
        (contraction(1), contraction(2, alert="none"), contraction(3), contraction(3, phase="ended"))
    ):
        running.take(event, BEGAN.replace(minute=number), 100.0)
    assert shown() == contraction(1).id
    take(running, contraction(1, phase="ended"))
    assert shown() == contraction(2).id
    take(running, contraction(2, phase="ended", alert="none"))
    assert shown() is None


def test_an_artefact_is_never_the_contraction_now() -> None:
    assert take(UnderWay(), contraction(1, kind="artefact", alert="none")).now is None
