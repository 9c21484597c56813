from __future__ import annotations

import pytest

from detector.take_overs import TakeOvers


def lived(*lives_s: float) -> TakeOvers:
    seen = TakeOvers()
    for life_s in lives_s:
        seen.ended(life_s)
    return seen


@pytest.mark.parametrize("lives_s", [(), (0.5,), (0.5, 1.0), (0.5, 1.0, 60.0), (1.0, 1.0, 60.0, 1.0)])
def test_a_connection_lost_now_and_then_is_nobody_elses(lives_s: tuple[float, ...]) -> None:
    assert not lived(*lives_s).clash


def test_three_short_lives_in_a_row_are_somebody_with_our_id() -> None:
    assert lived(60.0, 1.0, 0.5, 1.9).clash


def test_a_broker_that_goes_away_is_not_somebody_with_our_id() -> None:
    seen = lived(1.0, 1.0)
    seen.unreachable()
    seen.ended(1.0)
    assert not seen.clash


def test_a_connection_that_lasts_ends_the_clash() -> None:
    seen = lived(1.0, 1.0, 1.0)
    seen.lives(1.0)
    assert seen.clash
    seen.lives(30.0)
    assert not seen.clash
