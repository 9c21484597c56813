"""The detector on one page: from the stream of one sensor to contractions, signal quality and live levels.

    stream → whole hops → sums over ticks → features of the moments → probabilities → events
                                                     └→ signal quality, levels

One pipeline serves a live sensor and a recording alike. Its items depend on the samples alone, to the last
bit: every stage works on a fixed grid of ticks and hops, so that the same things come out however the stream
is cut into blocks.

Errors:
    ValueError
    ├── UnusableRateError   (grid)  the EMG is sampled too slowly
    └── BrokenStreamError   (hops)  samples go back, or another sensor speaks
"""

from collections.abc import Iterable, Iterator
from operator import itemgetter

import numpy as np

from detector.activity import Limits
from detector.author import Author
from detector.bundle import load_model
from detector.classifier import Classifier
from detector.due import Due
from detector.events import ChannelEvents
from detector.grid import Grid
from detector.hops import HopCutter, Hops
from detector.measuring import FeatureRows, Measuring
from detector.quality import QualityMeter
from detector.readings import ReadingMaker
from detector.settings import DetectorSettings
from detector.sums import Summing
from detector.types import Contraction, DetectorItem, Levels
from firmware_bridge.samples import SensorInfo, StreamItem

DEFAULTS = DetectorSettings()
# Live pages draw 50-ms levels.
TICKS_PER_LEVEL = 2
# The first field of `Due`.
_HOP = itemgetter(0)


class Pipeline:
    """Turns the stream of one sensor into contractions, signal quality and levels; a `detector.types.Stage`.

    Items come out in the order of the hops at whose end they are known; of one hop, quality first, then
    contractions, then levels.

    Args:
        info: The sensor; the same signal for the whole life of the pipeline.
        settings: Limits of the verdicts.
        recording_id: What event ids begin with.
        classifier: What judges the moments; the model that comes with the program, if none is given.

    Raises:
        UnusableRateError: the EMG rate is below 250 Hz.
        BundleError: the program's own model is damaged.
    """

    def __init__(
        self,
        info: SensorInfo,
        settings: DetectorSettings = DEFAULTS,
        *,
        recording_id: str,
        classifier: Classifier | None = None,
    ) -> None:
        grid = self.grid = Grid.of(info)
        self._classifier = classifier or load_model()
        self._wants_levels = settings.levels
        self._cutter = HopCutter(info, grid)
        self._summing = Summing(info, grid)
        self._measuring = Measuring(info, grid)
        self._quality = QualityMeter(info, grid)
        self._readings = [ReadingMaker(info, grid, settings, channel) for channel in range(len(info.sites))]
        self._events = [
            ChannelEvents(
                Limits.of(info, grid, settings, channel),
                Author(recording_id, channel, site, self._classifier.name, info.emg_rate_hz),
            )
            for channel, site in enumerate(info.sites)
        ]

    def feed(self, item: StreamItem) -> list[DetectorItem]:
        """Take one item of the stream and return what it completes.

        Raises:
            BrokenStreamError: samples go back, or the sensor changed.
        """
        return self._through(self._cutter.feed(item))

    def finish(self) -> list[DetectorItem]:
        """Return what was still open; the stream has ended."""
        items = self._through(self._cutter.finish())
        ended = (self._trusted(due) for events in self._events for due in events.finish())
        last = [*self._quality.finish(), *ended]
        return items + in_order(last)

    def _through(self, runs: Iterable[Hops]) -> list[DetectorItem]:
        return [
            item
            for hops in runs
            for sums in self._summing.feed(hops)
            for rows in self._measuring.feed(sums)
            for item in in_order(self._judge(rows))
        ]

    def _judge(self, rows: FeatureRows) -> Iterator[Due]:
        yield from self._quality.feed(rows)
        for channel, maker, events in zip(rows.channels, self._readings, self._events, strict=True):
            probabilities = self._classifier.probabilities(channel.features)
            yield from map(self._trusted, events.feed(maker.feed(rows, probabilities)))
        if self._wants_levels:
            yield from self._levels(rows)

    def _trusted(self, due: Due) -> Due:
        """Return an event with the chance that its verdict is true."""
        if not isinstance(due.item, Contraction):
            return due
        return Due(due.hop, self._classifier.trust.judged(due.item, has_acc=self.grid.acc_per_hop > 0))

    def _levels(self, rows: FeatureRows) -> Iterator[Due]:
        """Yield what a live page draws, one item a hop."""
        ticks = slice(TICKS_PER_LEVEL - 1, None, TICKS_PER_LEVEL)
        envelope_uv = np.stack([channel.envelope_uv[:, ticks] for channel in rows.channels], axis=2).astype(
            np.float32
        )
        resting_uv = np.stack([channel.levels.resting_uv for channel in rows.channels], axis=1).astype(
            np.float32
        )
        envelope_uv.flags.writeable = resting_uv.flags.writeable = False
        movement_mg = [None if np.isnan(value) else value for value in rows.movement.dynamic_mg.tolist()]
        step = TICKS_PER_LEVEL * self.grid.tick
        for place, hop in enumerate(
            range(rows.sums.hops.first_hop, rows.sums.hops.first_hop + len(movement_mg))
        ):
            levels = Levels(
                hop * self.grid.hop, step, envelope_uv[place], resting_uv[place], movement_mg[place]
            )
            yield Due(hop, levels)


def in_order(due: Iterable[Due]) -> list[DetectorItem]:
    """Return the items by the hop at which they are known; of one hop, in the order they were made."""
    return [item for _, item in sorted(due, key=_HOP)]
