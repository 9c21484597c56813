"""What a planned event becomes: an act, with all that muscle, leg, electrodes and link do, and its truth."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from detector.types import Alert, Kind
from models.synthesis.disturbances import Disturbance
from models.synthesis.drives import Drive, PoolDrive
from models.synthesis.motion import Motion, Rotation
from models.synthesis.person import Person
from models.synthesis.sensor import SensorModel
from models.synthesis.shapes import Course
from models.synthesis.truth import Truth


@dataclass(frozen=True, slots=True)
class Loss:
    """Samples that never arrive."""

    onset_s: float
    duration_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class Press:
    """The wearer presses the sensor's button."""

    onset_s: float
    long: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """All that one planned event does."""

    drives: tuple[Drive, ...] = ()
    motions: tuple[Motion, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    disturbances: tuple[Disturbance, ...] = ()
    losses: tuple[Loss, ...] = ()
    presses: tuple[Press, ...] = ()
    truth: tuple[Truth, ...] = ()

    def __add__(self, other: "Act") -> "Act":
        """Return an act in which both take place."""
        return Act(
            self.drives + other.drives,
            self.motions + other.motions,
            self.rotations + other.rotations,
            self.disturbances + other.disturbances,
            self.losses + other.losses,
            self.presses + other.presses,
            self.truth + other.truth,
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when an event takes place: who wears what, the moment, and the values of its parameters."""

    person: Person
    sensor: SensorModel
    onset_s: float
    values: Mapping[str, float]
    rng: np.random.Generator = field(repr=False)

    def __getitem__(self, name: str) -> float:
        """Return the value of a parameter."""
        return self.values[name]

    @property
    def duration_s(self) -> float:
        """How long the event lasts."""
        return self.values["duration_s"]

    @property
    def end_s(self) -> float:
        """When it is over."""
        return self.onset_s + self.duration_s

    def seed(self) -> int:
        """Return a seed for a part that draws by itself."""
        return int(self.rng.integers(1 << 62))

    def drive(self, course: Course, shortening: float = 1.0) -> PoolDrive:
        """Return a drive of the whole pool along a course, as steady as this person is."""
        times_s, levels = course
        person = self.person
        return PoolDrive(times_s, levels, person.voluntary_cv, person.unsteadiness, self.seed(), shortening)

    def movement(self, name: str, drive: Drive, bursts: int | None = None) -> Truth:
        """Return the truth of a drive that is a movement of the leg and deserves no alert."""
        return self.truth("leg_movement", name, drive, bursts=bursts)

    def truth(
        self,
        kind: Kind,
        name: str,
        drive: Drive,
        *,
        alert: Alert = "none",
        sequence: str | None = None,
        bursts: int | None = None,
    ) -> Truth:
        """Return the truth of a drive."""
        power = drive.power_uv2(self.person.units)
        row = Truth(kind, name, alert, drive.onset_s, drive.end_s - drive.onset_s, sequence)
        return row.with_power(power).with_bursts(bursts)

    def tonic_truth(self, name: str, drive: Drive, sequence: str | None = None) -> Truth:
        """Return the truth of an involuntary tonic contraction: by its length a cramp, or none."""
        power = drive.power_uv2(self.person.units)
        row = Truth("tonic", name, "none", drive.onset_s, drive.end_s - drive.onset_s, sequence)
        return row.with_power(power).as_cramp(power, self.person.mvc_uv)
