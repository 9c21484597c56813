"""The rules for one leg's movements, clause by clause (WASM 2016, AASM), and what we add for lost signal."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.leg_movements import (
    AASM,
    ABSOLUTE,
    RELATIVE,
    WASM_2016,
    AmplitudeRule,
    Envelope,
    LegMovement,
    Rules,
    amplitude_rule,
    detect_movements,
    is_candidate,
)

RATE_HZ = 100.0
REST_UV = 3.0


def envelope(
    *bursts: tuple[float, float, float], length_s: float = 60.0, rate_hz: float = RATE_HZ
) -> Envelope:
    """Rest with bursts of (onset, duration, µV above rest)."""
    values = np.full(round(length_s * rate_hz), REST_UV)
    for onset_s, duration_s, rise_uv in bursts:
        values[round(onset_s * rate_hz) : round((onset_s + duration_s) * rate_hz)] = REST_UV + rise_uv
    return Envelope(values, rate_hz, REST_UV)


def found(
    signal: Envelope, rules: Rules = WASM_2016, amplitude: AmplitudeRule = ABSOLUTE
) -> list[tuple[float, float]]:
    movements, _ = detect_movements(signal, "left", rules, amplitude)
    return [(movement.onset_s, movement.end_s) for movement in movements]


def lost(signal: Envelope, *holes: tuple[float, float]) -> Envelope:
    valid = np.ones(len(np.asarray(signal.values_uv)), np.bool_)
    for onset_s, end_s in holes:
        valid[round(onset_s * signal.rate_hz) : round(end_s * signal.rate_hz)] = False
    return Envelope(signal.values_uv, signal.rate_hz, signal.resting_uv, valid)


# --- Onset


def test_onset_is_the_point_at_which_the_emg_reaches_8_uv_above_rest() -> None:
    assert found(envelope((10, 2, 8.0))) == [(10.0, 12.0)]


def test_less_than_8_uv_above_rest_is_no_onset() -> None:
    assert found(envelope((10, 2, 7.9))) == []


def test_a_slow_rise_begins_at_8_uv_not_at_its_foot() -> None:
    assert found(envelope((10, 1, 5.0), (11, 2, 20.0))) == [(11.0, 13.0)]


def test_the_resting_level_counts_where_the_movement_is() -> None:
    values = np.full(6000, 5.0)
    values[3000:] = 12.0
    values[1000:1200] = values[4000:4200] = 15.0
    resting = np.where(np.arange(6000) < 3000, 5.0, 12.0)
    assert found(Envelope(values, RATE_HZ, resting)) == [(10.0, 12.0)]


# --- End


def test_the_end_is_the_start_of_half_a_second_at_2_uv_above_rest_or_less() -> None:
    assert found(envelope((10, 2, 20.0), (12, 1, 2.0))) == [(10.0, 12.0)]


def test_what_stays_above_2_uv_goes_on() -> None:
    assert found(envelope((10, 2, 20.0), (12, 3, 2.1))) == [(10.0, 15.0)]


def test_a_pause_of_less_than_half_a_second_does_not_end_a_movement() -> None:
    assert found(envelope((10, 2, 20.0), (12.49, 2, 20.0))) == [(10.0, 14.49)]


def test_a_pause_of_half_a_second_ends_it() -> None:
    assert found(envelope((10, 2, 20.0), (12.5, 2, 20.0))) == [(10.0, 12.0), (12.5, 14.5)]


# --- Duration


@pytest.mark.parametrize(("duration_s", "expected"), [(0.49, []), (0.5, [(10.0, 10.5)])])
def test_a_leg_movement_lasts_at_least_half_a_second(
    duration_s: float, expected: list[tuple[float, float]]
) -> None:
    assert found(envelope((10, duration_s, 30.0))) == expected


def test_a_leg_movement_has_no_longest_duration() -> None:
    assert found(envelope((10, 45, 30.0))) == [(10.0, 55.0)]


@pytest.mark.parametrize("rules", [WASM_2016, AASM], ids=lambda rules: rules.name)
@pytest.mark.parametrize(
    ("duration_s", "expected"), [(0.5, True), (10.0, True), (10.01, False), (0.49, False)]
)
def test_a_candidate_of_one_leg_lasts_half_a_second_to_10_s(
    rules: Rules, duration_s: float, expected: bool
) -> None:
    assert is_candidate(LegMovement.of_one_leg(7.3, 7.3 + duration_s), rules) is expected


@pytest.mark.parametrize(("duration_s", "expected"), [(15.0, True), (15.01, False)])
def test_a_bilateral_candidate_lasts_up_to_15_s(duration_s: float, expected: bool) -> None:
    movement = LegMovement(3.0, 3.0 + duration_s, ("left", "right"), parts=2, longest_part_s=9.0)
    assert is_candidate(movement, WASM_2016) is expected


@pytest.mark.parametrize(("longest_part_s", "expected"), [(10.0, True), (10.5, False)])
def test_a_bilateral_candidate_holds_no_movement_that_is_none_itself(
    longest_part_s: float, expected: bool
) -> None:
    movement = LegMovement(0.0, 12.0, ("left", "right"), parts=2, longest_part_s=longest_part_s)
    assert is_candidate(movement, WASM_2016) is expected


@pytest.mark.parametrize(("parts", "expected"), [(4, True), (5, False)])
def test_a_bilateral_candidate_consists_of_at_most_4_movements(parts: int, expected: bool) -> None:
    movement = LegMovement(0.0, 12.0, ("left", "right"), parts=parts, longest_part_s=3.0)
    assert is_candidate(movement, WASM_2016) is expected


# --- Morphology


def spikes(width_s: float) -> Envelope:
    """Spikes every 0.4 s: too close for an end, quiet for most of the time when narrow."""
    return envelope(*((10 + 0.4 * i, width_s, 40.0) for i in range(8)))


def test_wasm_needs_half_a_second_with_its_median_at_2_uv_above_rest() -> None:
    assert found(spikes(0.12)) == []
    assert len(found(spikes(0.25))) == 1


def test_aasm_knows_no_morphology() -> None:
    assert len(found(spikes(0.12), AASM)) == 1


def test_half_a_second_of_firm_activity_anywhere_in_it_is_enough() -> None:
    thin = [(10 + 0.4 * i, 0.1, 40.0) for i in range(8)]
    assert len(found(envelope(*thin, (13.2, 0.5, 9.0), *((14 + 0.4 * i, 0.1, 40.0) for i in range(4))))) == 1


@given(st.lists(st.sampled_from([0.0, 1.9, 2.0, 2.1, 9.0]), min_size=60, max_size=120))
def test_the_morphology_is_that_of_a_sliding_median(rises: list[float]) -> None:
    body = np.array([9.0, *rises, 9.0])
    signal = Envelope(np.concatenate([np.zeros(100), body, np.zeros(100)]) + REST_UV, RATE_HZ, REST_UV)
    medians = np.median(np.lib.stride_tricks.sliding_window_view(body, 51), axis=1)
    movements = found(signal, AASM)
    if len(movements) == 1 and movements[0] == (1.0, 1.0 + len(body) / RATE_HZ):
        assert bool(found(signal)) is bool((medians >= 2.0).any())


# --- Resolution


@pytest.mark.parametrize(
    ("uv_per_count", "expected"),
    [(0.2, ABSOLUTE), (1.0, ABSOLUTE), (-0.2, ABSOLUTE), (4.9, RELATIVE), (None, RELATIVE)],
)
def test_a_converter_that_cannot_show_a_microvolt_gets_the_relative_rule(
    uv_per_count: float | None, expected: AmplitudeRule
) -> None:
    assert amplitude_rule(uv_per_count) is expected


def test_the_relative_rule_begins_at_4_times_rest_and_ends_at_1_8_times() -> None:
    ratios = envelope((10, 2, 3.0 * REST_UV), (12, 2, 0.81 * REST_UV), (14, 2, 0.8 * REST_UV))
    assert found(ratios, amplitude=RELATIVE) == [(10.0, 14.0)]
    assert found(envelope((10, 2, 2.99 * REST_UV)), amplitude=RELATIVE) == []


@given(st.floats(0.01, 1000.0))
def test_the_relative_rule_does_not_know_the_scale(factor: float) -> None:
    signal = envelope((10, 2, 12.0), (20, 5, 8.0), (30, 1, 40.0))
    scaled = Envelope(np.asarray(signal.values_uv) * factor, RATE_HZ, REST_UV * factor)
    assert found(scaled, amplitude=RELATIVE) == found(signal, amplitude=RELATIVE)


def test_a_resting_level_above_15_uv_cannot_be_scored_in_microvolts() -> None:
    noisy = Envelope(np.asarray(envelope((10, 2, 40.0)).values_uv) + 20.0, RATE_HZ, REST_UV + 20.0)
    movements, watched = detect_movements(noisy)
    assert movements == ()
    assert watched.seen == ()
    assert found(Envelope(np.asarray(envelope((10, 2, 200.0)).values_uv), RATE_HZ, 20.0), amplitude=RELATIVE)


# --- Lost signal (ours)


def cuts(signal: Envelope) -> list[tuple[float, float, bool]]:
    return [(m.onset_s, m.end_s, m.cut) for m in detect_movements(signal)[0]]


def test_a_loss_of_a_tenth_of_a_second_is_bridged() -> None:
    signal = lost(envelope((10, 4, 20.0)), (12.0, 12.1))
    assert cuts(signal) == [(10.0, 14.0, False)]
    assert detect_movements(signal)[1].blind == ()


def test_a_longer_loss_cuts_a_movement_and_neither_piece_is_a_candidate() -> None:
    signal = lost(envelope((10, 4, 20.0)), (12.0, 13.0))
    assert cuts(signal) == [(10.0, 12.0, True), (13.0, 14.0, True)]
    assert not any(is_candidate(movement, WASM_2016) for movement in detect_movements(signal)[0])
    assert [(span.onset_s, span.end_s) for span in detect_movements(signal)[1].blind] == [(12.0, 13.0)]


def test_nothing_is_known_of_a_movement_over_the_edge_of_the_recording() -> None:
    assert cuts(envelope((0, 2, 20.0), (58, 2, 20.0))) == [(0.0, 2.0, True), (58.0, 60.0, True)]


def test_a_movement_that_had_no_half_second_of_quiet_before_the_loss_is_cut() -> None:
    assert cuts(lost(envelope((10, 2, 20.0)), (12.4, 20.0))) == [(10.0, 12.4, True)]
    assert cuts(lost(envelope((10, 2, 20.0)), (12.5, 20.0))) == [(10.0, 12.0, False)]


def test_nan_is_not_seen() -> None:
    values = np.asarray(envelope((10, 2, 20.0)).values_uv).copy()
    values[3000:4000] = np.nan
    _, watched = detect_movements(Envelope(values, RATE_HZ, REST_UV))
    assert sum(span.duration_s for span in watched.seen) == 50.0


# --- What must not matter


@given(st.lists(st.tuples(st.floats(0.5, 4.0), st.floats(0.6, 12.0), st.floats(9.0, 500.0)), max_size=8))
def test_steady_bursts_are_found_as_they_are_at_any_rate(steps: Sequence[tuple[float, float, float]]) -> None:
    bursts, at_s = [], 1.0
    for pause_s, duration_s, rise_uv in steps:
        onset_s = round(at_s + pause_s, 1)
        at_s = round(onset_s + duration_s, 1)
        bursts.append((onset_s, at_s - onset_s, rise_uv))
    for rate_hz in (20.0, 40.0, 1000.0):
        movements = found(envelope(*bursts, length_s=at_s + 1.0, rate_hz=rate_hz))
        expected = [(onset_s, onset_s + duration_s) for onset_s, duration_s, _ in bursts]
        assert movements == [pytest.approx(pair) for pair in expected]


def test_silence_holds_no_movement() -> None:
    assert found(Envelope(np.zeros(5000), RATE_HZ, 0.0)) == []
    assert found(Envelope(np.zeros(0), RATE_HZ, 0.0)) == []


def test_the_input_stays_as_it_was() -> None:
    signal = lost(envelope((10, 4, 20.0)), (12.0, 12.1), (30.0, 31.0))
    before = [np.array(part) for part in (signal.values_uv, signal.resting_uv, signal.valid)]
    detect_movements(signal)
    after = (signal.values_uv, signal.resting_uv, signal.valid)
    assert all(np.array_equal(old, np.asarray(new)) for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("values", "rate_hz", "resting", "valid", "message"),
    [
        (np.zeros(10), 9.0, 1.0, None, "expected 10 values a second or more, got 9.0"),
        (np.zeros(10), 20.0, np.zeros(9), None, "arrays of one length"),
        (np.zeros(10), 20.0, 1.0, np.ones(11, np.bool_), "arrays of one length"),
        (np.zeros((10, 2)), 20.0, 1.0, None, "arrays of one length"),
    ],
)
def test_an_envelope_that_cannot_be_scored_is_refused(
    values: np.ndarray, rate_hz: float, resting: object, valid: np.ndarray | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Envelope(values, rate_hz, resting, valid)  # type: ignore[arg-type]


def test_a_movement_of_negative_length_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an end after its onset"):
        LegMovement.of_one_leg(5.0, 4.0)
