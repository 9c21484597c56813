"""Zero crossings, turns and length of the last second's EMG, where the amplitude is up (Hudgins 1993).

Counts are of whole samples and so exact; the length is a sum over rows of fixed length. A crossing or a turn counts
only where the signal steps by more than the noise that the muscle at rest and the sensor give.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from detector.counting import count_true
from detector.filters import Signal
from detector.hops import Flags

Places = npt.NDArray[np.intp]

# Steps below this many times the resting level are noise: then crossings and turns of rest itself are few.
GATE_TIMES = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """``[rows]`` each.

    Attributes:
        crossings_hz: Zero crossings per second: twice the frequency of a tone.
        turns_hz: Changes of the sign of the slope per second.
        length_uv_s: What the signal travels up and down, in µV per second.
    """

    crossings_hz: Signal
    turns_hz: Signal
    length_uv_s: Signal

    def at(self, places: Places) -> "Waveform":
        """Return the waveforms at these places; NaN for the place -1."""
        return Waveform(*(np.append(getattr(self, one.name), np.nan)[places] for one in fields(self)))


def waveform(signal_uv: Signal, resting_uv: Signal, rate_hz: float) -> Waveform:
    """Measure ``[rows, samples]``; ``resting_uv`` belongs to the rows."""
    step_uv = signal_uv[:, 1:] - signal_uv[:, :-1]
    travel_uv = np.abs(step_uv)
    is_large = travel_uv >= GATE_TIMES * resting_uv[:, None]
    crosses = _changes_sign(signal_uv)
    crosses &= is_large
    turns = _changes_sign(step_uv)
    turns &= is_large[:, 1:] | is_large[:, :-1]
    second_s = signal_uv.shape[-1] / rate_hz
    return Waveform(
        crossings_hz=count_true(crosses) / second_s,
        turns_hz=count_true(turns) / second_s,
        length_uv_s=np.add.reduce(travel_uv, axis=-1) / second_s,
    )


def _changes_sign(values: Signal) -> Flags:
    """Tell of each value but the first whether it and the one before lie on either side of 0."""
    above, below = values > 0.0, values < 0.0
    changes: Flags = above[:, 1:] & below[:, :-1]
    changes |= below[:, 1:] & above[:, :-1]
    return changes
