"""The classes of event by name: what each is drawn from, and what makes an act of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from models.synthesis import convulsions, cramps, faults, movements, rhythms
from models.synthesis.acts import Act, Setting
from models.synthesis.errors import PlanError
from models.synthesis.person import Person
from models.synthesis.ranges import MUSCLE_RANGES, Ranges
from models.synthesis.sensor import SensorModel
from models.synthesis.shifted_ranges import shifted
from models.synthesis.surrounding_ranges import SURROUNDING_RANGES

EVENT_CLASSES: Mapping[str, Callable[[Setting], Act]] = {
    "cramp": cramps.cramp,
    "clonus": convulsions.clonus,
    "clonic": convulsions.clonic,
    "tonic_clonic": convulsions.tonic_clonic,
    "twitch": movements.twitch,
    "leg_movement": movements.leg_movement,
    "plm_series": movements.plm_series,
    "foot_tremor": rhythms.foot_tremor,
    "hflm": rhythms.hflm,
    "alternating": rhythms.alternating,
    "tremor": rhythms.tremor,
    "step": movements.step,
    "hold": movements.hold,
    "point_toe": movements.point_toe,
    "sway": rhythms.sway,
    "gait": rhythms.gait,
    "turn_over": movements.turn_over,
    "small_movement": movements.small_movement,
    "tone": movements.tone,
    "partner": faults.partner,
    "rocking": rhythms.rocking,
    "vibration": rhythms.vibration,
    "motion": faults.motion,
    "pop": faults.pop,
    "cable_tug": faults.cable_tug,
    "lift": faults.lift,
    "peel": faults.peel,
    "clipping": faults.clipping,
    "hum": faults.hum,
    "drift": faults.drift,
    "drop_out": faults.drop_out,
}

EVENT_RANGES: Mapping[str, Ranges] = {**MUSCLE_RANGES, **SURROUNDING_RANGES}
SHIFTED_EVENT_RANGES: Mapping[str, Ranges] = shifted(EVENT_RANGES)


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One row of a night's plan.

    Attributes:
        onset_s: When it begins, true seconds from the night's start; a cramp's precursor comes before.
        name: A class of ``EVENT_CLASSES``.
        duration_s: How long; None draws it from the class's range.
        parameters: Values that replace the class's draws (see ``EVENT_RANGES``).
    """

    onset_s: float
    name: str
    duration_s: float | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)


def perform(
    event: PlannedEvent,
    person: Person,
    sensor: SensorModel,
    ranges: Mapping[str, Ranges],
    rng: np.random.Generator,
) -> Act:
    """Return what a planned event does to this person and this sensor.

    Every parameter of the class is drawn, in the table's order, before the plan's own values replace some:
    fixing one leaves the others as they were.

    Raises:
        PlanError: the class or a parameter is unknown, or the event has no onset or no length.
    """
    values = {name: draw.draw(rng) for name, draw in checked(event, ranges).items()} | dict(event.parameters)
    if event.duration_s is not None:
        values["duration_s"] = event.duration_s
    return EVENT_CLASSES[event.name](Setting(person, sensor, event.onset_s, values, rng))


def checked(event: PlannedEvent, ranges: Mapping[str, Ranges] = EVENT_RANGES) -> Ranges:
    """Return the ranges of an event's class.

    Raises:
        PlanError: the class or a parameter is unknown, or the event has no onset or no length.
    """
    if event.name not in EVENT_CLASSES:
        raise PlanError(
            f"synthetic event at {event.onset_s} s: expected a class of {sorted(EVENT_CLASSES)}, "
            f"got {event.name!r}"
        )
    draws = ranges[event.name]
    for name in event.parameters:
        if name not in draws:
            raise PlanError(
                f"synthetic {event.name} at {event.onset_s} s: expected parameters of {sorted(draws)}, "
                f"got {name!r}"
            )
    duration_s = event.parameters.get("duration_s", 1.0) if event.duration_s is None else event.duration_s
    if not (0.0 <= event.onset_s < np.inf and 0.0 < duration_s < np.inf):
        raise PlanError(
            f"synthetic {event.name}: expected an onset of 0 s or later and a duration above 0 s, "
            f"got {event.onset_s} s and {duration_s} s"
        )
    return draws
