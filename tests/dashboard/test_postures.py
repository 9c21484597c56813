"""How the leg lay: the same number for the same way of lying, and nothing said of what was not seen."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.postures import KEPT_S, Kept, Reals, positions

BIN_S = 5.0
SIDE, BACK, FRONT = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)
NOTHING = (np.nan, np.nan, np.nan)


def lying(*ways: tuple[tuple[float, float, float], int]) -> Reals:
    return np.concatenate([np.tile(np.array(way), (bins, 1)) for way, bins in ways])


def test_a_way_of_lying_that_comes_back_has_its_number_again() -> None:
    night = lying((BACK, 60), (SIDE, 60), (BACK, 60), (FRONT, 60))
    assert positions(night, BIN_S) == [
        Kept(0, 300, 1),
        Kept(300, 600, 2),
        Kept(600, 900, 1),
        Kept(900, 1200, 3),
    ]


def test_a_moment_on_the_way_and_a_small_move_are_no_positions() -> None:
    assert positions(lying((BACK, 60), (SIDE, 3), (BACK, 60)), BIN_S) == [Kept(0, 615, 1)]
    tilted = (np.sin(np.radians(20)), 0.0, np.cos(np.radians(20)))
    assert positions(lying((BACK, 60), (tilted, 60)), BIN_S) == [Kept(0, 600, 1)]


def test_of_what_was_not_seen_or_no_gravity_nothing_is_said() -> None:
    found = positions(lying((BACK, 60), (NOTHING, 120), (BACK, 60), ((0.0, 0.0, 3.0), 60)), BIN_S)
    assert found == [Kept(0, 300, 1), Kept(900, 1200, 1)]
    assert positions(np.zeros((0, 3)), BIN_S) == []
    assert positions(lying((NOTHING, 50)), BIN_S) == []


def test_a_strap_that_slips_slowly_makes_no_new_position() -> None:
    angle = np.radians(np.linspace(0, 90, 2000))
    night = np.stack([np.sin(angle), np.zeros(2000), np.cos(angle)], axis=1)
    assert len(positions(night, BIN_S)) == 1


@given(st.lists(st.tuples(st.sampled_from([SIDE, BACK, FRONT, NOTHING]), st.integers(1, 40)), max_size=12))
def test_positions_are_in_order_apart_and_kept_long_enough(
    ways: list[tuple[tuple[float, float, float], int]],
) -> None:
    night = lying(*ways) if ways else np.zeros((0, 3))
    found = positions(night, BIN_S)
    assert all(kept.end_s - kept.start_s >= KEPT_S for kept in found)
    assert all(one.end_s <= other.start_s for one, other in pairwise(found))
    assert {kept.number for kept in found} == set(range(1, len({kept.number for kept in found}) + 1))


def test_which_way_the_sensor_sits_does_not_matter() -> None:
    night = lying((BACK, 60), (SIDE, 60), (FRONT, 60), (SIDE, 60))
    turned = night @ np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    assert positions(turned, BIN_S) == positions(night, BIN_S)
