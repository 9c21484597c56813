"""From the rows of a table to labels that can be scored; what cannot is refused with the reason."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.event_files import EventRecord
from detector.scoring_labels import Label, LabelledRecording, ScoringError, implies_alerts, labels_of
from tests.detector.labelled import cramp


def row(
    onset_s: float = 10.0,
    duration_s: float = 30.0,
    trial_type: str = "tonic",
    alert: str | None = "cramp",
    *,
    peak_uv: float | None = None,
    site: str | None = None,
    **extra: str,
) -> EventRecord:
    return EventRecord(onset_s, duration_s, trial_type, alert, site=site, peak_uv=peak_uv, extra=extra)


def test_a_row_becomes_a_label() -> None:
    record = row(10.0, 30.0, peak_uv=100.0, site="left-calf", baseline_uv="10.0", **{"class": "cramp"})
    (label,) = labels_of([record], "a.tsv")
    assert (label.onset_s, label.end_s, label.kind, label.alert) == (10.0, 40.0, "tonic", "cramp")
    assert (label.finer, label.site, label.baseline_uv, label.snr_db) == ("cramp", "left-calf", 10.0, 20.0)


def test_a_given_snr_is_taken_as_it_is() -> None:
    (label,) = labels_of([row(peak_uv=100.0, baseline_uv="10.0", snr_db="3.5")], "a.tsv")
    assert label.snr_db == 3.5


@pytest.mark.parametrize("peak_uv", [None, 0.0])
def test_an_snr_that_nobody_can_know_is_unknown(peak_uv: float | None) -> None:
    assert labels_of([row(peak_uv=peak_uv, baseline_uv="10.0")], "a.tsv")[0].snr_db is None


def test_labels_come_by_onset() -> None:
    assert [label.onset_s for label in labels_of([row(90.0), row(10.0)], "a.tsv")] == [10.0, 90.0]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (row(-0.5), "a.tsv: tonic at -0.5 s: expected an onset of 0 s or later"),
        (row(math.nan), "expected an onset of 0 s or later"),
        (row(5.0, -1.0), "a.tsv: tonic at 5 s: expected a duration of 0 s or more, got -1"),
        (row(5.0, math.inf), "expected a duration of 0 s or more, got inf"),
        (row(1e9, 5.0), "expected an end within 2678400 s of the recording's start, got 1e+09"),
        (row(5.0, alert="CRAMP"), "expected an alert of none, cramp, clonic, tonic_clonic, got 'CRAMP'"),
        (row(5.0, snr_db="loud"), "expected a number as snr_db, got 'loud'"),
    ],
)
def test_a_label_that_cannot_be_is_refused_by_name_and_place(record: EventRecord, expected: str) -> None:
    with pytest.raises(ScoringError) as caught:
        labels_of([record], "a.tsv")
    assert expected in str(caught.value)


def test_the_same_alarm_labelled_twice_is_refused() -> None:
    with pytest.raises(ScoringError, match=r"two tonic labels overlap, from 10 to 40 s and from 39 to 69 s"):
        labels_of([row(10.0), row(39.0)], "a.tsv")


def test_what_may_overlap_may() -> None:
    rows = [
        *(row(10.0), row(15.0, 5.0, "leg_movement", "none"), row(12.0, 60.0, "artefact", "none")),
        *(row(12.0, 20.0, "tonic", "none"), row(40.0), row(12.0, 20.0, site="right-calf")),
    ]
    assert len(labels_of(rows, "a.tsv")) == 6


@pytest.mark.parametrize(
    ("trial_type", "duration_s", "expected"),
    [
        ("tonic", 10.0, "cramp"),
        ("tonic", 9.9, "none"),
        ("clonic", 3.0, "clonic"),
        ("clonic", 2.9, "none"),
        ("leg_movement", 30.0, "none"),
        ("stance", 30.0, "none"),
    ],
)
def test_a_table_without_verdicts_is_judged_by_what_it_calls_the_events(
    trial_type: str, duration_s: float, expected: str
) -> None:
    records = [row(5.0, duration_s, trial_type, None)]
    assert implies_alerts(records)
    assert [label.alert for label in labels_of(records, "a.tsv")] == [expected]


def test_a_table_with_one_verdict_has_no_others() -> None:
    records = [row(5.0), row(90.0, alert=None)]
    assert not implies_alerts(records)
    assert [label.alert for label in labels_of(records, "a.tsv")] == ["cramp", "none"]


@pytest.mark.parametrize(
    ("peak_uv", "baseline_uv", "faint"),
    [
        # 15 µV above rest is what counts below a resting level of 5 µV, 4 times rest above it.
        (17.5, 3.0, True),
        (17.8, 3.0, False),
        (38.0, 10.0, True),
        (39.0, 10.0, False),
        (None, 10.0, False),
        (38.0, None, False),
    ],
)
def test_a_cramp_is_faint_below_4_times_rest_or_15_uv_above_it(
    peak_uv: float | None, baseline_uv: float | None, faint: bool
) -> None:
    assert cramp(0.0, 30.0, peak_uv=peak_uv, baseline_uv=baseline_uv).is_faint is faint


def test_only_cramps_are_faint() -> None:
    assert not Label(0.0, 30.0, "clonic", "clonic", peak_uv=1.0, baseline_uv=10.0).is_faint


def test_monitored_is_what_the_hypothesis_does_not_call_artefact() -> None:
    said = tuple(
        Label(onset, end, "artefact") for onset, end in ((0.0, 60.0), (30.0, 90.0), (3500.0, 4000.0))
    )
    assert LabelledRecording("n", "a", (), said, 3600.0).monitored_s == 3410.0
    assert LabelledRecording("n", "a", (), said).monitored_s is None
    assert LabelledRecording("n", "a", (), said).extent_s == 4000.0


@given(st.lists(st.floats(0.0, 1e5), max_size=12, unique=True))
def test_no_row_is_lost(onsets: list[float]) -> None:
    records = [row(onset, 0.0, "leg_movement", "none") for onset in onsets]
    assert [label.onset_s for label in labels_of(records, "a.tsv")] == sorted(onsets)
