"""The stream into frames, as a board sends them: the simulated board's voice, and the decoder's counterpart.

The counter is the sample index and the device's time is that index at the nominal rate, so that a block read
back has the counts, indices and scales that it went in with.
"""

import hashlib
from dataclasses import replace

import numpy as np

from firmware_bridge.frames import (
    END_OF_RECORDING,
    FRAME_TYPES,
    NO_BATTERY,
    SAMPLES_HEAD,
    Bye,
    MarkFrame,
    Samples,
    Status,
    encode,
    samples_layout,
    seal,
)
from firmware_bridge.hello import HARDWARE_ID, Hello, rate_fraction
from firmware_bridge.marks import to_frame
from firmware_bridge.narrowing import narrow_counts, narrow_scale, surplus_bits
from firmware_bridge.samples import Counts, Gap, Mark, SampleBlock, SensorInfo, SensorStatus, StreamItem
from firmware_bridge.wire import LABEL_BYTES, MAX_ENCODED_BYTES, PREFILTER_BYTES, WRAP, FrameError

# A frame every hundredth of a second: short enough for a live page, long enough for little overhead.
_FRAME_S = 0.01
# Type, check sum and what COBS adds to the longest frame.
_FRAME_OVERHEAD_BYTES = 12
_EPOCHS = 256
_US = 1_000_000


