"""Labels that people set: what can be used is used, and what cannot is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.event_files import ALERTS, EventRecord
from detector.spans import overlap_s
from models.bundle_files import TrainingError
from models.own_labels import MEANINGS, WORDS, SoundLabels, sound_labels, words_of

LENGTH_S = 1000.0


def record(onset_s: float, duration_s: float, kind: str, alert: str | None = None) -> EventRecord:
    return EventRecord(onset_s, duration_s, kind, alert)


def sound(*records: EventRecord, words: tuple[str, ...] = (), notes: bool = False) -> SoundLabels:
    return sound_labels(records, words_of(words), duration_s=LENGTH_S, where="a.tsv", notes=notes)


@pytest.mark.parametrize(
    ("text", "kind", "alert"),
    [
        ("tonic", "tonic", "cramp"),
        ("Calf_Cramp", "tonic", "cramp"),
        ("MVC", "tonic", "none"),
        ("clonus", "clonic", "clonic"),
        ("stance", "leg_movement", "none"),
        ("Artifact", "artefact", "none"),
        ("nothing", "nothing", "none"),
        ("unknown", "unknown", "none"),
    ],
)
def test_words_mean_kinds(text: str, kind: str, alert: str) -> None:
    (label,) = sound(record(10.0, 20.0, text)).labels
    assert (label.kind, label.alert) == (kind, alert)


def test_a_map_adds_words_and_goes_before_the_usual_ones() -> None:
    found = sound(
        record(1.0, 20.0, "Zerrung=links"),
        record(50.0, 9.0, "stance"),
        words=("zerrung=links=cramp", "stance=ignore"),
    )
    assert [(one.kind, one.alert) for one in found.labels] == [("tonic", "cramp")]
    assert found.problems == ()


@pytest.mark.parametrize("pair", ["cramp", "=cramp", "ow=pain", "ow="])
def test_a_map_that_means_nothing_is_refused(pair: str) -> None:
    with pytest.raises(TrainingError, match="TEXT=MEANING"):
        words_of([pair])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (record(-5.0, 20.0, "tonic"), "onset of 0 s or later"),
        (record(5.0, -20.0, "tonic"), "duration of 0 s or more"),
        (record(5.0, 0.0, "tonic"), "got a moment"),
        (record(5.0, 1e-100, "tonic"), "got a moment"),
        (record(5.0, float("nan"), "tonic"), "duration of 0 s or more"),
        (record(LENGTH_S, 20.0, "tonic"), "onset within"),
        (record(110.0, 20.0, "clonic"), "overlaps tonic at 100 to 130 s"),
        (record(110.0, 40.0, "tonic"), "overlaps tonic at 100 to 130 s"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_goes_on(wrong: EventRecord, told: str) -> None:
    found = sound(wrong, record(100.0, 30.0, "tonic"))
    assert [one.onset_s for one in found.labels] == [100.0]
    (problem,) = found.problems
    assert problem.startswith("a.tsv: ")
    assert told in problem


def test_a_label_beyond_the_end_is_cut_there() -> None:
    found = sound(record(990.0, 20.0, "tonic"))
    assert [(one.onset_s, one.end_s) for one in found.labels] == [(990.0, LENGTH_S)]
    assert "cut there" in found.problems[0]


def test_a_word_that_nobody_knows_teaches_nothing_and_is_told() -> None:
    found = sound(record(1.0, 20.0, "flurble"), record(50.0, 20.0, "tonic", "perhaps"))
    assert [one.kind for one in found.labels] == ["unknown", "unknown"]
    assert "'flurble'" in found.problems[0]
    assert "'perhaps'" in found.problems[1]


def test_a_free_note_counts_by_its_first_word_or_is_left_out() -> None:
    found = sound(
        record(1.0, 20.0, "Cramp, left calf".replace(",", "")), record(50.0, 20.0, "tea"), notes=True
    )
    assert [(one.kind, one.alert) for one in found.labels] == [("tonic", "cramp")]
    assert "'tea'" in found.problems[0]


times = st.floats(-100.0, 2000.0) | st.sampled_from([float("nan"), float("inf"), -float("inf")])
kinds = st.sampled_from([*WORDS, "Unheard of", ""])


@given(
    st.lists(st.builds(record, times, times, kinds, st.sampled_from([None, *ALERTS, "other"])), max_size=12)
)
def test_whatever_is_written_what_is_used_makes_sense(records: list[EventRecord]) -> None:
    found = sound(*records)
    for number, one in enumerate(found.labels):
        assert 0.0 <= one.onset_s < one.end_s <= LENGTH_S
        assert one.kind in {kind for kind, _ in MEANINGS.values()}
        assert one.alert in ALERTS
        for other in found.labels[number + 1 :]:
            if {one.kind, other.kind} <= {"tonic", "clonic"}:
                assert overlap_s(one, other) <= 0.01
    assert found.given == len(records)
