"""Who may say and hear what on the broker: one table, from which the access list is made.

A role is a login of its own. The monitor believes a command by its topic, which names the role, and the broker lets
nobody write into another's. Nothing but a table: whoever adds a topic says here who may use it.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from detector.topics import COMMAND, DELIVERY, HOME_ASSISTANT_STATUS, PREFIX, Name, home_assistant_topic

Role = Literal["monitor", "alerter", "night-log", "dashboard", "caregiver", "home-assistant"]
CommandName = Literal[
    "ack", "going", "cannot", "snooze", "pause", "reset", "arm", "standby", "mode", "label", "test", "view"
]

_ALL_NAMES: tuple[Name, ...] = tuple(DELIVERY)
_ANSWERS: frozenset[CommandName] = frozenset({"ack", "going", "cannot", "snooze"})

# What each role may ask a sensor for. The dashboard speaks for whoever stands at its pages by the bed.
COMMANDS: Mapping[Role, frozenset[CommandName]] = {
    "dashboard": frozenset(
        {
            "ack",
            "snooze",
            "pause",
            "reset",
            "arm",
            "standby",
            "mode",
            "label",
            "test",
            "view",
            "going",
            "cannot",
        }
    ),
    "caregiver": _ANSWERS,
    "home-assistant": frozenset({"ack", "snooze", "standby"}),
    "alerter": frozenset({"ack", "going", "cannot"}),
}


# The alerter's own branch: it has alarms of its own, of monitors and brokers that are gone.
ALERTER_BRANCH = "alerter"


class Access(NamedTuple):
    """What a role may do with the topics of every sensor.

    Attributes:
        says: Topic names it publishes.
        hears: Topic names it subscribes to.
        says_of_itself: Topic names it publishes on the alerter's branch alone.
        hears_commands: Whether commands are for it.
        hears_asked: Names of the commands that are for it where not all are.
        says_elsewhere: Topic filters beyond ours that it publishes on.
        hears_elsewhere: Topic filters beyond ours that it subscribes to.
    """

    says: frozenset[Name] = frozenset()
    hears: frozenset[Name] = frozenset()
    says_of_itself: frozenset[Name] = frozenset()
    hears_commands: bool = False
    hears_asked: frozenset[CommandName] = frozenset()
    says_elsewhere: tuple[str, ...] = ()
    hears_elsewhere: tuple[str, ...] = ()


# What is written by one is written by no other; waveforms and levels are not a caregiver's business.
ACCESS: Mapping[Role, Access] = {
    "monitor": Access(
        # Receipts of what was asked of it.
        says=frozenset({"availability", "state", "heartbeat", "event", "alarm", "receipt", "levels", "wave"}),
        # Its own state, to notice another that speaks for the same sensor.
        hears=frozenset({"logged", "state"}),
        hears_commands=True,
        says_elsewhere=(home_assistant_topic("+"),),
        hears_elsewhere=(HOME_ASSISTANT_STATUS,),
    ),
    "alerter": Access(
        says=frozenset({"receipt"}),
        hears=frozenset({"availability", "state", "heartbeat", "event", "alarm", "receipt"}),
        says_of_itself=frozenset({"availability", "heartbeat", "alarm"}),
        hears_commands=True,
    ),
    "night-log": Access(
        says=frozenset({"logged"}), hears=frozenset(_ALL_NAMES), hears_asked=frozenset({"label"})
    ),
    "dashboard": Access(hears=frozenset(_ALL_NAMES)),
    "caregiver": Access(hears=frozenset({"availability", "state", "heartbeat", "alarm", "receipt"})),
    "home-assistant": Access(
        hears=frozenset({"availability", "state", "heartbeat", "event", "alarm", "receipt"}),
        says_elsewhere=(HOME_ASSISTANT_STATUS,),
        hears_elsewhere=(home_assistant_topic("+"),),
    ),
}


def said_by(role: Role) -> list[str]:
    """Return the topic filters that a role may publish on."""
    access = ACCESS[role]
    names = [f"{PREFIX}/+/{name}" for name in _ALL_NAMES if name in access.says]
    names += [f"{PREFIX}/{ALERTER_BRANCH}/{name}" for name in _ALL_NAMES if name in access.says_of_itself]
    names += [f"{PREFIX}/+/{COMMAND}/{role}/{name}" for name in sorted(COMMANDS.get(role, ()))]
    return [*names, *access.says_elsewhere]


def heard_by(role: Role) -> list[str]:
    """Return the topic filters that a role may subscribe to."""
    names = [f"{PREFIX}/+/{name}" for name in _ALL_NAMES if name in ACCESS[role].hears]
    names += [f"{PREFIX}/+/{COMMAND}/+/+"] if ACCESS[role].hears_commands else []
    names += [f"{PREFIX}/+/{COMMAND}/+/{name}" for name in sorted(ACCESS[role].hears_asked)]
    return [*names, *ACCESS[role].hears_elsewhere]