class Encoder:
    """Says a stream in frames.

    Attributes:
        info: What a host will make of them. It differs from the stream's own only where the wire is narrower,
            which
            ``warnings`` tells: counts of more than 16 bits are rounded.
        warnings: Sentences for a person.
        end_index: How far the stream has come.

    Args:
        info: Of the stream.
        first_index: Sample index at which it begins; its counter is 0.

    Raises:
        FrameError: no board could say this: a rate, or more channels, than the wire can carry.
    """

    def __init__(self, info: SensorInfo, first_index: int = 0) -> None:
        self._hello = introduce(info)
        self._surplus = tuple(map(surplus_bits, info.emg_scales))
        self._acc_surplus = (surplus_bits(info.acc_scale),) * 3 if info.acc_scale else ()
        self._said_info = info
        self._zero_index = first_index
        # What the board says of samples that it has not sent yet.
        self._waiting: list[Mark | SensorStatus] = []
        self.end_index = first_index
        self.info = self._hello.info()
        self.warnings = tuple(
            f"{site}: counts of more than 16 bits were rounded to {scale.gain:.3g} {scale.unit} a count"
            for site, scale, bits in zip(info.sites, self.info.emg_scales, self._surplus, strict=True)
            if bits
        )

    @property
    def frame_samples(self) -> int:
        """EMG samples per channel in a frame of nominal length."""
        return self._hello.frame_samples

    def hello(self) -> bytes:
        """Return HELLO as it is now."""
        return encode(replace(self._hello, next_counter=self.counter(self.end_index)))

    def restart(self) -> bytes:
        """Begin a new count, as after a reset, and return what a board says then."""
        boot_id, epoch = (self._hello.boot_id + 1) % WRAP, (self._hello.epoch + 1) % _EPOCHS
        self._hello = replace(self._hello, boot_id=boot_id, epoch=epoch)
        self._zero_index = self.end_index
        return self.hello()

    def mark(self, kind: int, code: int, value: int) -> bytes:
        """Return the MARK of something that happens now."""
        return encode(MarkFrame(self.counter(self.end_index), self._hello.epoch, kind, code, value))

    def counter(self, index: int) -> int:
        """Return the counter of the sample at ``index``."""
        return (index - self._zero_index) % WRAP

    def feed(self, item: StreamItem) -> list[bytes]:
        """Return the frames that say an item; none for what only a host says (events, notes, link states).

        Raises:
            FrameError: the signal changes, which that of one board does not.
        """
        match item:
            case SampleBlock():
                frames = self._samples(item)
                self.end_index = item.end_index
                return frames
            case Gap():
                self.end_index = item.end_index
            case Mark() | SensorStatus():
                self._waiting.append(item)
                self._waiting.sort(key=lambda waiting: waiting.index)
            case SensorInfo() if not item.same_signal(self._said_info):
                raise FrameError(f"simulated board: expected {self._said_info} throughout, got {item}")
        return []

    def finish(self) -> list[bytes]:
        """Return what was still to be said, and that the recording is over."""
        said = [frame for item in self._waiting for frame in self._tell(item)]
        self._waiting.clear()
        bye = Bye(self.counter(self.end_index), self._hello.epoch, END_OF_RECORDING)
        return [*said, encode(bye)]

    def _samples(self, block: SampleBlock) -> list[bytes]:
        """Return a block as frames of nominal length, and a shorter one if it does not come out even."""
        emg = narrow_counts(block.emg_counts, self._surplus)
        acc = narrow_counts(block.acc_counts, self._acc_surplus)
        nominal, ratio = self._hello.frame_samples, self._hello.unit_samples
        whole = len(emg) - len(emg) % nominal
        frames: list[bytes] = []
        for start, stop, each in ((0, whole, nominal), (whole, len(emg), len(emg) - whole)):
            if start < stop:
                first = block.first_index + start
                sealed = self._equal_frames(first, each, emg[start:stop], acc[start // ratio : stop // ratio])
                frames.extend(self._with_waiting(first, each, sealed))
        return frames

    def _equal_frames(self, first: int, each: int, emg: Counts, acc: Counts) -> list[bytes]:
        hello = self._hello
        payload = samples_layout(len(hello.sites), hello.acc_ratio, each // hello.unit_samples)
        rows = np.zeros(len(emg) // each, np.dtype([("type", "u1"), ("payload", payload)]))
        since_zero = first - self._zero_index + each * np.arange(len(rows), dtype=np.int64)
        rows["type"] = FRAME_TYPES[Samples]
        rows["payload"]["counter"] = since_zero % WRAP
        # Whole numbers throughout: a float would lose microseconds after a few hours.
        device_us = since_zero * _US * hello.emg_rate.denominator // hello.emg_rate.numerator
        rows["payload"]["device_us"] = device_us % WRAP
        rows["payload"]["epoch"] = hello.epoch
        units = rows["payload"]["units"]
        units["emg"] = emg.reshape(units["emg"].shape)
        if hello.acc_ratio:
            units["acc"] = acc.reshape(units["acc"].shape)
        raw, size = rows.tobytes(), rows.itemsize
        return [seal(raw[at : at + size]) for at in range(0, len(raw), size)]

    def _with_waiting(self, first: int, each: int, frames: list[bytes]) -> list[bytes]:
        """Put marks and states ahead of the frames that hold the samples they belong to."""
        told: dict[int, list[bytes]] = {}
        while self._waiting and (before := (self._waiting[0].index - first) // each) < len(frames):
            told.setdefault(max(0, before), []).extend(self._tell(self._waiting.pop(0)))
        if not told:
            return frames
        return [piece for at, frame in enumerate(frames) for piece in (*told.get(at, ()), frame)]

    def _tell(self, item: Mark | SensorStatus) -> list[bytes]:
        """Return the frame that says this, if a board says such things."""
        counter, epoch = self.counter(item.index), self._hello.epoch
        if isinstance(item, Mark):
            mark = to_frame(item, counter, epoch)
            return [encode(mark)] if mark else []
        lead_off = sum(off << channel for channel, off in enumerate(item.lead_off))
        battery_mv = item.battery_mv or NO_BATTERY
        return [encode(Status(counter, epoch, lead_off, battery_mv, item.clipped, item.lost))]


def introduce(info: SensorInfo) -> Hello:
    """Return the HELLO of a board that has this signal.

    Raises:
        FrameError: there can be none.
    """
    acc_ratio = info.acc_ratio if info.acc_scale and info.acc_rate_hz else 0
    unit_samples = acc_ratio or 1
    unit_bytes = samples_layout(len(info.sites), acc_ratio, 1).itemsize - SAMPLES_HEAD.size
    most_units = (MAX_ENCODED_BYTES - _FRAME_OVERHEAD_BYTES - SAMPLES_HEAD.size) // unit_bytes
    if most_units < 1:
        raise FrameError(
            f"simulated board: a frame cannot hold {unit_samples} EMG samples of {len(info.sites)} channels, "
            f"which is what lies between two acceleration samples at {info.acc_rate_hz:g} Hz"
        )
    hello = Hello(
        epoch=1,
        boot_id=info.boot_id or 1,
        hardware_id=_hardware_id(info),
        next_counter=0,
        emg_rate=rate_fraction(info.emg_rate_hz),
        acc_ratio=acc_ratio,
        frame_samples=unit_samples
        * min(max(1, round(info.emg_rate_hz * _FRAME_S / unit_samples)), most_units),
        emg_scales=tuple(map(narrow_scale, info.emg_scales)),
        acc_scale=narrow_scale(info.acc_scale) if info.acc_scale and acc_ratio else None,
        sites=tuple(_cut(site, LABEL_BYTES) for site in info.sites),
        name=info.sensor_id,
        firmware=_cut(info.firmware, LABEL_BYTES),
        prefilter=_cut(info.prefilter, PREFILTER_BYTES),
    )
    hello.to_payload()
    return hello


def _hardware_id(info: SensorInfo) -> str:
    """Return the board's own identity; for a signal without a board, one that follows from its name."""
    if HARDWARE_ID.fullmatch(info.hardware_id):
        return info.hardware_id
    return hashlib.sha256(info.sensor_id.encode()).hexdigest()[:16]


def _cut(text: str, limit: int) -> str:
    """Return as much of a text as fits the wire."""
    return text.encode()[:limit].decode(errors="ignore")
