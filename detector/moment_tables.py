"""What the detector measures of a recording, and how it judges that, as arrays for a notebook.

The moments are the ends of the hops in which something is, or just was, going on (`detector.measuring`): at rest
there are none, for nothing is measured there. The numbers are those that the street itself works with.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from detector.classifier import CLASSES
from detector.detecting import Model, Source, classifier_of, opened
from detector.features import FEATURES
from detector.filters import Signal
from detector.grid import Grid
from detector.hops import HopCutter
from detector.measuring import FeatureRows, Measuring
from detector.sums import Summing
from firmware_bridge.samples import SensorInfo, StreamItem

Array = TypeVar("Array", npt.NDArray[np.float64], npt.NDArray[np.int64])


@dataclass(frozen=True, slots=True, eq=False)
class MomentTable:
    """Numbers of the moments of a recording; arrays are read-only.

    Attributes:
        times_s: ``[rows]`` end of the moment's windows, seconds from the first sample.
        channels: ``[rows]`` number of the EMG channel, from 0; all rows of a channel stand together, by time.
        sites: Where each channel's electrode sits.
        names: Of the columns.
        units: Of the columns.
        values: ``[rows, column]`` float64; NaN where not known.
    """

    times_s: Signal
    channels: npt.NDArray[np.int64]
    sites: tuple[str, ...]
    names: tuple[str, ...]
    units: tuple[str, ...]
    values: Signal

    def __len__(self) -> int:
        """Number of moments."""
        return len(self.times_s)

    def column(self, name: str) -> Signal:
        """Return ``[rows]`` of one column.

        Raises:
            KeyError: there is none of that name.
        """
        if name not in self.names:
            raise KeyError(f"column: expected one of {', '.join(self.names)}, got {name!r}")
        return self.values[:, self.names.index(name)]

    def structured(self) -> npt.NDArray[np.void]:
        """Return the same as a structured array for ``pandas.DataFrame``: ``time_s``, ``site``, the columns."""
        site_width = max(map(len, self.sites))
        table = np.empty(
            len(self), [("time_s", "f8"), ("site", f"U{site_width}"), *((name, "f8") for name in self.names)]
        )
        table["time_s"] = self.times_s
        table["site"] = np.array(self.sites)[self.channels]
        for name in self.names:
            table[name] = self.column(name)
        return table


def features_of(recording: Source) -> MomentTable:
    """Return the features of a recording's moments (`detector.features.FEATURES`).

    Examples:
        >>> from detector import features_of
        >>> from models.synthesis import PlannedEvent, simulate_night
        >>> night = simulate_night(0.02, seed=7, scene=[PlannedEvent(40.0, "hold", 15.0)])
        >>> table = features_of(night)
        >>> table.values.shape == (len(table), len(table.names))
        True
        >>> bool(table.column("times_resting").max() > 4)
        True

    Args:
        recording: An open recording, the path of one, or a synthetic night.

    Raises:
        RecordingError: the file cannot be read, or its channels are unclear.
        UnusableRateError: the EMG is sampled at less than 250 Hz.
    """
    source = opened(recording)
    grid = Grid.of(source.info)
    hop_s = grid.hop / source.info.emg_rate_hz
    channels = range(len(source.info.sites))
    times: list[list[Signal]] = [[np.zeros(0)] for _ in channels]
    values: list[list[Signal]] = [[np.zeros((0, len(FEATURES)))] for _ in channels]
    for rows in measured(source.info, source.items()):
        for channel, found in enumerate(rows.channels):
            times[channel].append(np.float64(hop_s) * (rows.sums.hops.first_hop + found.moments + 1))
            values[channel].append(found.features)
    lengths = [sum(map(len, parts)) for parts in times]
    return MomentTable(
        times_s=_frozen(np.concatenate([part for parts in times for part in parts])),
        channels=_frozen(np.repeat(np.arange(len(lengths)), lengths)),
        sites=source.info.sites,
        names=tuple(feature.name for feature in FEATURES),
        units=tuple(feature.unit for feature in FEATURES),
        values=_frozen(np.concatenate([part for parts in values for part in parts])),
    )


def probabilities_of(recording: Source, *, model: Model = None) -> MomentTable:
    """Return the probabilities of `detector.classifier.CLASSES` at a recording's moments; each row sums to 1.

    Every moment is judged by itself; a verdict needs many of them, and how the leg moves: that is `detector.detect`.

    Examples:
        >>> from detector import probabilities_of
        >>> from models.synthesis import PlannedEvent, simulate_night
        >>> night = simulate_night(0.02, seed=7, scene=[PlannedEvent(40.0, "hold", 15.0)])
        >>> probabilities_of(night).names
        ('rest', 'tonic', 'clonic', 'other', 'artefact')

    Args:
        recording: An open recording, the path of one, or a synthetic night.
        model: What judges: a classifier, the folder of a bundle, or None for the model that comes with the program.

    Raises:
        RecordingError: the file cannot be read, or its channels are unclear.
        UnusableRateError: the EMG is sampled at less than 250 Hz.
        BundleError: the model cannot be used.
    """
    classifier = classifier_of(model)
    table = features_of(recording)
    return MomentTable(
        table.times_s,
        table.channels,
        table.sites,
        CLASSES,
        ("1",) * len(CLASSES),
        _frozen(classifier.probabilities(table.values)),
    )


def measured(info: SensorInfo, items: Iterable[StreamItem]) -> Iterator[FeatureRows]:
    """Yield what the detector measures of a stream."""
    grid = Grid.of(info)
    cutter, summing, measuring = HopCutter(info, grid), Summing(info, grid), Measuring(info, grid)
    for runs in chain(map(cutter.feed, items), [cutter.finish()]):
        for hops in runs:
            for sums in summing.feed(hops):
                yield from measuring.feed(sums)


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array
