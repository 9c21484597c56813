"""Who the detector is examined on, by name: people of our own generator, people out of its range, another generator's.

Every cohort has seeds of its own, so that no person of one is in another, and nothing was trained on any of them.
All are synthetic.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from detector.event_files import COLUMNS, EventRecord, Value
from detector.scoring_labels import Label, labels_of
from firmware_bridge.samples import SensorInfo, StreamItem
from models.lessons import Split, lesson
from models.second_wearer import COHORTS as SECOND
from models.second_wearer import Cohort as SecondCohort
from models.second_wearer import make_night
from models.second_wearer.truth import truth_labels
from models.synthesis import Night
from models.synthesis.cohort import cohort_nights
from models.synthesis.simulation import Population
from models.synthesis.truth_files import row_of

OWN, OTHER = "own generator", "second generator"
BLOCK_S = 256.0
# About: a lesson ends with its last event.
LESSON_HOURS = 0.9


@dataclass(frozen=True, slots=True)
class ExamNight:
    """One night.

    Attributes:
        name: Which.
        subject: Whose.
        info: The sensor.
        items: Returns the stream, once.
        truth: What happened, by onset.
        duration_s: Its length.
    """

    name: str
    subject: str
    info: SensorInfo
    items: Callable[[], Iterable[StreamItem]]
    truth: tuple[Label, ...]
    duration_s: float


@dataclass(frozen=True, slots=True)
class Exam:
    """A cohort.

    Attributes:
        generator: `OWN` or `OTHER`.
        what: A few words for a table.
        nights: How many, unless told otherwise; each is another person's.
        hours: Of each.
        make: Returns a night by its number.
        kind: Ordinary, adversarial or enriched.
    """

    generator: str
    what: str
    nights: int
    hours: float
    make: Callable[[int], ExamNight]
    kind: str


def record_of(row: Mapping[str, Value]) -> EventRecord:
    """Return a row of a table that was never written."""
    own = {column.name for column in COLUMNS}
    extra = {name: str(value) for name, value in row.items() if name not in own and value is not None}

    def number(name: str) -> float | None:
        value = row.get(name)
        return None if value is None else float(value)

    def text(name: str) -> str | None:
        value = row.get(name)
        return None if value is None else str(value)

    onset_s, duration_s = number("onset"), number("duration")
    assert onset_s is not None
    assert duration_s is not None
    return EventRecord(
        onset_s=onset_s,
        duration_s=duration_s,
        trial_type=str(row["trial_type"]),
        alert=text("alert"),
        detected_at_s=number("detected_at"),
        confidence=number("confidence"),
        site=text("site"),
        peak_uv=number("peak_uv"),
        burst_rate_hz=number("burst_rate_hz"),
        sequence=text("sequence"),
        reason=text("reason"),
        extra=extra,
    )


def _own_night(scene: str, population: Population, hours: float, seed: int, number: int) -> ExamNight:
    (night,) = cohort_nights(1, seed + number, hours=hours, scene=scene, population=population)
    return _exam_night(f"own_{population}_{scene}_{seed + number}", night)


def _lesson_night(split: Split, number: int) -> ExamNight:
    return _exam_night(f"lesson_{split.seed}_{number}", lesson(split, number))


def _exam_night(name: str, night: Night) -> ExamNight:
    truth = labels_of([record_of(row_of(one, night)) for one in night.truth], night.recording_id)
    duration_s = night.samples / night.info.emg_rate_hz
    return ExamNight(name, night.person.name, night.info, partial(night.items, BLOCK_S), truth, duration_s)


def _second_night(cohort: SecondCohort, number: int) -> ExamNight:
    night = make_night(cohort.kind, cohort.first_seed + number, sensor=cohort.sensor, hours=cohort.hours)
    return ExamNight(
        night.name, night.person.name, night.info, night.items, truth_labels(night), night.duration_s
    )


def _own(scene: str, population: Population, nights: int, hours: float, seed: int) -> Exam:
    make = partial(_own_night, scene, population, hours, seed)
    return Exam(OWN, f"{scene} nights, {population} people", nights, hours, make, scene)


def _second(cohort: SecondCohort) -> Exam:
    worn = "" if cohort.sensor == "usual" else f", {cohort.sensor}"
    make = partial(_second_night, cohort)
    return Exam(OTHER, f"{cohort.kind} nights{worn}", cohort.nights, cohort.hours, make, cohort.kind)


def _lessons(split: Split) -> Exam:
    what = "lessons: every class of event about equally often"
    return Exam(OWN, what, split.people, LESSON_HOURS, partial(_lesson_night, split), "lessons")


EXAMS: Mapping[str, Exam] = {
    **{name: _second(cohort) for name, cohort in SECOND.items()},
    "own-ordinary": _own("ordinary", "usual", 16, 8.0, 910_000),
    "own-adversarial": _own("adversarial", "usual", 8, 8.0, 920_000),
    "own-enriched": _own("enriched", "usual", 12, 3.0, 930_000),
    "shifted-enriched": _own("enriched", "shifted", 12, 3.0, 940_000),
    "shifted-adversarial": _own("adversarial", "shifted", 8, 8.0, 950_000),
    # Few and short, for the gate that every change must pass (`models.gate`).
    "gate-enriched": _second(SecondCohort("enriched", 1.5, 4, 61_000)),
    "gate-ordinary": _second(SecondCohort("ordinary", 4.0, 1, 63_000)),
    "gate-lessons": _lessons(Split(960_001, 2)),
}
# What a name on the command line may stand for.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "second": ("second-ordinary", "second-adversarial", "second-enriched"),
    "sensors": tuple(name for name in EXAMS if name.startswith("sensor-")),
    "own": tuple(name for name in EXAMS if name.startswith("own-")),
    "shifted": tuple(name for name in EXAMS if name.startswith("shifted-")),
    "gate": tuple(name for name in EXAMS if name.startswith("gate-")),
    "all": tuple(name for name in EXAMS if not name.startswith("gate-")),
}
