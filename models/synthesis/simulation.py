"""Whole nights in one call."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from models.synthesis.classes import PlannedEvent
from models.synthesis.errors import PlanError
from models.synthesis.night import PERSON_BRANCH, PLAN_BRANCH, Night, branch
from models.synthesis.person import Person
from models.synthesis.sensor import SensorModel

SECONDS_PER_HOUR = 3600.0

Planner = Callable[[float, Person, np.random.Generator], list[PlannedEvent]]


def calm(duration_s: float, person: Person, rng: np.random.Generator) -> list[PlannedEvent]:  # noqa: ARG001
    """Return a night of movements with a few cramps and clonic runs."""
    plan: list[PlannedEvent] = []
    at = 60.0
    names = ["leg_movement", "turn_over", "hold", "gait", "hum", "cramp", "clonic", "drop_out"]
    odds = np.array([40, 10, 3, 1, 1, 1, 1, 1]) / 58
    while at < duration_s:
        name = names[int(rng.choice(len(names), p=odds))]
        plan.append(PlannedEvent(at, name))
        at += 60.0 + float(rng.exponential(120.0))
    return plan


def demo(duration_s: float, person: Person, rng: np.random.Generator) -> list[PlannedEvent]:  # noqa: ARG001
    """Return a night compressed to minutes, again and again with variation."""
    rows: tuple[tuple[float, str, float, Mapping[str, float]], ...] = (
        (20.0, "cramp", 45.0, {"level": 0.45, "rise_s": 2.0, "fall_s": 6.0, "territory": 0.4}),
        (85.0, "leg_movement", 3.0, {"drive": 0.15}),
        (110.0, "turn_over", 8.0, {}),
        (140.0, "clonic", 14.0, {"rate_hz": 3.2, "end_rate_hz": 2.0, "drive": 0.5, "jerk_mg": 200.0}),
        (175.0, "drop_out", 4.0, {}),
        (200.0, "cramp", 40.0, {"level": 0.35, "rise_s": 3.0, "fall_s": 6.0}),
    )
    plan = []
    cycle = 0.0
    while cycle < duration_s:
        plan += [PlannedEvent(cycle + at, name, length, values) for at, name, length, values in rows]
        cycle += 270.0 + float(rng.uniform(0.0, 60.0))
    return plan


SCENES: Mapping[str, Planner] = {"ordinary": calm, "demo": demo}


def simulate_night(
    hours: float,
    seed: int,
    *,
    scene: str | Sequence[PlannedEvent] = "ordinary",
    person: Person | None = None,
    sensor: SensorModel | None = None,
) -> Night:
    """Return a night to stream.

    Args:
        hours: How long it is.
        seed: Everything not given follows from it.
        scene: A name of ``SCENES``, or the events themselves.
        person: Who sleeps; drawn from the seed if None.
        sensor: What is worn; a good 1-kHz sensor if None.

    Raises:
        PlanError: the scene is unknown.
    """
    duration_s = hours * SECONDS_PER_HOUR
    person = person or Person.sample(np.random.default_rng(branch(seed, PERSON_BRANCH)))
    if isinstance(scene, str):
        if scene not in SCENES:
            raise PlanError(f"scene: expected one of {sorted(SCENES)}, got {scene!r}")
        plan: Sequence[PlannedEvent] = SCENES[scene](
            duration_s, person, np.random.default_rng(branch(seed, PLAN_BRANCH))
        )
    else:
        plan = sorted(scene, key=lambda event: event.onset_s)
    return Night(seed, duration_s, person, sensor or SensorModel(), plan)
