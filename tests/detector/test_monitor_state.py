from __future__ import annotations

import json
from datetime import timedelta
from typing import get_args

import jsonschema
import pytest

from detector.alarms.conditions import CONDITIONS
from detector.alarms.observing import Observed
from detector.alarms.self_test import SelfTest
from detector.alarms.self_test import Tested as Part
from detector.alarms.values import RANK, Mode, System
from detector.messages import encode, schema
from detector.monitor_state import AlarmNow, Contact, ContractionNow, MonitorState, Stage, TechnicalCondition
from detector.types import Alert
from tests.detector.mqtt_world import BEGAN

QUIET = MonitorState("left-calf", "b00t", BEGAN)
CRAMP = ContractionNow(
    event_id="left-calf-20260301.3000",
    kind="tonic",
    alert="cramp",
    since=BEGAN,
    site="left-calf",
    certainty="good",
    confirmed=True,
    confidence=0.9,
    reason="calf tight 21 s",
)
FULL = MonitorState(
    sensor_id="left-calf",
    boot_id="b00t",
    started_at=BEGAN,
    system="armed",
    proven=True,
    self_test=SelfTest(
        BEGAN, (Part("sound", passed=True), Part("Anna-1-ntfy", passed=False, text="refused"))
    ),
    mode="observe",
    observing=Observed(5, {"CRAMP": 3}),
    now=CRAMP,
    stage="bedside",
    alarm=AlarmNow("left-calf.1", "CRAMP", "Cramp", "medium", answered=False),
    conditions=(TechnicalCondition("LINK_DOWN", "low", BEGAN, "no broker answers"),),
    contact="good",
    battery_percent=81,
    monitored_s=1000.0,
    usable_s=990.0,
    cramps_tonight=2,
    last_cramp=BEGAN,
    last_duration_s=42.5,
    recording="/nights/2026-03-01_left-calf/signal.edf",
    recording_id="left-calf-20260301",
    sites=("left-calf",),
    emg_rate_hz=1000.0,
    firmware="1.0",
    synthetic=True,
    counters={"gaps": 3},
)


@pytest.mark.parametrize("state", [QUIET, FULL], ids=["quiet", "full"])
def test_state_always_has_every_key(state: MonitorState) -> None:
    message = json.loads(encode(state.to_message(BEGAN)))
    jsonschema.Draft202012Validator(schema("state")).validate(message)
    assert set(message) == set(schema("state")["properties"])


def test_state_says_until_when_to_believe_it() -> None:
    message = QUIET.to_message(BEGAN, valid_s=30)
    assert message["valid_until"] == "2026-03-01T22:00:30.000+00:00"


@pytest.mark.parametrize(
    ("alert", "cramp", "rhythmic"),
    [("none", "OFF", "OFF"), ("cramp", "ON", "OFF"), ("clonic", "OFF", "ON"), ("tonic_clonic", "OFF", "ON")],
)
def test_only_a_verdict_switches_the_lights_on(alert: Alert, cramp: str, rhythmic: str) -> None:
    now = ContractionNow("e.1", "tonic", alert, BEGAN, "left-calf", "good", False, 0.5, "why")
    message = MonitorState("a", "b", BEGAN, now=now).to_message(BEGAN)
    assert (message["cramp"], message["rhythmic"], message["event_id"]) == (cramp, rhythmic, "e.1")


def test_a_standing_technical_condition_degrades_but_never_hides_a_cramp() -> None:
    message = FULL.to_message(BEGAN)
    assert (message["degraded"], message["cramp"]) == (True, "ON")
    assert QUIET.to_message(BEGAN)["degraded"] is False


@pytest.mark.parametrize(("usable_s", "share"), [(0.0, 0.0), (990.0, 0.99), (1001.0, 1.0)])
def test_coverage_is_a_share(usable_s: float, share: float) -> None:
    assert MonitorState("a", "b", BEGAN, monitored_s=1000.0, usable_s=usable_s).coverage == share
    assert MonitorState("a", "b", BEGAN).coverage is None


@pytest.mark.parametrize(
    ("words", "key"),
    [(System, "system"), (Mode, "mode"), (Stage, "stage"), (Contact, "contact")],
)
def test_the_schema_knows_the_words_that_the_code_uses(words: object, key: str) -> None:
    assert schema("state")["properties"][key]["enum"] == list(get_args(words))


def test_the_schema_knows_every_code_and_priority() -> None:
    described = schema("state")["properties"]["conditions"]["items"]["properties"]
    technical = [code for code, condition in CONDITIONS.items() if condition.region == "tech"]
    assert described["code"]["enum"] == technical
    # An advisory is of the body alone.
    assert described["priority"]["enum"] == [priority for priority in RANK if priority != "advisory"]


def test_two_moments_of_one_state_differ_in_their_times_alone() -> None:
    first, second = FULL.to_message(BEGAN), FULL.to_message(BEGAN + timedelta(seconds=5))
    assert {key for key in first if first[key] != second[key]} == {"at", "valid_until"}


def test_a_page_sees_what_stands_between_the_night_and_being_armed() -> None:
    message = FULL.to_message(BEGAN)
    assert message["self_test"] == [
        {"name": "sound", "passed": True, "text": ""},
        {"name": "Anna-1-ntfy", "passed": False, "text": "refused"},
    ]
    assert QUIET.to_message(BEGAN)["self_test"] == []


def test_a_page_sees_what_observing_has_shown_and_when_it_is_enough() -> None:
    assert FULL.to_message(BEGAN)["observing"] == {
        "nights": 5,
        "of": 5,
        "would_have": {"CRAMP": 3},
        "offer": True,
    }
    assert QUIET.to_message(BEGAN)["observing"] is None
