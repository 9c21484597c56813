"""Zero crossings, turns and length of the last second's EMG, where the amplitude is up (Hudgins 1993).

Counts are of whole samples and so exact; the length is a sum over rows of fixed length. A crossing or a turn counts
only where the signal steps by more than the noise that the muscle at rest and the sensor give.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from detector.filters import Signal
from detector.portions import portions

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


def waveform(seconds_uv: Signal, rows: Places, resting_uv: Signal, rate_hz: float) -> Waveform:
    """Measure some rows of ``[seconds, samples]``; ``resting_uv`` belongs to these rows."""
    some = [_measured(seconds_uv[rows[part]], GATE_TIMES * resting_uv[part]) for part in portions(len(rows))]
    crossings, turns, length_uv = (np.concatenate(columns) for columns in zip(*some, strict=True))
    second_s = seconds_uv.shape[-1] / rate_hz
    return Waveform(crossings / second_s, turns / second_s, length_uv / second_s)


def _measured(signal_uv: Signal, gate_uv: Signal) -> tuple[Places, Places, Signal]:
    """Return crossings, turns and length of each row."""
    step_uv = signal_uv[:, 1:] - signal_uv[:, :-1]
    travel_uv = np.abs(step_uv)
    is_large = travel_uv >= gate_uv[:, None]
    crosses = (signal_uv[:, 1:] * signal_uv[:, :-1] < 0.0) & is_large
    turns = (step_uv[:, 1:] * step_uv[:, :-1] < 0.0) & (is_large[:, 1:] | is_large[:, :-1])
    length_uv: Signal = np.add.reduce(travel_uv, axis=-1)
    return np.count_nonzero(crosses, axis=-1), np.count_nonzero(turns, axis=-1), length_uv
