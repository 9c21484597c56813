"""Faults of the computer that each monitor finds for itself: people elsewhere are told of them once. Pure.

Two monitors on one computer see the same empty battery and the same broker that is away; the alerter sees the broker
as well. Each alarm stands by itself, on the page and at the bed; only one of them calls people elsewhere.
"""

from collections.abc import Iterable

from detector.alarms.machines import Key
from detector.alarms.values import Occurrence

# The broker, as a monitor and as the alerter name it.
_BROKER: Key = ("LINK_DOWN", "")
_ALERTERS_BROKER: Key = ("LINK_DOWN", "broker")
_OF_THE_COMPUTER: frozenset[Key] = frozenset({_BROKER, ("BATTERY", "host"), ("HOST_SLEPT", "")})


def told_by_another(monitors: Iterable[Occurrence], own: Iterable[Occurrence]) -> frozenset[str]:
    """Return the ids of alarms that need call nobody, since another one of the same fault does.

    Args:
        monitors: What stands of every monitor.
        own: What stands of the alerter itself.
    """
    shared: dict[Key, list[Occurrence]] = {key: [] for key in _OF_THE_COMPUTER}
    shared[_BROKER] = [alarm for alarm in own if (alarm.code, alarm.key) == _ALERTERS_BROKER]
    for alarm in sorted(monitors, key=lambda alarm: (alarm.began.mono_s, alarm.id)):
        if (alarm.code, alarm.key) in shared:
            shared[alarm.code, alarm.key].append(alarm)
    return frozenset(alarm.id for same in shared.values() for alarm in same[1:])
