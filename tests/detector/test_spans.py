"""Arithmetic on stretches of time, against the same arithmetic on whole seconds."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.spans import Span, common, grouped, hull, merged, overlap_s, overlaps, total_s, without

SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 15)).map(lambda t: Span(t[0], t[0] + t[1])), max_size=10
)


def seconds(spans: list[Span] | tuple[Span, ...]) -> set[int]:
    return {second for span in spans for second in range(int(span.onset_s), int(span.end_s))}


@given(SPANS)
def test_merging_covers_the_same_time_in_order_and_apart(spans: list[Span]) -> None:
    result = merged(spans)
    assert seconds(result) == seconds(spans)
    assert all(before.end_s <= after.onset_s for before, after in itertools.pairwise(result))


@given(SPANS, st.integers(0, 20))
def test_merging_twice_is_merging_once(spans: list[Span], within_s: int) -> None:
    once = merged(spans, within_s)
    assert merged(once, within_s) == once


@given(SPANS, st.integers(1, 20))
def test_merged_stretches_lie_apart_by_the_gap_or_more(spans: list[Span], within_s: int) -> None:
    result = merged(spans, within_s)
    assert all(after.onset_s - before.end_s >= within_s for before, after in itertools.pairwise(result))


@given(SPANS, st.integers(0, 20), st.randoms(use_true_random=False))
def test_the_order_of_stretches_does_not_matter(spans: list[Span], within_s: int, random: object) -> None:
    shuffled = list(spans)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merged(shuffled, within_s) == merged(spans, within_s)


def test_a_stretch_within_another_does_not_shorten_it() -> None:
    assert merged([Span(0, 100), Span(10, 20), Span(105, 110)], 10) == (Span(0, 110),)


def test_a_gap_of_just_the_limit_stays() -> None:
    assert merged([Span(0, 10), Span(20, 30)], 10) == (Span(0, 10), Span(20, 30))
    assert merged([Span(0, 10), Span(19.9, 30)], 10) == (Span(0, 30),)


def test_groups_keep_every_member() -> None:
    assert grouped([Span(5, 6), Span(0, 1), Span(0, 9)]) == [[Span(0, 1), Span(0, 9), Span(5, 6)]]
    assert hull([Span(0, 1), Span(0, 9), Span(5, 6)]) == Span(0, 9)


@given(SPANS, SPANS)
def test_common_time_is_in_both(some: list[Span], others: list[Span]) -> None:
    assert seconds(common(some, others)) == seconds(some) & seconds(others)
    assert total_s(common(some, others)) == len(seconds(some) & seconds(others))


@given(SPANS, SPANS)
def test_what_holes_leave_is_what_they_do_not_cover(some: list[Span], holes: list[Span]) -> None:
    for span in some:
        assert seconds(without(span, holes)) == seconds([span]) - seconds(holes)


@given(SPANS, SPANS)
def test_overlap_is_symmetric_and_says_how_long(some: list[Span], others: list[Span]) -> None:
    for one in some:
        for other in others:
            assert overlaps(one, other) is overlaps(other, one)
            assert overlap_s(one, other) == len(seconds([one]) & seconds([other]))
            if one.duration_s and other.duration_s:
                assert overlaps(one, other) is (overlap_s(one, other) > 0)


def test_touching_is_no_overlap_but_a_moment_is_in_the_stretch_that_holds_it() -> None:
    assert not overlaps(Span(0, 10), Span(10, 20))
    assert overlaps(Span(10, 10), Span(10, 20))
    assert overlaps(Span(20, 20), Span(10, 20))
    assert not overlaps(Span(20.1, 20.1), Span(10, 20))


@pytest.mark.parametrize("edges", [(2.0, 1.0), (float("nan"), 1.0), (0.0, float("nan"))])
def test_a_span_that_ends_before_it_begins_is_refused(edges: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="expected an end at or after its onset"):
        Span(*edges)
