"""Contractions that last: cramps of every course, and what a person holds on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.second_wearer import shapes
from models.second_wearer.chance import bounded_log_normal, bounded_normal, happens, log_uniform
from models.second_wearer.noise import jostle, oscillation, rough
from models.second_wearer.person import Person
from models.second_wearer.scene import (
    ENVELOPE_HZ,
    Activation,
    Fact,
    Floats,
    Scene,
    Shake,
    Turn,
    peak_second_uv,
    together,
)


@dataclass(frozen=True, slots=True)
class Course:
    """How a cramp runs; pairs are ranges.

    Attributes:
        share: How often, of all.
        rise_s: From nothing to full.
        times_rest: Height in multiples of the resting level; None: a share of the strongest contraction.
        median_s: Length: log-normal.
        waning: Depth and period (s) of waxing and waning.
        after_turn: Begins in the last moments of a turn-over, or just after it.
    """

    share: float
    rise_s: tuple[float, float]
    times_rest: tuple[float, float] | None = None
    median_s: float = 60.0
    waning: tuple[float, float] = (0.0, 5.0)
    after_turn: bool = False


COURSES: Mapping[str, Course] = {
    "abrupt": Course(0.2, (0.05, 0.8)),
    "ramp": Course(0.25, (1.0, 8.0)),
    "slow": Course(0.07, (8.0, 20.0)),
    "waning": Course(0.13, (0.3, 4.0), waning=(0.65, 6.0)),
    "weak": Course(0.12, (0.3, 4.0), times_rest=(4.5, 9.0)),
    "short": Course(0.06, (0.2, 2.0), median_s=14.0),
    "long": Course(0.05, (0.5, 6.0), median_s=330.0),
    "after turn": Course(0.08, (0.3, 3.0), after_turn=True),
    "faint": Course(0.04, (0.5, 4.0), times_rest=(1.8, 3.4)),
}
# Lengths of cramps, s: shorter is no cramp, longer is an emergency of its own.
_SHORTEST_S, _LONGEST_S = 12.0, 600.0


def cramp(rng: np.random.Generator, person: Person, rest_uv: float, name: str = "") -> Scene:
    """Return a cramp, with what announced it, who woke from it and how it ended."""
    name = name or str(rng.choice(list(COURSES), p=[course.share for course in COURSES.values()]))
    course = COURSES[name]
    lead_s = 0.0 if course.after_turn or happens(rng, 0.3) else bounded_normal(rng, 41.0, 11.0, 12.0, 80.0)
    body_s = bounded_log_normal(rng, course.median_s, 0.6, _SHORTEST_S, _LONGEST_S)
    height_uv = _height_uv(rng, person, rest_uv, course)
    body = _body(rng, person, course, body_s)
    stretches = happens(rng, 0.4)
    ending = _stretched(rng) if stretches else _fading(rng)
    envelope = height_uv * np.concatenate([body, body[-1] * ending])
    end_s = lead_s + body_s + len(ending) / ENVELOPE_HZ * (1.0 if stretches else 0.5)
    fact = Fact(lead_s, end_s, "tonic", "cramp", f"cramp.{name}", peak_uv=peak_second_uv(envelope))
    parts = [
        Scene(
            lead_s + len(envelope) / ENVELOPE_HZ,
            (Activation(lead_s, envelope, "cramp"),),
            (Turn(lead_s, rng.uniform(2.0, 10.0), rng.uniform(-8.0, 8.0), rng.uniform(-5.0, 5.0)),),
            _tremor(rng, person, lead_s, body_s),
            (fact,),
        )
    ]
    if lead_s:
        parts.append(_tension(rng, lead_s, rest_uv, height_uv))
    if happens(rng, 0.9):
        parts.append(_awakening(rng, height_uv, lead_s, body_s))
    if stretches:
        parts.append(_reaching(rng, lead_s + body_s))
    scene = together(parts)
    return scene if stretches else together([scene, _fasciculation(rng, person, end_s)])


def _height_uv(rng: np.random.Generator, person: Person, rest_uv: float, course: Course) -> float:
    if course.times_rest:
        # The judged level is the higher of 4 x rest and rest + 15 µV; weak ones lie just above it.
        unit_uv = max(rest_uv, (rest_uv + 15.0) / 4.0)
        return unit_uv * rng.uniform(*course.times_rest)
    return person.strongest_uv * log_uniform(rng, 0.1, 0.8)


def _body(rng: np.random.Generator, person: Person, course: Course, body_s: float) -> Floats:
    times_s = shapes.grid(body_s)
    rise_s = min(rng.uniform(*course.rise_s), 0.6 * body_s)
    depth, period_s = course.waning
    period_s *= rng.uniform(0.5, 1.8)
    wane = 1.0 - 0.5 * depth * (1.0 - np.cos(2.0 * np.pi * times_s / period_s + rng.uniform(0.0, 1.0)))
    sway = 1.0 + person.sway_depth * np.sin(2.0 * np.pi * person.sway_hz * times_s + rng.uniform(0.0, 6.0))
    # The whole drifts: units come and go.
    drift = 1.0 + 0.25 * np.sin(2.0 * np.pi * times_s / rng.uniform(20.0, 90.0) + rng.uniform(0.0, 6.0))
    fluctuation = rough(rng, len(times_s), person.spectra["cramp"].roughness)
    return np.asarray(shapes.ramp(times_s, rise_s) * wane * sway * drift * fluctuation)


def _fading(rng: np.random.Generator) -> Floats:
    length_s = rng.uniform(3.0, 30.0)
    return shapes.decay(length_s, length_s) ** 1.5


def _stretched(rng: np.random.Generator) -> Floats:
    """Return an ending by a stretch: EMG rises first (Ross & Thomas 1995), then lets go."""
    length_s = rng.uniform(2.0, 8.0)
    return rng.uniform(1.2, 2.0) * shapes.plateau(length_s, 0.0, rng.uniform(0.3, 1.5))


def _tremor(rng: np.random.Generator, person: Person, start_s: float, duration_s: float) -> tuple[Shake, ...]:
    if not person.cramp_tremor_mg:
        return ()
    peak_g = person.cramp_tremor_mg / 1000.0
    return (oscillation(rng, start_s, duration_s, peak_g, rng.uniform(8.0, 12.0)),)


def _tension(rng: np.random.Generator, lead_s: float, rest_uv: float, height_uv: float) -> Scene:
    """Return the rise before a cramp (Chaney & Sherman: +100 to +500 %), below the cramp itself."""
    level_uv = min(rest_uv * rng.uniform(1.5, 4.0), 0.5 * height_uv)
    envelope = level_uv * shapes.ramp(shapes.grid(lead_s), lead_s)
    fact = Fact(0.0, lead_s, "tension_rise", "none", "tension_rise", peak_uv=peak_second_uv(envelope))
    return Scene(lead_s, (Activation(0.0, envelope, "cramp"),), facts=(fact,))


def _awakening(rng: np.random.Generator, height_uv: float, lead_s: float, body_s: float) -> Scene:
    """Return the sleeper who wakes and thrashes while the muscle stays tight."""
    start_s = lead_s + min(rng.uniform(5.0, 60.0), body_s)
    length_s = rng.uniform(3.0, 12.0)
    envelope = 0.6 * height_uv * shapes.plateau(length_s, 0.5, 0.5)
    envelope *= rough(rng, len(envelope), 0.4)
    return Scene(
        start_s + length_s,
        (Activation(start_s, envelope, "voluntary"),),
        (Turn(start_s, rng.uniform(0.5, 2.0), rng.uniform(-20.0, 20.0), rng.uniform(-60.0, 60.0)),),
        (jostle(rng, start_s, length_s, rng.uniform(0.05, 0.5), (0.5, 8.0)),),
    )


def _reaching(rng: np.random.Generator, start_s: float) -> Scene:
    pitch_deg = rng.uniform(10.0, 40.0)
    turns = (Turn(start_s, 1.0, pitch_deg, 0.0), Turn(start_s + 8.0, 1.5, -pitch_deg, 0.0))
    return Scene(start_s + 10.0, turns=turns, shakes=(jostle(rng, start_s, 3.0, 0.08, (0.5, 8.0)),))


def _fasciculation(rng: np.random.Generator, person: Person, start_s: float) -> Scene:
    length_s = rng.uniform(5.0, 60.0)
    onsets = np.sort(rng.uniform(0.0, length_s, rng.poisson(length_s * log_uniform(rng, 0.2, 3.0))))
    heights = person.strongest_uv * rng.uniform(0.02, 0.12, len(onsets))
    widths = list(rng.uniform(0.04, 0.12, len(onsets)))
    envelope = shapes.train(length_s, list(onsets), widths, heights)
    return Scene(start_s + length_s, (Activation(start_s, envelope, "jerk"),))


def hold(rng: np.random.Generator, person: Person, name: str = "toe_point") -> Scene:
    """Return a contraction on purpose: the leg moves as it begins and as it ends."""
    length_s = log_uniform(rng, 3.0, 30.0)
    level = log_uniform(rng, 0.05, 0.6)
    envelope = (
        person.strongest_uv * level * shapes.plateau(length_s, rng.uniform(0.2, 1.0), rng.uniform(0.2, 1.0))
    )
    envelope *= rough(rng, len(envelope), person.spectra["voluntary"].roughness)
    # The definition asks for 10 degrees or 30 mg within 2 s of the onset (science.md section 10).
    tilt_deg = rng.uniform(10.0, 35.0) * rng.choice([-1.0, 1.0])
    quick_s = rng.uniform(0.3, 0.9)
    start_s = rng.uniform(0.1, 0.6)
    shakes = tuple(
        jostle(rng, at_s, rng.uniform(0.8, 2.0), rng.uniform(0.04, 0.2), (0.7, 8.0))
        for at_s in (0.0, length_s)
    )
    return Scene(
        length_s + 2.0,
        (Activation(start_s, envelope, "voluntary"),),
        (Turn(0.0, quick_s, tilt_deg, 0.0), Turn(length_s, quick_s, -tilt_deg, 0.0)),
        shakes,
        (Fact(start_s, start_s + length_s, "tonic", "none", name, peak_uv=peak_second_uv(envelope)),),
    )
