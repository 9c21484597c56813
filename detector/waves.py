"""The `wave` topic: the samples themselves, while somebody looks. Pure.

A chunk is a header, the scales, the samples and the acceleration, little endian:

    magic      4s   ``CWW1``
    sequence   u32  0, 1, 2, … since somebody looks; a number left out is a chunk that was lost on the way
    first      u64  index of the first sample in its recording
    start      f64  when that was, in seconds since 1970
    rate       f64  EMG samples a second
    channels   u16  of EMG
    ratio      u16  EMG samples for each acceleration sample; 0 where there is no accelerometer
    samples    u16  of each EMG channel, a multiple of the ratio
    flags      u16  1: nobody knows how many µV a count is

then ``gain`` and ``bias`` (f64) of each channel, and of the acceleration in g where there is one: value = count × gain
+ bias; then int16 EMG, channel after channel; then int16 acceleration, axis after axis. -32768 is a missing sample.
"""

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from firmware_bridge.samples import SampleBlock, SensorInfo

Int16 = npt.NDArray[np.int16]

HEADER = struct.Struct("<4sIQddHHHH")
MAGIC = b"CWW1"
MISSING = -32768
# Twenty-five chunks a second: a curve that flows (UX.md section 2.2).
CHUNK_S = 0.04
# Whoever looks asks again within this; a page that has gone costs nothing after it, seconds of life.
VIEW_FRESH_S = 10.0
# A message stays well under what every broker takes, bytes of samples.
_MOST_BYTES = 12_000
# Channels that a board can have (WIRE.md); more is no message of ours.
_MOST_CHANNELS = 64
_AXES = 3
_UNKNOWN_UNIT = 1
_INT16_MAX = 32767
_SCALE = struct.Struct("<dd")


class WaveError(ValueError):
    """Bytes that are no chunk."""


@dataclass(frozen=True, slots=True, eq=False)
class WaveChunk:
    """A run of samples without a hole.

    Attributes:
        sequence: 0, 1, 2, … since somebody looks.
        first_index: Index of the first sample in its recording.
        start_s: When that was, in seconds since 1970.
        rate_hz: EMG samples a second.
        acc_ratio: EMG samples for each acceleration sample; 0 where there is no accelerometer.
        in_uv: Whether the EMG scales give µV.
        scales: Gain and bias of each EMG channel, then of the acceleration in g where there is one.
        emg: ``[channel, samples]`` counts, read-only.
        acc: ``[3, samples / acc_ratio]`` counts, read-only; ``[3, 0]`` without an accelerometer.
    """

    sequence: int
    first_index: int
    start_s: float
    rate_hz: float
    acc_ratio: int
    in_uv: bool
    scales: tuple[tuple[float, float], ...]
    emg: Int16
    acc: Int16

    def to_bytes(self) -> bytes:
        """Return the message."""
        channels, samples = self.emg.shape
        flags = 0 if self.in_uv else _UNKNOWN_UNIT
        header = HEADER.pack(
            *(MAGIC, self.sequence, self.first_index, self.start_s, self.rate_hz),
            *(channels, self.acc_ratio, samples, flags),
        )
        scales = b"".join(_SCALE.pack(*scale) for scale in self.scales)
        return header + scales + self.emg.astype("<i2").tobytes() + self.acc.astype("<i2").tobytes()

    @classmethod
    def from_bytes(cls, payload: bytes) -> "WaveChunk":
        """Read a message.

        Raises:
            WaveError: it is none.
        """
        if len(payload) < HEADER.size or payload[: len(MAGIC)] != MAGIC:
            raise WaveError(f"wave: expected {MAGIC!r} and a header, got {payload[:8]!r}")
        _, sequence, first, start_s, rate_hz, channels, ratio, samples, flags = HEADER.unpack_from(payload)
        if not (math.isfinite(start_s) and math.isfinite(rate_hz) and rate_hz > 0):
            raise WaveError(f"wave: expected a time and a rate, got {start_s} and {rate_hz}")
        if not 0 < channels <= _MOST_CHANNELS or (ratio and samples % ratio):
            raise WaveError(
                f"wave: expected channels and whole acceleration samples, got {channels}, {samples}"
            )
        acc_samples = samples // ratio if ratio else 0
        scaled = channels + bool(ratio)
        expected = HEADER.size + scaled * _SCALE.size + 2 * (channels * samples + _AXES * acc_samples)
        if len(payload) != expected:
            raise WaveError(f"wave: expected {expected} bytes, got {len(payload)}")
        scales = tuple(_SCALE.iter_unpack(payload[HEADER.size : HEADER.size + scaled * _SCALE.size]))
        if not np.isfinite(scales).all():
            raise WaveError(f"wave: expected scales that are numbers, got {scales}")
        counts = np.frombuffer(payload, "<i2", offset=HEADER.size + scaled * _SCALE.size)
        emg = counts[: channels * samples].reshape(channels, samples)
        acc = counts[channels * samples :].reshape(_AXES, acc_samples)
        in_uv = not flags & _UNKNOWN_UNIT
        return cls(sequence, first, start_s, rate_hz, ratio, in_uv, scales, emg, acc)


