"""The frames on the wire between sensor and host, and how one becomes bytes (device/WIRE.md).

A frame is a frozen value that can write and read its own payload. On the wire it is ``type payload CRC-32``,
packed by COBS, with a zero byte before and after: one of two neighbours' zeros may be lost without harm.
Types below 0x80 go from the board to the host, the others from host to board.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from cobs import cobs

from firmware_bridge.hello import Hello
from firmware_bridge.wire import MAX_ENCODED_BYTES, Fields, FrameError, pack

DELIMITER = b"\0"
# CRC-32 of anything followed by its own CRC-32, least significant byte first.
_CRC_RESIDUE = 0x2144DF1C
_CRC_BYTES = 4

# Patterns of vibration and light, by the code on the wire (four bits each in a CUE).
PATTERNS = ("off", "steady", "pulse", "double", "urgent", "alone")
# What SET can change, by the code on the wire: both in percent.
SETTINGS = ("vibration_strength", "light_strength")
# A battery whose voltage the board does not measure.
NO_BATTERY = 0

# MARK kinds.
BUTTON_SHORT, BUTTON_LONG, CUE_BEGAN, SETTING_CHANGED = 1, 2, 3, 4
# ACK results.
DONE, CANNOT, BAD_ARGUMENT = 0, 1, 2
# BYE reasons.
SWITCHED_OFF, BATTERY_EMPTY, END_OF_RECORDING = 1, 2, 3

# Counter, device µs, epoch: what stands before the samples.
SAMPLES_HEAD = struct.Struct("<IIB")


class Samples(NamedTuple):
    """Up: a run of samples, kept as bytes; whoever has the HELLO reads a whole batch of them at once.

    The payload is counter, device µs and epoch, then units of ``acc_ratio`` EMG samples per channel (all
    channels of an instant side by side) followed by one acceleration triple. All samples are i16.
    """

    payload: bytes

    @property
    def counter(self) -> int:
        """Number of the first sample, modulo 2³²."""
        return int.from_bytes(self.payload[:4], "little")

    def to_payload(self) -> bytes:
        """Return the payload."""
        return self.payload

    @classmethod
    def from_payload(cls, payload: bytes) -> "Samples":
        """Read a payload; what its length has to be, HELLO knows.

        Raises:
            FrameError: it is too short for a counter, a time and an epoch.
        """
        if len(payload) <= SAMPLES_HEAD.size:
            raise FrameError(
                f"SAMPLES: expected more than {SAMPLES_HEAD.size} bytes of payload, got {len(payload)}"
            )
        return cls(payload)


@lru_cache(maxsize=64)
def samples_layout(channels: int, acc_ratio: int, units: int) -> np.dtype[Any]:
    """Return the numpy layout of a SAMPLES payload of ``units`` units (``acc_ratio`` 0: no acceleration)."""
    emg = ("emg", "<i2", (acc_ratio or 1, channels))
    unit = np.dtype([emg, ("acc", "<i2", (3,))] if acc_ratio else [emg])
    return np.dtype([("counter", "<u4"), ("device_us", "<u4"), ("epoch", "u1"), ("units", unit, (units,))])


class _Numbers:
    """A frame whose payload is its fields, in order, as numbers of fixed width."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Any]]
    LAYOUT: ClassVar[struct.Struct]

    def to_payload(self) -> bytes:
        """Return the payload.

        Raises:
            FrameError: a field is out of range.
        """
        return pack(self.LAYOUT, type(self).__name__, *astuple(self))

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload.

        Raises:
            FrameError: it is too short.
        """
        return cls(*Fields(payload, cls.__name__).take(cls.LAYOUT))


@dataclass(frozen=True, slots=True)
class Status(_Numbers):
    """Up: how the board is; ``lead_off`` has a bit per channel, the counts are in samples since its start."""

    LAYOUT: ClassVar = struct.Struct("<IBBHII")
    counter: int
    epoch: int
    lead_off: int
    battery_mv: int
    clipped: int
    lost: int


@dataclass(frozen=True, slots=True)
class MarkFrame(_Numbers):
    """Up: something happened at sample ``counter``; what ``code`` and ``value`` mean depends on ``kind``.

    Buttons: 0, 0. A cue: vibration in the low and light in the high half of ``code``, milliseconds in
    ``value``. A setting: its code and new value.
    """

    LAYOUT: ClassVar = struct.Struct("<IBBBI")
    counter: int
    epoch: int
    kind: int
    code: int = 0
    value: int = 0


@dataclass(frozen=True, slots=True)
class Ack(_Numbers):
    """Up: the command of this type and token was received at sample ``counter``; ``result``: how it went."""

    LAYOUT: ClassVar = struct.Struct("<IBBB")
    counter: int
    command: int
    token: int
    result: int


@dataclass(frozen=True, slots=True)
class Bye(_Numbers):
    """Up: the stream ends on purpose; ``counter`` is the one that the next sample would have had."""

    LAYOUT: ClassVar = struct.Struct("<IBB")
    counter: int
    epoch: int
    reason: int


@dataclass(frozen=True, slots=True)
class Cue(_Numbers):
    """Down: vibrate and light up in `PATTERNS`; ``token`` tells a repeat from a new cue."""

    LAYOUT: ClassVar = struct.Struct("<BBHB")
    vibration: int
    light: int
    duration_ms: int
    token: int = 0


@dataclass(frozen=True, slots=True)
class Set(_Numbers):
    """Down: change one of `SETTINGS`."""

    LAYOUT: ClassVar = struct.Struct("<BIB")
    setting: int
    value: int
    token: int = 0


@dataclass(frozen=True, slots=True)
class HelloRequest(_Numbers):
    """Down: say HELLO."""

    LAYOUT: ClassVar = struct.Struct("")


@dataclass(frozen=True, slots=True)
class Keepalive(_Numbers):
    """Down: the host lives. ``watching`` False is a goodbye: no alarm when the board hears no more."""

    LAYOUT: ClassVar = struct.Struct("<?")
    watching: bool = True


@dataclass(frozen=True, slots=True)
class BadFrame:
    """What stood between two delimiters and was no frame: why, and how many bytes of it were looked at."""

    reason: str
    dropped_bytes: int


Frame = Hello | Samples | Status | MarkFrame | Ack | Bye | Cue | Set | HelloRequest | Keepalive

FRAME_CLASSES: Mapping[int, type[Frame]] = MappingProxyType(
    {
        0x01: Hello,
        0x02: Samples,
        0x03: Status,
        0x04: MarkFrame,
        0x05: Ack,
        0x06: Bye,
        0x81: Cue,
        0x82: Set,
        0x83: HelloRequest,
        0x84: Keepalive,
    }
)
FRAME_TYPES: Mapping[type[Frame], int] = MappingProxyType(
    {frame: code for code, frame in FRAME_CLASSES.items()}
)


def encode(frame: Frame) -> bytes:
    """Return the frame as it goes over the wire, delimiters included.

    Raises:
        FrameError: a field is out of range or the frame too long.
    """
    return seal(bytes([FRAME_TYPES[type(frame)]]) + frame.to_payload())


def seal(body: bytes) -> bytes:
    """Return type and payload with check sum, COBS and delimiters around them.

    Raises:
        FrameError: the frame is longer than `MAX_ENCODED_BYTES`.
    """
    sealed: bytes = cobs.encode(body + zlib.crc32(body).to_bytes(_CRC_BYTES, "little"))
    if len(sealed) > MAX_ENCODED_BYTES:
        raise FrameError(
            f"frame 0x{body[0]:02x}: expected at most {MAX_ENCODED_BYTES} bytes, got {len(sealed)}"
        )
    return DELIMITER + sealed + DELIMITER


def unseal(sealed: bytes) -> bytes:
    """Return the type and payload of what stood between two delimiters.

    Raises:
        FrameError: it is no frame; the reason is one of few.
    """
    if len(sealed) > MAX_ENCODED_BYTES:
        raise FrameError("no end in sight")
    try:
        raw: bytes = cobs.decode(sealed)
    except cobs.DecodeError as error:
        raise FrameError("not COBS") from error
    if len(raw) <= _CRC_BYTES:
        raise FrameError("too short")
    if zlib.crc32(raw) != _CRC_RESIDUE:
        raise FrameError("wrong check sum")
    return raw[:-_CRC_BYTES]
