"""Every verdict comes with one plain sentence, and never with advice or a diagnosis."""

import pytest

from detector.bursts import Rhythm
from detector.reasons import artefact_reason, clonic_reason, duration_words, leg_words
from detector.types import Contraction
from tests.detector.signals import Scene, detect

FORBIDDEN = ("seizure", "epilep", "stretch", "massage", "doctor", "should", "diagnos", "!")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.54, "0.5 s"), (9.94, "9.9 s"), (12.4, "12 s"), (60.0, "1 min 0 s"), (754.0, "12 min 34 s")],
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


def test_a_clonic_run_after_a_tonic_phase_says_both() -> None:
    rhythm = Rhythm(bursts=14, width_s=0.12, rate_hz=3.14, spread=0.1, slowing=1.5)
    assert clonic_reason("left-calf", rhythm, "leg still", 12.0) == (
        "left calf jerks 3.1 times a second, 14 bursts of 0.12 s, leg still, after 12 s of tightness"
    )


def test_a_site_that_nobody_named_is_some_muscle() -> None:
    assert clonic_reason("", None, "leg still", None) == "muscle jerks in a rhythm, leg still"


def test_an_artefact_says_what_it_was() -> None:
    assert artefact_reason("mains hum", 88.0) == "mains hum for 1 min 28 s: nothing could be judged"


def test_the_leg_that_nobody_could_see_is_said_to_be_unknown() -> None:
    assert "no accelerometer" in leg_words(has_acc=False, moved_at_onset=True, moved=True)


def test_no_sentence_advises_or_diagnoses() -> None:
    scene = Scene(
        90.0,
        amplitude_uv=[(5.0, 7.0, 40.0), (12.0, 35.0, 60.0)],
        bursts=[(45.0, 55.0, 80.0, 3.0, 0.15)],
        hum_uv=[(65.0, 75.0, 90.0)],
    )
    sentences = [item.reason for item in detect([scene.block()], scene.info) if isinstance(item, Contraction)]
    assert len(set(sentences)) >= 4
    assert not [word for sentence in sentences for word in FORBIDDEN if word in sentence.lower()]
    assert all(sentence and "\n" not in sentence for sentence in sentences)
