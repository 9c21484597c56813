"""Home Assistant as far as the tests need it: its templates, what a message makes of an entity, and its buttons.

Templates are rendered by Jinja's sandbox with the functions of Home Assistant that ours use, written from its
documentation; a name that is not among them is an error here as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from detector.home_assistant import discovery_message

SCHEMA = json.loads((Path(__file__).parent / "home_assistant_discovery.json").read_text(encoding="utf-8"))
ANYTHING = object()


def templates(now: Callable[[], datetime]) -> ImmutableSandboxedEnvironment:
    """Return Home Assistant's templates, as far as ours need them."""
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    environment.filters["to_json"] = lambda value: json.dumps(value, allow_nan=False)

    def as_timestamp(value: object, default: object = ANYTHING) -> object:
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            return moment.timestamp()
        except ValueError:
            if default is ANYTHING:
                raise
            return default

    environment.globals |= {
        "as_timestamp": as_timestamp,
        "now": now,
        "utcnow": lambda: now().astimezone(UTC),
        "timedelta": timedelta,
    }
    return environment


@dataclass
class House:
    """A Home Assistant that has been told of a sensor.

    Attributes:
        discovery: What it was told.
        now: Its clock.
        attributes: Of each component, by its key.
    """

    discovery: Mapping[str, Any]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, sensor_id: str, now: Callable[[], datetime]) -> House:
        return cls(discovery_message(sensor_id, version="1.0"), now)

    def component(self, key: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.discovery["components"][key]
        return found

    def render(self, template: str, **values: object) -> str:
        return templates(self.now).from_string(template).render(values).strip()

    def hear(self, topic: str, payload: bytes) -> None:
        """Take a message: what is an attribute of an entity is kept."""
        for key, component in self.discovery["components"].items():
            if component.get("json_attributes_topic") == topic:
                told = self.render(component["json_attributes_template"], value_json=json.loads(payload))
                self.attributes[key] = json.loads(told)

    def value(self, key: str, message: Mapping[str, Any]) -> str:
        """Return the state that a message gives an entity."""
        return self.render(self.component(key)["value_template"], value_json=message)

    def event(self, key: str, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the event that a message is, if it is one."""
        rendered = self.value(key, message)
        return json.loads(rendered) if rendered else None

    def is_available(self, availability: bytes, state: Mapping[str, Any]) -> bool:
        """Tell whether the entities are, by both of its messages."""
        by_monitor, by_state = self.discovery["availability"]
        assert self.discovery["availability_mode"] == "all"
        assert set(by_monitor) == {"topic"}
        said = self.render(by_state["value_template"], value_json=state)
        return availability == b"online" and said == "online"

    def press(self, key: str) -> tuple[str, bytes]:
        """Return what a press of a button publishes, and where."""
        component = self.component(key)
        this = SimpleNamespace(attributes=self.attributes.get(key, {}))
        return component["command_topic"], self.render(component["command_template"], this=this).encode()
