from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.edf_header import EdfError
from firmware_bridge.recording_timeline import NOT_RECORDED, Piece, Run, by_times, continuous, cut
from firmware_bridge.samples import Gap


def test_a_continuous_file_is_one_run() -> None:
    assert continuous(100) == [Run(0, 0, 100)]
    assert continuous(0) == []


def test_noted_gaps_cut_it() -> None:
    gaps = [Gap(50, 10, "link down"), Gap(0, 20, "lost frames")]
    assert continuous(100, gaps) == [
        Gap(0, 20, "lost frames"),
        Run(20, 20, 30),
        Gap(50, 10, "link down"),
        Run(60, 60, 40),
    ]


def test_gaps_that_touch_stay_two() -> None:
    gaps = [Gap(10, 10, "lost frames"), Gap(20, 10, "sensor restarted")]
    assert continuous(40, gaps) == [Run(0, 0, 10), *gaps, Run(30, 30, 10)]


@given(st.lists(st.tuples(st.integers(-50, 150), st.integers(-10, 80)), max_size=8), st.integers(0, 120))
def test_pieces_cover_the_axis_once_whatever_was_noted(noted: list[tuple[int, int]], samples: int) -> None:
    pieces = continuous(samples, [Gap(first, missing, "x") for first, missing in noted])
    at = 0
    for piece in pieces:
        assert piece.first_index == at < piece.end_index
        if isinstance(piece, Run):
            assert piece.first_sample == piece.first_index
        at = piece.end_index
    assert at == samples


def test_records_follow_their_times() -> None:
    times = [0.5, 1.5, 5.5, 6.5, 7.0 + 10.25]
    assert by_times(times, 1000, 1000.0, 10) == [
        Run(0, 0, 2000),
        Gap(2000, 3000, NOT_RECORDED),
        Run(5000, 2000, 2000),
        Gap(7000, 9750, NOT_RECORDED),
        Run(16750, 4000, 1000),
    ]


def test_rounded_times_do_not_add_up_to_a_drift() -> None:
    # A third of a second a record, written with three digits.
    times = [round(record / 3, 3) for record in range(10_000)]
    assert by_times(times, 100, 300.0, 1) == [Run(0, 0, 1_000_000)]


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=30), st.sampled_from([1, 10, 20]))
def test_any_holes_are_found_at_their_size(holes: list[int], grid: int) -> None:
    times, now = [], 12.25
    for hole in holes:
        now += hole * grid / 1000
        times.append(round(now, 6))
        now += 1.0
    pieces = by_times(times, 1000, 1000.0, grid)
    # What is before the first record is nobody's.
    assert sum(p.missing for p in pieces if isinstance(p, Gap)) == sum(holes[1:]) * grid
    assert sum(p.samples for p in pieces if isinstance(p, Run)) == 1000 * len(holes)
    assert all(p.first_index % grid == 0 for p in pieces)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([0.0, None], "data record 2 of an EDF.D file: expected its time, got none"),
        ([0.0, 0.5], "data record 2.* at 1 s or later, got 0.5 s"),
        ([10.0, 3.0], "data record 2.* at 11 s or later, got 3 s"),
    ],
)
def test_records_that_overlap_or_have_no_time_are_refused(times: list[float | None], message: str) -> None:
    with pytest.raises(EdfError, match=message):
        by_times(times, 1000, 1000.0, 10)


def test_a_part_of_the_pieces_keeps_its_place_in_the_file() -> None:
    pieces: list[Piece] = [Run(0, 0, 100), Gap(100, 50, "x"), Run(150, 100, 100)]
    assert cut(pieces, 120, 200) == [Gap(120, 30, "x"), Run(150, 100, 50)]
    assert cut(pieces, 40, 60) == [Run(40, 40, 20)]
    assert cut(pieces, 300, 400) == []