class Waves:
    """Cuts a stream into chunks of `CHUNK_S` while somebody looks."""

    def __init__(self) -> None:
        self._asked_s = -math.inf
        self._waiting: list[SampleBlock] = []
        self._sequence = 0

    def look(self, now_s: float) -> None:
        """Note that somebody looks.

        Args:
            now_s: Monotonic seconds of life.
        """
        if not self.is_watched(now_s):
            self._sequence = 0
        self._asked_s = now_s

    def is_watched(self, now_s: float) -> bool:
        """Tell whether anybody has asked lately."""
        return now_s - self._asked_s < VIEW_FRESH_S

    def chunks(
        self, block: SampleBlock, *, origin: int, wall_at: Callable[[int], datetime], now_s: float
    ) -> list[bytes]:
        """Take samples; return the messages that are due.

        Args:
            block: The next samples of the source.
            origin: Index of the source at which the recording begins.
            wall_at: Tells when a sample of the source was taken.
            now_s: Monotonic seconds of life.
        """
        if not self.is_watched(now_s):
            self._waiting.clear()
            return []
        said: list[bytes] = []
        if self._waiting and not _goes_on(self._waiting[-1], block):
            said = self._cut(origin, wall_at)
        self._waiting.append(block)
        if sum(item.samples for item in self._waiting) >= CHUNK_S * block.info.emg_rate_hz:
            said += self._cut(origin, wall_at)
        return said

    def _cut(self, origin: int, wall_at: Callable[[int], datetime]) -> list[bytes]:
        blocks, self._waiting = self._waiting, []
        info, first = blocks[0].info, blocks[0].first_index
        if first < origin:
            # Of the recording before this one: its indices mean nothing here.
            return []
        emg = _int16(np.concatenate([block.emg_counts for block in blocks]).T, info)
        acc = _int16(np.concatenate([block.acc_counts for block in blocks]).T, info, is_acc=True)
        ratio = info.acc_ratio if info.acc_scale is not None else 0
        step = _longest(len(emg), ratio or 1)
        said = []
        for at in range(0, emg.shape[1], step):
            chunk = WaveChunk(
                sequence=self._sequence,
                first_index=first - origin + at,
                start_s=wall_at(first + at).timestamp(),
                rate_hz=info.emg_rate_hz,
                acc_ratio=ratio,
                in_uv=all(scale.unit == "uV" for scale in info.emg_scales),
                scales=_scales(info),
                emg=emg[:, at : at + step],
                acc=acc[:, at // ratio : (at + step) // ratio] if ratio else acc[:, :0],
            )
            said.append(chunk.to_bytes())
            self._sequence += 1
        return said


def _goes_on(before: SampleBlock, after: SampleBlock) -> bool:
    return before.end_index == after.first_index and before.info.same_signal(after.info)


def _longest(channels: int, ratio: int) -> int:
    """Return how many samples one message takes."""
    return max(1, _MOST_BYTES // (2 * (channels + _AXES)) // ratio) * ratio


def _scales(info: SensorInfo) -> tuple[tuple[float, float], ...]:
    scales = [*info.emg_scales, *([] if info.acc_scale is None else [info.acc_scale])]
    return tuple((scale.gain, scale.bias) for scale in scales)


def _int16(counts: npt.NDArray[np.integer], info: SensorInfo, *, is_acc: bool = False) -> Int16:
    """Return counts as they are sent: what is beyond the converter's rails is no sample."""
    scales = info.emg_scales
    if is_acc:
        scales = (info.acc_scale,) * _AXES if info.acc_scale is not None else ()
    low = np.array([max(scale.digital_min, MISSING + 1) for scale in scales], np.int64)
    high = np.array([min(scale.digital_max, _INT16_MAX) for scale in scales], np.int64)
    if not len(scales):
        return np.zeros((_AXES, 0), np.int16)
    known = (counts >= low[:, None]) & (counts <= high[:, None])
    return np.where(known, counts, MISSING).astype(np.int16)
