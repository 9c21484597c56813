"""Playing a synthetic night into arrays, and the parts that several tests start from."""

import functools
from collections.abc import Sequence

import numpy as np

from firmware_bridge.samples import Gap, Mark, SampleBlock
from models.synthesis import Night, Person, PlannedEvent, SensorModel, simulate_night
from models.synthesis.drives import Discharges
from models.synthesis.motor_units import MotorUnits, Reals
from models.synthesis.voices import Voice

# A sensor that adds next to nothing, so that what is measured is the muscle.
QUIET = SensorModel(noise_uv=0.2, mains_uv=0.0, acc_noise_g=1e-5)


@functools.cache
def someone(seed: int = 0) -> Person:
    """A person; the same for a seed."""
    return Person.sample(np.random.default_rng(seed))


def scene(*events: PlannedEvent, seconds: float, seed: int = 1, sensor: SensorModel = QUIET) -> Night:
    """A night of some seconds in which these events happen to one certain person."""
    return simulate_night(seconds / 3600.0, seed, scene=events, sensor=sensor, person=someone())


def emg_of(night: Night, block_s: float = 60.0) -> Reals:
    """The EMG in µV by sample index, NaN where it was lost."""
    values = np.full(night.samples, np.nan)
    for item in night.items(block_s):
        if isinstance(item, SampleBlock):
            values[item.first_index : item.end_index] = item.emg_uv[:, 0]
    return values


def acc_of(night: Night) -> Reals:
    """The acceleration in g, one row a sample; the night has no gaps."""
    return np.concatenate([b.acc_g for b in night.items() if isinstance(b, SampleBlock)]).astype(np.float64)


def rms(values: Reals) -> float:
    """Root mean square of what is there."""
    return float(np.sqrt(np.nanmean(np.square(values))))


def seconds_of(night: Night, begin_s: float, end_s: float) -> Reals:
    """The EMG between two times."""
    return emg_of(night)[night.index_of(begin_s) : night.index_of(end_s)]


def sounded(discharges: Discharges, units: MotorUnits, seconds: float, rate_hz: float = 1000.0) -> Reals:
    """The bare sum of potentials over some seconds from time 0, before any filter."""
    chunk = np.zeros(round(seconds * rate_hz))
    if len(discharges.time_s):
        Voice.of(discharges, units, rate_hz).add_to(chunk, 0)
    return chunk


def flattened(items: Sequence[object]) -> list[object]:
    """A stream as what does not depend on its cutting: marks, gaps, and one array of counts per stretch."""
    flat: list[object] = []
    emg: list[bytes] = []
    acc: list[bytes] = []
    for item in items:
        match item:
            case SampleBlock():
                emg.append(item.emg_counts.tobytes())
                acc.append(item.acc_counts.tobytes())
            case Gap():
                flat += [b"".join(emg), b"".join(acc), item]
                emg, acc = [], []
    marks = [item for item in items if isinstance(item, Mark)]
    return [*flat, b"".join(emg), b"".join(acc), *marks]
