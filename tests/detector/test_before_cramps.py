"""The ten minutes before cramps against the rest of the night."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.before_cramps import EARLIER_LEAST_S, MEASURES, compared
from detector.types import Before

QUIET = Before(
    seen_s=600.0,
    earlier_s=7200.0,
    still_s=300.0,
    turns=1,
    turns_earlier_per_h=2.0,
    turned_deg=5.0,
    moved_share=0.02,
    moved_share_earlier=0.01,
    tense_share=0.05,
    tense_share_earlier=0.01,
    tense_share_last_minute=0.30,
)
POSTURE, MOVEMENT, TENSION, LAST_MINUTE = range(len(MEASURES))
SHARE = st.floats(0.0, 1.0)


def test_each_cramp_is_held_against_its_own_night() -> None:
    calm = replace(QUIET, turns=0, tense_share=0.0, tense_share_last_minute=0.0)
    of = compared([QUIET, calm, None])
    assert (of[POSTURE].cramps, of[POSTURE].before, of[POSTURE].earlier) == (2, 3.0, 2.0)
    assert (of[POSTURE].more, of[POSTURE].less) == (1, 1)
    assert of[MOVEMENT].before == pytest.approx(72.0)
    assert of[MOVEMENT].earlier == pytest.approx(36.0)
    assert of[LAST_MINUTE].difference == pytest.approx((0.29 - 0.01) / 2)


def test_a_cramp_with_hardly_a_night_before_it_is_not_compared() -> None:
    early = replace(QUIET, earlier_s=EARLIER_LEAST_S - 1.0)
    assert {one.cramps for one in compared([early])} == {0}
    assert {one.cramps for one in compared([])} == {0}


def test_without_an_accelerometer_tension_alone_is_compared() -> None:
    blind = replace(QUIET, turns=None, turns_earlier_per_h=None, moved_share=None, moved_share_earlier=None)
    assert [one.cramps for one in compared([blind])] == [0, 0, 1, 1]


@given(st.lists(st.tuples(SHARE, SHARE), max_size=20))
def test_more_and_less_never_exceed_the_cramps(pairs: list[tuple[float, float]]) -> None:
    one = compared(replace(QUIET, tense_share=now, tense_share_earlier=then) for now, then in pairs)[TENSION]
    assert one.more + one.less <= one.cramps == len(pairs)
    assert one.more == sum(now > then for now, then in pairs)
