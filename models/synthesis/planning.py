"""Whole nights: how often what happens (science.md section 11), ordinary, adversarial and enriched.

Cramps, convulsions and getting up come first and keep quiet around them; the rest fills what is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from models.synthesis.agenda import MARGIN_S, Agenda
from models.synthesis.classes import PlannedEvent
from models.synthesis.draws import Draw, LogUniform, Normal, Uniform
from models.synthesis.person import Person
from models.synthesis.ranges import Ranges

SECONDS_PER_HOUR = 3600.0
# Length of the night that counts "a night" are meant for, hours.
USUAL_HOURS = 8.0
# Quiet before a cramp (its precursor lasts up to 80 s) and after one, seconds.
CRAMP_QUIET_S = (85.0, 45.0)
# A convulsion leaves the muscle silent for half a minute to five.
CONVULSION_QUIET_S = (30.0, 120.0)
# Share of cramps that come back, and within what time, seconds.
REPEAT_SHARE = 0.3
REPEAT_S = (90.0, 3600.0)
# Share of cramps after which the sleeper gets up, and how soon, seconds.
UP_AFTER_CRAMP = 0.3
UP_AFTER_S = (50.0, 90.0)
# Getting up: what follows what, and the pause between, seconds.
GETTING_UP = ("turn_over", "sway", "gait", "sway", "gait", "turn_over")
PAUSE_S = 4.0
# Share of nights with more than 15, and with more than 5 periodic leg movements an hour (Frauscher 2014: 18 and
# 36 %).
PLM_SHARES = (0.18, 0.36)
PLM_INDICES = (LogUniform(15.0, 60.0), Uniform(5.0, 15.0), Uniform(0.0, 5.0))
# Mean number of movements in a series.
PLM_PER_SERIES = 18.0


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a class of event comes: in ``share`` of nights, then Poisson around a draw per 8-h night."""

    per_night: Draw
    share: float = 1.0

    def count(self, hours: float, rng: np.random.Generator) -> int:
        """Return how many there are in a night of some hours."""
        happens = rng.random() < self.share
        mean = self.per_night.draw(rng) * hours / USUAL_HOURS
        return int(rng.poisson(mean)) if happens else 0


ORDINARY: Mapping[str, Frequency] = {
    # 1.6 ± 0.7 position shifts an hour (Skarpsno 2017).
    "turn_over": Frequency(Normal(12.8, 5.6, 2.0, 30.0)),
    "small_movement": Frequency(Uniform(20.0, 60.0)),
    "leg_movement": Frequency(LogUniform(8.0, 60.0)),
    "step": Frequency(Uniform(0.0, 6.0)),
    "hold": Frequency(Uniform(0.0, 2.0)),
    "point_toe": Frequency(Uniform(0.0, 1.0)),
    # High-frequency leg movements in a third of healthy sleepers (Frauscher 2014).
    "hflm": Frequency(Uniform(1.0, 4.0), share=0.33),
    "foot_tremor": Frequency(Uniform(1.0, 3.0), share=0.15),
    "alternating": Frequency(Uniform(1.0, 3.0), share=0.08),
    "tremor": Frequency(Uniform(1.0, 3.0), share=0.05),
    "tone": Frequency(Uniform(0.0, 6.0)),
    "partner": Frequency(Uniform(0.0, 30.0), share=0.6),
    "rocking": Frequency(Uniform(0.5, 1.5), share=0.05),
    "motion": Frequency(Uniform(0.0, 4.0)),
    "pop": Frequency(Uniform(0.0, 4.0)),
    "cable_tug": Frequency(Uniform(0.0, 1.0)),
    "hum": Frequency(Uniform(0.0, 1.5)),
    "drift": Frequency(Uniform(0.0, 2.0)),
    "drop_out": Frequency(LogUniform(0.2, 4.0)),
    "lift": Frequency(Uniform(1.0, 2.0), share=0.05),
    "peel": Frequency(Uniform(0.5, 1.0), share=0.03),
    "clipping": Frequency(Uniform(0.5, 2.0), share=0.05),
}

# What fools simple detectors, several times each.
ADVERSARIAL: Mapping[str, Frequency] = {
    **ORDINARY,
    "turn_over": Frequency(Uniform(16.0, 24.0)),
    "small_movement": Frequency(Uniform(40.0, 80.0)),
    "step": Frequency(Uniform(5.0, 20.0)),
    "hold": Frequency(Uniform(4.0, 10.0)),
    "point_toe": Frequency(Uniform(4.0, 10.0)),
    "gait": Frequency(Uniform(2.0, 5.0)),
    "sway": Frequency(Uniform(2.0, 4.0)),
    "hflm": Frequency(Uniform(2.0, 6.0)),
    "foot_tremor": Frequency(Uniform(2.0, 6.0)),
    "alternating": Frequency(Uniform(2.0, 5.0)),
    "tremor": Frequency(Uniform(1.0, 3.0)),
    "partner": Frequency(Uniform(20.0, 60.0)),
    "rocking": Frequency(Uniform(2.0, 5.0)),
    "vibration": Frequency(Uniform(1.0, 4.0)),
    "motion": Frequency(Uniform(6.0, 15.0)),
    "pop": Frequency(Uniform(5.0, 15.0)),
    "cable_tug": Frequency(Uniform(2.0, 8.0)),
    "hum": Frequency(Uniform(2.0, 6.0)),
    "drift": Frequency(Uniform(1.0, 4.0)),
    "drop_out": Frequency(Uniform(2.0, 8.0)),
    "lift": Frequency(Uniform(1.0, 3.0)),
    "peel": Frequency(Uniform(1.0, 2.0)),
    "clipping": Frequency(Uniform(1.0, 3.0)),
}


