"""What a scene is made of: muscle envelopes, turns of the leg, shakes, and the truth about them.

Times are seconds from the scene's own start; a timetable moves scenes through the night.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Envelopes are drawn on this grid: 2 ms is a hundredth of the shortest burst's rise and fall together.
ENVELOPE_HZ = 500.0
# Acceleration is drawn at the rate it is sampled.
ACC_HZ = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """Muscle at work.

    Attributes:
        start_s: When it begins.
        envelope_uv: RMS of the signal under the electrode, µV, at `ENVELOPE_HZ`.
        state: Which of the person's spectra it has: ``voluntary``, ``cramp`` or ``jerk``.
    """

    start_s: float
    envelope_uv: Floats
    state: str


@dataclass(frozen=True, slots=True)
class Turn:
    """The leg turns from one posture to another, smoothly; angles in degrees, as changes."""

    start_s: float
    duration_s: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True, slots=True, eq=False)
class Shake:
    """Acceleration beside gravity, g, ``[n, 3]`` at `ACC_HZ`."""

    start_s: float
    acc_g: Floats


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the truth.

    Attributes:
        onset_s: When the drawn envelope leaves zero.
        end_s: When it is over.
        kind: ``trial_type`` of DESIGN section 5.
        alert: The verdict that a faultless detector gives.
        name: Finer class.
        sequence: Shared by the phases of one event; empty for none.
        peak_uv: Strongest second of the envelope; None without any muscle.
    """

    onset_s: float
    end_s: float
    kind: str
    alert: str
    name: str
    sequence: str = ""
    peak_uv: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Something that happens, with all that shows of it."""

    duration_s: float
    activations: tuple[Activation, ...] = ()
    turns: tuple[Turn, ...] = ()
    shakes: tuple[Shake, ...] = ()
    facts: tuple[Fact, ...] = ()

    def moved(self, by_s: float) -> "Scene":
        """Return the scene later by so much; it lasts until its own end."""
        return Scene(
            self.duration_s + by_s,
            tuple(replace(one, start_s=one.start_s + by_s) for one in self.activations),
            tuple(replace(one, start_s=one.start_s + by_s) for one in self.turns),
            tuple(replace(one, start_s=one.start_s + by_s) for one in self.shakes),
            tuple(replace(one, onset_s=one.onset_s + by_s, end_s=one.end_s + by_s) for one in self.facts),
        )

    def lasting(self, at_least_s: float) -> "Scene":
        """Return the scene with a length of at least so much."""
        return replace(self, duration_s=max(self.duration_s, at_least_s))


def together(scenes: Iterable[Scene]) -> Scene:
    """Return scenes that run at the same time as one."""
    parts = list(scenes)
    return Scene(
        max(part.duration_s for part in parts),
        tuple(one for part in parts for one in part.activations),
        tuple(one for part in parts for one in part.turns),
        tuple(one for part in parts for one in part.shakes),
        tuple(one for part in parts for one in part.facts),
    )


def peak_second_uv(envelope_uv: Floats) -> float:
    """Return the RMS of an envelope's strongest second; of all of it where it is shorter than that."""
    power = np.square(envelope_uv)
    width = min(len(power), int(ENVELOPE_HZ))
    sums = np.cumsum(np.concatenate([[0.0], power]))
    return float(np.sqrt((sums[width:] - sums[:-width]).max() / ENVELOPE_HZ))
