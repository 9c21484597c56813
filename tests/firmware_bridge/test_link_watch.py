"""The watch over a link: one word when it is lost, one when it is back, and a ladder of remedies between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.link_watch import CORDLESS, LADDER, LinkWatch, Remedy, ladder_of
from firmware_bridge.samples import LinkState


def climbed(watch: LinkWatch, until_s: float, step_s: float = 0.5) -> list[tuple[float, Remedy]]:
    steps = (i * step_s for i in range(round(until_s / step_s)))
    return [(now_s, remedy) for now_s in steps if (remedy := watch.remedy(now_s))]


def test_silence_is_asked_about_then_given_up_then_opened_afresh_every_ten_seconds() -> None:
    """RELIABILITY.md row A9."""
    assert climbed(LinkWatch(0.0), 41.0) == [
        (2.0, Remedy.ASK),
        (4.5, Remedy.GIVE_UP),
        (10.0, Remedy.REOPEN),
        (20.0, Remedy.REOPEN),
        (30.0, Remedy.REOPEN),
        (40.0, Remedy.REOPEN),
    ]


def test_samples_start_the_ladder_anew() -> None:
    watch = LinkWatch(0.0)
    assert climbed(watch, 3.0) == [(2.0, Remedy.ASK)]
    assert watch.samples_came(3.0) == []
    assert watch.remedy(4.9) is None
    assert watch.remedy(5.0) is Remedy.ASK


def test_patience_stretches_the_ladder() -> None:
    assert climbed(LinkWatch(0.0, patience=3.0), 16.0) == [(6.0, Remedy.ASK), (13.5, Remedy.GIVE_UP)]


def test_an_opened_port_gets_its_time_before_it_is_opened_again() -> None:
    watch = LinkWatch(0.0)
    watch.lost("cable")
    watch.opened(100.0)
    assert not watch.up
    assert watch.remedy(101.0) is None
    assert watch.remedy(102.0) is Remedy.ASK


def test_a_connection_is_made_anew_as_soon_as_it_is_known_to_be_lost_and_then_within_two_seconds() -> None:
    watch = LinkWatch(0.0, ladder=ladder_of("socket"))
    assert climbed(watch, 6.0) == [(2.0, Remedy.ASK), (4.5, Remedy.GIVE_UP), (5.0, Remedy.REOPEN)]
    assert [state.up for state in watch.lost("silent")] == [False]
    watch.opened(10.0)
    assert watch.remedy(11.0) is None
    assert watch.remedy(11.5) is Remedy.REOPEN
    watch.samples_came(12.0)
    assert climbed(watch, 15.0, 1.0) == [(14.0, Remedy.ASK)]


def test_only_the_network_has_a_ladder_of_its_own() -> None:
    assert ladder_of("socket") is CORDLESS
    assert ladder_of("serial").rungs == LADDER


@given(st.lists(st.booleans(), max_size=60))
def test_states_alternate_whatever_happens(happenings: list[bool]) -> None:
    watch = LinkWatch(0.0)
    states: list[LinkState] = []
    for now_s, samples in enumerate(happenings):
        states += watch.samples_came(now_s) if samples else watch.lost("cable")
        assert watch.up is samples
    ups = [state.up for state in states]
    assert ups == [i % 2 == 1 for i in range(len(ups))]
