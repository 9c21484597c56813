from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from models.synthesis import PlannedEvent, simulate_night
from models.synthesis.agenda import Agenda
from models.synthesis.classes import EVENT_RANGES
from models.synthesis.planning import CRAMP_QUIET_S

UNRESERVED = {"twitch"}


def plans(scene: str, nights: int = 40, hours: float = 8.0) -> list[list[PlannedEvent]]:
    return [list(simulate_night(hours, seed, scene=scene).plan) for seed in range(nights)]


def mean_count(nights: list[list[PlannedEvent]], name: str) -> float:
    return float(np.mean([Counter(event.name for event in night)[name] for night in nights]))


@pytest.fixture(scope="module")
def ordinary() -> list[list[PlannedEvent]]:
    return plans("ordinary", 200)


def test_ordinary_nights_have_the_cramps_and_turns_of_the_literature(
    ordinary: list[list[PlannedEvent]],
) -> None:
    # Poisson 0.4 plus 30 % repeats; 1.6 ± 0.7 turns an hour plus those of getting up.
    assert mean_count(ordinary, "cramp") == pytest.approx(0.4 / 0.7, abs=0.2)
    assert 10.0 < mean_count(ordinary, "turn_over") < 19.0
    assert 20.0 < mean_count(ordinary, "small_movement") < 60.0


def test_convulsions_come_in_one_ordinary_night_of_fifty(ordinary: list[list[PlannedEvent]]) -> None:
    with_one = [any(e.name in {"clonic", "tonic_clonic", "clonus"} for e in night) for night in ordinary]
    assert 0.0 < np.mean(with_one) < 0.05


def test_periodic_leg_movements_are_as_common_as_in_healthy_sleepers() -> None:
    # Frauscher 2014: an index above 15 in 18 %, above 5 in 36 % of nights.
    index = []
    for seed in range(50):
        night = simulate_night(8.0, seed)
        series = replace(night, plan=[event for event in night.plan if event.name == "plm_series"])
        index.append(len(series.truth) / 8.0)
    assert 0.08 < np.mean(np.array(index) > 15.0) < 0.32
    assert 0.2 < np.mean(np.array(index) > 5.0) < 0.55


def test_adversarial_nights_are_full_of_what_fools_simple_detectors() -> None:
    nights = plans("adversarial", 15)
    assert mean_count(nights, "turn_over") >= 18.0
    for name in (
        "gait",
        "point_toe",
        "foot_tremor",
        "alternating",
        "partner",
        "rocking",
        "hum",
        "peel",
        "hold",
    ):
        assert mean_count(nights, name) > 0.4, name
    assert mean_count(nights, "plm_series") > 3.0
    assert not any(e.name in {"clonic", "tonic_clonic", "clonus"} for night in nights for e in night)


def test_enriched_nights_have_several_of_everything_that_deserves_an_alert() -> None:
    nights = plans("enriched", 20)
    for name, least in (("cramp", 3.0), ("clonic", 1.5), ("clonus", 1.5), ("tonic_clonic", 0.7)):
        assert mean_count(nights, name) > least, name


def test_a_still_night_has_nothing_in_it() -> None:
    assert simulate_night(8.0, 1, scene="still").plan == ()


@pytest.mark.parametrize("scene", ["ordinary", "adversarial", "enriched"])
def test_one_muscle_does_one_thing_at_a_time(scene: str) -> None:
    for night in plans(scene, 6):
        events = [event for event in night if event.name not in UNRESERVED]
        for earlier, later in pairwise(events):
            assert earlier.duration_s is not None
            assert later.onset_s >= earlier.onset_s + earlier.duration_s


def test_a_cramp_has_quiet_before_it_for_its_precursor() -> None:
    for night in plans("enriched", 10):
        for event in (e for e in night if e.name == "cramp"):
            others = [e for e in night if e is not event and e.name not in UNRESERVED]
            before = [e.onset_s + (e.duration_s or 0.0) for e in others if e.onset_s < event.onset_s]
            assert event.onset_s - max(before, default=0.0) >= CRAMP_QUIET_S[0]


def test_three_cramps_in_ten_come_back_within_the_hour() -> None:
    back = total = 0
    for night in plans("enriched", 60):
        onsets = [(e.onset_s, e.onset_s + (e.duration_s or 0.0)) for e in night if e.name == "cramp"]
        for (_, end_s), (next_s, _) in pairwise(onsets):
            back += next_s - end_s < 3600.0
        total += len(onsets)
    # Chance neighbours add to the repeats.
    assert 0.3 < back / total < 0.85


def test_an_agenda_refuses_what_does_not_fit() -> None:
    agenda = Agenda(100.0, EVENT_RANGES, np.random.default_rng(0))
    assert agenda.put("hold", 20.0, 30.0)
    assert not agenda.put("hold", 45.0, 5.0)
    assert not agenda.put("hold", 95.0, 30.0)
    assert agenda.place("plm_series") is None
    assert [event.onset_s for event in agenda.events()] == [20.0]


def test_the_demo_has_a_strong_cramp_after_twenty_seconds_and_everything_a_page_shows() -> None:
    night = simulate_night(0.5, 9, scene="demo")
    first = next(row for row in night.truth if row.alert == "cramp")
    assert first.onset_s == 20.0
    assert first.strong_s is not None
    assert first.strong_s < 24.0
    first_round = {row.name for row in night.truth if row.onset_s < 330.0}
    assert {"cramp", "leg_movement", "twitch", "turn_over", "clonic", "drop_out"} <= first_round
    assert sum(row.alert == "cramp" for row in night.truth) >= 8


@pytest.mark.parametrize("seed", range(8))
def test_the_demos_first_cramp_is_seen_whoever_sleeps(seed: int) -> None:
    night = simulate_night(0.02, seed, scene="demo")
    assert night.truth[0].alert == "cramp"


def test_no_two_rounds_of_the_demo_are_alike() -> None:
    onsets = np.array([e.onset_s for e in simulate_night(1.0, 9, scene="demo").plan if e.name == "clonic"])
    assert len(np.unique(np.round(np.diff(onsets), 1))) == len(onsets) - 1
