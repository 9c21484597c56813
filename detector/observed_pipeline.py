"""The pipeline, with a look at what its verdicts are made of: probabilities and features, hop by hop.

What comes out is what `detector.pipeline.Pipeline` gives; looking changes nothing.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from detector.classifier import CLASSES
from detector.due import Due
from detector.features import FEATURE_NAMES
from detector.measuring import FeatureRows
from detector.pipeline import Pipeline
from detector.settings import DetectorSettings
from firmware_bridge.samples import SensorInfo

Rows = npt.NDArray[np.float32]
# What is seen of each hop, in order.
SEEN = (*CLASSES, *FEATURE_NAMES)


class ObservedPipeline(Pipeline):
    """A pipeline that keeps what it saw of one channel.

    Args:
        info: The sensor.
        settings: Limits of the verdicts.
        recording_id: What event ids begin with.
        channel: Which channel is looked at.

    Raises:
        UnusableRateError: the EMG rate is below 250 Hz.
        BundleError: the program's own model is damaged.
    """

    def __init__(
        self, info: SensorInfo, settings: DetectorSettings, *, recording_id: str, channel: int = 0
    ) -> None:
        super().__init__(info, settings, recording_id=recording_id)
        self._channel = channel
        self._seen: list[tuple[int, Rows]] = []

    def take_seen(self) -> list[tuple[int, Rows]]:
        """Return runs of hops seen since the last call: the first hop's number, and ``[hops, SEEN]``, NaN at rest."""
        seen, self._seen = self._seen, []
        return seen

    def _judge(self, rows: FeatureRows) -> Iterator[Due]:
        channel = rows.channels[self._channel]
        found = np.full((len(channel.mains_share), len(SEEN)), np.nan, np.float32)
        found[channel.moments, : len(CLASSES)] = self._classifier.probabilities(channel.features)
        found[channel.moments, len(CLASSES) :] = channel.features
        self._seen.append((rows.sums.hops.first_hop, found))
        yield from super()._judge(rows)
