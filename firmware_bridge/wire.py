"""The rules that every frame on the wire obeys, and the fields that frames are made of (device/WIRE.md).

    FrameError(ValueError)    a frame cannot be written, or its payload says something impossible

All numbers are little endian. A text is one length byte and that many bytes of UTF-8; a decimal is an i32
mantissa and an i8 power of ten, so that a scale crosses the wire as the very number an EDF header holds.
"""

import struct
from decimal import Decimal
from typing import Any

from firmware_bridge.samples import Scale, edf_number

# Said in HELLO; a host refuses other versions.
PROTOCOL_VERSION = 1
# Longest frame between two delimiters, in bytes as sent: 4 channels at 2 kHz and 50 Hz acceleration fit, and
# a receiver never has to keep more than this of a frame that has not ended.
MAX_ENCODED_BYTES = 1024
# Most EMG channels one board may have: lead-off is one bit each in a byte.
MAX_CHANNELS = 8
# Counters and device time are unsigned 32-bit and wrap.
WRAP = 1 << 32

# Longest texts in HELLO, in bytes: a sensor's name, a site or firmware version, an EDF prefiltering field.
NAME_BYTES, LABEL_BYTES, PREFILTER_BYTES = 32, 40, 80

# Unit of a scale, by the code on the wire.
UNITS = ("count", "uV", "g")

# Two decimals (i32 mantissa, i8 exponent) for the physical limits, after two i16 digital limits and a unit
# code.
_SCALE = struct.Struct("<hhBibib")
_MANTISSA_LIMIT = 1 << 31


class FrameError(ValueError):
    """A frame cannot be written as asked, or a payload that passed its check sum makes no sense."""


class Fields:
    """Reads a payload from front to back.

    What follows the known fields is left alone: a later board may append to any frame but SAMPLES.
    """

    def __init__(self, payload: bytes, frame: str) -> None:
        self._payload = payload
        self._frame = frame
        self._at = 0

    def take(self, layout: struct.Struct) -> tuple[Any, ...]:
        """Return the next numbers.

        Raises:
            FrameError: the payload ends before them.
        """
        start, self._at = self._at, self._at + layout.size
        if self._at > len(self._payload):
            raise FrameError(
                f"{self._frame}: expected at least {self._at} bytes of payload, got {len(self._payload)}"
            )
        return layout.unpack_from(self._payload, start)

    def text(self) -> str:
        """Return the next text.

        Raises:
            FrameError: the payload ends inside it, or it is not UTF-8.
        """
        (length,) = self.take(_LENGTH)
        (raw,) = self.take(struct.Struct(f"<{length}s"))
        try:
            return str(raw, "utf-8")
        except UnicodeDecodeError as error:
            raise FrameError(f"{self._frame}: expected UTF-8 text, got {raw!r}") from error

    def scale(self) -> Scale:
        """Return the next scale.

        Raises:
            FrameError: its ranges are empty or its unit is unknown.
        """
        digital_min, digital_max, unit, *decimals = self.take(_SCALE)
        low, high = (float(Decimal(m).scaleb(e)) for m, e in (decimals[:2], decimals[2:]))
        if unit >= len(UNITS):
            raise FrameError(f"{self._frame}: expected a unit code below {len(UNITS)}, got {unit}")
        try:
            return Scale(digital_min, digital_max, low, high, UNITS[unit])
        except ValueError as error:
            raise FrameError(f"{self._frame}: {error}") from error


_LENGTH = struct.Struct("<B")


def pack(layout: struct.Struct, frame: str, *values: int | bytes) -> bytes:
    """Return the numbers as bytes.

    Raises:
        FrameError: one is out of its field's range.
    """
    try:
        return layout.pack(*values)
    except struct.error as error:
        raise FrameError(f"{frame}: {error}, got {values}") from error


def pack_text(text: str, limit: int) -> bytes:
    """Return the text with its length before it.

    Raises:
        FrameError: it is longer than ``limit`` bytes.
    """
    raw = text.encode()
    if len(raw) > limit:
        raise FrameError(f"text on the wire: expected at most {limit} bytes, got {len(raw)} in {text!r}")
    return bytes([len(raw)]) + raw


def pack_scale(scale: Scale) -> bytes:
    """Return a scale as it stands in HELLO.

    Raises:
        FrameError: its digital range is wider than 16 bits, nobody knows its unit, or no EDF header could
            hold it.
    """
    if scale.unit not in UNITS:
        raise FrameError(f"scale: expected one of the units {', '.join(UNITS)}, got {scale.unit!r}")
    low, high = decimal_parts(scale.physical_min), decimal_parts(scale.physical_max)
    unit = UNITS.index(scale.unit)
    return pack(_SCALE, "scale", scale.digital_min, scale.digital_max, unit, *low, *high)


def decimal_parts(value: float) -> tuple[int, int]:
    """Return mantissa and power of ten of a physical limit: exactly if they fit, else of its EDF text.

    Raises:
        FrameError: an EDF header cannot hold it either.
    """
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    mantissa = int("".join(map(str, digits))) * (-1 if sign else 1)
    if not isinstance(exponent, int) or abs(mantissa) >= _MANTISSA_LIMIT:
        try:
            return decimal_parts(float(edf_number(value)))
        except ValueError as error:
            raise FrameError(f"scale: {error}") from error
    return mantissa, exponent
