"""The whole report: rates with their exposure, seconds, confusion, warning, groups, and the second opinion."""

import doctest
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import detector.scoring
from detector.scoring import score
from detector.scoring_labels import Label, LabelledRecording
from detector.scoring_matching import ALARM, CRAMP
from detector.scoring_measures import confusion, sample_agreement, warnings_before
from detector.scoring_statistics import Proportion
from detector.scoring_szcore import szcore
from detector.scoring_types import TargetScore
from tests.detector.labelled import NIGHT_S, clonic, cramp, labels, movement, recording


def scored(*recordings: LabelledRecording, target: str = "cramp", ask_faint: bool = False) -> TargetScore:
    report = score(recordings, ask_faint=ask_faint)
    return next(one for one in report.targets if one.target == target)


# --- Rates


def test_false_alarms_are_per_night_of_8_h_and_per_monitored_hour() -> None:
    said = [cramp(100.0, 130.0), cramp(500.0, 530.0), Label(0.0, 7200.0, "artefact")]
    result = scored(recording([], said), recording([], [], name="second"))
    assert result.false == 2
    assert result.false_per_night is not None
    assert result.false_per_hour is not None
    assert (result.false_per_night.value, result.false_per_night.exposure) == (1.0, 2.0)
    assert result.false_per_hour.exposure == 14.0


def test_a_rate_over_an_unknown_time_is_unknown() -> None:
    result = scored(recording([], [cramp(100.0, 130.0)]), recording([], [], None, name="second"))
    assert (result.false, result.false_per_night, result.false_per_hour) == (1, None, None)


def test_a_night_that_was_all_artefact_has_no_rate_per_monitored_hour() -> None:
    result = scored(recording([], [Label(0.0, NIGHT_S, "artefact")]))
    assert result.false_per_night is not None
    assert result.false_per_hour is None


def test_nothing_to_find_and_nothing_found_has_no_sensitivity() -> None:
    result = scored(recording([], []))
    assert (result.sensitivity, result.precision) == (Proportion(0, 0), Proportion(0, 0))
    assert (result.f1, result.samples.f1) == (None, None)
    assert scored().sensitivity == Proportion(0, 0)


def test_f1_is_the_harmonic_mean_of_sensitivity_and_precision() -> None:
    truth = [cramp(100.0, 130.0), cramp(500.0, 530.0)]
    result = scored(recording(truth, [cramp(100.0, 130.0), cramp(900.0, 930.0), cramp(1900.0, 1930.0)]))
    assert (result.sensitivity, result.precision) == (Proportion(1, 2), Proportion(1, 3))
    assert result.f1 == pytest.approx(2 * 0.5 * (1 / 3) / (0.5 + 1 / 3))
    assert scored(recording(truth, [])).f1 == 0.0


def test_times_are_spread_over_the_hits() -> None:
    truth = [cramp(100.0, 130.0), cramp(500.0, 530.0), cramp(900.0, 930.0)]
    said = [cramp(101.0, 131.0, at=108.0), cramp(503.0, 529.0, at=512.0), cramp(900.0, 930.0)]
    result = scored(recording(truth, said))
    assert (result.latency.known, result.latency.of, result.latency.median) == (2, 3, 10.0)
    assert (result.onset_error.median, result.end_error.least) == (1.0, -1.0)


# --- Second by second


def test_seconds_in_common_are_counted_at_1_hz() -> None:
    samples = sample_agreement(recording([cramp(100.0, 160.0)], [cramp(110.2, 170.5)], 200.0), CRAMP)
    assert (samples.both, samples.truth, samples.hypothesis, samples.seconds) == (50, 60, 61, 200)
    assert samples.sensitivity == pytest.approx(50 / 60)
    assert samples.precision == pytest.approx(50 / 61)
    assert samples.f1 == pytest.approx(100 / 121)


@given(labels(), labels())
def test_seconds_agree_with_szcores_package(truth: list[Label], said: list[Label]) -> None:
    scoring = pytest.importorskip(
        "timescoring.scoring", reason="timescoring (extra research) is not installed"
    )
    annotations = pytest.importorskip("timescoring.annotations")
    night = recording(truth, said)
    ours = sample_agreement(night, ALARM)
    pairs = ([(one.onset_s + 1e-6, one.end_s + 1e-6) for one in side] for side in (truth, said))
    theirs = scoring.SampleScoring(*(annotations.Annotation(pair, 1, int(NIGHT_S)) for pair in pairs))
    assert (ours.both, ours.truth, ours.hypothesis) == (theirs.tp, theirs.refTrue, theirs.tp + theirs.fp)


