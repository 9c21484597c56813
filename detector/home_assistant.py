"""What Home Assistant is told of a sensor, so that it shows it without being configured. Pure.

One retained message describes the device and all its entities (MQTT device discovery, Home Assistant 2024.11 and
later); everything else it takes from the topics that are there anyway. Templates are Home Assistant's (Jinja).

- Silence is said: entities become unavailable 90 s after the last `state`, and at once where the monitor has gone or
  what the broker kept is no longer valid.
- A button answers the alarm that Home Assistant was told of last, by its id: one pressed too late answers nothing else.
- Templates take every key by ``get``, so that one that is missing is no error in its log.
"""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from detector.alarms.values import Stage as AlarmStage
from detector.messages import Message
from detector.monitor_state import Stage
from detector.roles import CommandName
from detector.topics import Topics, command_topic
from detector.types import Alert, Phase

# After three `state` messages that did not come nothing is known any more, s.
EXPIRE_AFTER_S = 90
# What is older is for the night log, not for a lamp or a phone (ALARMS I8), s.
_STALE_S = 600
_SNOOZE_MINUTES = 10
_STANDBY_MINUTES = 60
_QOS = 1

Component = dict[str, Any]

_ALERTS: Sequence[Alert] = ("cramp", "clonic", "tonic_clonic")
_NOW = "as_timestamp(now())"
_IS_VALID = f"as_timestamp(value_json.get('valid_until'), 0) > {_NOW}"


def device_id(sensor_id: str) -> str:
    """Return what Home Assistant calls a sensor."""
    return f"crampwatch_{Topics(sensor_id).sensor_id}"


def discovery_message(sensor_id: str, *, version: str) -> Message:
    """Return the description of a sensor.

    Args:
        sensor_id: Whose.
        version: Of crampwatch.
    """
    topics = Topics(sensor_id)
    components = {**_binary_sensors(topics), **_sensors(topics), **_events(topics), **_buttons(topics)}
    device = device_id(sensor_id)
    for key, component in components.items():
        component |= {"unique_id": f"{device}_{key}", "qos": _QOS}
    return {
        "device": {
            "identifiers": [device],
            "name": f"Crampwatch {sensor_id.replace('-', ' ')}",
            "manufacturer": "crampwatch",
            "model": "Calf EMG monitor",
            "sw_version": version,
        },
        "origin": {"name": "crampwatch", "sw_version": version},
        "availability": [
            {"topic": topics.availability},
            {
                "topic": topics.state,
                "value_template": f"{{{{ 'online' if {_IS_VALID} else 'offline' }}}}",
            },
        ],
        "availability_mode": "all",
        "components": components,
    }


def _binary_sensors(topics: Topics) -> dict[str, Component]:
    said = {"platform": "binary_sensor", "state_topic": topics.state, "expire_after": EXPIRE_AFTER_S}
    return {
        # Neither "problem" nor "safety": their words are the wrong ones for a cramp.
        "cramp": {
            **said,
            "name": "Cramp",
            "icon": "mdi:shoe-sneaker",
            "value_template": _key("cramp"),
            **_attributes(topics, "event_id", "since", "site", "certainty", "confidence", "reason"),
        },
        "rhythmic": {
            **said,
            "name": "Rhythmic contractions",
            "icon": "mdi:sine-wave",
            "value_template": _key("rhythmic"),
        },
        "armed": {
            **said,
            "name": "Armed",
            "device_class": "running",
            "value_template": "{{ 'ON' if value_json.get('system') == 'armed' else 'OFF' }}",
        },
        "trouble": {
            **said,
            "name": "Technical trouble",
            "device_class": "problem",
            "value_template": "{{ 'ON' if value_json.get('degraded') else 'OFF' }}",
            **_attributes(topics, "conditions"),
        },
    }


def _sensors(topics: Topics) -> dict[str, Component]:
    said = {"platform": "sensor", "state_topic": topics.state, "expire_after": EXPIRE_AFTER_S}
    # Home Assistant's own word for "not known" is None; its states have no other.
    contact = (
        "{{ value_json.get('contact') if value_json.get('contact') in ['good', 'poor', 'off'] else None }}"
    )
    coverage = (
        "{{ None if value_json.get('coverage') is none else (value_json.get('coverage') * 100) | round(1) }}"
    )
    sensors: dict[str, Component] = {
        "alarm": {
            "name": "Alarm",
            "icon": "mdi:bell-ring",
            "device_class": "enum",
            "options": list(get_args(Stage)),
            "value_template": _key("stage"),
            **_attributes(topics, "alarm_id", "alarm_title", "alarm_priority", "alarm_answered"),
        },
        "signal": {
            "name": "Electrode contact",
            "icon": "mdi:sticker-check-outline",
            "device_class": "enum",
            "options": ["good", "poor", "off"],
            "value_template": contact,
        },
        "battery": {
            "name": "Battery",
            "device_class": "battery",
            "state_class": "measurement",
            "unit_of_measurement": "%",
            "entity_category": "diagnostic",
            "value_template": _key("battery"),
        },
        "coverage": {
            "name": "Usable signal tonight",
            "icon": "mdi:percent",
            "state_class": "measurement",
            "unit_of_measurement": "%",
            "entity_category": "diagnostic",
            "value_template": coverage,
        },
        "cramps_tonight": {
            "name": "Cramps tonight",
            "icon": "mdi:counter",
            "state_class": "total_increasing",
            "value_template": _key("cramps_tonight"),
        },
        "last_cramp": {
            "name": "Last cramp",
            "device_class": "timestamp",
            "value_template": _key("last_cramp"),
        },
        "last_duration": {
            "name": "Last cramp length",
            "device_class": "duration",
            "state_class": "measurement",
            "unit_of_measurement": "s",
            "value_template": _key("last_duration_s"),
        },
        "standby_until": {
            "name": "Standby until",
            "device_class": "timestamp",
            "value_template": _key("standby_until"),
        },
    }
    return {key: {**said, **component} for key, component in sensors.items()}


