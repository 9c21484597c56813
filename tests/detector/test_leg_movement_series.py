"""Both legs to one list, and the list to periodic series, clause by clause (WASM 2016, AASM)."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.leg_movement_series import Runs
from detector.leg_movements import (
    AASM,
    WASM_2016,
    LegMovement,
    Rules,
    Span,
    find_series,
    is_candidate,
    join_legs,
)


def leg(name: str, *spans: tuple[float, float]) -> list[LegMovement]:
    return [LegMovement.of_one_leg(onset_s, end_s, name) for onset_s, end_s in spans]


def at(*onsets_s: float, duration_s: float = 2.0) -> list[LegMovement]:
    return leg("left", *((onset_s, onset_s + duration_s) for onset_s in onsets_s))


def every(interval_s: float, count: int, start_s: float = 5.0) -> list[float]:
    return [start_s + i * interval_s for i in range(count)]


def sizes(
    movements: Sequence[LegMovement], rules: Rules = WASM_2016, blind: Sequence[Span] = ()
) -> list[int]:
    return [len(run.movements) for run in find_series(movements, rules, blind).series]


def joined(
    left: Sequence[tuple[float, float]], right: Sequence[tuple[float, float]], rules: Rules = WASM_2016
) -> list[tuple[float, float, int]]:
    movements = join_legs({"left": leg("left", *left), "right": leg("right", *right)}, rules)
    return [(m.onset_s, m.end_s, m.parts) for m in movements]


# --- Both legs, WASM 2016


def test_wasm_movements_of_two_legs_that_overlap_are_one() -> None:
    assert joined([(10, 12)], [(11, 14)]) == [(10, 14, 2)]


def test_wasm_less_than_half_a_second_between_end_and_onset_makes_them_one() -> None:
    assert joined([(10, 12)], [(12.49, 14)]) == [(10, 14, 2)]


def test_wasm_half_a_second_keeps_them_apart() -> None:
    assert joined([(10, 12)], [(12.5, 14)]) == [(10, 12, 1), (12.5, 14, 1)]


def test_wasm_joining_goes_on_from_movement_to_movement() -> None:
    assert joined([(10, 12), (13.8, 15)], [(12.2, 13.5)]) == [(10, 15, 3)]


def test_wasm_pieces_on_one_leg_are_one_movement_not_two_parts() -> None:
    assert joined([(10, 12), (12.3, 13)], []) == [(10, 13, 1)]


def test_a_movement_within_a_longer_one_does_not_shorten_it() -> None:
    assert joined([(10, 18)], [(11, 12)]) == [(10, 18, 2)]


def test_a_joined_movement_names_its_legs() -> None:
    movements = join_legs({"right": leg("right", (1, 2)), "left": leg("left", (1.5, 3), (9, 10))})
    assert [movement.legs for movement in movements] == [("left", "right"), ("left",)]


def test_pieces_that_join_into_half_a_second_are_a_movement_and_a_shorter_one_is_none() -> None:
    assert joined([(10, 10.2), (10.4, 10.6), (20, 20.4)], []) == [(10, 10.6, 1)]


# --- Both legs, AASM


def test_aasm_onsets_of_two_legs_less_than_5_s_apart_count_once() -> None:
    assert joined([(10, 11)], [(14.9, 16)], AASM) == [(10, 16, 2)]


def test_aasm_5_s_count_twice() -> None:
    assert joined([(10, 11)], [(15, 16)], AASM) == [(10, 11, 1), (15, 16, 1)]


def test_aasm_movements_of_one_leg_are_never_joined() -> None:
    assert joined([(10, 11), (12, 13)], [], AASM) == [(10, 11, 1), (12, 13, 1)]


def test_aasm_counts_the_5_s_from_the_first_onset() -> None:
    assert joined([(10, 11), (18, 19)], [(14, 15)], AASM) == [(10, 15, 2), (18, 19, 1)]


# --- Series


@pytest.mark.parametrize("rules", [WASM_2016, AASM], ids=lambda rules: rules.name)
@pytest.mark.parametrize(("count", "expected"), [(3, []), (4, [4]), (5, [5])])
def test_a_series_has_at_least_4_consecutive_movements(rules: Rules, count: int, expected: list[int]) -> None:
    assert sizes(at(*every(25, count)), rules) == expected


@pytest.mark.parametrize(
    ("rules", "interval_s", "expected"),
    [
        (WASM_2016, 9.9, []),
        (WASM_2016, 10.0, [5]),
        (WASM_2016, 90.0, [5]),
        (WASM_2016, 90.1, []),
        (AASM, 5.0, [5]),
        (AASM, 90.0, [5]),
        (AASM, 90.1, []),
    ],
)
def test_intervals_from_onset_to_onset_include_both_limits(
    rules: Rules, interval_s: float, expected: list[int]
) -> None:
    # From a time that no binary fraction holds, so that rounding would show.
    assert sizes(at(*every(interval_s, 5, start_s=0.1)), rules) == expected


def test_aasm_needs_5_s_between_onsets() -> None:
    assert sizes(at(*every(4.9, 4)), AASM) == []


def test_the_interval_is_from_onset_to_onset_not_from_end_to_onset() -> None:
    assert sizes(at(*every(12, 4), duration_s=9.0)) == [4]


def test_wasm_an_interval_over_90_s_ends_the_run() -> None:
    assert sizes(at(*every(25, 4), *every(25, 5, start_s=200))) == [4, 5]


def test_wasm_an_interval_under_10_s_ends_the_run() -> None:
    assert sizes(at(0, 25, 50, 58, 83, 108)) == []


def test_wasm_the_movement_after_a_short_interval_may_begin_the_next_run() -> None:
    assert sizes(at(0, 25, 50, 58, 83, 108, 133)) == [4]


def test_wasm_a_movement_that_is_no_candidate_ends_the_run() -> None:
    long = leg("left", (60, 72))
    assert sizes([*at(10, 35), *long, *at(85, 110)]) == []
    assert sizes([*at(*every(20, 4)), *leg("left", (85, 97)), *at(*every(20, 4, start_s=105))]) == [4, 4]


def test_wasm_there_is_no_interval_to_or_from_a_movement_that_is_no_candidate() -> None:
    assert find_series([*at(10), *leg("left", (30, 45)), *at(50, 75)]).intervals == 1


def test_aasm_a_movement_longer_than_10_s_is_none_and_is_passed_over() -> None:
    assert sizes([*at(10, 35), *leg("left", (60, 72)), *at(85, 110)], AASM) == [4]


def test_aasm_a_movement_within_5_s_of_the_last_is_passed_over() -> None:
    runs = find_series(at(0, 25, 29, 50, 75), AASM)
    assert [[m.onset_s for m in run.movements] for run in runs.series] == [[0, 25, 50, 75]]


def test_a_bilateral_movement_counts_once_in_a_series() -> None:
    both = join_legs({"left": at(*every(25, 4)), "right": leg("right", (5.5, 7), (30.5, 33))})
    assert sizes(both) == [4]


def test_short_intervals_outside_series_are_counted_apart() -> None:
    assert find_series(at(0, 4, 8, 60)).short_intervals == 2
    # The fourth follows too soon, but begins a series.
    assert find_series(at(0, 25, 50, 58, 83, 108, 133)).short_intervals == 0


def test_a_run_ends_where_a_movement_may_have_been_missed() -> None:
    movements = at(*every(25, 5))
    assert sizes(movements, blind=[Span(40.0, 40.5)]) == []
    assert sizes(movements, blind=[Span(40.0, 40.4)]) == [5]
    assert sizes(movements, AASM, blind=[Span(40.0, 41.0)]) == []


def test_a_movement_of_unknown_length_ends_a_run() -> None:
    cut = LegMovement.of_one_leg(60.0, 61.0, "left", cut=True)
    for rules in (WASM_2016, AASM):
        assert not is_candidate(cut, rules)
        assert sizes([*at(10, 35), cut, *at(85, 110)], rules) == []


@given(
    st.lists(st.tuples(st.floats(0.6, 120.0), st.floats(0.5, 14.0)), max_size=40),
    st.sampled_from([WASM_2016, AASM]),
)
def test_a_series_holds_only_what_the_rules_allow(steps: list[tuple[float, float]], rules: Rules) -> None:
    spans, at_s = [], 0.0
    for pause_s, duration_s in steps:
        spans.append((at_s + pause_s, at_s + pause_s + duration_s))
        at_s = spans[-1][1]
    movements = join_legs({"left": leg("left", *spans)}, rules)
    runs: Runs = find_series(movements, rules)
    periodic = [movement for run in runs.series for movement in run.movements]
    assert len(set(periodic)) == len(periodic)
    for run in runs.series:
        assert len(run.movements) >= 4
        assert all(is_candidate(movement, rules) for movement in run.movements)
        assert all(rules.shortest_interval_s - 1e-5 <= i <= 90.0 + 1e-5 for i in run.intervals_s)
        if rules is WASM_2016:
            within = [m for m in movements if run.onset_s <= m.onset_s <= run.movements[-1].onset_s]
            assert within == list(run.movements)