# --- Confusion


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([cramp(100.0, 160.0)], ("tonic", "tonic")),
        ([clonic(100.0, 160.0)], ("tonic", "clonic")),
        ([Label(100.0, 160.0, "clonic", "tonic_clonic")], ("tonic", "clonic")),
        ([Label(100.0, 160.0, "tonic", "none")], ("tonic", "neither")),
        ([clonic(100.0, 120.0), cramp(120.0, 160.0)], ("tonic", "tonic")),
        ([clonic(162.0, 168.0)], ("tonic", "clonic")),
        ([clonic(175.0, 180.0)], ("tonic", "neither")),
    ],
)
def test_a_contraction_is_what_it_was_mostly_called(said: list[Label], expected: tuple[str, str]) -> None:
    assert confusion([recording([cramp(100.0, 160.0)], said)]).counts == {expected: 1}


def test_confusion_is_of_those_that_got_a_verdict() -> None:
    truth = [cramp(100.0, 130.0), clonic(500.0, 530.0), cramp(900.0, 930.0), clonic(1300.0, 1330.0)]
    said = [cramp(100.0, 130.0), cramp(500.0, 530.0), clonic(1300.0, 1330.0)]
    result = confusion([recording(truth, said)])
    assert result.confused == Proportion(1, 3)
    assert result.counts == {
        ("clonic", "clonic"): 1,
        ("clonic", "tonic"): 1,
        ("tonic", "neither"): 1,
        ("tonic", "tonic"): 1,
    }


def test_the_two_phases_of_one_event_are_judged_each_by_its_own_verdict() -> None:
    truth = [
        Label(100.0, 115.0, "tonic", "cramp", sequence="s"),
        Label(115.0, 150.0, "clonic", "tonic_clonic", sequence="s"),
    ]
    said = [cramp(101.0, 117.0), Label(117.0, 150.0, "clonic", "tonic_clonic")]
    assert confusion([recording(truth, said)]).confused == Proportion(0, 2)


# --- Warning


def rise(onset_s: float, at: float | None = None) -> Label:
    return Label(onset_s, onset_s + 20.0, "tension_rise", detected_at_s=at)


def test_a_rise_in_tension_announces_a_cramp_within_ten_minutes() -> None:
    truth = [cramp(1000.0, 1030.0), cramp(5000.0, 5030.0)]
    said = [rise(380.0), rise(700.0, at=710.0), rise(950.0, at=960.0), rise(6000.0)]
    warnings = warnings_before([recording(truth, said)])
    assert (warnings.announced, warnings.idle) == (Proportion(1, 2), Proportion(2, 4))
    assert (warnings.lead.median, warnings.lead.of) == (40.0, 1)


def test_a_rise_announces_the_next_cramp_and_no_later_one() -> None:
    warnings = warnings_before([recording([cramp(100.0, 130.0), cramp(300.0, 330.0)], [rise(60.0)])])
    assert (warnings.announced, warnings.idle) == (Proportion(1, 2), Proportion(0, 1))


def test_a_rise_that_is_noted_after_the_onset_announces_nothing() -> None:
    warnings = warnings_before([recording([cramp(1000.0, 1030.0)], [rise(990.0, at=1001.0)])])
    assert (warnings.announced, warnings.idle) == (Proportion(0, 1), Proportion(1, 1))


# --- Groups


def test_the_worst_subject_comes_first() -> None:
    nights = [
        recording([cramp(100.0, 130.0)], [cramp(100.0, 130.0)], subject="a", name="a1"),
        recording([cramp(100.0, 130.0)], [], subject="a", name="a2"),
        recording([cramp(100.0, 130.0)], [cramp(100.0, 130.0)], subject="b", name="b"),
        recording([], [cramp(100.0, 130.0)], subject="c", name="c"),
        recording([], [], None, subject="d", name="d"),
    ]
    groups = scored(*nights).by_subject
    assert [(group.name, group.sensitivity, group.false) for group in groups] == [
        ("a", Proportion(1, 2), 0),
        ("c", Proportion(0, 0), 1),
        ("b", Proportion(1, 1), 0),
        ("d", Proportion(0, 0), 0),
    ]
    assert [group.duration_s for group in groups] == [2 * NIGHT_S, NIGHT_S, NIGHT_S, None]


