"""What Home Assistant is told: valid by its documentation, true in every state; its buttons answer one alarm."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from detector.alarm_messages import alarm_message
from detector.alarms.engine import AlarmEngine
from detector.alarms.values import AlarmChange, Moment, Observation, System
from detector.commands import RefusedCommandError, read_command
from detector.home_assistant import EXPIRE_AFTER_S, discovery_message
from detector.messages import MAX_PAYLOAD_BYTES, STATE_VALID_S, encode, event_message
from detector.monitor_state import Contact, MonitorState, Stage
from detector.topics import Topics, home_assistant_topic
from detector.types import Alert, Phase
from detector.under_way import Observed
from tests.crampwatch.role_topics import may_hear, may_say
from tests.detector.home_assistant_world import SCHEMA, House
from tests.detector.mqtt_world import BEGAN, STREAM, TOPICS, contraction
from tests.detector.test_monitor_state import FULL, QUIET

HOUSE = House.of("left-calf", lambda: BEGAN)
STATES = ("binary_sensor", "sensor")


def components(*platforms: str) -> dict[str, dict[str, Any]]:
    told = discovery_message("left-calf", version="1.0")["components"]
    return {key: one for key, one in told.items() if one["platform"] in platforms}


@pytest.mark.parametrize("sensor_id", ["left-calf", "a", "0" * 32, "-" * 32])
def test_the_description_is_what_home_assistants_documentation_says(sensor_id: str) -> None:
    message = discovery_message(sensor_id, version="1.0")
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(message)
    # Brokers take twice that; what one refuses by hanging up would be said for ever.
    assert len(encode(message)) < MAX_PAYLOAD_BYTES * 0.75
    ids = [one["unique_id"] for one in message["components"].values()]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("origin",), None),
        (("device", "identifiers"), []),
        (("components", "cramp", "unique_id"), None),
        (("components", "cramp", "object_id"), "cramp"),
        (("components", "cramp", "state_topic"), None),
        (("components", "alarm", "state_class"), "measurement"),
        (("components", "battery", "unit_of_measurement"), "V"),
        (("components", "contraction", "event_types"), []),
        (("components", "ack", "retain"), True),
        (("components", "ack", "command_topic"), "crampwatch/1/+/command/home-assistant/ack"),
    ],
)
def test_the_schema_finds_what_is_wrong(place: tuple[str, ...], value: object) -> None:
    message: dict[str, Any] = json.loads(encode(discovery_message("left-calf", version="1.0")))
    part = message
    for key in place[:-1]:
        part = part[key]
    if value is None:
        del part[place[-1]]
    else:
        part[place[-1]] = value
    assert list(Draft202012Validator(SCHEMA).iter_errors(message))


def test_every_topic_is_one_that_both_logins_may_use() -> None:
    for one in components("binary_sensor", "sensor", "event", "button").values():
        for key in ("state_topic", "json_attributes_topic"):
            assert key not in one or (may_hear("home-assistant", one[key]) and may_say("monitor", one[key]))
        assert "command_topic" not in one or may_say("home-assistant", one["command_topic"])
    topic = home_assistant_topic("crampwatch_left-calf")
    assert may_say("monitor", topic)
    assert may_hear("home-assistant", topic)
    assert not may_say("caregiver", topic)


def test_silence_makes_everything_unavailable() -> None:
    assert {one["expire_after"] for one in components(*STATES).values()} == {EXPIRE_AFTER_S}
    assert EXPIRE_AFTER_S <= STATE_VALID_S
    said = FULL.to_message(BEGAN)
    assert HOUSE.is_available(b"online", said)
    assert not HOUSE.is_available(b"offline", said)
    # What the broker had kept of a monitor that is long gone.
    late = House.of("left-calf", lambda: BEGAN + timedelta(seconds=STATE_VALID_S + 1))
    assert not late.is_available(b"online", said)
    assert not HOUSE.is_available(b"online", {})


def test_states_are_as_the_monitor_says() -> None:
    said = FULL.to_message(BEGAN)
    values = {key: HOUSE.value(key, said) for key in components(*STATES)}
    assert values == {
        "cramp": "ON",
        "rhythmic": "OFF",
        "armed": "ON",
        "trouble": "ON",
        "alarm": "bedside",
        "signal": "good",
        "battery": "81",
        "coverage": "99.0",
        "cramps_tonight": "2",
        "last_cramp": said["last_cramp"],
        "last_duration": "42.5",
        "standby_until": "None",
    }
    HOUSE.hear(TOPICS.state, encode(said))
    assert HOUSE.attributes["cramp"]["reason"] == "calf tight 21 s"
    assert HOUSE.attributes["alarm"]["alarm_id"] == HOUSE.attributes["ack"]["alarm_id"] == "left-calf.1"
    assert HOUSE.attributes["trouble"]["conditions"][0]["code"] == "LINK_DOWN"


@given(
    system=st.sampled_from(get_args(System)),
    contact=st.sampled_from(get_args(Contact)),
    stage=st.sampled_from(get_args(Stage)),
    battery=st.none() | st.integers(0, 100),
    usable_s=st.floats(0, 1000),
    monitored_s=st.sampled_from([0.0, 1000.0]),
    before=st.sampled_from([QUIET, FULL]),
)
def test_every_state_of_a_monitor_is_a_state_of_each_entity(
    system: Any,
    contact: Any,
    stage: Any,
    battery: int | None,
    usable_s: float,
    monitored_s: float,
    before: MonitorState,
) -> None:
    state = replace(
        before,
        system=system,
        contact=contact,
        stage=stage,
        battery_percent=battery,
        usable_s=usable_s,
        monitored_s=monitored_s,
    )
    said = json.loads(encode(state.to_message(BEGAN)))
    for key, one in components(*STATES).items():
        check(one, HOUSE.value(key, said))
    HOUSE.hear(TOPICS.state, encode(said))


def check(component: dict[str, Any], value: str) -> None:
    """Refuse what Home Assistant would: by its documentation `None` means that a sensor's value is not known."""
    if component["platform"] == "binary_sensor":
        assert value in {"ON", "OFF"}
    elif value == "None":
        return
    elif component.get("device_class") == "enum":
        assert value in component["options"]
    elif component.get("device_class") == "timestamp":
        assert datetime.fromisoformat(value).tzinfo is not None
    else:
        float(value)


