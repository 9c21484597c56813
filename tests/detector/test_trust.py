"""Confidence: evidence becomes the chance that a verdict is true, and no verdict changes."""

from dataclasses import replace

import numpy as np
import pytest

from detector.additive import Calibration
from detector.bundle import load_model
from detector.classifier import TrainedClassifier
from detector.pipeline import Pipeline
from detector.trust import EMG_ALONE, VERDICTS, WITH_ACCELERATION, Trust, verdict_on
from detector.types import Contraction
from firmware_bridge.samples import SensorInfo
from tests.detector.signals import Scene, contractions, sensor


def line(low: float, high: float) -> Calibration:
    return Calibration(np.array([0.0, 1.0]), np.array([low, high]))


SCENE = Scene(150.0, amplitude_uv=[(20.0, 50.0, 60.0)], bursts=[(80.0, 95.0, 90.0, 4.0, 0.1)])


def events(trust: Trust | None, info: SensorInfo) -> list[Contraction]:
    shipped = load_model()
    assert isinstance(shipped, TrainedClassifier)
    classifier = TrainedClassifier("t", shipped._scores, trust)
    pipeline = Pipeline(info, recording_id="r", classifier=classifier)
    return contractions([*pipeline.feed(replace(SCENE, info=info).block()), *pipeline.finish()])


@pytest.mark.parametrize(
    ("alert", "kind", "verdict"),
    [
        ("cramp", "tonic", "cramp"),
        ("clonic", "clonic", "clonic"),
        ("tonic_clonic", "clonic", "clonic"),
        ("none", "tonic", "tonic"),
        ("none", "leg_movement", "leg_movement"),
        ("none", "artefact", None),
        ("none", "tension_rise", None),
    ],
)
def test_verdicts_are_told_apart_by_alarm_and_then_by_kind(
    alert: str, kind: str, verdict: str | None
) -> None:
    assert verdict_on(alert, kind) == verdict


def test_every_revision_says_the_chance_and_nothing_else_changes() -> None:
    trust = Trust({(WITH_ACCELERATION, verdict): line(0.1, 0.4) for verdict in VERDICTS})
    plain, judged = events(None, sensor()), events(trust, sensor())
    assert {event.alert for event in plain} >= {"cramp", "clonic"}
    for before, after in zip(plain, judged, strict=True):
        assert after.confidence == pytest.approx(0.1 + 0.3 * before.confidence)
        assert replace(after, confidence=before.confidence) == before


def test_the_emg_alone_has_curves_of_its_own() -> None:
    trust = Trust({(WITH_ACCELERATION, "cramp"): line(0.9, 0.9), (EMG_ALONE, "cramp"): line(0.3, 0.3)})
    seen = {
        event.confidence
        for info in (sensor(), sensor(acc_hz=0.0))
        for event in events(trust, info)
        if event.alert == "cramp"
    }
    assert seen == {0.9, 0.3}


def test_what_nobody_counted_keeps_its_evidence() -> None:
    assert [one.confidence for one in events(Trust(), sensor())] == [
        one.confidence for one in events(None, sensor())
    ]
