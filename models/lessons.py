"""Lessons: short synthetic nights in which a person goes through every class of event, for training alone.

An ordinary night is nearly all rest. A lesson holds each class about as often as any other, so that what is
learnt is how a class looks, not how often it comes. People, and the sensors they wear, are drawn from seeds;
those of different splits are never the same, and one split is of people and events outside the usual ranges.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.synthesis import SENSORS, Night, Person, PlannedEvent, SensorModel, simulate_night
from models.synthesis.night import branch
from models.synthesis.simulation import POPULATIONS, Population

# Branches of a lesson's seed.
PERSON_BRANCH, SENSOR_BRANCH, PLAN_BRANCH, NIGHT_BRANCH = range(4)
# Quiet between events, so that nothing of one is left in the windows of the next (the longest looks back 8 s).
QUIET_S = (12.0, 30.0)
# A cramp's precursor takes up to 80 s before it.
BEFORE_CRAMP_S = 85.0
# Longer events teach nothing new.
LONGEST_S = 60.0
# Rest before the first event: the resting level must settle.
SETTLING_S = 90.0
SECONDS_PER_HOUR = 3600.0
SEED_BITS = 53

# How often each class comes in a lesson: what must be told apart most surely, most often.
LESSON: Mapping[str, int] = {
    "cramp": 4,
    "clonic": 3,
    "clonus": 3,
    "tonic_clonic": 3,
    "hold": 2,
    "point_toe": 2,
    "sway": 1,
    "gait": 2,
    "foot_tremor": 3,
    "hflm": 3,
    "alternating": 3,
    "tremor": 2,
    "rocking": 2,
    "vibration": 1,
    "turn_over": 4,
    "small_movement": 3,
    "leg_movement": 5,
    "plm_series": 1,
    "step": 2,
    "twitch": 4,
    "motion": 2,
    "pop": 2,
    "cable_tug": 2,
    "hum": 1,
    "lift": 2,
    "peel": 1,
    "clipping": 1,
}
# What people wear, in turn: mostly the project's own board, and what else there is.
WORN = (
    "good",
    "good",
    "fine",
    "slow",
    "noisy",
    "good",
    "american",
    "coarse",
    "fast",
    "saturating",
    "slowest",
)


@dataclass(frozen=True, slots=True)
class Split:
    """A group of synthetic people of whom nobody belongs to another.

    Attributes:
        seed: Frozen: changing one gives other people, and another bundle.
        people: How many.
        population: Where they and their events are drawn from.
    """

    seed: int
    people: int
    population: Population = "usual"


SPLITS: Mapping[str, Split] = {
    "train": Split(710_001, 66),
    # Turns scores into probabilities; never learnt from.
    "calibration": Split(720_001, 33),
    # Chooses nothing: says how far the probabilities hold outside the usual ranges.
    "validation": Split(730_001, 33, "shifted"),
    "test": Split(740_001, 33),
}


def lesson(split: Split, number: int) -> Night:
    """Return the lesson of one person of a split."""
    person_ranges, event_ranges = POPULATIONS[split.population]
    rng = np.random.default_rng(branch(split.seed, number, PERSON_BRANCH))
    person = Person.sample(rng, person_ranges, f"{split.population}-{split.seed}-{number}")
    make = SENSORS[WORN[number % len(WORN)]]
    sensor = SensorModel.sample(np.random.default_rng(branch(split.seed, number, SENSOR_BRANCH)), make)
    plan_rng = np.random.default_rng(branch(split.seed, number, PLAN_BRANCH))
    names = [name for name, count in LESSON.items() for _ in range(count)]
    plan, at = [], SETTLING_S
    for place in plan_rng.permutation(len(names)).tolist():
        name = names[place]
        at += float(plan_rng.uniform(*QUIET_S)) + (BEFORE_CRAMP_S if name == "cramp" else 0.0)
        length_s = min(LONGEST_S, event_ranges[name]["duration_s"].draw(plan_rng))
        plan.append(PlannedEvent(at, name, length_s))
        at += length_s
    state = branch(split.seed, number, NIGHT_BRANCH).generate_state(1, np.uint64)[0]
    return simulate_night(
        (at + QUIET_S[1]) / SECONDS_PER_HOUR,
        int(state) >> (64 - SEED_BITS),
        scene=plan,
        sensor=sensor,
        person=person,
        population=split.population,
    )
