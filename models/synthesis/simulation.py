"""Whole nights in one call."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from models.synthesis.classes import EVENT_RANGES, SHIFTED_EVENT_RANGES, PlannedEvent, checked
from models.synthesis.errors import PlanError
from models.synthesis.night import PERSON_BRANCH, PLAN_BRANCH, Night, branch
from models.synthesis.person import PERSON_RANGES, SHIFTED_PERSON_RANGES, Person
from models.synthesis.planning import NIGHT_KINDS, SECONDS_PER_HOUR, plan_night
from models.synthesis.ranges import Ranges
from models.synthesis.scenes import demo
from models.synthesis.sensor import SensorModel

Population = Literal["usual", "shifted"]

POPULATIONS = {
    "usual": (PERSON_RANGES, EVENT_RANGES),
    # Parameters outside the usual ranges: what a detector made with the usual ones has not been shown.
    "shifted": (SHIFTED_PERSON_RANGES, SHIFTED_EVENT_RANGES),
}
# Names that a night's scene can have.
SCENES = ("demo", *NIGHT_KINDS)
# Longest night, hours: a recording's counters and a reader's patience.
LONGEST_HOURS = 72.0


def simulate_night(
    hours: float,
    seed: int,
    *,
    scene: str | Sequence[PlannedEvent] = "ordinary",
    sensor: SensorModel | None = None,
    person: Person | None = None,
    population: Population = "usual",
) -> Night:
    """Return a night to stream.

    Args:
        hours: How long it is, by the sensor's clock.
        seed: Everything that is not given follows from it: the same seed gives the same bytes.
        scene: ``ordinary``, ``adversarial``, ``enriched``, ``still``, ``demo``, or the events themselves.
        sensor: What is worn; a good 1-kHz sensor if None.
        person: Who sleeps; drawn from the seed if None.
        population: Where people and events are drawn from: ``usual``, or ``shifted`` beyond the usual ranges.

    Raises:
        PlanError: the length, the scene or an event of it is impossible.
    """
    if not 0.0 < hours <= LONGEST_HOURS:
        raise PlanError(
            f"synthetic night: expected more than 0 and at most {LONGEST_HOURS:g} hours, got {hours:g}"
        )
    if seed < 0:
        raise PlanError(f"synthetic night: expected a seed of 0 or more, got {seed}")
    person_ranges, event_ranges = POPULATIONS[population]
    person = person or Person.sample(
        np.random.default_rng(branch(seed, PERSON_BRANCH)), person_ranges, f"{population}-{seed}"
    )
    duration_s = hours * SECONDS_PER_HOUR
    if isinstance(scene, str):
        rng = np.random.default_rng(branch(seed, PLAN_BRANCH))
        plan = planned(scene, duration_s, person, event_ranges, rng)
    else:
        plan = sorted(scene, key=lambda event: event.onset_s)
    for event in plan:
        checked(event, event_ranges)
    return Night(seed, duration_s, person, sensor or SensorModel(), tuple(plan), event_ranges)


def simulate_event(
    name: str,
    duration_s: float,
    seed: int,
    *,
    parameters: Mapping[str, float] | None = None,
    rest_s: tuple[float, float] = (30.0, 15.0),
    sensor: SensorModel | None = None,
    person: Person | None = None,
) -> Night:
    """Return a short stretch in which one thing happens.

    Args:
        name: A class of ``EVENT_CLASSES``.
        duration_s: How long it lasts.
        seed: Everything that is not given follows from it.
        parameters: Values that replace the class's draws.
        rest_s: Rest before it (in which a cramp's precursor falls) and after it.
        sensor: What is worn; a good 1-kHz sensor if None.
        person: Who wears it; drawn from the seed if None.

    Raises:
        PlanError: the event is impossible.
    """
    before_s, after_s = rest_s
    event = PlannedEvent(before_s, name, duration_s, parameters or {})
    hours = (before_s + duration_s + after_s) / SECONDS_PER_HOUR
    return simulate_night(hours, seed, scene=[event], sensor=sensor, person=person)


def planned(
    scene: str, duration_s: float, person: Person, ranges: Mapping[str, Ranges], rng: np.random.Generator
) -> list[PlannedEvent]:
    """Return the plan of a scene by name.

    Raises:
        PlanError: there is no scene of that name.
    """
    if scene == "demo":
        return demo(duration_s, rng)
    if scene not in NIGHT_KINDS:
        raise PlanError(f"synthetic night: expected a scene of {', '.join(SCENES)}; got {scene!r}")
    return plan_night(NIGHT_KINDS[scene], duration_s, person, ranges, rng)
