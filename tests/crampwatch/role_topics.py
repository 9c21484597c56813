"""Topics on which it is tried what each role may say and hear: all of ours, and some that are nobody's."""

from __future__ import annotations

from detector.roles import COMMANDS
from detector.topics import DELIVERY, command_topic

EVERY_COMMAND = sorted(
    {(role, name) for role in (*COMMANDS, "stranger") for name in ("ack", "standby", "view", "label")}
)
TOPICS = sorted(
    [f"crampwatch/1/{sensor}/{name}" for sensor in ("left-calf", "alerter") for name in DELIVERY]
    + [command_topic("left-calf", role, name) for role, name in EVERY_COMMAND]
    + ["crampwatch/2/left-calf/event", "homeassistant/device/x/config", "homeassistant/status", "elsewhere"]
)
