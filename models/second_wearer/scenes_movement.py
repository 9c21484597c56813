"""Sleepers move: turn-overs, small movements, leg movements in series, twitches, and the partner."""

from collections.abc import Sequence

import numpy as np

from models.second_wearer import shapes
from models.second_wearer.chance import bounded_log_normal, bounded_normal, happens, log_uniform
from models.second_wearer.noise import jostle, rough
from models.second_wearer.person import Person
from models.second_wearer.scene import Activation, Fact, Scene, Shake, Turn, peak_second_uv, together
from models.second_wearer.scenes_tonic import cramp


def turn_over(rng: np.random.Generator, person: Person) -> Scene:
    """Return a turn-over: 3 to 30 s of uneven muscle, a turn of 20 to 120 degrees, and jostling."""
    length_s = bounded_log_normal(rng, 7.0, 0.6, 3.0, 30.0)
    pieces = rng.integers(1, 5)
    envelope = np.zeros(len(shapes.grid(length_s)))
    for _ in range(pieces):
        piece = rng.uniform(0.3, 1.0) * shapes.plateau(length_s * rng.uniform(0.2, 0.9), 0.3, 0.5)
        first = int(rng.uniform(0.0, 1.0) * (len(envelope) - len(piece)))
        envelope[first : first + len(piece)] += piece
    envelope *= person.strongest_uv * log_uniform(rng, 0.05, 0.6) * rough(rng, len(envelope), 0.35)
    pitch_deg, roll_deg = rng.uniform(-10.0, 10.0), rng.uniform(20.0, 120.0) * rng.choice([-1.0, 1.0])
    turning_s = rng.uniform(0.8, 3.0)
    at_s = rng.uniform(0.0, max(0.1, 0.5 * (length_s - turning_s)))
    return Scene(
        length_s + 1.0,
        (Activation(0.0, envelope, "voluntary"),),
        (Turn(at_s, turning_s, pitch_deg, roll_deg),),
        (
            jostle(rng, 0.0, length_s, log_uniform(rng, 0.03, 0.2), (0.5, 6.0)),
            jostle(rng, at_s, turning_s + 1.0, log_uniform(rng, 0.1, 0.7), (0.5, 10.0)),
        ),
        (Fact(0.0, length_s, "leg_movement", "none", "turn_over", peak_uv=peak_second_uv(envelope)),),
    )


def cramp_after_turn(rng: np.random.Generator, person: Person, rest_uv: float) -> Scene:
    """Return a turn-over in whose last moments, or soon after which, a cramp begins."""
    turn = turn_over(rng, person)
    start_s = max(1.0, turn.duration_s + rng.uniform(-3.0, 8.0))
    return together([turn, cramp(rng, person, rest_uv, "after turn").moved(start_s)])


def small_movement(rng: np.random.Generator, person: Person) -> Scene:
    """Return a shift of the leg: a second or two, a few degrees."""
    length_s = log_uniform(rng, 0.7, 5.0)
    envelope = person.strongest_uv * log_uniform(rng, 0.02, 0.3) * shapes.plateau(length_s, 0.2, 0.3)
    envelope *= rough(rng, len(envelope), 0.25)
    fact = Fact(0.0, length_s, "leg_movement", "none", "small_movement", peak_uv=peak_second_uv(envelope))
    turn = Turn(0.0, min(1.5, length_s), rng.normal(0.0, 8.0), rng.normal(0.0, 8.0))
    shake = jostle(rng, 0.0, length_s, log_uniform(rng, 0.02, 0.3), (0.5, 8.0))
    return Scene(length_s + 0.5, (Activation(0.0, envelope, "voluntary"),), (turn,), (shake,), (fact,))


def leg_movement(rng: np.random.Generator, person: Person, name: str = "leg_movement") -> Scene:
    """Return a phasic leg movement, with or without anything for the accelerometer."""
    length_s = bounded_log_normal(rng, 3.0, 0.45, 0.6, 9.0)
    height_uv = max(person.strongest_uv * log_uniform(rng, 0.03, 0.4), 14.0)
    envelope = height_uv * shapes.plateau(length_s, rng.uniform(0.05, 0.3), rng.uniform(0.1, 0.6))
    envelope *= rough(rng, len(envelope), 0.2)
    fact = Fact(0.0, length_s, "leg_movement", "none", name, peak_uv=peak_second_uv(envelope))
    is_still = happens(rng, person.still_share)
    return Scene(
        length_s + 0.5,
        (Activation(0.0, envelope, "voluntary"),),
        () if is_still else _flexion(rng, length_s),
        () if is_still else _bump(rng, length_s),
        (fact,),
    )


def _flexion(rng: np.random.Generator, length_s: float) -> tuple[Turn, ...]:
    tilt_deg = rng.uniform(1.0, 15.0)
    quick_s = min(0.6, 0.5 * length_s)
    return Turn(0.0, quick_s, tilt_deg, 0.0), Turn(length_s - quick_s, quick_s, -tilt_deg, 0.0)


def _bump(rng: np.random.Generator, length_s: float) -> tuple[Shake, ...]:
    return (jostle(rng, 0.0, length_s, log_uniform(rng, 0.01, 0.2), (0.7, 10.0)),)


def movement_series(rng: np.random.Generator, person: Person) -> Scene:
    """Return periodic leg movements: 4 to 40, one every 25 s or so."""
    parts, at_s = [], 0.0
    for _ in range(int(log_uniform(rng, 4.0, 40.0))):
        parts.append(leg_movement(rng, person, "periodic_leg_movement").moved(at_s))
        at_s += bounded_normal(rng, 25.0, 8.0, 11.0, 80.0)
    return together(parts).lasting(at_s)


def twitches(rng: np.random.Generator, person: Person, length_s: float) -> Scene:
    """Return a night's fragmentary myoclonus: 75 to 150 ms each."""
    count = rng.poisson(person.twitches_per_hour * length_s / 3600.0)
    activations = []
    for onset_s in rng.uniform(0.0, length_s - 1.0, count):
        width_s = rng.uniform(0.075, 0.15)
        height = np.array([log_uniform(rng, 20.0, 0.4 * person.strongest_uv)])
        activations.append(Activation(onset_s, shapes.train(width_s, [0.0], [width_s], height), "jerk"))
    return Scene(length_s, tuple(activations))


def partner(rng: np.random.Generator) -> Scene:
    """Return a partner who moves: acceleration only."""
    length_s = log_uniform(rng, 0.5, 12.0)
    shakes: Sequence[Shake] = [
        jostle(
            rng, rng.uniform(0.0, length_s), rng.uniform(0.4, 2.0), log_uniform(rng, 0.005, 0.15), (1.0, 15.0)
        )
        for _ in range(rng.integers(1, 6))
    ]
    fact = Fact(0.0, length_s + 2.0, "artefact", "none", "partner")
    return Scene(length_s + 2.0, shakes=tuple(shakes), facts=(fact,))
