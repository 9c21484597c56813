"""HELLO: a board says who it is and what its counts mean (device/WIRE.md)."""

import re
import struct
from dataclasses import dataclass
from fractions import Fraction

from firmware_bridge.samples import Scale, SensorInfo
from firmware_bridge.wire import (
    LABEL_BYTES,
    MAX_CHANNELS,
    NAME_BYTES,
    PREFILTER_BYTES,
    PROTOCOL_VERSION,
    Fields,
    FrameError,
    pack,
    pack_scale,
    pack_text,
)

# Why a board started, by the code on the wire.
RESET_CAUSES = ("unknown", "power on", "brown-out", "watchdog", "reset line", "software")

# Largest denominator tried for a sampling rate: finer than a microhertz at 1 kHz.
_RATE_DENOMINATOR_LIMIT = 1_000_000

_HEAD = struct.Struct("<BBBI8sIIIHHB")
SENSOR_ID = re.compile(r"[a-z0-9-]{1,32}")
HARDWARE_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Hello:
    """Who is sending, and how to read its SAMPLES.

    Attributes:
        epoch: Stands in every SAMPLES frame that this HELLO explains; another one after each start or change.
        boot_id: Another one after each start.
        hardware_id: 16 hexadecimal digits, for ever the same for one board.
        next_counter: Counter of the next SAMPLES frame that is sent.
        emg_rate: EMG samples a second.
        acc_ratio: EMG samples per acceleration sample; 0 without an accelerometer.
        frame_samples: Most EMG samples per channel in one SAMPLES frame.
        emg_scales: One per channel, 16-bit.
        acc_scale: Of all three axes; None without an accelerometer.
        sites: One placement per channel.
        name: What the wearer calls the sensor; may be empty.
        firmware: Version.
        prefilter: What the front end does to the signal, in EDF's words.
        reset_cause: Why it started, an index into `RESET_CAUSES`.
        protocol: Version of the wire format.
    """

    epoch: int
    boot_id: int
    hardware_id: str
    next_counter: int
    emg_rate: Fraction
    acc_ratio: int
    frame_samples: int
    emg_scales: tuple[Scale, ...]
    acc_scale: Scale | None
    sites: tuple[str, ...]
    name: str = ""
    firmware: str = ""
    prefilter: str = ""
    reset_cause: int = 0
    protocol: int = PROTOCOL_VERSION

    @property
    def unit_samples(self) -> int:
        """EMG samples per channel that go with one acceleration sample; 1 without an accelerometer."""
        return self.acc_ratio or 1

    def to_payload(self) -> bytes:
        """Return the payload.

        Raises:
            FrameError: something does not fit its field.
        """
        if not HARDWARE_ID.fullmatch(self.hardware_id):
            raise FrameError(
                f"HELLO: expected a hardware id of 16 hexadecimal digits, got {self.hardware_id!r}"
            )
        channels = len(self.emg_scales)
        _check_shape(channels, self)
        head = pack(
            _HEAD,
            "HELLO",
            self.protocol,
            self.epoch,
            self.reset_cause,
            self.boot_id,
            bytes.fromhex(self.hardware_id),
            self.next_counter,
            self.emg_rate.numerator,
            self.emg_rate.denominator,
            self.acc_ratio,
            self.frame_samples,
            channels,
        )
        scales = (*self.emg_scales, *([self.acc_scale] if self.acc_scale else []))
        texts = ((self.name, NAME_BYTES), (self.firmware, LABEL_BYTES), (self.prefilter, PREFILTER_BYTES))
        sites = ((site, LABEL_BYTES) for site in self.sites)
        return b"".join([head, *map(pack_scale, scales), *(pack_text(t, n) for t, n in (*texts, *sites))])

    @classmethod
    def from_payload(cls, payload: bytes) -> "Hello":
        """Read a payload.

        Raises:
            FrameError: it ends early or its numbers are impossible.
        """
        fields = Fields(payload, "HELLO")
        protocol, epoch, cause, boot_id, unique, counter, rate, per, ratio, most, channels = fields.take(
            _HEAD
        )
        if protocol != PROTOCOL_VERSION:
            raise FrameError(
                f"HELLO: expected version {PROTOCOL_VERSION} of the wire format, got {protocol}; "
                "crampwatch and the board's firmware must be of one age"
            )
        if not rate or not per:
            raise FrameError(f"HELLO: expected a sampling rate above 0, got {rate}/{per}")
        emg_scales = tuple(fields.scale() for _ in range(channels))
        acc_scale = fields.scale() if ratio else None
        name, firmware, prefilter = (fields.text() for _ in range(3))
        sites = tuple(fields.text() for _ in range(channels))
        hello = cls(
            epoch=epoch,
            boot_id=boot_id,
            hardware_id=unique.hex(),
            next_counter=counter,
            emg_rate=Fraction(rate, per),
            acc_ratio=ratio,
            frame_samples=most,
            emg_scales=emg_scales,
            acc_scale=acc_scale,
            sites=sites,
            name=name,
            firmware=firmware,
            prefilter=prefilter,
            reset_cause=cause,
            protocol=protocol,
        )
        _check_shape(channels, hello)
        return hello

    def info(self, sensor_id: str | None = None) -> SensorInfo:
        """Return what the rest of the program wants to know of it, under its own name or the one given."""
        own = self.name if SENSOR_ID.fullmatch(self.name) else f"sensor-{self.hardware_id[-8:]}"
        rate_hz = float(self.emg_rate)
        return SensorInfo(
            sensor_id=sensor_id or own,
            emg_rate_hz=rate_hz,
            acc_rate_hz=rate_hz / self.acc_ratio if self.acc_ratio else 0.0,
            sites=self.sites,
            emg_scales=self.emg_scales,
            acc_scale=self.acc_scale,
            firmware=self.firmware,
            hardware_id=self.hardware_id,
            boot_id=self.boot_id,
            prefilter=self.prefilter,
        )


def _check_shape(channels: int, hello: Hello) -> None:
    """Refuse a HELLO whose SAMPLES nobody could read."""
    if not 1 <= channels <= MAX_CHANNELS or channels != len(hello.sites):
        raise FrameError(f"HELLO: expected 1 to {MAX_CHANNELS} channels with a site each, got {channels}")
    if bool(hello.acc_ratio) != (hello.acc_scale is not None):
        raise FrameError("HELLO: expected an acceleration scale where, and only where, there is acceleration")
    if hello.frame_samples < 1 or hello.frame_samples % hello.unit_samples:
        raise FrameError(
            f"HELLO: expected {hello.unit_samples} samples per frame or a multiple, got {hello.frame_samples}"
        )


def rate_fraction(rate_hz: float) -> Fraction:
    """Return a sampling rate as HELLO carries it, exact for every ratio of small whole numbers.

    Raises:
        FrameError: it is not above 0, or so low that no fraction comes near it.
    """
    fraction = Fraction(rate_hz).limit_denominator(_RATE_DENOMINATOR_LIMIT)
    if fraction <= 0:
        raise FrameError(f"HELLO: expected a sampling rate above 0, got {rate_hz!r} Hz")
    return fraction
