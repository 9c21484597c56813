"""What a planned event becomes: an act, with everything that muscle, leg, electrodes and link do, and its truth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from detector.types import Alert, Kind
from models.synthesis.disturbances import Disturbance
from models.synthesis.motion import Motion, Rotation
from models.synthesis.muscle import Drive
from models.synthesis.person import Person

Fault = Literal["lost frames", "link down"]


@dataclass(frozen=True, slots=True)
class Truth:
    """What truly happened: the neural drive or the disturbance, not what can be seen of it.

    Attributes:
        kind: As the detector's kinds.
        name: The finer class, a name of `models.synthesis.classes.EVENT_CLASSES` or one of its phases.
        alert: The verdict that a faultless detector gives (science.md section 10).
        onset_s: When the drive leaves zero.
        duration_s: Until it is back at zero.
        sequence: Shared by the phases of one tonic-clonic event.
        peak_uv: Expected RMS of the muscle's EMG at its strongest, without noise.
        burst_rate_hz: Bursts per second on average, for rhythmic ones.
        burst_count: How many bursts.
        strong_s: For cramps: when the drive passes a tenth of the greatest voluntary contraction, from the night's start.
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
    reason: Fault


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


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when an event takes place: the person, the moment, and its parameters' values."""

    person: Person
    onset_s: float
    values: Mapping[str, float]
    rng: np.random.Generator = field(repr=False)

    def __getitem__(self, name: str) -> float:
        """Return the value of a parameter."""
        return self.values[name]