def test_a_message_of_another_version_is_no_error_in_its_log() -> None:
    for key in components(*STATES, "event"):
        HOUSE.value(key, {})
    HOUSE.hear(TOPICS.state, b"{}")


@pytest.mark.parametrize("alert", get_args(Alert))
@pytest.mark.parametrize("phase", get_args(Phase))
def test_contractions_that_alert_are_events_of_a_known_type(alert: Alert, phase: Phase) -> None:
    said = event_message(contraction(alert=alert, phase=phase), STREAM, issued_at=BEGAN)
    event = HOUSE.event("contraction", said)
    assert (event is None) == (alert == "none")
    if event is not None:
        assert event.pop("event_type") in HOUSE.component("contraction")["event_types"]
        assert event == {key: said[key] for key in event}
        assert {"id", "revision"} <= set(event)


def test_what_was_sent_again_late_is_no_event() -> None:
    said = event_message(contraction(), STREAM, issued_at=BEGAN - timedelta(minutes=11))
    assert HOUSE.event("contraction", said) is None


def alarm_changes() -> list[AlarmChange]:
    engine = AlarmEngine("left-calf", "guarded", Moment(0.0, BEGAN))
    cramp: Observed = {("CRAMP", ""): Observation("left calf tight")}
    changes = engine.conditions(cramp, Moment(0.0, BEGAN))
    return [change for change in changes if isinstance(change, AlarmChange) and change.public]


def test_changes_of_alarms_are_events_and_old_ones_are_not() -> None:
    (change,) = alarm_changes()
    said = alarm_message(change, issued_at=BEGAN)
    event = HOUSE.event("alarm_change", said)
    assert event is not None
    assert (event["event_type"], event["code"], event["id"]) == ("active", "CRAMP", said["id"])
    assert event["event_type"] in HOUSE.component("alarm_change")["event_types"]
    assert HOUSE.event("alarm_change", said | {"was": said["stage"]}) is None
    late = House.of("left-calf", lambda: BEGAN + timedelta(minutes=11))
    assert late.event("alarm_change", said) is None


@pytest.mark.parametrize(
    ("key", "name", "minutes"),
    [("ack", "ack", None), ("snooze", "snooze", 10.0), ("standby", "standby", 60.0)],
)
def test_a_button_asks_for_what_the_monitor_takes(key: str, name: str, minutes: float | None) -> None:
    house = House.of("left-calf", lambda: BEGAN)
    house.hear(Topics("left-calf").state, encode(FULL.to_message(BEGAN)))
    command = read_command(*house.press(key), retained=False, now=BEGAN)
    assert (command.name, command.role, command.who) == (name, "home-assistant", "Home Assistant")
    assert command.minutes == minutes
    assert command.occurrence_id == (None if name == "standby" else "left-calf.1")
    assert command.act is not None


def test_two_presses_are_two_commands() -> None:
    moments = iter([BEGAN, BEGAN, BEGAN + timedelta(milliseconds=1), BEGAN + timedelta(milliseconds=1)])
    house = House.of("left-calf", lambda: next(moments))
    first, second = (json.loads(house.press("standby")[1]) for _ in range(2))
    assert first["id"] != second["id"]


@pytest.mark.parametrize("state", [None, QUIET], ids=["never told", "no alarm"])
def test_a_button_answers_nothing_where_no_alarm_stands(state: MonitorState | None) -> None:
    house = House.of("left-calf", lambda: BEGAN)
    if state is not None:
        house.hear(Topics("left-calf").state, encode(state.to_message(BEGAN)))
    with pytest.raises(RefusedCommandError) as refused:
        read_command(*house.press("ack"), retained=False, now=BEGAN)
    assert refused.value.refusal == "unbound"
