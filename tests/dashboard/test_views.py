"""What the pages say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard import texts, views
from dashboard.views import Light, headline, length, light, unusable_s
from detector.monitor_state import ContractionNow, MonitorState, TechnicalCondition
from tests.dashboard.events import event

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def state(**changes: Any) -> dict[str, Any]:
    return MonitorState("left-calf", "b00t", NOW, system="armed", **changes).to_message(NOW)


def now_running(alert: Any, certainty: Any = "good") -> ContractionNow:
    return ContractionNow("rec.1", "tonic", alert, NOW, "left-calf", certainty, False, 0.9, "calf tight 9 s")


def shown(said: dict[str, Any] | None, **changes: Any) -> Light:
    known: dict[str, Any] = {
        "online": True,
        "silent_s": 0.5,
        "good_age_ms": 800,
        "now": NOW + timedelta(seconds=1),
    }
    return light(said, **(known | changes))


def test_green_needs_a_good_sample_and_a_sign_of_life() -> None:
    assert shown(state()).shape == "calm"
    for change in (
        {"silent_s": 10.5},
        {"good_age_ms": 5001},
        {"good_age_ms": None},
        {"online": False},
        {"silent_s": None},
    ):
        assert shown(state(), **change).shape == "off", change
    assert shown(None).shape == "off"
    assert (
        shown(state(), now=NOW + timedelta(minutes=10)).reason == "What the monitor said last is out of date."
    )


@pytest.mark.parametrize(
    ("alert", "shape"),
    [("cramp", "cramp"), ("clonic", "rhythmic"), ("tonic_clonic", "rhythmic"), ("none", "tight")],
)
def test_a_contraction_shows_its_verdict(alert: str, shape: str) -> None:
    assert shown(state(now=now_running(alert))).shape == shape


def test_a_cramp_stays_when_the_signal_goes_and_says_so() -> None:
    seen = shown(state(now=now_running("cramp", "unconfirmed")), good_age_ms=9000)
    assert seen.shape == "cramp"
    assert "lost" in seen.reason


def test_the_words_never_claim_a_seizure() -> None:
    assert "seizure" not in shown(state(now=now_running("tonic_clonic"))).word.lower()


def test_the_worst_condition_is_the_reason() -> None:
    low = TechnicalCondition("LINK_DOWN", "low", NOW, "No broker.")
    high = TechnicalCondition("NO_DATA", "medium", NOW, "No samples come from the sensor.")
    assert shown(state(conditions=(low, high)), good_age_ms=7000).reason == "No samples come from the sensor."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (42, "42 s"), (59.6, "1 min 00 s"), (321, "5 min 21 s"), (24720, "6 h 52 min")],
)
def test_lengths_in_words(seconds: float, words: str) -> None:
    assert length(seconds) == words


def test_the_night_begins_with_a_sentence() -> None:
    events = [
        event(1, "a", duration_s=30.0),
        event(2, "b", duration_s=12.0),
        event(3, "c", alert="clonic", kind="clonic"),
    ]
    assert (
        headline(events, recorded_s=27000, seen_s=24720)
        == "2 cramps, 42 s in all; 1 rhythmic run; monitored 6 h 52 min of 7 h 30 min."
    )
    assert headline([], recorded_s=60, seen_s=60) == "No cramps; monitored 1 min 00 s of 1 min 00 s."


def test_useless_signal_counts_once() -> None:
    trouble = [event(n, f"t{n}", kind="artefact", alert="none", duration_s=10.0) for n in (1, 2)]
    assert unusable_s(trouble) == 10.0


def test_every_lane_has_a_name() -> None:
    kinds, alerts = (
        ("tonic", "clonic", "leg_movement", "tension_rise", "artefact"),
        ("none", "cramp", "clonic", "tonic_clonic"),
    )
    lanes = {views.lane(event(1, kind=kind, alert=alert)) for kind in kinds for alert in alerts}
    assert lanes <= set(texts.LANES)
