"""Who wears the sensor: strength, spectra, rest and habits, drawn once a person."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.second_wearer.chance import happens, log_uniform

# Seeds of persons, nights and sensors never meet.
_PERSON_STREAM = 71


@dataclass(frozen=True, slots=True)
class Spectrum:
    """How noise is shaped into muscle.

    Attributes:
        low_hz: Lower edge of the band-pass.
        high_hz: Upper edge.
        order: Its order on either side.
        tail: Shape of the white noise: ``gauss`` or ``laplace``.
        roughness: SD of the slow fluctuation of the envelope, of 1.
    """

    low_hz: float
    high_hz: float
    order: int
    tail: str
    roughness: float


@dataclass(frozen=True, slots=True)
class Person:
    """One wearer.

    Attributes:
        name: For tables.
        strongest_uv: RMS at the strongest voluntary contraction.
        tone_uv: RMS of resting muscle.
        spectra: By state.
        sway_hz: The slow common oscillation of cramps (Minetto 2009: 1.4 SD 0.4 Hz).
        sway_depth: Its depth, of 1.
        cramp_tremor_mg: Tremor of the leg in a cramp; 0 in half of all people.
        still_share: Share of leg movements that no accelerometer sees (Terrill 2013: 0.39, from 0.05 to 0.70).
        twitches_per_hour: Fragmentary myoclonus (median 25, from 3 to 1000).
        heart_hz: Heart rate.
        heart_uv: Its height under the electrode; 0 in most.
        breath_hz: Breathing rate.
        breath_mg: What the leg feels of it.
    """

    name: str
    strongest_uv: float
    tone_uv: float
    spectra: Mapping[str, Spectrum]
    sway_hz: float
    sway_depth: float
    cramp_tremor_mg: float
    still_share: float
    twitches_per_hour: float
    heart_hz: float
    heart_uv: float
    breath_hz: float
    breath_mg: float


def draw_person(seed: int) -> Person:
    """Return the person of a seed."""
    rng = np.random.default_rng([_PERSON_STREAM, seed])
    usual = Spectrum(
        low_hz=rng.uniform(18.0, 45.0),
        high_hz=rng.uniform(130.0, 320.0),
        order=int(rng.integers(1, 4)),
        tail=str(rng.choice(["gauss", "laplace"])),
        roughness=rng.uniform(0.05, 0.15),
    )
    return Person(
        name=f"second-{seed}",
        strongest_uv=log_uniform(rng, 100.0, 800.0),
        tone_uv=log_uniform(rng, 0.5, 4.0),
        spectra={
            "voluntary": usual,
            # Higher in some reports, lower in others (science.md section 1): both are drawn.
            "cramp": _varied(rng, usual, rng.uniform(0.8, 1.3), rng.uniform(0.08, 0.22)),
            "jerk": _varied(rng, usual, rng.uniform(0.75, 1.1), 0.05),
        },
        sway_hz=float(np.clip(rng.normal(1.4, 0.4), 0.6, 2.6)),
        sway_depth=rng.uniform(0.0, 0.3),
        cramp_tremor_mg=rng.uniform(1.0, 5.0) if happens(rng, 0.5) else 0.0,
        still_share=rng.uniform(0.05, 0.7),
        twitches_per_hour=float(np.clip(25.0 * np.exp(1.2 * rng.normal()), 3.0, 600.0)),
        heart_hz=rng.uniform(0.8, 1.3),
        heart_uv=log_uniform(rng, 2.0, 20.0) if happens(rng, 0.3) else 0.0,
        breath_hz=rng.uniform(0.2, 0.33),
        breath_mg=log_uniform(rng, 0.5, 10.0),
    )


def _varied(rng: np.random.Generator, usual: Spectrum, factor: float, roughness: float) -> Spectrum:
    return Spectrum(
        usual.low_hz * factor,
        usual.high_hz * factor,
        int(rng.integers(1, 4)),
        str(rng.choice(["gauss", "laplace"])),
        roughness,
    )
