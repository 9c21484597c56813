"""What a planned event becomes: an act, with all that muscle, leg, electrodes and link do, and its truth."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from detector.types import Alert, Kind
from models.synthesis.disturbances import Disturbance
from models.synthesis.drives import DRIVE_STEP_S, Drive, strongest_second_uv
from models.synthesis.motion import Motion, Rotation
from models.synthesis.person import Person
from models.synthesis.sensor import SensorModel


@dataclass(frozen=True, slots=True)
class Truth:
    """What truly happened: the neural drive or the disturbance, not what can be seen of it.

    Attributes:
        kind: As the detector's kinds.
        name: The finer class: a name of `models.synthesis.classes.EVENT_CLASSES`, or one of its phases.
        alert: The verdict that a faultless detector gives (science.md section 10).
        onset_s: When the drive leaves zero, true seconds from the night's start.
        duration_s: Until it is back at zero.
        sequence: Shared by the phases of one tonic-clonic event; unique in a night.
        peak_uv: Expected RMS of its strongest second, without noise.
        burst_rate_hz: Bursts per second on average, for rhythmic ones.
        burst_count: How many bursts.
        strong_s: For cramps: when the expected RMS passes a tenth of the greatest voluntary one; None if
            never.
    """

    kind: Kind
    name: str
    alert: Alert
    onset_s: float
    duration_s: float
    sequence: str | None = None
    peak_uv: float | None = None
    burst_rate_hz: float | None = None
    burst_count: int | None = None
    strong_s: float | None = None

    @property
    def end_s(self) -> float:
        """When it is over."""
        return self.onset_s + self.duration_s


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
        strong_uv: float | None = None,
    ) -> Truth:
        """Return the truth of a drive."""
        power = drive.power_uv2(self.person.units)
        length_s = drive.end_s - drive.onset_s
        strong = None if strong_uv is None else strong_moment_s(power, strong_uv)
        return Truth(
            kind,
            name,
            alert,
            drive.onset_s,
            length_s,
            sequence=sequence,
            peak_uv=strongest_second_uv(power),
            burst_rate_hz=bursts / length_s if bursts else None,
            burst_count=bursts,
            strong_s=None if strong is None else drive.onset_s + strong,
        )


def strong_moment_s(
    power_uv2: np.ndarray[tuple[int], np.dtype[np.float64]], strong_uv: float
) -> float | None:
    """Return when an expected power first passes an RMS, seconds from its start; None if it never does."""
    above = np.flatnonzero(power_uv2 >= strong_uv**2)
    return float(above[0]) * DRIVE_STEP_S if len(above) else None
