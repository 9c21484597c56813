"""Labels: each person's own is kept, the newest counts, everything can be undone, and nothing is forgotten."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.database import Database
from dashboard.labels import LONGEST_NOTE, VERDICTS, Label, Labels, Verdict, label_id

NIGHT, EVENT = "2026-11-21_left-calf", "rec.1"


def label(by: str = "Ann", verdict: Verdict = "cramp", second: int = 0, note: str = "") -> Label:
    at = f"2026-11-22T08:00:{second:02d}.000Z"
    return Label(label_id(EVENT, by), NIGHT, by, verdict, at, event_id=EVENT, note=note)


@pytest.fixture
def labels(database: Database) -> Labels:
    return Labels(database)


def test_a_person_has_one_label_of_an_event_and_may_change_it(labels: Labels) -> None:
    labels.put(label())
    newer = labels.put(label(verdict="spasm", second=1, note="it was short"))
    assert newer.revision == 1
    assert labels.of_night(NIGHT) == [newer]
    assert [said.verdict for said in labels.history(newer.id)] == ["cramp", "spasm"]


def test_two_people_disagree_and_both_are_kept_the_newest_last(labels: Labels) -> None:
    labels.put(label("Bob", "movement", 2))
    labels.put(label("Ann", "cramp", 1))
    assert [(said.by, said.verdict) for said in labels.of_night(NIGHT)] == [
        ("Ann", "cramp"),
        ("Bob", "movement"),
    ]
    labels.put(label("Ann", "spasm", 3))
    assert [said.by for said in labels.all()] == ["Bob", "Ann"]


def test_undo_brings_back_what_was_said_before_and_then_that_it_was_said(labels: Labels) -> None:
    first = labels.put(label())
    labels.put(label(verdict="nothing", second=1))
    undone = labels.undo(first.id, at="2026-11-22T08:00:02.000Z")
    assert undone is not None
    assert undone.verdict == "cramp"
    again = labels.undo(first.id, at="2026-11-22T08:00:03.000Z")
    assert again is not None
    assert again.verdict == "nothing"
    assert [said.revision for said in labels.history(first.id)] == [0, 1, 2, 3]


def test_undo_of_the_first_takes_it_away_and_undo_of_that_brings_it_back(labels: Labels) -> None:
    first = labels.put(label())
    undone = labels.undo(first.id, at="2026-11-22T08:00:02.000Z")
    assert undone is not None
    assert undone.removed
    assert labels.of_night(NIGHT) == []
    labels.undo(first.id, at="2026-11-22T08:00:03.000Z")
    assert [said.verdict for said in labels.of_night(NIGHT)] == ["cramp"]


def test_nothing_is_undone_where_nothing_was_said(labels: Labels) -> None:
    assert labels.undo("unheard-of", at="2026-11-22T08:00:00.000Z") is None


def test_a_span_that_a_person_draws_needs_no_event(labels: Labels) -> None:
    span = Label(
        "drawn-1", NIGHT, "Ann", "cramp", "2026", None, "", "2026-11-22T02:00:00Z", "2026-11-22T02:01:00Z"
    )
    labels.put(span)
    assert labels.of_night(NIGHT) == [span]


def test_they_are_there_after_opening_again(opened: Callable[[], Database]) -> None:
    Labels(opened()).put(label())
    assert Labels(opened()).of_night(NIGHT) == [label()]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    note=st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=LONGEST_NOTE // 4
    ),
    verdict=st.sampled_from(VERDICTS),
)
def test_every_note_comes_back_to_the_letter(labels: Labels, note: str, verdict: Verdict) -> None:
    kept = labels.put(label(verdict=verdict, note=note))
    assert labels.of_night(NIGHT) == [kept]
    assert labels.of_night(NIGHT)[0].note == note


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"verdict": "seizure"}, "verdict: expected one of cramp"),
        ({"note": "x" * (LONGEST_NOTE + 1)}, "note: expected at most 1000"),
        ({"by": "x" * 65}, "by: expected at most 64"),
        ({"note": "\0"}, "note: expected text"),
        ({"by": "\ud800"}, "by: expected text"),
        ({"event_id": None}, "expected an event, or a span"),
        ({"event_id": None, "onset_at": "2", "ended_at": "1"}, "expected an event, or a span"),
    ],
)
def test_what_no_label_is_is_refused(changes: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(label(), **changes)  # type: ignore[arg-type]
