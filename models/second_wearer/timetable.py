"""Which scenes a night holds, and when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from models.second_wearer import scenes_movement, scenes_rhythm, scenes_tonic
from models.second_wearer.chance import happens
from models.second_wearer.person import Person
from models.second_wearer.scene import Scene

# What happens on different occasions lies at least this far apart, s: the scorer merges below 10 s, and its
# tolerance after an end is 10 s, too.
_APART_S = 25.0
# The resting level is known after so long; until then nothing happens that is asked for, s.
_LEAD_IN_S = 90.0


@dataclass(frozen=True, slots=True)
class Programme:
    """What to expect in an hour, or in a night where it says so.

    Attributes:
        per_hour: Scene to its expected number an hour.
        per_night: Scene to its expected number a night, whatever its length.
        exactly: Scene to its number a night.
        partners_per_hour: Movements of somebody else.
        trouble: How many episodes of each electrical trouble to expect a night.
    """

    per_hour: Mapping[str, float]
    per_night: Mapping[str, float]
    exactly: Mapping[str, int]
    partners_per_hour: float
    trouble: float


PROGRAMMES: Mapping[str, Programme] = {
    "ordinary": Programme(
        per_hour={"turn_over": 1.6, "small_movement": 5.0, "leg_movement": 3.0},
        per_night={
            "cramp": 0.4,
            "clonic": 0.02,
            "clonus": 0.01,
            "movement_series": 0.7,
            "foot_tremor": 0.5,
            "alternating": 0.3,
            "toe_point": 0.7,
            "stretch": 0.7,
            "gait": 0.5,
            "tremor": 0.2,
            "rocking": 0.05,
        },
        exactly={},
        partners_per_hour=1.5,
        trouble=0.5,
    ),
    "adversarial": Programme(
        per_hour={"small_movement": 4.0, "leg_movement": 3.0},
        per_night={"cramp": 0.7, "clonic": 0.2},
        exactly={
            "turn_over": 20,
            "gait": 5,
            "toe_point": 8,
            "stretch": 4,
            "movement_series": 4,
            "foot_tremor": 5,
            "alternating": 4,
            "tremor": 3,
            "rocking": 5,
        },
        partners_per_hour=4.0,
        trouble=4.0,
    ),
    "enriched": Programme(
        per_hour={
            "turn_over": 1.6,
            "small_movement": 4.0,
            "leg_movement": 3.0,
            "cramp": 4.0,
            "clonic": 1.2,
            "clonus": 0.7,
            "tonic_clonic": 0.5,
        },
        per_night={"toe_point": 0.5, "foot_tremor": 0.3},
        exactly={},
        partners_per_hour=1.5,
        trouble=0.3,
    ),
}


@dataclass(slots=True)
class _Author:
    """Draws one scene after another for a person."""

    rng: np.random.Generator
    person: Person
    rest_uv: float
    sequences: int = 0

    def scene(self, name: str) -> Scene:
        return _SCENES[name](self)

    def cramp(self) -> Scene:
        if happens(self.rng, scenes_tonic.COURSES["after turn"].share):
            return scenes_movement.cramp_after_turn(self.rng, self.person, self.rest_uv)
        names = [name for name, course in scenes_tonic.COURSES.items() if not course.after_turn]
        shares = np.array([scenes_tonic.COURSES[name].share for name in names])
        name = str(self.rng.choice(names, p=shares / shares.sum()))
        return scenes_tonic.cramp(self.rng, self.person, self.rest_uv, name)

    def tonic_clonic(self) -> Scene:
        self.sequences += 1
        return scenes_rhythm.tonic_clonic(self.rng, self.person, self.rest_uv, f"s{self.sequences}")


_SCENES: Mapping[str, Callable[[_Author], Scene]] = {
    "cramp": _Author.cramp,
    "clonic": lambda a: scenes_rhythm.clonic(a.rng, a.person, a.rest_uv),
    "clonus": lambda a: scenes_rhythm.clonus(a.rng, a.person, a.rest_uv),
    "tonic_clonic": _Author.tonic_clonic,
    "foot_tremor": lambda a: scenes_rhythm.foot_tremor(a.rng, a.person),
    "alternating": lambda a: scenes_rhythm.alternating(a.rng, a.person),
    "tremor": lambda a: scenes_rhythm.tremor(a.rng, a.rest_uv),
    "gait": lambda a: scenes_rhythm.gait(a.rng, a.person),
    "rocking": lambda a: scenes_rhythm.rocking(a.rng, a.person),
    "toe_point": lambda a: scenes_tonic.hold(a.rng, a.person, "toe_point"),
    "stretch": lambda a: scenes_tonic.hold(a.rng, a.person, "stretch"),
    "turn_over": lambda a: scenes_movement.turn_over(a.rng, a.person),
    "small_movement": lambda a: scenes_movement.small_movement(a.rng, a.person),
    "leg_movement": lambda a: scenes_movement.leg_movement(a.rng, a.person),
    "movement_series": lambda a: scenes_movement.movement_series(a.rng, a.person),
}


def draw_scenes(
    rng: np.random.Generator, programme: Programme, person: Person, rest_uv: float, length_s: float
) -> list[Scene]:
    """Return a night's scenes at their times. What no longer fits into the night is left out."""
    author = _Author(rng, person, rest_uv)
    hours = length_s / 3600.0
    names = [name for name, count in programme.exactly.items() for _ in range(count)]
    expected = {name: rate * hours for name, rate in programme.per_hour.items()}
    for name, mean in (*expected.items(), *programme.per_night.items()):
        names += [name] * int(rng.poisson(mean))
    rng.shuffle(names)
    placed = _placed(rng, [author.scene(name) for name in names], length_s)
    for _ in range(rng.poisson(programme.partners_per_hour * hours)):
        placed.append(scenes_movement.partner(rng).moved(rng.uniform(0.0, length_s - 20.0)))
    placed.append(scenes_movement.twitches(rng, person, length_s))
    return placed


def _placed(rng: np.random.Generator, scenes: list[Scene], length_s: float) -> list[Scene]:
    """Return the scenes one after another, with what is left of the night spread at random between them."""
    fitting, used_s = [], _LEAD_IN_S
    for scene in scenes:
        needed_s = scene.duration_s + _APART_S
        if used_s + needed_s <= length_s:
            fitting.append(scene)
            used_s += needed_s
    pauses_s = rng.dirichlet(np.ones(len(fitting) + 1)) * (length_s - used_s)
    placed, at_s = [], _LEAD_IN_S
    for scene, pause_s in zip(fitting, pauses_s[:-1], strict=True):
        at_s += pause_s
        placed.append(scene.moved(at_s))
        at_s += scene.duration_s + _APART_S
    return placed