def test_sensitivity_by_signal_to_noise_ratio_begins_with_the_faintest() -> None:
    truth = [
        *(cramp(100.0, 130.0, snr_db=31.0), cramp(300.0, 330.0, snr_db=5.9), cramp(500.0, 530.0, snr_db=6.0)),
        *(cramp(700.0, 730.0), cramp(900.0, 930.0, snr_db=30.0)),
    ]
    groups = scored(recording(truth, [cramp(300.0, 330.0), cramp(900.0, 930.0)])).by_snr
    assert [(group.name, group.sensitivity) for group in groups] == [
        ("below 6 dB", Proportion(1, 1)),
        ("below 12 dB", Proportion(0, 1)),
        ("from 30 dB", Proportion(1, 2)),
        ("unknown", Proportion(0, 1)),
    ]


def test_false_alarms_by_what_lay_there_begin_with_the_most_frequent() -> None:
    truth = [
        movement(100.0, 130.0, "gait"),
        movement(300.0, 330.0, "turn_over"),
        movement(500.0, 530.0, "turn_over"),
    ]
    said = [cramp(at_s, at_s + 30.0) for at_s in (100.0, 300.0, 500.0, 900.0)]
    assert list(scored(recording(truth, said)).false_by_class.items()) == [
        ("turn_over", 2),
        ("gait", 1),
        ("nothing there", 1),
    ]


def test_faint_cramps_are_counted_even_where_they_are_not_asked_for() -> None:
    night = recording([cramp(100.0, 130.0, peak_uv=1.0, baseline_uv=9.0)], [cramp(100.0, 130.0)])
    quiet = scored(night)
    assert (quiet.sensitivity, quiet.precision, quiet.faint, quiet.unasked) == (
        Proportion(0, 0),
        Proportion(0, 0),
        1,
        1,
    )
    assert scored(night, ask_faint=True).sensitivity == Proportion(1, 1)


# --- The second opinion


def test_szcore_takes_what_lies_30_s_before_and_60_s_after() -> None:
    pytest.importorskip("timescoring", reason="timescoring (extra research) is not installed")
    truth = [cramp(100.0, 130.0), cramp(1000.0, 1030.0)]
    result = szcore([recording(truth, [cramp(60.0, 75.0), cramp(1095.0, 1100.0)])], CRAMP)
    assert result is not None
    assert (result.sensitivity, result.false) == (Proportion(1, 2), 1)
    assert result.false_per_day == pytest.approx(3.0)
    assert result.precision == 0.5


def test_szcore_is_not_shortened_by_a_label_within_another() -> None:
    pytest.importorskip("timescoring", reason="timescoring (extra research) is not installed")
    said = [cramp(100.0, 400.0), cramp(110.0, 120.0, site="right-calf")]
    result = szcore([recording([cramp(380.0, 390.0)], said)], CRAMP)
    assert result is not None
    assert result.sensitivity == Proportion(1, 1)


def test_where_its_package_is_not_installed_there_is_no_szcore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timescoring.scoring", None)
    assert szcore([recording([], [])], CRAMP) is None
    assert scored(recording([cramp(0.0, 30.0)], [])).szcore is None


def test_leg_movements_get_no_score_made_for_seizures() -> None:
    assert scored(recording([movement(1.0, 3.0)], []), target="leg movement").szcore is None


# --- The whole


@given(st.lists(st.tuples(labels(), labels()), max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_recordings_does_not_matter(
    sides: list[tuple[list[Label], list[Label]]], random: object
) -> None:
    nights = [recording(truth, said, name=f"night {i}") for i, (truth, said) in enumerate(sides)]
    shuffled = list(nights)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(shuffled) == score(nights)


@given(labels(), labels())
def test_a_night_twice_has_the_same_shares_and_rates(truth: list[Label], said: list[Label]) -> None:
    once = scored(recording(truth, said), target="any alarm")
    twice = scored(recording(truth, said), recording(truth, said, name="again"), target="any alarm")
    assert twice.sensitivity == Proportion(2 * once.sensitivity.hits, 2 * once.sensitivity.of)
    assert twice.false_per_night is not None
    assert once.false_per_night is not None
    assert twice.false_per_night.value == once.false_per_night.value
    assert twice.latency.median == once.latency.median


def test_the_report_sums_the_time() -> None:
    report = score([recording([], []), recording([], [Label(0.0, 100.0, "artefact")], 3600.0, name="short")])
    assert (report.duration_s, report.monitored_s) == (NIGHT_S + 3600.0, NIGHT_S + 3500.0)
    assert score([recording([], [], None)]).duration_s is None


def test_the_example_in_the_documentation_runs() -> None:
    assert doctest.testmod(detector.scoring).failed == 0
