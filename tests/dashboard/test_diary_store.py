"""The diary's store: the newest answers of an evening count, what was not answered is not there, all can be undone."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.database import Database
from dashboard.diary_store import DiaryStore, Sheet

EVENING, AT, LATER = "2026-11-21", "2026-11-21T20:00:00.000Z", "2026-11-21T21:00:00.000Z"


@pytest.fixture
def store(database: Database) -> DiaryStore:
    return DiaryStore(database)


def test_the_newest_answers_of_an_evening_count(store: DiaryStore) -> None:
    store.put(EVENING, {"alcohol": 1}, at=AT)
    newest = store.put(EVENING, {"alcohol": 2, "note": "two glasses"}, at=LATER)
    assert newest == Sheet(EVENING, "", 1, LATER, {"alcohol": 2, "note": "two glasses"})
    assert store.of(EVENING) == newest
    assert store.evenings() == [newest]
    assert store.of("2026-11-22") is None


def test_evenings_come_by_date_and_each_wearer_has_their_own(store: DiaryStore) -> None:
    for date in ("2026-11-23", "2026-11-21", "2026-11-22"):
        store.put(date, {}, at=AT)
    store.put(EVENING, {"cold": True}, at=AT, wearer="Bob")
    assert [sheet.date for sheet in store.evenings()] == ["2026-11-21", "2026-11-22", "2026-11-23"]
    assert [sheet.answers for sheet in store.evenings("Bob")] == [{"cold": True}]


def test_an_evening_can_be_undone_and_done_again(store: DiaryStore) -> None:
    assert store.undo(EVENING, at=AT) is None
    store.put(EVENING, {"alcohol": 1}, at=AT)
    undone = store.undo(EVENING, at=LATER)
    assert undone == store.of(EVENING) == Sheet(EVENING, "", 1, LATER, {})
    again = store.undo(EVENING, at=LATER)
    assert again is not None
    assert again.answers == {"alcohol": 1}


def test_what_lasts_is_kept_apart(store: DiaryStore) -> None:
    assert store.profile() is None
    store.put_profile({"diuretics": True}, at=AT)
    store.put_profile({"diuretics": False}, at=LATER)
    assert store.profile() == Sheet("", "", 1, LATER, {"diuretics": False})
    assert store.evenings() == []


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.dictionaries(st.text(), st.text() | st.booleans() | st.integers(-9, 9) | st.none()))
def test_every_answer_comes_back_to_the_letter(store: DiaryStore, answers: dict[str, object]) -> None:
    store.put(EVENING, answers, at=AT)
    newest = store.of(EVENING)
    assert newest is not None
    assert newest.answers == answers
