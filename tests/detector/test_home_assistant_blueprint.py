"""The blueprint: it parses, its inputs and templates hold together, and it refers to what the sensor's entities are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
import yaml
from jinja2 import meta

from detector.home_assistant import discovery_message
from detector.monitor_state import Stage
from tests.detector.home_assistant_world import templates
from tests.detector.mqtt_world import BEGAN

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "home-assistant"
COMPONENTS = discovery_message("left-calf", version="1.0")["components"]
STAGES = set(get_args(Stage))
# States that Home Assistant gives by itself.
NOBODY_KNOWS = {"unavailable", "unknown"}
# What Home Assistant brings to every template of an automation.
BROUGHT = {"states", "state_attr", "device_attr", "trigger", "repeat", "wait", "context"}


class Input(str):
    """The name that a `!input` stands for."""

    __slots__ = ()


class Loader(yaml.SafeLoader):
    """YAML as Home Assistant writes its blueprints."""


def _input(loader: Loader, node: yaml.ScalarNode) -> Input:
    return Input(loader.construct_scalar(node))


Loader.add_constructor("!input", _input)


@pytest.fixture(scope="module")
def blueprint() -> dict[str, Any]:
    # A loader that makes plain values and names of inputs, nothing else.
    loaded = yaml.load((FOLDER / "cramp_alarm.yaml").read_text(encoding="utf-8"), Loader)
    assert isinstance(loaded, dict)
    return loaded


def parts(node: object) -> Iterator[object]:
    yield node
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for one in inner:
        yield from parts(one)


def texts(node: object) -> list[str]:
    return [
        part for part in parts(node) if isinstance(part, str) and not isinstance(part, Input) and "{{" in part
    ]


def mappings(node: object, key: str) -> list[dict[str, Any]]:
    return [part for part in parts(node) if isinstance(part, dict) and key in part]


def test_every_input_is_asked_for_and_used(blueprint: dict[str, Any]) -> None:
    asked = set(blueprint["blueprint"]["input"])
    used = {str(part) for part in parts(blueprint) if isinstance(part, Input)}
    assert asked == used
    assert blueprint["blueprint"]["domain"] == "automation"
    assert all(one.get("name") and one.get("selector") for one in blueprint["blueprint"]["input"].values())


@pytest.mark.parametrize(("name", "key"), [("alarm", "alarm"), ("acknowledge", "ack")])
def test_the_selectors_offer_the_entities_that_the_sensor_has(
    blueprint: dict[str, Any], name: str, key: str
) -> None:
    asked = blueprint["blueprint"]["input"][name]
    (offered,) = asked["selector"]["entity"]["filter"]
    assert (offered["integration"], offered["domain"]) == ("mqtt", COMPONENTS[key]["platform"])
    assert offered.get("device_class") == COMPONENTS[key].get("device_class")
    # It is called what the person is told to look for.
    assert f'"{COMPONENTS[key]["name"]}"' in asked["description"]


def test_every_state_and_attribute_that_it_names_is_one_of_the_sensors(blueprint: dict[str, Any]) -> None:
    triggers = [one for one in mappings(blueprint, "trigger") if one["trigger"] == "state"]
    assert {one["entity_id"] for one in triggers} == {"alarm"}
    assert {state for one in triggers for state in one["to"]} == STAGES | NOBODY_KNOWS
    called = blueprint["blueprint"]["input"]["stages"]
    assert set(called["default"]) < set(called["selector"]["select"]["options"]) < STAGES
    named = {
        word
        for text in texts(blueprint)
        for group in re.findall(r"in \[([^\]]*)\]", text)
        for word in re.findall(r"'(\w+)'", group)
    }
    assert named <= STAGES | NOBODY_KNOWS
    attributes = set(re.findall(r"state_attr\(\w+, '(\w+)'\)", " ".join(texts(blueprint))))
    assert attributes == {"alarm_id"}
    for key in ("alarm", "ack"):
        assert "'alarm_id'" in COMPONENTS[key]["json_attributes_template"]


def test_templates_parse_and_know_every_name_in_them(blueprint: dict[str, Any]) -> None:
    known = BROUGHT | set(blueprint["variables"]) | {"action_ack"}
    environment = templates(lambda: BEGAN)
    assert texts(blueprint)
    for text in texts(blueprint):
        assert meta.find_undeclared_variables(environment.parse(text)) - environment.globals.keys() <= known


def rendered(template: str, **values: object) -> str:
    return templates(lambda: BEGAN).from_string(template).render(values).strip()


@pytest.mark.parametrize("stage", sorted(STAGES | NOBODY_KNOWS))
def test_it_calls_until_somebody_has_answered_or_nobody_can_tell(
    blueprint: dict[str, Any], stage: str
) -> None:
    (repeat,) = [one["repeat"] for one in mappings(blueprint["actions"], "repeat")]
    values = {"alarm_entity": "sensor.a", "most_calls": 30.0, "states": lambda _entity: stage}
    over = rendered(repeat["until"], repeat=SimpleNamespace(index=1), **values)
    assert over == str(stage in {"acknowledged", "idle"} | NOBODY_KNOWS)
    assert rendered(repeat["until"], repeat=SimpleNamespace(index=30), **values) == "True"


@pytest.mark.parametrize(
    ("trigger", "stage", "begins"),
    [
        ("alarm", "caregiver", "True"),
        ("alarm", "escalated", "True"),
        ("alarm", "bedside", "False"),
        ("lost", "unavailable", "True"),
    ],
)
def test_it_begins_at_the_stages_that_were_chosen_and_when_nobody_watches(
    blueprint: dict[str, Any], trigger: str, stage: str, begins: str
) -> None:
    (condition,) = blueprint["conditions"]
    event = SimpleNamespace(id=trigger, to_state=SimpleNamespace(state=stage))
    default = blueprint["blueprint"]["input"]["stages"]["default"]
    assert rendered(condition["value_template"], trigger=event, called_stages=default) == begins


def test_a_call_breaks_through_a_silent_phone_and_says_nothing_of_health(blueprint: dict[str, Any]) -> None:
    calls = [
        one for one in mappings(blueprint["actions"], "action") if one["action"] == "{{ phone_service }}"
    ]
    spoken = [one["data"] for one in calls if one["data"]["message"] != "clear_notification"]
    assert len(spoken) == 2
    for call in spoken:
        assert call["data"]["push"]["interruption-level"] == "critical"
        assert call["data"]["push"]["sound"]["critical"] == 1
        assert (call["data"]["ttl"], call["data"]["priority"]) == (0, "high")
        assert call["data"]["channel"] == "alarm_stream"
        assert not re.search("cramp|muscle|contraction|seizure|leg", call["title"] + call["message"])


def test_the_phones_button_presses_the_sensors_only_for_the_alarm_that_it_showed(
    blueprint: dict[str, Any],
) -> None:
    (guarded,) = [
        one
        for one in mappings(blueprint["actions"], "then")
        if any(isinstance(step, dict) and step.get("action") == "button.press" for step in one["then"])
    ]
    press = next(step for step in guarded["then"] if step.get("action") == "button.press")
    assert press["target"]["entity_id"] == Input("acknowledge")
    for shown, pressed in (("a.1", "True"), ("a.2", "False"), (None, "False")):
        found = rendered(
            guarded["if"],
            state_attr=lambda _entity, _name, shown=shown: shown,
            acknowledge_entity="button.a",
            alarm_id="a.1",
        )
        assert found == pressed
    (offered,) = [one["actions"] for one in mappings(blueprint["actions"], "actions")]
    (awaited,) = mappings(blueprint["actions"], "event_type")
    assert offered[0]["action"] == awaited["event_data"]["action"] == "{{ action_ack }}"
    assert awaited["event_type"] == "mobile_app_notification_action"
