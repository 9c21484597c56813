"""The resting level: there within seconds, deaf to activity, and ready to learn that rest has changed."""

from itertools import pairwise
from math import isnan

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.resting import RELEARN_S, RELEARN_UNKNOWN_S, REST_CAP_UV, Rest, RestingLevel

NAN = float("nan")


def follow(level: RestingLevel, *stretches: tuple[float, float]) -> list[float]:
    """Feed (seconds, RMS) stretches of four hops a second; return the level at each hop."""
    return hop_by_hop(level, [value for seconds, value in stretches for _ in range(int(seconds * 4))])


def hop_by_hop(level: RestingLevel, values: list[float]) -> list[float]:
    return [float(level.feed(hop, np.array([value])).level[0]) for hop, value in enumerate(values)]


def fresh() -> RestingLevel:
    return RestingLevel(0.1, REST_CAP_UV)


def test_it_is_known_after_one_second() -> None:
    levels = follow(fresh(), (2, 3.0))
    assert [isnan(level) for level in levels] == [True] * 4 + [False] * 4
    assert levels[4:] == [3.0] * 4


def test_it_rests_on_seconds_before_the_hop_only() -> None:
    levels = follow(fresh(), (10, 3.0), (0.5, 2.0))
    assert levels[-2:] == [3.0, 3.0]


def test_ten_minutes_of_cramp_do_not_raise_it() -> None:
    assert follow(fresh(), (60, 3.0), (600, 60.0))[-1] == 3.0


def test_what_stays_loud_longer_than_any_cramp_is_a_new_rest() -> None:
    assert follow(fresh(), (60, 3.0), (RELEARN_S + 5, 9.0))[-1] == 9.0


def test_a_slow_rise_is_followed() -> None:
    levels = follow(fresh(), *[(60, 3.0 + 0.2 * minute) for minute in range(20)])
    assert 5.0 < levels[-1] < 7.0


def test_a_recording_that_begins_with_activity_does_not_take_it_for_rest() -> None:
    levels = follow(fresh(), (20, 60.0), (10, 3.0))
    assert levels[40] == REST_CAP_UV
    assert levels[-1] == 3.0


def test_a_noisy_sensor_is_believed_after_two_minutes() -> None:
    levels = follow(fresh(), (RELEARN_UNKNOWN_S + 5, 40.0))
    assert levels[100] == REST_CAP_UV
    assert levels[-1] == 40.0


def test_without_a_scale_there_is_no_cap_but_the_first_quiet_second_corrects_it() -> None:
    levels = follow(RestingLevel(0.1, None), (20, 600.0), (5, 30.0))
    assert levels[40] == 600.0
    assert levels[-1] == 30.0


def test_a_second_mostly_unseen_teaches_nothing() -> None:
    assert all(isnan(level) for level in hop_by_hop(fresh(), [3.0, NAN, NAN, NAN, 3.0]))


def test_it_never_falls_below_the_floor() -> None:
    assert follow(RestingLevel(0.5, None), (5, 0.0))[-1] == 0.5


def test_the_silences_of_a_clonic_run_are_not_mistaken_for_its_level() -> None:
    assert hop_by_hop(fresh(), [3.0] * 240 + [60.0, 60.0, 3.0, 60.0] * 30)[-1] == 3.0


@given(values=st.lists(st.floats(0.0, 1e5) | st.just(NAN), max_size=400))
def test_it_is_always_between_the_floor_and_the_loudest_heard(values: list[float]) -> None:
    loudest = max([value for value in values if not isnan(value)], default=0.0)
    known = [level for level in hop_by_hop(RestingLevel(0.1, None), values) if not isnan(level)]
    assert all(0.1 <= level <= max(loudest, 0.1) for level in known)


@settings(max_examples=50)
@given(first=st.integers(0, 9), cuts=st.lists(st.integers(1, 199), max_size=20), seed=st.integers(0, 99))
def test_any_cutting_gives_the_same(first: int, cuts: list[int], seed: int) -> None:
    values = np.random.default_rng(seed).choice([3.0, 4.0, 9.0, NAN], 200)
    level = RestingLevel(0.1, REST_CAP_UV)
    edges = sorted({0, 200, *cuts})
    pieces = [level.feed(first + begin, values[begin:end]) for begin, end in pairwise(edges)]
    whole = RestingLevel(0.1, REST_CAP_UV).feed(first, values)
    for part in Rest._fields:
        assert (
            np.concatenate([getattr(piece, part) for piece in pieces]).tobytes()
            == getattr(whole, part).tobytes()
        )


def test_its_age_counts_the_seconds_in_which_it_is_frozen() -> None:
    """A second of rest, one of activity for each of ten, then rest again: known and frozen at the end of each."""
    values = np.array([3.0] * 8 + [60.0] * 40 + [3.0] * 8)
    ages = RestingLevel(0.1, REST_CAP_UV).feed(0, values).age
    assert np.isnan(ages[:4]).all()
    assert (
        ages[4:].tolist()
        == [0.0] * 8 + [float(second) for second in range(1, 11) for _ in range(4)] + [0.0] * 4
    )


def test_a_hole_in_the_stream_ages_it() -> None:
    level = RestingLevel(0.1, REST_CAP_UV)
    level.feed(0, np.full(8, 3.0))
    assert level.feed(48, np.full(4, 3.0)).age.tolist() == [10.0] * 4