@dataclass(frozen=True, slots=True)
class NightKind:
    """What a kind of night consists of.

    Attributes:
        frequencies: How often each class comes that needs no care of its own.
        cramps: How many cramps, not counting repeats.
        convulsions: The same for clonic runs, clonus and tonic-clonic events.
        getting_up: How often the sleeper gets up.
        plm_indices: Periodic leg movements an hour in nights with many, some and few.
    """

    frequencies: Mapping[str, Frequency]
    # Poisson with mean 0.4 a night.
    cramps: Frequency = field(default=Frequency(Uniform(0.4, 0.4)))
    convulsions: Mapping[str, Frequency] = field(default_factory=dict)
    getting_up: Frequency = field(default=Frequency(Uniform(0.0, 2.0)))
    plm_indices: tuple[Draw, Draw, Draw] = PLM_INDICES


NIGHT_KINDS: Mapping[str, NightKind] = {
    "ordinary": NightKind(
        ORDINARY,
        # In one night of fifty, between them.
        convulsions={
            "clonic": Frequency(Uniform(1.0, 1.0), share=0.01),
            "tonic_clonic": Frequency(Uniform(1.0, 1.0), share=0.01),
        },
    ),
    "adversarial": NightKind(
        ADVERSARIAL, getting_up=Frequency(Uniform(2.0, 5.0)), plm_indices=(LogUniform(15.0, 60.0),) * 3
    ),
    "enriched": NightKind(
        ORDINARY,
        cramps=Frequency(Uniform(3.0, 6.0)),
        convulsions={
            "clonic": Frequency(Uniform(2.0, 4.0)),
            "clonus": Frequency(Uniform(2.0, 4.0)),
            "tonic_clonic": Frequency(Uniform(1.0, 2.0)),
        },
    ),
    "still": NightKind(
        {},
        cramps=Frequency(Uniform(0.0, 0.0)),
        getting_up=Frequency(Uniform(0.0, 0.0)),
        plm_indices=(Uniform(0.0, 0.0),) * 3,
    ),
}


def plan_night(
    kind: NightKind, duration_s: float, person: Person, ranges: Mapping[str, Ranges], rng: np.random.Generator
) -> list[PlannedEvent]:
    """Return what happens in a night.

    Args:
        kind: How often what comes.
        duration_s: Length of the night.
        person: Who sleeps; their own twitches are theirs.
        ranges: What durations are drawn from.
        rng: Source of numbers, places and durations.
    """
    hours = duration_s / SECONDS_PER_HOUR
    agenda = Agenda(duration_s, ranges, rng)
    for _ in range(kind.cramps.count(hours, rng)):
        plan_cramp(agenda)
    plan_each(agenda, kind.convulsions, hours, *CONVULSION_QUIET_S)
    for onset_s in rng.uniform(0.0, duration_s, kind.getting_up.count(hours, rng)):
        plan_getting_up(agenda, float(onset_s))
    plan_plm(agenda, kind.plm_indices, hours)
    plan_each(agenda, kind.frequencies, hours)
    twitches = rng.poisson(person.twitches_per_h * hours) if kind.frequencies else 0
    for onset_s in rng.uniform(0.0, duration_s, twitches):
        agenda.add_unreserved("twitch", float(onset_s))
    return agenda.events()


def plan_each(
    agenda: Agenda,
    frequencies: Mapping[str, Frequency],
    hours: float,
    before_s: float = MARGIN_S,
    after_s: float = MARGIN_S,
) -> None:
    """Plan as many events of each class as their frequency gives, anywhere."""
    for name, frequency in frequencies.items():
        for _ in range(frequency.count(hours, agenda.rng)):
            agenda.place(name, before_s=before_s, after_s=after_s)


def plan_cramp(agenda: Agenda) -> None:
    """Plan a cramp, its repeat within the hour, and the walk it may lead to."""
    before_s, after_s = CRAMP_QUIET_S
    event = agenda.place("cramp", before_s=before_s, after_s=after_s)
    while event is not None:
        end_s = event.onset_s + (event.duration_s or 0.0)
        if agenda.rng.random() < UP_AFTER_CRAMP:
            plan_getting_up(agenda, end_s + float(agenda.rng.uniform(*UP_AFTER_S)))
        if agenda.rng.random() >= REPEAT_SHARE:
            return
        span = (end_s + REPEAT_S[0], end_s + REPEAT_S[1])
        event = agenda.place("cramp", before_s=before_s, after_s=after_s, within_s=span)


def plan_getting_up(agenda: Agenda, onset_s: float) -> None:
    """Plan getting up, walking and lying down again, as far as there is room."""
    at = onset_s
    for name in GETTING_UP:
        length_s = agenda.duration_of(name)
        if not agenda.put(name, at, length_s, before_s=0.5 * PAUSE_S, after_s=0.0):
            return
        at += length_s + PAUSE_S


def plan_plm(agenda: Agenda, indices: tuple[Draw, Draw, Draw], hours: float) -> None:
    """Plan series of periodic leg movements until the night has its index."""
    many, some = PLM_SHARES
    lot = agenda.rng.random()
    index = indices[0 if lot < many else 1 if lot < some else 2].draw(agenda.rng)
    for _ in range(int(agenda.rng.poisson(index * hours / PLM_PER_SERIES))):
        agenda.place("plm_series", after_s=60.0)
