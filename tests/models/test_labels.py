"""A moment's class comes from the neural drive, and what cannot be named is left out."""

from __future__ import annotations

import numpy as np
import pytest

from detector.classifier import ARTEFACT, CLONIC, OTHER, REST, TONIC
from models.labels import UNNAMED, labels_at
from models.synthesis.truth import Truth

ENDS_S = np.arange(0.0, 100.0, 0.25)


def label_at(time_s: float, *truth: Truth) -> int:
    return int(labels_at(ENDS_S, truth)[0][int(time_s * 4)])


CRAMP = Truth("tonic", "cramp", "cramp", 10.0, 40.0)
HOLD = Truth("tonic", "hold", "none", 10.0, 40.0)
RUN = Truth("clonic", "clonic", "clonic", 10.0, 20.0, burst_count=50)
TWO_JERKS = Truth("clonic", "clonic", "none", 10.0, 2.0, burst_count=2)
TREMOR = Truth("leg_movement", "tremor", "none", 10.0, 20.0)
LONG_MOVEMENT = Truth("leg_movement", "plm", "none", 10.0, 8.0)
HUM = Truth("artefact", "hum", "none", 10.0, 20.0)
RISE = Truth("tension_rise", "cramp_precursor", "none", 10.0, 20.0)


@pytest.mark.parametrize(
    ("time_s", "truth", "label"),
    [
        (5.0, CRAMP, REST),
        (11.0, CRAMP, UNNAMED),
        (14.0, CRAMP, TONIC),
        (39.0, CRAMP, TONIC),
        (41.0, CRAMP, UNNAMED),
        (48.0, HOLD, TONIC),
        (51.0, HOLD, UNNAMED),
        (54.0, HOLD, REST),
        (12.0, RUN, UNNAMED),
        (14.0, RUN, CLONIC),
        (29.0, RUN, CLONIC),
        (31.0, RUN, UNNAMED),
        (11.5, TWO_JERKS, UNNAMED),
        (12.0, TREMOR, OTHER),
        (32.0, TREMOR, OTHER),
        (11.0, LONG_MOVEMENT, OTHER),
        (15.0, LONG_MOVEMENT, UNNAMED),
        (15.0, HUM, ARTEFACT),
        (15.0, RISE, UNNAMED),
    ],
)
def test_a_moment_is_called_what_fills_its_window(time_s: float, truth: Truth, label: int) -> None:
    assert label_at(time_s, truth) == label


def test_the_muscle_is_judged_where_an_artefact_lies_over_it() -> None:
    assert label_at(20.0, HUM, TREMOR) == OTHER
    assert label_at(20.0, HUM, CRAMP) == TONIC


def test_nothing_is_certain_where_a_movement_meets_a_cramp_but_the_cramp() -> None:
    assert label_at(20.0, TREMOR, CRAMP) == TONIC
    assert label_at(11.0, TREMOR, CRAMP) == UNNAMED


def test_the_finer_class_is_that_of_what_decided() -> None:
    names = labels_at(ENDS_S, (TREMOR,))[1]
    assert (names[0], names[60]) == ("rest", "tremor")
