"""The primary rule: any overlap with the truth from 5 s before to 10 s after it, 10-s merge, no split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.scoring_labels import Label
from detector.scoring_matching import (
    ALARM,
    CLONIC,
    CRAMP,
    LEG_MOVEMENT,
    NOTHING,
    PRIMARY,
    TARGETS,
    Matching,
    Target,
    episodes,
    match,
)
from tests.detector.labelled import clonic, cramp, labels, movement, recording


def matched(
    truth: list[Label], said: list[Label], target: Target = CRAMP, *, ask_faint: bool = False
) -> Matching:
    return match(recording(truth, said), target, ask_faint=ask_faint)


def counts(matching: Matching) -> tuple[int, int, int]:
    return len(matching.hits), len(matching.misses), len(matching.false)


# --- Overlap and tolerance


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((100.0, 160.0), (1, 0, 0)),
        ((120.0, 121.0), (1, 0, 0)),
        ((90.0, 95.1), (1, 0, 0)),
        ((90.0, 95.0), (0, 1, 1)),
        ((169.9, 180.0), (1, 0, 0)),
        ((170.0, 180.0), (0, 1, 1)),
        ((10.0, 500.0), (1, 0, 0)),
    ],
)
def test_any_overlap_from_5_s_before_to_10_s_after_finds_it(
    said: tuple[float, float], expected: tuple[int, int, int]
) -> None:
    assert counts(matched([cramp(100.0, 160.0)], [cramp(*said)])) == expected


def test_two_verdicts_on_one_cramp_are_one_hit_and_no_false_alarm() -> None:
    matching = matched([cramp(100.0, 160.0)], [cramp(101.0, 110.0), cramp(140.0, 150.0)])
    assert counts(matching) == (1, 0, 0)
    assert len(matching.hits[0].found) == matching.correct == 2


def test_one_verdict_over_two_cramps_finds_both() -> None:
    matching = matched([cramp(100.0, 130.0), cramp(200.0, 230.0)], [cramp(100.0, 230.0)])
    assert counts(matching) == (2, 0, 0)
    assert matching.correct == 1


def test_labels_less_than_10_s_apart_are_one() -> None:
    assert counts(matched([cramp(100.0, 130.0), cramp(139.9, 150.0)], [])) == (0, 1, 0)
    assert counts(matched([cramp(100.0, 130.0), cramp(140.0, 150.0)], [])) == (0, 2, 0)
    assert counts(matched([], [cramp(100.0, 130.0), cramp(139.9, 150.0)])) == (0, 0, 1)


def test_a_long_label_is_not_split() -> None:
    assert counts(matched([cramp(100.0, 1600.0)], [cramp(1590.0, 1600.0)])) == (1, 0, 0)


def test_a_verdict_of_no_length_counts_where_it_stands() -> None:
    assert counts(matched([cramp(100.0, 160.0)], [cramp(110.0, 110.0)])) == (1, 0, 0)


# --- Which labels count


def test_the_wrong_verdict_is_a_miss_and_a_false_alarm() -> None:
    truth, said = [cramp(100.0, 160.0)], [clonic(100.0, 160.0)]
    assert counts(matched(truth, said, CRAMP)) == (0, 1, 0)
    assert counts(matched(truth, said, CLONIC)) == (0, 0, 1)
    assert counts(matched(truth, said, ALARM)) == (1, 0, 0)


def test_a_contraction_without_a_verdict_is_no_alarm() -> None:
    assert counts(matched([cramp(100.0, 160.0)], [Label(100.0, 160.0, "tonic", "none")])) == (0, 1, 0)
    assert counts(matched([], [Label(100.0, 160.0, "tonic", "none")], ALARM)) == (0, 0, 0)


def test_tonic_clonic_is_a_verdict_on_a_clonic_run() -> None:
    run = Label(100.0, 130.0, "clonic", "tonic_clonic")
    assert counts(matched([run], [clonic(101.0, 130.0)], CLONIC)) == (1, 0, 0)


def test_leg_movements_are_matched_closely_and_never_merged() -> None:
    truth = [movement(10.0, 12.0), movement(13.0, 15.0), movement(40.0, 42.0)]
    said = [movement(10.1, 12.2), movement(13.4, 15.0), movement(45.0, 46.0)]
    assert counts(matched(truth, said, LEG_MOVEMENT)) == (2, 1, 1)


def test_a_twitch_is_no_leg_movement() -> None:
    assert counts(matched([movement(10.0, 10.45)], [movement(30.0, 30.2)], LEG_MOVEMENT)) == (0, 0, 0)
    assert counts(matched([movement(10.0, 10.5)], [], LEG_MOVEMENT)) == (0, 1, 0)


def test_either_leg_will_do() -> None:
    assert counts(matched([cramp(0.0, 30.0, site="left-calf")], [cramp(0.0, 30.0, site="right-calf")])) == (
        1,
        0,
        0,
    )


# --- What nobody asked for


def test_a_faint_cramp_is_neither_missed_nor_false() -> None:
    faint = cramp(100.0, 160.0, peak_uv=5.0, baseline_uv=4.0)
    assert counts(matched([faint], [])) == (0, 0, 0)
    found = matched([faint], [cramp(110.0, 150.0)])
    assert (counts(found), len(found.unasked), found.faint) == ((0, 0, 0), 1, 1)


def test_a_faint_cramp_counts_where_it_is_asked_for() -> None:
    faint = cramp(100.0, 160.0, peak_uv=5.0, baseline_uv=4.0)
    assert counts(matched([faint], [], ask_faint=True)) == (0, 1, 0)


@pytest.mark.parametrize(
    ("name", "target", "right"),
    [
        ("cramp", CRAMP, True),
        ("hold", CRAMP, False),
        ("clonus", CLONIC, True),
        ("foot_tremor", CLONIC, False),
        ("clonic", CRAMP, False),
    ],
)
def test_a_contraction_too_short_for_the_verdict_may_get_it(
    name: str, target: Target, *, right: bool
) -> None:
    verdict = cramp if target is CRAMP else clonic
    matching = matched([Label(100.0, 109.0, "tonic", "none", name)], [verdict(100.0, 109.0)], target)
    assert (len(matching.unasked), len(matching.false)) == ((1, 0) if right else (0, 1))


def test_the_short_tonic_phase_of_an_event_that_deserves_an_alarm_may_get_a_verdict() -> None:
    phases = [
        Label(100.0, 108.0, "tonic", "none", "tonic_clonic.tonic", sequence="s"),
        Label(108.0, 140.0, "clonic", "tonic_clonic", "tonic_clonic.clonic", sequence="s"),
    ]
    assert len(matched(phases, [cramp(100.0, 108.0)]).unasked) == 1
    assert counts(matched(phases, [cramp(125.0, 140.0)])) == (0, 0, 1)
    alone = [Label(100.0, 108.0, "tonic", "none", "other", sequence="s")]
    assert counts(matched(alone, [cramp(100.0, 108.0)])) == (0, 0, 1)


# --- What truly lay there


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        ([], NOTHING),
        ([movement(100.0, 120.0, "turn_over")], "turn_over"),
        ([movement(100.0, 120.0)], "leg_movement"),
        ([movement(100.0, 108.0, "gait"), movement(105.0, 130.0, "turn_over")], "turn_over"),
        ([movement(90.0, 95.0, "turn_over")], "turn_over"),
        ([movement(80.0, 89.0, "turn_over")], NOTHING),
        ([clonic(100.0, 120.0)], "clonic"),
    ],
)
def test_a_false_alarm_is_called_by_what_truly_lies_there(truth: list[Label], expected: str) -> None:
    matching = matched(truth, [cramp(100.0, 120.0)])
    assert [alarm.there for alarm in matching.false] == [expected]


# --- Times


def test_latency_is_from_the_true_onset_to_the_first_verdict() -> None:
    said = [cramp(101.0, 112.0, at=109.0), cramp(130.0, 150.0, at=139.0)]
    hit = matched([cramp(100.0, 160.0)], said).hits[0]
    assert (hit.latency_s, hit.onset_error_s, hit.end_error_s) == (9.0, 1.0, -10.0)


def test_a_verdict_that_was_merged_but_does_not_touch_the_cramp_is_not_the_one_that_found_it() -> None:
    said = [cramp(70.0, 90.0, at=79.0), cramp(99.0, 160.0, at=108.0)]
    hit = matched([cramp(100.0, 160.0)], said).hits[0]
    assert (hit.latency_s, hit.onset_error_s) == (8.0, -30.0)


def test_a_verdict_before_the_onset_is_early_by_so_much() -> None:
    assert matched([cramp(100.0, 160.0)], [cramp(90.0, 160.0, at=98.0)]).hits[0].latency_s == -2.0


def test_a_latency_that_nobody_noted_is_unknown() -> None:
    assert matched([cramp(100.0, 160.0)], [cramp(100.0, 160.0)]).hits[0].latency_s is None


# --- Properties


@given(labels(), labels(), st.sampled_from(TARGETS))
def test_every_episode_is_accounted_for_once(truth: list[Label], said: list[Label], target: Target) -> None:
    matching = matched(truth, said, target)
    merge_s = target.rule.merge_s
    assert len(matching.hits) + len(matching.misses) == len(episodes(filter(target.wants, truth), merge_s))
    found = len(episodes(filter(target.wants, said), merge_s))
    assert matching.correct + len(matching.false) + len(matching.unasked) == found


@given(labels(), labels(), st.sampled_from(TARGETS))
def test_hits_and_misses_are_those_of_the_definition(
    truth: list[Label], said: list[Label], target: Target
) -> None:
    matching = matched(truth, said, target)
    found = [one for one in said if target.wants(one)]
    for episode in (*(hit.truth for hit in matching.hits), *matching.misses):
        onset_s, end_s = episode.onset_s - target.rule.before_s, episode.end_s + target.rule.after_s
        touched = any(one.onset_s < end_s and one.end_s > onset_s for one in found)
        assert touched is any(hit.truth == episode for hit in matching.hits)


@given(labels(), labels(), st.randoms(use_true_random=False))
def test_the_order_of_labels_does_not_matter(truth: list[Label], said: list[Label], random: object) -> None:
    shuffled = (list(truth), list(said))
    for one in shuffled:
        random.shuffle(one)  # type: ignore[attr-defined]
    assert matched(*shuffled, ALARM) == matched(truth, said, ALARM)


@given(labels(), st.sampled_from([CRAMP, CLONIC, ALARM]))
def test_what_is_said_exactly_is_found_wholly(truth: list[Label], target: Target) -> None:
    matching = matched(truth, truth, target)
    assert (matching.misses, matching.false) == ((), ())
    assert all(hit.onset_error_s == hit.end_error_s == 0.0 for hit in matching.hits)


@given(labels(), labels())
def test_a_perfect_match_added_far_from_the_rest_never_lowers_sensitivity(
    truth: list[Label], said: list[Label]
) -> None:
    before, far_s = matched(truth, said), max([0.0, *(one.end_s for one in (*truth, *said))]) + 100.0
    added = cramp(far_s, far_s + 30.0)
    after = matched([*truth, added], [*said, added])
    assert (len(after.hits), len(after.misses)) == (len(before.hits) + 1, len(before.misses))
    assert after.false == before.false


@given(labels(), labels(), st.floats(0.0, 2000.0), st.floats(0.1, 60.0))
def test_saying_more_never_loses_a_hit(
    truth: list[Label], said: list[Label], onset_s: float, length_s: float
) -> None:
    more = [*said, cramp(onset_s, onset_s + length_s)]
    assert {hit.truth for hit in matched(truth, said).hits} <= {
        hit.truth for hit in matched(truth, more).hits
    }


def test_the_primary_rule_is_the_one_in_print() -> None:
    assert (PRIMARY.before_s, PRIMARY.after_s, PRIMARY.merge_s) == (5.0, 10.0, 10.0)
