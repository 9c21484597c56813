"""Two detectors on the same nights: counted together, drawn together, split one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from detector.scoring_labels import Label, LabelledRecording
from models.paired import Discordant, compared, discordant, drawn_interval, ratio_of


def cramp(onset_s: float) -> Label:
    return Label(onset_s, onset_s + 30.0, "tonic", "cramp")


def night(
    person: str, said: tuple[float, ...], asked: tuple[float, ...] = (100.0, 500.0)
) -> LabelledRecording:
    return LabelledRecording(
        f"night of {person}", person, tuple(map(cramp, asked)), tuple(map(cramp, said)), 28_800.0
    )


FIRST = [night("a", (100.0,)), night("b", (100.0, 500.0, 900.0)), night("c", (100.0,))]
SECOND = [night("a", (100.0, 500.0)), night("b", (500.0,)), night("c", (100.0, 500.0))]


def test_figures_lie_beside_each_other_with_their_difference() -> None:
    by_name = {one.figure: one for one in compared(FIRST, SECOND)}
    found = by_name["cramps_found"]
    assert (found.first, found.second, found.people) == ((4, 6), (5, 6), 3)
    assert found.difference == pytest.approx(1 / 6)
    assert found.interval is not None
    assert found.interval[0] < 0 < found.interval[1]
    false = by_name["false_cramps_per_night"]
    assert (false.first, false.second) == ((1, 3), (0, 3))
    assert false.difference == pytest.approx(-1 / 3)
    assert by_name["clonic_found"].difference is None


def test_each_cramp_is_found_by_both_by_one_or_by_neither() -> None:
    cramps = next(iter(discordant(FIRST, SECOND)))
    assert cramps == Discordant("cramp", both=3, first_only=1, second_only=2, neither=0)


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_split_is_judged_as_by_the_binomial_test(first: int, second: int) -> None:
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert Discordant("cramp", 5, first, second, 5).p == pytest.approx(expected)


def test_the_same_said_twice_differs_in_nothing() -> None:
    for one in compared(FIRST, FIRST):
        assert one.difference in {0.0, None}
        assert one.interval is None


def test_other_recordings_are_not_compared() -> None:
    with pytest.raises(ValueError, match="the same recordings"):
        list(compared(FIRST, SECOND[::-1]))


def test_one_person_has_no_interval_and_more_people_a_narrower_one() -> None:
    assert drawn_interval(np.array([[3.0, 4.0]]), ratio_of) is None
    few = np.array([[1.0, 4.0], [4.0, 4.0], [2.0, 4.0], [3.0, 4.0]])
    low, high = drawn_interval(few, ratio_of) or (0.0, 0.0)
    lower, higher = drawn_interval(np.tile(few, (20, 1)), ratio_of) or (0.0, 1.0)
    assert low < lower < 10 / 16 < higher < high
