"""Nights of many people, each with a sensor of their own: what a detector is made with, and what it is tried on.

People are drawn apart from their nights, so that whoever is learnt from and whoever is tested on are never the same.
"""

from collections.abc import Iterator

import numpy as np

from models.synthesis.night import Night, branch
from models.synthesis.person import Person
from models.synthesis.sensor import SensorModel
from models.synthesis.simulation import POPULATIONS, Population, simulate_night

# Branches of a person's seed, and the first of those of their nights.
PERSON_BRANCH, SENSOR_BRANCH, FIRST_NIGHT_BRANCH = range(3)
# A night's seed is cut to as many bits as every reader of numbers holds exactly.
SEED_BITS = 53


def cohort_nights(
    people: int,
    seed: int,
    *,
    nights: int = 1,
    hours: float = 8.0,
    scene: str = "ordinary",
    population: Population = "usual",
    sensor: SensorModel | None = None,
) -> Iterator[Night]:
    """Yield the nights of a cohort, person by person; ``night.person.name`` says whose each is.

    Args:
        people: How many.
        seed: Cohorts of different seeds have no person in common.
        nights: How many each.
        hours: Length of each night.
        scene: What kind of nights.
        population: Where people and events are drawn from.
        sensor: The make of sensor; noise, drift and errors of each are drawn.

    Raises:
        PlanError: the length or the scene is impossible.
    """
    for number in range(people):
        own = np.random.default_rng(branch(seed, number, PERSON_BRANCH))
        person = Person.sample(own, POPULATIONS[population][0], f"{population}-{seed}-{number}")
        worn = SensorModel.sample(np.random.default_rng(branch(seed, number, SENSOR_BRANCH)), sensor)
        for night in range(nights):
            state = branch(seed, number, FIRST_NIGHT_BRANCH + night).generate_state(1, np.uint64)[0]
            own_seed = int(state) >> (64 - SEED_BITS)
            yield simulate_night(
                hours, own_seed, scene=scene, sensor=worn, person=person, population=population
            )
