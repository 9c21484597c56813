"""Topics on which it is tried what each role may say and hear: all of ours, and some that are nobody's."""

from __future__ import annotations

from detector.roles import COMMANDS, Role, heard_by, said_by
from detector.topics import DELIVERY, command_topic

EVERY_COMMAND = sorted(
    {(role, name) for role in (*COMMANDS, "stranger") for name in ("ack", "standby", "view", "label")}
)
TOPICS = sorted(
    [f"crampwatch/1/{sensor}/{name}" for sensor in ("left-calf", "alerter") for name in DELIVERY]
    + [command_topic("left-calf", role, name) for role, name in EVERY_COMMAND]
    + ["crampwatch/2/left-calf/event", "homeassistant/device/x/config", "homeassistant/status", "elsewhere"]
)


def may_say(role: Role, topic: str) -> bool:
    """Tell whether a role may publish on a topic, by the table."""
    return _fits_any(topic, said_by(role))


def may_hear(role: Role, topic: str) -> bool:
    """Tell whether what is published on a topic reaches a role, by the table."""
    return _fits_any(topic, heard_by(role))


def _fits_any(topic: str, patterns: list[str]) -> bool:
    """Tell whether a topic fits a filter, of some whose only wildcards are whole levels."""
    return any(_fits(topic.split("/"), pattern.split("/")) for pattern in patterns)


def _fits(levels: list[str], wanted: list[str]) -> bool:
    return len(levels) == len(wanted) and all(
        want in {"+", level} for level, want in zip(levels, wanted, strict=True)
    )
