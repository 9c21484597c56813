"""The diary: what it takes, which nights it compares, and that chance alone chooses the weeks of a trial."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.diary import (
    FACTS,
    QUESTIONS,
    RefusedSheetError,
    associations,
    evening_answers,
    profile_answers,
    trial_week,
)
from dashboard.diary_store import Sheet
from dashboard.evenings import Cramp, Evening

FIRST = date(2026, 9, 7)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


def nights(counts: Sequence[int], usable_h: float = 8.0) -> list[Evening]:
    return [
        Evening(
            FIRST + timedelta(days=day),
            (),
            ((0.0, 1.0),),
            usable_h * 3600,
            tuple(Cramp(f"{day}.{n}", 0.0, 30.0) for n in range(count)),
        )
        for day, count in enumerate(counts)
    ]


def sheets(answers: Sequence[str], key: str = "alcohol") -> list[Sheet]:
    said = [{key: answer} if answer else {} for answer in answers]
    days = [(FIRST + timedelta(days=day)).isoformat() for day in range(len(answers))]
    return [Sheet(day, "", 0, "", one) for day, one in zip(days, said, strict=True)]


@given(anything)
def test_whatever_is_sent_is_taken_in_part_or_refused(asked: Any) -> None:
    for take in (evening_answers, profile_answers):
        with suppress(RefusedSheetError):
            take(asked)


@given(st.sampled_from([*QUESTIONS, *FACTS, "note", "medicines", "stretch_trial"]), anything)
def test_whatever_an_answer_is_it_is_kept_or_refused(key: str, answer: Any) -> None:
    for take in (evening_answers, profile_answers):
        with suppress(RefusedSheetError):
            assert set(take({key: answer})) <= {key}


def test_what_nobody_answered_is_not_no() -> None:
    assert evening_answers({"alcohol": "yes", "stress": "", "unknown": "yes"}) == {"alcohol": "yes"}
    assert profile_answers({"medicines": ["a", " "], "diuretic": "no"}) == {
        "diuretic": "no",
        "medicines": ["a"],
    }
    with pytest.raises(RefusedSheetError, match="alcohol"):
        evening_answers({"alcohol": "perhaps"})
    with pytest.raises(RefusedSheetError, match="date"):
        profile_answers({"stretch_trial": "soon"})


def test_a_question_is_compared_from_eight_nights_on_either_side() -> None:
    counts = [2, 2, 1, 2, 2, 1, 2, 2, 0, 0, 0, 1, 0, 0, 0, 0]
    (row,) = associations(nights(counts), sheets(["yes"] * 8 + ["no"] * 8), {})
    assert (row.key, row.nights_with, row.nights_without) == ("alcohol", 8, 8)
    assert row.found is not None
    assert row.found.verdict == "more"
    (row,) = associations(nights(counts), sheets(["yes"] * 8 + ["no"] * 7 + [""]), {})
    assert row.found is None
    assert (row.nights_with, row.nights_without) == (8, 7)


def test_nights_that_were_hardly_seen_are_not_compared() -> None:
    assert associations(nights([3] * 20, usable_h=3.9), sheets(["yes"] * 20), {}) == []


def test_more_questions_make_each_harder_to_tell() -> None:
    found = nights([1, 0, 2, 1, 1, 0, 2, 1, 0, 1, 0, 0, 1, 0, 0, 1])
    alone = associations(found, sheets(["yes"] * 8 + ["no"] * 8), {})[0].found
    many = [
        Sheet(sheet.date, "", 0, "", dict.fromkeys(QUESTIONS, sheet.answers["alcohol"]))
        for sheet in sheets(["yes"] * 8 + ["no"] * 8)
    ]
    among = associations(found, many, {})[0].found
    assert alone is not None
    assert among is not None
    assert among.level > alone.level
    assert among.high - among.low > alone.high - alone.low


def test_a_trial_has_as_many_weeks_on_as_off_in_an_order_of_its_own() -> None:
    profile = {"stretch_trial": FIRST.isoformat()}
    assert trial_week(profile, FIRST - timedelta(days=1)) is None
    assert trial_week({}, FIRST) is None
    orders = set()
    for pair in range(20):
        weeks = [
            {trial_week(profile, FIRST + timedelta(days=14 * pair + 7 * half + day)) for day in range(7)}
            for half in range(2)
        ]
        assert weeks in ([{"on"}, {"off"}], [{"off"}, {"on"}])
        orders.add(str(weeks))
    assert len(orders) == 2


def test_a_trial_is_analysed_as_it_was_drawn() -> None:
    profile = {"stretch_trial": FIRST.isoformat()}
    counts = [0 if trial_week(profile, FIRST + timedelta(days=day)) == "on" else 2 for day in range(28)]
    (row,) = associations(nights(counts), [], profile)
    assert row.is_randomised
    assert row.found is not None
    assert row.found.verdict == "fewer"
