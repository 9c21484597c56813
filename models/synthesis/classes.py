"""The classes of event by name: what each is drawn from, and what makes an act of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from models.synthesis import cramps, faults, movements, rhythms
from models.synthesis.acts import Act, Setting
from models.synthesis.errors import PlanError
from models.synthesis.person import Person
from models.synthesis.ranges import EVENT_RANGES, Ranges

EVENT_CLASSES: Mapping[str, Callable[[Setting], Act]] = {
    "cramp": cramps.cramp,
    "clonic": rhythms.clonic,
    "gait": rhythms.gait,
    "leg_movement": movements.leg_movement,
    "hold": movements.hold,
    "turn_over": movements.turn_over,
    "hum": faults.hum,
    "drop_out": faults.drop_out,
}


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One row of a night's plan.

    Attributes:
        onset_s: When it begins, seconds from the night's start.
        name: A class of ``EVENT_CLASSES``.
        duration_s: How long; None draws it from the class's range.
        parameters: Values that replace the class's draws.
    """

    onset_s: float
    name: str
    duration_s: float | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)


def perform(
    event: PlannedEvent, person: Person, rng: np.random.Generator, ranges: Mapping[str, Ranges] = EVENT_RANGES
) -> Act:
    """Return what a planned event does to this person.

    Every parameter of the class is drawn, in the table's order, before the plan's own values replace some: fixing one
    leaves the others as they were.

    Raises:
        PlanError: the class or a parameter is unknown.
    """
    if event.name not in EVENT_CLASSES:
        raise PlanError(f"synthetic event: expected a class of {sorted(EVENT_CLASSES)}, got {event.name!r}")
    values = {name: draw.draw(rng) for name, draw in ranges[event.name].items()}
    unknown = sorted(set(event.parameters) - set(values) - {"line_hz"})
    if unknown:
        raise PlanError(
            f"synthetic event {event.name!r}: expected parameters {sorted(values)}, got {unknown[0]!r}"
        )
    values |= event.parameters
    if event.duration_s is not None:
        values["duration_s"] = event.duration_s
    return EVENT_CLASSES[event.name](Setting(person, event.onset_s, values, rng))
