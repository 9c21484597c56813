"""The topics of the MQTT contract, version 1: ``crampwatch/1/<sensor>/<name>``.

What goes out goes through `Topics`, so nothing can be published outside a sensor's own branch; what comes in
goes through `parse_topic`, so a name that is not ours is never taken for one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple, cast, get_args

VERSION = 1
PREFIX = f"crampwatch/{VERSION}"
# Below it, a role and what it asks for.
COMMAND = "command"
_COMMAND_LEVELS = 6
# Of what is no topic or id, as much is told, characters.
_SHOWN = 80
# Home Assistant's own: where it says that it has started, and where devices are described to it (its MQTT discovery).
HOME_ASSISTANT_STATUS = "homeassistant/status"

Name = Literal["availability", "state", "heartbeat", "event", "alarm", "receipt", "levels", "wave", "logged"]

_ID = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)


class TopicError(ValueError):
    """A sensor id, or a topic's name, that the contract does not know."""


class Delivery(NamedTuple):
    """How the messages of a topic travel."""

    qos: int
    retained: bool


DELIVERY: Mapping[Name, Delivery] = MappingProxyType(
    {
        "availability": Delivery(qos=1, retained=True),
        "state": Delivery(qos=1, retained=True),
        "heartbeat": Delivery(qos=0, retained=False),
        "event": Delivery(qos=1, retained=False),
        "alarm": Delivery(qos=1, retained=False),
        "receipt": Delivery(qos=1, retained=False),
        "levels": Delivery(qos=0, retained=False),
        "wave": Delivery(qos=0, retained=False),
        # Written by the night log; everything else by the monitor.
        "logged": Delivery(qos=1, retained=True),
    }
)


@dataclass(frozen=True, slots=True)
class Topics:
    """The branch of one sensor.

    >>> Topics("left-calf").event
    'crampwatch/1/left-calf/event'

    Raises:
        TopicError: the id does not match ``^[a-z0-9-]{1,32}$``.
    """

    sensor_id: str

    def __post_init__(self) -> None:
        """Refuse an id that could leave the branch, such as one with ``/``, ``+`` or ``#``."""
        if not _ID.fullmatch(self.sensor_id):
            raise TopicError(
                f"sensor id: expected 1 to 32 of the characters a-z, 0-9 and '-', got {self.sensor_id[:_SHOWN]!r}; "
                "rename the sensor in the settings"
            )

    def of(self, name: Name) -> str:
        """Return the full topic of ``name``.

        Raises:
            TopicError: the contract has no such name.
        """
        return f"{PREFIX}/{self.sensor_id}/{_known(name)}"

    @property
    def availability(self) -> str:
        """``online`` or, by last will, ``offline``."""
        return self.of("availability")

    @property
    def state(self) -> str:
        """How things stand now."""
        return self.of("state")

    @property
    def heartbeat(self) -> str:
        """One sign of life a second."""
        return self.of("heartbeat")

    @property
    def event(self) -> str:
        """Every revision of every contraction."""
        return self.of("event")

    @property
    def alarm(self) -> str:
        """Every change of every alarm."""
        return self.of("alarm")

    @property
    def receipt(self) -> str:
        """Who was told or shown what, when."""
        return self.of("receipt")

    @property
    def levels(self) -> str:
        """What live pages draw."""
        return self.of("levels")

    @property
    def wave(self) -> str:
        """Raw chunks while somebody looks."""
        return self.of("wave")

    @property
    def logged(self) -> str:
        """The night log's answer: how far it has come."""
        return self.of("logged")


def home_assistant_topic(device: str) -> str:
    """Return where a device, or ``+`` for every device, is described to Home Assistant."""
    return f"homeassistant/device/{device}/config"


def every_command(sensor_id: str) -> str:
    """Return the filter that subscribes to what people ask of a sensor, in every role."""
    return f"{PREFIX}/{Topics(sensor_id).sensor_id}/{COMMAND}/+/+"


def command_topic(sensor_id: str, role: str, name: str) -> str:
    """Return the topic on which a role asks a sensor for something; the role is in it so that an ACL can hold it.

    Raises:
        TopicError: role or name could leave its place in the topic.
    """
    for part in (role, name):
        if not _ID.fullmatch(part):
            raise TopicError(
                f"command: expected a role and a name of a-z, 0-9 and '-', got {part[:_SHOWN]!r}"
            )
    return f"{PREFIX}/{Topics(sensor_id).sensor_id}/{COMMAND}/{role}/{name}"


def parse_command_topic(topic: str) -> tuple[str, str, str]:
    """Return the sensor, the role and the name of a command's topic.

    Raises:
        TopicError: it is no command's.
    """
    # No further than it matters: a topic may be 65,535 slashes.
    match topic.split("/", _COMMAND_LEVELS):
        case [first, version, sensor_id, "command", role, name] if f"{first}/{version}" == PREFIX and all(
            _ID.fullmatch(part) for part in (sensor_id, role, name)
        ):
            return sensor_id, role, name
    raise TopicError(f"topic: expected {PREFIX}/<sensor>/{COMMAND}/<role>/<name>, got {topic[:_SHOWN]!r}")


def every_sensor(name: Name) -> str:
    """Return the filter that subscribes to ``name`` of all sensors."""
    return f"{PREFIX}/+/{_known(name)}"


def parse_topic(topic: str) -> tuple[Topics, Name]:
    """Return the branch and the name that a received topic stands for.

    Raises:
        TopicError: it is none of this contract's.
    """
    branch, _, name = topic.rpartition("/")
    prefix, _, sensor_id = branch.rpartition("/")
    if prefix != PREFIX:
        raise TopicError(f"topic: expected {PREFIX}/<sensor>/<name>, got {topic[:_SHOWN]!r}")
    return Topics(sensor_id), _known(name)


def _known(name: str) -> Name:
    if name not in DELIVERY:
        raise TopicError(f"topic name: expected one of {', '.join(get_args(Name))}, got {name[:_SHOWN]!r}")
    return cast("Name", name)
