"""Scripted scenes: short stretches in which a known thing happens at a known time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from models.synthesis.classes import PlannedEvent

# Silence between two rounds of the demo, seconds.
ROUND_PAUSE_S = (20.0, 60.0)


@dataclass(frozen=True, slots=True)
class Beat:
    """One event of a scene that comes round: when in the round, how long, and how much both vary."""

    onset_s: float
    name: str
    duration_s: float
    parameters: Mapping[str, float] = field(default_factory=dict)


CALF_CRAMP = {
    "level": 0.45,
    "territory": 0.4,
    "rise_s": 2.0,
    "has_precursor": 0.0,
    "thrashes": 1.0,
    "wakes_s": 22.0,
    "thrash_s": 5.0,
    "after_s": 120.0,
    "twitching_s": 12.0,
}

# A calm night compressed to minutes: everything a page can show, the first cramp within half a minute.
DEMO: tuple[Beat, ...] = (
    Beat(20.0, "cramp", 42.0, {**CALF_CRAMP, "stretched": 1.0, "presses": 0.0}),
    Beat(85.0, "leg_movement", 3.0, {"drive": 0.15}),
    Beat(96.0, "twitch", 0.1),
    Beat(108.0, "leg_movement", 2.5, {"drive": 0.15}),
    Beat(126.0, "turn_over", 9.0, {"artefact_uv": 600.0, "tilt_deg": 70.0}),
    Beat(155.0, "clonic", 14.0, {"rate_hz": 3.4, "end_rate_hz": 1.8, "drive": 0.5, "jerk_mg": 250.0}),
    Beat(192.0, "drop_out", 4.0),
    Beat(215.0, "small_movement", 3.0),
    Beat(
        240.0, "cramp", 50.0, {**CALF_CRAMP, "level": 0.35, "stretched": 0.0, "fall_s": 8.0, "presses": 1.0}
    ),
)


def demo(duration_s: float, rng: np.random.Generator) -> list[PlannedEvent]:
    """Return the demo's plan: the same round again and again, no two alike, the first cramp at 20 s."""
    plan: list[PlannedEvent] = []
    start_s = 0.0
    while start_s < duration_s:
        # The first round keeps its times, so that whoever watches need not wait.
        shift_s = 0.0 if start_s == 0.0 else 6.0
        for beat in DEMO:
            onset_s = start_s + beat.onset_s + float(rng.uniform(0.0, 1.0)) * shift_s
            length_s = beat.duration_s * float(rng.uniform(0.85, 1.15))
            plan.append(PlannedEvent(onset_s, beat.name, length_s, beat.parameters))
        start_s = plan[-1].onset_s + (plan[-1].duration_s or 0.0) + float(rng.uniform(*ROUND_PAUSE_S))
    return [event for event in plan if event.onset_s < duration_s]
