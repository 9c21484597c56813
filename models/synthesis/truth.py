"""What truly happened: the ground truth of a synthetic night."""

from dataclasses import dataclass, replace

import numpy as np

from detector.types import Alert, Kind
from models.synthesis.drives import DRIVE_STEP_S, strongest_second_uv
from models.synthesis.motor_units import Reals

# From this length on an involuntary tonic contraction deserves the verdict of a cramp, seconds (science.md
# section 10). Whether it rises far enough over rest to be seen, ``peak_uv`` and the sensor's resting level tell.
CRAMP_S = 10.0
# Share of the greatest voluntary EMG from which on a cramp matters to its owner.
STRONG_SHARE = 0.1


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

    def with_power(self, power_uv2: Reals) -> "Truth":
        """Return the same with the strength that an expected power has."""
        return replace(self, peak_uv=strongest_second_uv(power_uv2))

    def with_bursts(self, count: int | None) -> "Truth":
        """Return the same with a number of bursts, if there are any."""
        return replace(self, burst_count=count, burst_rate_hz=count / self.duration_s if count else None)

    def as_cramp(self, power_uv2: Reals, mvc_uv: float) -> "Truth":
        """Return the same with the verdict that its length deserves, and when it grew strong.

        Args:
            power_uv2: Expected power on the drives' grid.
            mvc_uv: RMS of the greatest voluntary contraction.
        """
        strong = np.flatnonzero(power_uv2 >= (STRONG_SHARE * mvc_uv) ** 2)
        return replace(
            self,
            alert="cramp" if self.duration_s >= CRAMP_S else "none",
            strong_s=self.onset_s + float(strong[0]) * DRIVE_STEP_S if len(strong) else None,
        )
