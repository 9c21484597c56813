"""All machines of one sensor, made as their conditions are first met; none sees another."""

from collections.abc import Iterator, Mapping
from typing import Any

from detector.alarms import snapshots
from detector.alarms.conditions import CONDITIONS
from detector.alarms.machine import Machine
from detector.alarms.values import AlarmChange, AlarmCode, AlarmError, Moment, Observation, Occurrence

Key = tuple[AlarmCode, str]
# What holds now, by code, or by code and key where several of a code can stand.
Holding = Mapping[AlarmCode, Observation] | Mapping[Key, Observation] | Mapping[AlarmCode | Key, Observation]


class Machines:
    """The machines by (code, key).

    Args:
        sensor: Whose they are.

    Attributes:
        count: How many occurrences there have been; makes their ids.
    """

    def __init__(self, sensor: str) -> None:
        self.sensor = sensor
        self.count = 0
        self._by_key: dict[Key, Machine] = {}

    def __iter__(self) -> Iterator[Machine]:
        return iter(self._by_key.values())

    @property
    def keys(self) -> tuple[Key, ...]:
        """What has been met so far."""
        return tuple(self._by_key)

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """Every occurrence that stands."""
        return tuple(machine.occurrence for machine in self if machine.occurrence is not None)

    def of(self, key: Key) -> Machine:
        """Return the machine of a condition."""
        if key not in self._by_key:
            self._by_key[key] = Machine(CONDITIONS[key[0]], key[1], self.sensor, self._new_id)
        return self._by_key[key]

    def holding(self, occurrence_id: str) -> Machine | None:
        """Return the machine that an occurrence stands in; None if it is over, or of another sensor."""
        found = (item for item in self if item.occurrence is not None and item.occurrence.id == occurrence_id)
        return next(found, None)

    def tick(self, at: Moment) -> list[AlarmChange]:
        """Do what is due in each."""
        return [change for machine in self for change in machine.tick(at)]

    def were_unwatched(self, seconds: float, at: Moment) -> list[AlarmChange]:
        """Take note in each that for so long nobody watched."""
        return [change for machine in self for change in machine.was_unwatched(seconds, at)]

    def rest(self, who: str, at: Moment) -> list[AlarmChange]:
        """Close what stands at the beginning of standby; what still holds at its end begins anew."""
        return [change for machine in self for change in machine.rest(who, at)]

    def snapshot(self, now_s: float) -> dict[str, Any]:
        """Return all of them as JSON can hold it."""
        return {"count": self.count, "machines": [snapshots.of_machine(machine, now_s) for machine in self]}

    def load(self, saved: Mapping[str, Any], shift: float) -> None:
        """Take over what `snapshot` returned, its times moved by ``shift``."""
        self.count = int(saved["count"])
        for one in saved["machines"]:
            machine = snapshots.machine_of(one, self.sensor, self._new_id, shift)
            self._by_key[machine.condition.code, machine.key] = machine

    def _new_id(self, at: Moment) -> str:
        self.count += 1
        return f"{self.sensor}.{at.wall:%Y%m%dT%H%M%S}.{self.count}"


def key_of(name: AlarmCode | Key) -> Key:
    """Return a code with its key; where one of a code is all there can be, the key is empty.

    Raises:
        AlarmError: the code is in no table.
    """
    code, key = (name, "") if isinstance(name, str) else name
    if code not in CONDITIONS:
        raise AlarmError(f"condition: expected one of {', '.join(CONDITIONS)}, got {code!r}")
    return code, key
