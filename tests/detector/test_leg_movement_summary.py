"""What a night's leg movements come to: rates per hour that was seen, and shares with their denominators."""

import doctest

import numpy as np
import pytest

import detector.leg_movements
from detector.leg_movements import (
    AASM,
    Envelope,
    LegMovement,
    Span,
    Watched,
    score_envelopes,
    score_movements,
)


def leg(name: str, *spans: tuple[float, float]) -> list[LegMovement]:
    return [LegMovement.of_one_leg(onset_s, end_s, name) for onset_s, end_s in spans]


def at(*onsets_s: float) -> list[LegMovement]:
    return leg("left", *((onset_s, onset_s + 2.0) for onset_s in onsets_s))


def every(interval_s: float, count: int, start_s: float = 5.0) -> list[float]:
    return [start_s + i * interval_s for i in range(count)]


def watched(duration_s: float, *blind: tuple[float, float]) -> Watched:
    return Watched(duration_s, tuple(Span(*span) for span in blind))


def test_the_index_is_per_monitored_hour() -> None:
    night = score_movements({"left": at(*every(25, 8))}, {"left": watched(7200.0, (3600.0, 5400.0))})
    assert (night.plm, night.monitored_h) == (8, 1.5)
    assert night.plm_per_h == pytest.approx(8 / 1.5)
    assert night.candidates_per_h == pytest.approx(8 / 1.5)


def test_a_night_that_was_never_seen_has_no_index() -> None:
    night = score_movements({"left": []}, {"left": watched(600.0, (0.0, 600.0))})
    assert (night.plm_per_h, night.mean_plm_duration_s, night.periodicity) == (None, None, None)


def test_one_leg_that_was_seen_is_a_night_that_was_seen() -> None:
    legs = {"left": at(*every(25, 4)), "right": leg("right", *((t, t + 1) for t in every(25, 4, 2000.0)))}
    night = score_movements(
        legs, {"left": watched(3600.0, (1800.0, 3600.0)), "right": watched(3600.0, (0.0, 900.0))}
    )
    assert night.monitored_h == 1.0
    assert night.leg_monitored_h == {"left": 0.5, "right": 0.75}
    assert [len(run.movements) for run in night.series] == [4, 4]


def test_what_neither_leg_saw_ends_a_run() -> None:
    seen = watched(200.0, (40.0, 42.0))
    night = score_movements({"left": at(*every(25, 5)), "right": []}, {"left": seen, "right": seen})
    assert night.series == ()


def test_plms_begin_in_sleep_and_are_per_hour_of_sleep() -> None:
    movements = {"left": at(*every(25, 8))}
    seen = {"left": watched(7200.0, (3600.0, 7200.0))}
    night = score_movements(movements, seen, asleep=[Span(60.0, 1860.0), Span(4000.0, 5000.0)])
    assert (night.plm, night.plms, night.asleep_h) == (8, 5, 0.5)
    assert night.plms_per_h == 10.0
    assert score_movements(movements, seen).plms_per_h is None


def test_the_report_adds_up() -> None:
    onsets = [*every(25, 5), 300.0, 304.0, 500.0]
    movements = [*at(*onsets), *leg("left", (700, 715))]
    night = score_movements({"left": movements}, {"left": watched(3600.0)})
    assert (len(night.movements), len(night.candidates)) == (9, 8)
    assert (night.plm, night.short_intervals, night.isolated) == (5, 1, 2)
    assert (night.series[0].onset_s, night.series[0].end_s) == (5.0, 107.0)
    assert night.mean_plm_duration_s == pytest.approx(2.0)
    # Four of the seven intervals between neighbouring candidates lie in the series.
    assert night.periodicity == pytest.approx(4 / 7)


def test_an_envelope_becomes_a_night() -> None:
    values = np.full(20 * 600, 4.0)
    for onset_s in every(30, 6, start_s=60):
        values[20 * int(onset_s) : 20 * int(onset_s) + 60] = 40.0
    night = score_envelopes(
        {"left": Envelope(values, 20.0, 4.0), "right": Envelope(np.roll(values, 20), 20.0, 4.0)}
    )
    assert (night.rules, night.amplitude) == ("WASM 2016", "8 and 2 µV above rest")
    assert [m.parts for m in night.movements] == [2] * 6
    assert night.plm == 6
    assert night.mean_plm_duration_s == pytest.approx(4.0)
    assert score_envelopes({"left": Envelope(values, 20.0, 4.0)}, AASM).plm == 6


def test_legs_and_what_was_seen_must_agree() -> None:
    with pytest.raises(ValueError, match=r"same legs twice, got \['left'\] and \['right'\]"):
        score_movements({"left": []}, {"right": watched(10.0)})
    with pytest.raises(ValueError, match="same legs twice"):
        score_movements({}, {})
    with pytest.raises(ValueError, match="length of 0 s or more"):
        Watched(-1.0)


def test_the_example_in_the_documentation_runs() -> None:
    assert doctest.testmod(detector.leg_movements).failed == 0
