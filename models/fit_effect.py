"""What a personal fit changes, measured on synthetic people whose signal is unusually weak or strong.

Agreement with our own simulator is not evidence about people.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from detector.fit_seconds import seconds_of
from detector.personal_fit import PROTOCOL, PersonalFit, fitted
from detector.pipeline import Pipeline
from detector.scoring import score
from detector.scoring_labels import Label, LabelledRecording
from detector.scoring_matching import CLONIC, CRAMP
from detector.settings import DetectorSettings
from detector.types import Contraction, Levels
from models.synthesis import PERSON_RANGES, Night, Person, PlannedEvent, SensorModel, simulate_night
from models.synthesis.draws import LogUniform
from models.synthesis.night import branch
from models.synthesis.truth_files import row_of

# RMS of the strongest voluntary contraction, µV: thick skin or dry electrodes, and thin skin over a strong calf.
GROUPS: Mapping[str, LogUniform] = {"weak": LogUniform(45.0, 110.0), "strong": LogUniform(700.0, 1200.0)}
SEED = 760_001
# A squeeze is never quite the greatest effort; the toes are pointed with less.
SQUEEZE_DRIVE, POINT_DRIVE = 0.9, 0.4
# People begin a second late and stop a second early.
LATE_S = 1.0
SECONDS_PER_HOUR = 3600.0
SEED_BITS = 53


@dataclass(frozen=True, slots=True)
class Effect:
    """What was found in a group's nights, of the cramps that reach a tenth of the greatest effort, and what was false.

    Attributes:
        group: Name of the group.
        fit: ``usual`` limits or ``personal`` ones.
        found: Cramps.
        of: Cramps there.
        false: Verdicts of cramp or clonic that nothing explains.
        hours: Watched.
    """

    group: str
    fit: str
    found: int
    of: int
    false: int
    hours: float


def calibration_night(person: Person, sensor: SensorModel, seed: int) -> Night:
    """Return two minutes in which a person does what the calibration asks for."""
    plan, at = [], 0.0
    for name, length_s in PROTOCOL:
        inside_s = length_s - 2.0 * LATE_S
        if name == "squeeze":
            plan.append(PlannedEvent(at + LATE_S, "hold", inside_s, {"drive": SQUEEZE_DRIVE, "rise_s": 0.5}))
        elif name == "point":
            plan.append(PlannedEvent(at + LATE_S, "point_toe", inside_s, {"drive": POINT_DRIVE}))
        at += length_s
    return simulate_night(at / SECONDS_PER_HOUR, seed, scene=plan, sensor=sensor, person=person)


def fit_of(night: Night) -> PersonalFit:
    """Return what the calibration makes of it.

    Raises:
        UnclearCalibrationError: it cannot tell rest from squeeze.
    """
    pipeline = Pipeline(night.info, recording_id=night.recording_id)
    items = [item for block in night.items() for item in pipeline.feed(block)] + pipeline.finish()
    return fitted(seconds_of((item for item in items if isinstance(item, Levels)), night.info.emg_rate_hz))


def measure_effect(
    people: int, hours: float, tell: Callable[[int], None] = lambda _done: None
) -> list[Effect]:
    """Return what usual and personal limits find in the nights of each group.

    Args:
        people: In each group.
        hours: Of each person's night, rich in cramps.
        tell: Is given the number of nights done.
    """
    effects, done = [], 0
    for number, (group, mvc_uv) in enumerate(GROUPS.items()):
        judged: dict[str, list[LabelledRecording]] = {"usual": [], "personal": []}
        for which in range(people):
            night, fit = _person(number, which, mvc_uv, hours)
            for name, settings in _settings(fit).items():
                judged[name].append(_judged(night, settings))
            done += 1
            tell(done)
        effects += [_effect(group, name, recordings, people * hours) for name, recordings in judged.items()]
    return effects


def _settings(fit: PersonalFit) -> Mapping[str, DetectorSettings]:
    usual = DetectorSettings(levels=False)
    return {"usual": usual, "personal": fit.applied(usual)}


def _person(group: int, which: int, mvc_uv: LogUniform, hours: float) -> tuple[Night, PersonalFit]:
    rng = np.random.default_rng(branch(SEED, group, which, 0))
    person = Person.sample(rng, {**PERSON_RANGES, "mvc_uv": mvc_uv}, f"fit-{group}-{which}")
    sensor = SensorModel.sample(np.random.default_rng(branch(SEED, group, which, 1)))
    seeds = branch(SEED, group, which, 2).generate_state(2, np.uint64)
    first, second = (int(seed) >> (64 - SEED_BITS) for seed in seeds)
    night = simulate_night(hours, first, scene="enriched", sensor=sensor, person=person)
    return night, fit_of(calibration_night(person, sensor, second))


def _judged(night: Night, settings: DetectorSettings) -> LabelledRecording:
    pipeline = Pipeline(night.info, settings, recording_id=night.recording_id)
    items = [item for block in night.items() for item in pipeline.feed(block)] + pipeline.finish()
    last = {item.id: item for item in items if isinstance(item, Contraction)}
    return LabelledRecording(
        night.recording_id,
        night.person.name,
        _truth(night),
        tuple(_said(event, night.info.emg_rate_hz) for event in last.values()),
        night.duration_s,
    )


def _truth(night: Night) -> tuple[Label, ...]:
    """Return the labels of a night; of its cramps, those count that matter to their owner."""
    labels = []
    for truth in night.truth:
        row = row_of(truth, night)
        onset_s, length_s = float(row["onset"] or 0.0), float(row["duration"] or 0.0)
        matters = truth.alert != "cramp" or truth.strong_s is not None
        labels.append(
            Label(
                onset_s,
                onset_s + length_s,
                truth.kind,
                truth.alert if matters else "none",
                truth.name,
                sequence=truth.sequence or "",
            )
        )
    return tuple(labels)


def _said(event: Contraction, rate_hz: float) -> Label:
    onset_s = event.onset_index / rate_hz
    return Label(
        onset_s,
        onset_s + event.duration_s,
        event.kind,
        event.alert,
        detected_at_s=event.decided_index / rate_hz,
        site=event.site,
        sequence=event.sequence or "",
    )


def _effect(group: str, name: str, recordings: list[LabelledRecording], hours: float) -> Effect:
    cramp, clonic = score(recordings, targets=(CRAMP, CLONIC), ask_faint=True).targets
    found = cramp.sensitivity
    return Effect(group, name, found.hits, found.of, cramp.false + clonic.false, hours)
