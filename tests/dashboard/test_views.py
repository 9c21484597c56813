"""What the pages say."""

from datetime import timedelta
from typing import Any

import pytest

from dashboard import views
from dashboard.texts import texts_in
from dashboard.views import Light, Signs, event_row, facts, headline, light, night_row, unusable_s
from dashboard.wording import length
from detector.monitor_state import ContractionNow, TechnicalCondition
from tests.dashboard.events import BEGAN as NOW
from tests.dashboard.events import event, state

T = texts_in()


def now_running(alert: Any, certainty: Any = "good") -> ContractionNow:
    return ContractionNow("rec.1", "tonic", alert, NOW, "left-calf", certainty, False, 0.9, "calf tight 9 s")


def shown(said: dict[str, Any] | None, now_s: float = 1.0, **changes: Any) -> Light:
    signs: dict[str, Any] = {"online": True, "silent_s": 0.5, "good_age_ms": 800}
    return light(T, said, Signs(**(signs | changes)), NOW + timedelta(seconds=now_s))


def test_i11_green_needs_a_good_sample_and_a_sign_of_life() -> None:
    assert shown(state()).shape == "calm"
    for change in (
        {"silent_s": 5.1},
        {"good_age_ms": 5001},
        {"good_age_ms": None},
        {"online": False},
        {"silent_s": None},
        {"trouble": "no broker answers"},
    ):
        assert shown(state(), **change).shape == "off", change
    assert shown(None).shape == "off"
    assert shown(state(), now_s=600).reason == "What the monitor said last is out of date."


@pytest.mark.parametrize("proven", [False, None])
def test_i11_green_needs_a_proven_path(*, proven: bool | None) -> None:
    assert shown(state() | {"proven": proven}) == Light("unproven", T("unproven"), T("unproven_reason"))


def test_silence_says_how_long_and_what_was_under_way() -> None:
    assert shown(state(), silent_s=75).reason == "No sign of life from the monitor for 1 min 15 s."
    cramping = shown(state(now=now_running("cramp")), silent_s=75)
    assert cramping.shape == "off"
    assert cramping.reason.endswith("A contraction was under way then.")


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
        headline(T, [event_row(T, one) for one in events], night_s=27000, seen_s=24720)
        == "2 cramps, 42 s in all; 1 rhythmic run; monitored 6 h 52 min of 7 h 30 min."
    )
    assert headline(T, [], night_s=60, seen_s=60) == "No cramps; monitored 1 min 00 s of 1 min 00 s."


def test_useless_signal_counts_once() -> None:
    trouble = [event(n, f"t{n}", kind="artefact", alert="none", duration_s=10.0) for n in (1, 2)]
    assert unusable_s([event_row(T, message) for message in trouble]) == 10.0


def test_every_lane_has_a_name() -> None:
    kinds, alerts = (
        ("tonic", "clonic", "leg_movement", "tension_rise", "artefact"),
        ("none", "cramp", "clonic", "tonic_clonic"),
    )
    lanes = {views.lane(alert, kind) for kind in kinds for alert in alerts}
    assert lanes <= set(T.group("lane"))


def test_a_night_places_events_by_their_samples_whatever_the_wall_clock_said() -> None:
    message = event(1, onset_index=90_000, onset_at="2026-11-22T09:00:00.000+00:00")
    assert night_row(T, message, 1000.0)["start"] == 1090.0
    assert night_row(T, message, 1000.0)["end"] == 1132.0
    assert event_row(T, message)["start"] == NOW.timestamp() + 8 * 3600


def test_what_goes_on_reaches_as_far_as_its_recording() -> None:
    running = event(1, phase="updated", duration_s=9.0)
    assert night_row(T, running, 1000.0, 1030.0)["end"] == 1030.0
    assert night_row(T, running, 1000.0, 1030.0)["length"] == "30 s, going on"
    # One that was never ended in a recording that is done stays as long as it was seen.
    assert night_row(T, running, 1000.0)["length"] == "9 s"
    assert night_row(T, event(1), 1000.0, 1030.0)["end"] == 1042.0


def test_the_facts_are_in_words() -> None:
    assert facts(
        T, state(usable_s=24720.0, monitored_s=27000.0, cramps_tonight=1, contact="off", sites=("left-calf",))
    ) == {
        "tonight": "1 cramp",
        "monitored": "6 h 52 min of 7 h 30 min",
        "contact": "off the skin",
        "battery": "not measured",
        "site": "left calf",
    }
    assert facts(T, state(battery_percent=71))["battery"] == "71 %"
    assert set(facts(T, None).values()) == {"–"}
    # Nobody knows how the electrodes are while nobody watches.
    assert facts(T, state(contact="good"), is_watched=False)["contact"] == "not known"


@pytest.mark.parametrize("quality", ["good", "doubtful", "unconfirmed"])
def test_doubt_is_said(quality: Any) -> None:
    assert bool(event_row(T, event(1, quality=quality))["doubt"]) == (quality != "good")