def _events(topics: Topics) -> dict[str, Component]:
    """Return what happens once: what is resent late, or tells nothing new, is no event."""
    is_cramp = f"value_json.get('alert') in {list(_ALERTS)}"
    is_fresh = f"as_timestamp(value_json.get('issued_at'), 0) > {_NOW} - {_STALE_S}"
    contraction = _chosen(
        *("id", "revision", "site", "onset_at", "duration_s", "confidence", "quality", "reason")
    )
    alarm = _chosen("id", "revision", "code", "title", "priority", "site", "acked_by", "who", "why")
    return {
        "contraction": {
            "platform": "event",
            "name": "Contraction",
            "icon": "mdi:pulse",
            "state_topic": topics.event,
            "event_types": [f"{alert}_{phase}" for alert in _ALERTS for phase in get_args(Phase)],
            "value_template": _event(
                f"{is_cramp} and {is_fresh}",
                "value_json.get('alert') ~ '_' ~ value_json.get('phase')",
                contraction,
            ),
        },
        "alarm_change": {
            "platform": "event",
            "name": "Alarm change",
            "icon": "mdi:bell-cog",
            "state_topic": topics.alarm,
            "event_types": list(get_args(AlarmStage)),
            "value_template": _event(
                f"value_json.get('was') != value_json.get('stage') and {_IS_VALID}",
                "value_json.get('stage')",
                alarm,
            ),
        },
    }


def _buttons(topics: Topics) -> dict[str, Component]:
    sensor_id = topics.sensor_id
    return {
        "ack": {
            **_button(sensor_id, "ack", "Acknowledge alarm", "mdi:check"),
            **_attributes(topics, "alarm_id"),
        },
        "snooze": {
            **_button(
                sensor_id,
                "snooze",
                f"Snooze alarm {_SNOOZE_MINUTES} minutes",
                "mdi:alarm-snooze",
                minutes=_SNOOZE_MINUTES,
            ),
            **_attributes(topics, "alarm_id"),
        },
        "standby": _button(
            sensor_id,
            "standby",
            "Standby for an hour",
            "mdi:pause",
            minutes=_STANDBY_MINUTES,
        ),
    }


def _button(
    sensor_id: str, name: CommandName, label: str, icon: str, *, minutes: int | None = None
) -> Component:
    """Return a button whose press is the message that `detector.commands` reads."""
    parts = {
        "version": "1",
        "id": "'home-assistant ' ~ utcnow().isoformat()",
        "who": "'Home Assistant'",
        "place": "'Home Assistant'",
        "at": "utcnow().isoformat()",
    }
    if minutes is not None:
        parts["minutes"] = str(minutes)
    if name != "standby":
        # Of the button itself, whatever it has been renamed to.
        parts["occurrence_id"] = "this.attributes.get('alarm_id')"
    return {
        "platform": "button",
        "name": label,
        "icon": icon,
        "retain": False,
        "command_topic": command_topic(sensor_id, "home-assistant", name),
        "command_template": f"{{{{ {_dict(parts)} | to_json }}}}",
    }


def _key(key: str) -> str:
    return f"{{{{ value_json.get('{key}') }}}}"


def _attributes(topics: Topics, *keys: str) -> Component:
    """Return what makes keys of `state` attributes: few, since each change of one is kept in its history."""
    return {
        "json_attributes_topic": topics.state,
        "json_attributes_template": f"{{{{ {_chosen(*keys)} | to_json }}}}",
    }


def _event(condition: str, event_type: str, attributes: str) -> str:
    chosen = f"dict({attributes}, event_type={event_type})"
    return f"{{% if {condition} %}}{{{{ {chosen} | to_json }}}}{{% endif %}}"


def _chosen(*keys: str) -> str:
    return _dict({key: f"value_json.get('{key}')" for key in keys})


def _dict(parts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"'{key}': {value}" for key, value in parts.items()) + "}"
