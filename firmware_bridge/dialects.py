"""Which dialect a board speaks, told from its first bytes.

crampwatch   the frames of device/WIRE.md, from `firmware_bridge.decoder`
chords       `firmware_bridge.dialect_chords`
text         `firmware_bridge.dialect_text`
lsl          `firmware_bridge.dialect_lsl`; the source says so, nobody has to tell it
"""

from typing import Literal

from firmware_bridge.decoder import Decoder
from firmware_bridge.dialect_chords import ChordsDecoder, chords_channels
from firmware_bridge.dialect_lsl import LslDecoder
from firmware_bridge.dialect_rows import DialectDecoder, Row
from firmware_bridge.dialect_text import TextDecoder
from firmware_bridge.frames import BadFrame

Dialect = Literal["crampwatch", "chords", "text", "lsl"]
# What speaks at a port.
DIALECTS: tuple[Dialect, ...] = ("crampwatch", "chords", "text")
# So many whole rows make a stream of them, …
_ENOUGH_ROWS = 5
# … and at least this part of all lines.
_GOOD_SHARE = 0.8
# A frame carries a 32-bit check sum: two are no accident.
_ENOUGH_FRAMES = 2


def recognise(seen: bytes) -> Dialect | None:
    """Return the dialect that the first bytes from a board are in; None while that is not clear."""
    frames = [frame for frame in Decoder().feed(seen) if not isinstance(frame, BadFrame)]
    if len(frames) >= _ENOUGH_FRAMES:
        return "crampwatch"
    if chords_channels(seen) is not None:
        return "chords"
    decoder = TextDecoder()
    rows = sum(isinstance(found, Row) for found in decoder.feed(seen))
    if rows >= _ENOUGH_ROWS and rows >= _GOOD_SHARE * (rows + decoder.counters.bad_rows):
        return "text"
    return None


def decoder_of(dialect: Dialect, seen: bytes, rate_hz: float | None = None) -> DialectDecoder | None:
    """Return a decoder for a dialect of other boards; None while ``seen`` does not show what it needs."""
    if dialect == "text":
        return TextDecoder()
    if dialect == "lsl":
        return LslDecoder(rate_hz)
    channels = chords_channels(seen)
    return None if channels is None else ChordsDecoder(channels)
