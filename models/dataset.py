"""Examples to learn from: feature rows of synthetic people, made by the detector's own stages, with their classes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt

from detector.features import FEATURE_NAMES
from detector.grid import Grid
from detector.hops import HopCutter
from detector.measuring import FeatureRows, Measuring
from detector.sums import Summing
from firmware_bridge.samples import SensorInfo, StreamItem
from models.labels import UNNAMED, Labels, labels_at
from models.lessons import Split, lesson
from models.synthesis import Night

Reals = npt.NDArray[np.float64]
# From the ends of the moments' windows, seconds, to their classes and the finer ones.
Naming = Callable[[Reals], tuple[Labels, list[str]]]

# Digits that are kept of a feature: what another processor's rounding changes lies far behind them.
DIGITS = 4
BLOCK_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Moments with a name.

    Attributes:
        features: ``[rows, feature]`` in the order of `detector.features.FEATURES`, rounded to `DIGITS` digits.
        labels: ``[rows]`` index of the class.
        names: ``[rows]`` finer class of event.
        people: ``[rows]`` number of the person in their split.
    """

    features: Reals
    labels: npt.NDArray[np.int8]
    names: npt.NDArray[np.str_]
    people: npt.NDArray[np.int32]

    def __len__(self) -> int:
        """Number of moments."""
        return len(self.labels)


def feature_rows(info: SensorInfo, items: Iterable[StreamItem]) -> Iterator[FeatureRows]:
    """Yield what the detector measures of a stream."""
    grid = Grid.of(info)
    cutter, summing, measuring = HopCutter(info, grid), Summing(info, grid), Measuring(info, grid)
    for item in items:
        for hops in cutter.feed(item):
            for sums in summing.feed(hops):
                yield from measuring.feed(sums)


def examples_of(night: Night, person: int) -> Examples:
    """Return the named moments of a night's first channel."""
    # The truth is in true seconds, and the sensor's clock is not quite true.
    slow = night.info.emg_rate_hz / night.sensor.true_rate_hz

    def named(ends_s: Reals) -> tuple[Labels, list[str]]:
        return labels_at(ends_s * slow, night.truth)

    return examples_from(night.info, night.items(BLOCK_S), named, person)


def examples_from(
    info: SensorInfo, items: Iterable[StreamItem], name: Naming, person: int, channel: int = 0
) -> Examples:
    """Return the named moments of one channel of a stream.

    Args:
        info: The sensor.
        items: The stream.
        name: Gives each moment its class and finer class, from the ends of the moments' windows in seconds.
        person: Number of the person in their split.
        channel: Which.
    """
    grid = Grid.of(info)
    features: list[Reals] = [np.zeros((0, len(FEATURE_NAMES)))]
    hops: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for rows in feature_rows(info, items):
        of_channel = rows.channels[channel]
        features.append(of_channel.features)
        hops.append(np.asarray(rows.sums.hops.first_hop + of_channel.moments, np.int64))
    ends_s = np.asarray((np.concatenate(hops) + 1) * (grid.hop / info.emg_rate_hz), np.float64)
    labels, names = name(ends_s)
    named = labels != UNNAMED
    return Examples(
        rounded(np.concatenate(features)[named]),
        labels[named],
        np.array(names, str)[named],
        np.full(int(named.sum()), person, np.int32),
    )


def gather(split: Split, jobs: int = 1, tell: Callable[[int], None] = lambda _done: None) -> Examples:
    """Return the examples of all people of a split, in their order, however many processes share the work.

    Args:
        split: Whose.
        jobs: Processes.
        tell: Is given the number of people done.
    """
    parts = []
    for part in _each(split, jobs):
        parts.append(part)
        tell(len(parts))
    return joined(parts)


def joined(parts: Sequence[Examples]) -> Examples:
    """Return several examples as one, in their order."""
    return Examples(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.names for part in parts]),
        np.concatenate([part.people for part in parts]),
    )


def _each(split: Split, jobs: int) -> Iterator[Examples]:
    one = partial(_examples_of_person, split)
    if jobs <= 1:
        yield from map(one, range(split.people))
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(one, range(split.people))


def _examples_of_person(split: Split, number: int) -> Examples:
    return examples_of(lesson(split, number), number)


def rounded(values: Reals, digits: int = DIGITS) -> Reals:
    """Return values with so many significant digits; NaN and 0 stay."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.floor(np.log10(np.abs(values)))
    size = np.where(np.isfinite(size), size, 0.0)
    scale = np.power(10.0, digits - 1 - size)
    return np.asarray(np.rint(values * scale) / scale, np.float64)
