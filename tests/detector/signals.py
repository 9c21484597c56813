"""Small synthetic signals with known content, and ways to cut them: what the detector's tests are fed.

They are noise shaped in time, not muscle; the synthetic wearer of `models.synthesis` is nearer to life.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import signal

from detector.pipeline import Pipeline
from detector.settings import DetectorSettings
from detector.types import Contraction, DetectorItem
from firmware_bridge.samples import Gap, Mark, SampleBlock, Scale, SensorInfo, SensorStatus, StreamItem

Signal = npt.NDArray[np.float64]

REST_UV = 3.0
EMG_SCALE = Scale(-32768, 32767, -6553.6, 6553.4, "uV")
ACC_SCALE = Scale(-32768, 32767, -16.0, 16.0, "g")


def sensor(
    rate_hz: float = 1000.0,
    acc_hz: float = 100.0,
    *,
    sites: Sequence[str] = ("left-calf",),
    scale: Scale = EMG_SCALE,
) -> SensorInfo:
    """Return a sensor; no accelerometer with ``acc_hz`` 0."""
    scales = (scale,) * len(sites)
    return SensorInfo("test", rate_hz, acc_hz, tuple(sites), scales, ACC_SCALE if acc_hz else None)


@dataclass(frozen=True)
class Scene:
    """An EMG of ``duration_s`` that is noise times an amplitude, and an acceleration that is gravity plus movement.

    Each part is (begin, end, value): the amplitude in µV, the movement in mg, a tilt in degrees reached at
    its end.
    """

    duration_s: float
    amplitude_uv: Sequence[tuple[float, float, float]] = ()
    bursts: Sequence[tuple[float, float, float, float, float]] = ()
    movement_mg: Sequence[tuple[float, float, float]] = ()
    tilt_deg: Sequence[tuple[float, float, float]] = ()
    hum_uv: Sequence[tuple[float, float, float]] = ()
    flat: Sequence[tuple[float, float]] = ()
    rest_uv: float = REST_UV
    offset_uv: float = 0.0
    seed: int = 0
    info: SensorInfo = field(default_factory=sensor)

    def emg_uv(self, channel: int = 0) -> Signal:
        """Return the EMG of a channel."""
        time_s = np.arange(self.samples) / self.info.emg_rate_hz
        amplitude = np.full(self.samples, self.rest_uv)
        for begin_s, end_s, value in self.amplitude_uv:
            amplitude[(time_s >= begin_s) & (time_s < end_s)] = value
        for begin_s, end_s, value, rate_hz, width_s in self.bursts:
            inside = (time_s >= begin_s) & (time_s < end_s)
            amplitude[inside & ((time_s - begin_s) * rate_hz % 1.0 < width_s * rate_hz)] = value
        emg_uv = (
            amplitude * muscle_noise(self.samples, self.info.emg_rate_hz, [self.seed, channel])
            + self.offset_uv
        )
        for begin_s, end_s, value in self.hum_uv:
            inside = (time_s >= begin_s) & (time_s < end_s)
            emg_uv[inside] += value * np.sqrt(2.0) * np.sin(2 * np.pi * 50.0 * time_s[inside])
        for begin_s, end_s in self.flat:
            emg_uv[(time_s >= begin_s) & (time_s < end_s)] = self.offset_uv
        return emg_uv

    def acc_g(self) -> Signal:
        """Return the acceleration, ``[n, 3]``."""
        rate_hz = self.info.acc_rate_hz
        count = self.samples // self.info.acc_ratio if rate_hz else 0
        time_s = np.arange(count) / (rate_hz or 1.0)
        angle = np.zeros(count)
        for begin_s, end_s, degrees in self.tilt_deg:
            angle += np.radians(degrees) * np.clip((time_s - begin_s) / (end_s - begin_s), 0.0, 1.0)
        acc_g = np.stack([np.sin(angle), np.zeros(count), np.cos(angle)], axis=1)
        for begin_s, end_s, value in self.movement_mg:
            inside = (time_s >= begin_s) & (time_s < end_s)
            acc_g[inside, 0] += value / 1000.0 * np.sqrt(2.0) * np.sin(2 * np.pi * 1.7 * time_s[inside])
        rng = np.random.default_rng([self.seed, 99])
        return acc_g + rng.normal(scale=0.002, size=(count, 3))

    @property
    def samples(self) -> int:
        """Number of EMG samples, whole in acceleration samples."""
        return int(self.duration_s * self.info.emg_rate_hz) // self.info.acc_ratio * self.info.acc_ratio

    def block(self) -> SampleBlock:
        """Return it all as one block."""
        columns = [counts(self.emg_uv(c), scale) for c, scale in enumerate(self.info.emg_scales)]
        acc_scale = self.info.acc_scale
        acc = np.zeros((0, 3), np.int16) if acc_scale is None else counts(self.acc_g(), acc_scale)
        return SampleBlock(self.info, 0, np.stack(columns, axis=1), acc)


@cache
def _shape(rate_hz: float) -> Signal:
    sections: Signal = signal.butter(
        2, [40.0, min(160.0, 0.45 * rate_hz)], "bandpass", fs=rate_hz, output="sos"
    )
    return sections


def muscle_noise(samples: int, rate_hz: float, seed: Sequence[int]) -> Signal:
    """Return noise of RMS 1 with about the spectrum of a calf muscle: median frequency near 95 Hz."""
    white = np.random.default_rng(seed).normal(size=samples)
    shaped: Signal = signal.sosfilt(_shape(rate_hz), white)
    normal: Signal = shaped / np.sqrt(np.mean(np.square(shaped)))
    return normal


def counts(values: Signal, scale: Scale) -> npt.NDArray[np.int16]:
    """Return what a converter of this scale gives."""
    raw = np.rint((values - scale.bias) / scale.gain)
    return np.clip(raw, scale.digital_min, scale.digital_max).astype(np.int16)


def part(block: SampleBlock, begin: int, end: int) -> SampleBlock:
    """Return the samples ``begin`` … ``end`` - 1 of a block that starts at 0."""
    ratio = block.info.acc_ratio
    acc = block.acc_counts[begin // ratio : end // ratio] if len(block.acc_counts) else block.acc_counts
    return SampleBlock(block.info, begin, block.emg_counts[begin:end], acc)


def stream(
    block: SampleBlock,
    cuts: Iterable[int] = (),
    gaps: Iterable[Gap] = (),
    notes: Iterable[Mark | SensorStatus] = (),
) -> Iterator[StreamItem]:
    """Yield a block cut at ``cuts``, without what lies in ``gaps``, and the notes before their samples."""
    holes = sorted(gaps, key=lambda gap: gap.first_index)
    noted = sorted(notes, key=lambda note: note.index)
    edges = {0, block.samples, *cuts, *(note.index for note in noted)}
    edges |= {edge for gap in holes for edge in (gap.first_index, gap.end_index)}
    borders = sorted(edge for edge in edges if 0 <= edge <= block.samples)
    for begin, end in pairwise(borders):
        yield from (note for note in noted if note.index == begin)
        yield from (gap for gap in holes if gap.first_index == begin)
        if not any(gap.first_index <= begin < gap.end_index for gap in holes):
            yield part(block, begin, end)


def detect(
    items: Iterable[StreamItem], info: SensorInfo, settings: DetectorSettings | None = None
) -> list[DetectorItem]:
    """Return all that a pipeline makes of a stream."""
    pipeline = Pipeline(info, settings or DetectorSettings(levels=False), recording_id="test")
    found = [result for item in items for result in pipeline.feed(item)]
    return found + pipeline.finish()


def contractions(items: Iterable[DetectorItem]) -> list[Contraction]:
    """Return the last revision of every contraction, by onset."""
    latest = {item.id: item for item in items if isinstance(item, Contraction)}
    return sorted(latest.values(), key=lambda one: one.onset_index)


def found(
    scene: Scene, *, gaps: Iterable[Gap] = (), notes: Iterable[Mark | SensorStatus] = ()
) -> list[Contraction]:
    """Return what is found in a scene, by onset."""
    return contractions(detect(stream(scene.block(), gaps=gaps, notes=notes), scene.info))


def only(events: Iterable[Contraction], kind: str) -> Contraction:
    """Return the one event of a kind; there must be no more and no less."""
    chosen = [event for event in events if event.kind == kind]
    assert len(chosen) == 1, [(event.kind, event.onset_index, event.reason) for event in chosen]
    return chosen[0]


def alerts(items: Iterable[DetectorItem]) -> list[str]:
    """Return the verdicts that are not ``none``."""
    return [one.alert for one in contractions(items) if one.alert != "none"]


def exact(value: object) -> object:
    """Return a value that is equal only where every bit is."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, *(exact(getattr(value, one.name)) for one in fields(value))
    if isinstance(value, tuple | list):
        return tuple(exact(one) for one in value)
    return np.float64(value).tobytes() if isinstance(value, float) else value
