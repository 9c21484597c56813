"""The wearer: what stays the same from night to night, and differs between people.

Everything else (the night, the sensor, each event) is drawn apart, so that people can be split into those to
learn from and those to test on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from models.synthesis.draws import Draw, LogNormal, LogUniform, Normal, Uniform
from models.synthesis.motor_units import MotorUnits, make_pool

PERSON_RANGES: Mapping[str, Draw] = {
    # RMS of the EMG at the greatest voluntary contraction, µV; fat under the skin makes the difference.
    "mvc_uv": LogUniform(100.0, 800.0),
    # Last unit's recruitment threshold over the first's; Fuglevand 1993 and Potvin & Fuglevand 2017.
    "recruitment_range": Uniform(30.0, 50.0),
    # Interval irregularity in voluntary contractions.
    "voluntary_cv": Uniform(0.12, 0.25),
    # How far a held drive wavers, relative to itself. The real holds in ../shared/data (tibialis, aged 64–82) have a
    # modulation depth of 0.26–0.65; a drive without wavering gives 0.23.
    "unsteadiness": LogUniform(0.06, 0.45),
    # Mean time constant of the potentials, ms: median frequencies of 80–125 Hz; those holds have 77–130.
    "lambda_ms": Normal(2.35, 0.22, 1.8, 2.9),
    # Breaths and heart beats per second, asleep.
    "breath_hz": Uniform(0.2, 0.33),
    "heart_hz": Uniform(0.8, 1.2),
    # Acceleration of the calf with each breath, mg.
    "breath_mg": LogUniform(1.0, 10.0),
    # What is left of the heart's field at the calf, µV peak.
    "ecg_uv": LogUniform(1.0, 10.0),
    # Isolated twitches an hour; healthy sleepers have a median of 25, 3–1000 (science.md R38a).
    "twitches_per_h": LogNormal(25.0, 1.1, 3.0, 1000.0),
    # Share of leg movements that move nothing a sensor feels; Terrill 2013: 39 %, 5–70 %.
    "silent_share": Normal(0.39, 0.18, 0.05, 0.70),
}

SHIFTED_PERSON_RANGES: Mapping[str, Draw] = {
    **PERSON_RANGES,
    "mvc_uv": LogUniform(60.0, 1200.0),
    "recruitment_range": Uniform(26.0, 70.0),
    "voluntary_cv": Uniform(0.25, 0.35),
    "unsteadiness": LogUniform(0.35, 0.55),
    "lambda_ms": Normal(3.1, 0.2, 2.8, 3.5),
    "breath_mg": LogUniform(10.0, 20.0),
    "ecg_uv": LogUniform(10.0, 30.0),
    "silent_share": Uniform(0.6, 0.85),
}

# Spread and limits of the potentials' time constants within one pool, seconds.
LAMBDA_SD_S = 0.00035
LAMBDA_LIMITS_S = (0.0014, 0.0038)


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A synthetic wearer.

    Attributes:
        name: Tells people apart.
        mvc_uv: RMS of the calf EMG at the greatest voluntary contraction.
        voluntary_cv: Coefficient of variation of voluntary firing intervals.
        unsteadiness: How far a voluntary drive wavers, relative to itself.
        breath_hz: Breaths per second.
        breath_mg: What the calf feels of them.
        heart_hz: Beats per second.
        ecg_uv: Peak of the heart's signal at the calf.
        twitches_per_h: Isolated twitches in an hour of sleep.
        silent_share: Share of leg movements without measurable movement.
        units: The motor-unit pool.
    """

    name: str
    mvc_uv: float
    voluntary_cv: float
    unsteadiness: float
    breath_hz: float
    breath_mg: float
    heart_hz: float
    ecg_uv: float
    twitches_per_h: float
    silent_share: float
    units: MotorUnits = field(repr=False)

    @classmethod
    def sample(
        cls, rng: np.random.Generator, ranges: Mapping[str, Draw] = PERSON_RANGES, name: str = "someone"
    ) -> "Person":
        """Return a person drawn from a population.

        Args:
            rng: Where the person's accidents come from.
            ranges: The population, ``PERSON_RANGES`` or ``SHIFTED_PERSON_RANGES``.
            name: Tells people apart.
        """
        values = {name: draw.draw(rng) for name, draw in ranges.items()}
        units = make_pool(
            rng,
            mvc_uv=values["mvc_uv"],
            recruitment_range=values.pop("recruitment_range"),
            lambda_mean_s=values.pop("lambda_ms") / 1e3,
            lambda_sd_s=LAMBDA_SD_S,
            lambda_limits_s=LAMBDA_LIMITS_S,
        )
        return cls(name, **values, units=units)
