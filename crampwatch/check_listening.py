"""Listens to the worn sensor for some seconds through the detector's own pipeline: at rest, then for a squeeze."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detector.levels import shows_microvolts
from detector.pipeline import Pipeline
from detector.types import DetectorItem, Levels, SignalQuality
from firmware_bridge.clock import Clock
from firmware_bridge.samples import Gap, SampleBlock, SensorInfo, SensorStatus
from firmware_bridge.sources import Source

# So long the leg is to lie still, seconds of stream; the first of them belongs to the filters.
REST_S, SETTLING_S = 8.0, 1.5
# So long a squeeze is waited for, seconds of stream.
SQUEEZE_S = 15.0
# However slow the stream, listening ends after so many times the seconds it should take, and at least so many.
_PATIENCE, _LEAST_PATIENCE_S = 2.0, 4.0
_READ_S = 0.1
# A squeeze is so many times stronger than rest, and by so many µV.
SQUEEZE_TIMES, SQUEEZE_RISE_UV = 3.0, 10.0
# Place of the noise floor among the quarter-seconds of rest, from the quietest up.
_FLOOR_PERCENT = 25


@dataclass(slots=True)
class Heard:
    """What was heard of a sensor.

    Attributes:
        info: Who is sending.
        samples: That came.
        lost: That did not.
        rate_hz: Measured on the host's clock; None where nothing came.
        rest_uv: RMS of each quarter of a second at rest, of the strongest channel; in counts if the scale is unknown.
        mains_share: Of the power, second by second.
        flags: Seconds with each flag of `detector.types.QUALITY_FLAGS`.
        seconds: Judged, of all channels.
        acc_g: Acceleration, one row a reading.
        lead_off: What the board says of its electrodes; None if it does not.
        battery_mv: None if the board does not say.
        squeeze_times: The strongest half second as a multiple of rest; None if nobody asked for one.
        squeezed: Whether it was a squeeze.
    """

    info: SensorInfo
    samples: int = 0
    lost: int = 0
    rate_hz: float | None = None
    rest_uv: list[float] = field(default_factory=list)
    mains_share: list[float] = field(default_factory=list)
    flags: Counter[str] = field(default_factory=Counter)
    seconds: int = 0
    acc_g: list[npt.NDArray[np.float32]] = field(default_factory=list)
    lead_off: bool | None = None
    battery_mv: int | None = None
    squeeze_times: float | None = None
    squeezed: bool = False

    @property
    def noise_uv(self) -> float | None:
        """The noise floor: the low quarter of the quarter-seconds at rest; None if there were none."""
        return float(np.percentile(self.rest_uv, _FLOOR_PERCENT)) if self.rest_uv else None


class Listener:
    """Listens to an open source.

    Args:
        source: Open.
        info: What its opening gave.
        clock: The source's.

    Raises:
        UnusableRateError: the EMG is sampled too slowly.
    """

    def __init__(self, source: Source, info: SensorInfo, clock: Clock) -> None:
        self.heard = Heard(info)
        self._source = source
        self._clock = clock
        self._pipeline = Pipeline(info, recording_id="check")
        self._hops: list[float] = []
        self._first: tuple[int, float] | None = None
        self._index = 0
        self._resting = True

    def rest(self) -> None:
        """Listen to the leg at rest."""
        self._listen(SETTLING_S, lambda: False)
        # What had waited while the source opened came all at once, and tells nothing of the rate.
        self._first, self.heard.rate_hz = None, None
        self._listen(REST_S, lambda: False)
        self._resting = False

    def squeeze(self) -> None:
        """Wait for a squeeze of the calf."""
        self._hops.clear()
        noise_uv = self.heard.noise_uv
        if noise_uv is None:
            return
        fine = any(shows_microvolts(scale) for scale in self.heard.info.emg_scales)
        least_uv = max(SQUEEZE_TIMES * noise_uv, noise_uv + SQUEEZE_RISE_UV if fine else 0.0)

        def squeezed() -> bool:
            strongest = max(
                (min(pair) for pair in zip(self._hops, self._hops[1:], strict=False)), default=0.0
            )
            self.heard.squeeze_times = strongest / noise_uv if noise_uv else 0.0
            self.heard.squeezed = strongest >= least_uv > 0
            return self.heard.squeezed

        self._listen(SQUEEZE_S, squeezed)

    def _listen(self, stream_s: float, done: Callable[[], bool]) -> None:
        rate_hz = self.heard.info.emg_rate_hz
        ends_index = self._index + stream_s * rate_hz
        patience_s = self._clock.at_least(_PATIENCE * stream_s, real_s=_LEAST_PATIENCE_S)
        gives_up_s = self._clock.mono_s() + patience_s
        while self._index < ends_index and self._clock.mono_s() < gives_up_s and not self._source.finished:
            for item in self._source.read(_READ_S):
                if isinstance(item, SensorInfo):
                    # The signal has changed its meaning under our hands: what was heard so far must do.
                    return
                self._take(item)
                for result in self._pipeline.feed(item):
                    self._judge(result)
            if done():
                return

    def _take(self, item: object) -> None:
        heard = self.heard
        match item:
            case SampleBlock():
                now_s = self._clock.mono_s()
                first_index, first_s = self._first = self._first or (item.end_index, now_s)
                self._index = item.end_index
                if now_s > first_s:
                    heard.rate_hz = (self._index - first_index) / (now_s - first_s)
                heard.samples += item.samples
                if heard.info.acc_scale is not None:
                    heard.acc_g.append(item.acc_g)
            case Gap():
                heard.lost += item.missing
                self._index = item.end_index
            case SensorStatus():
                heard.lead_off = any(item.lead_off)
                heard.battery_mv = item.battery_mv

    def _judge(self, result: DetectorItem) -> None:
        heard = self.heard
        if not isinstance(result, Levels | SignalQuality):
            return
        if result.first_index < SETTLING_S * heard.info.emg_rate_hz:
            return
        if isinstance(result, Levels):
            strength = float(np.sqrt(np.mean(np.square(result.envelope_uv), axis=0)).max())
            (heard.rest_uv if self._resting else self._hops).append(strength)
        else:
            heard.seconds += 1
            heard.flags.update(result.flags)
            heard.mains_share.append(result.mains_share)
