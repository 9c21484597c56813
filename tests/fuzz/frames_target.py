"""Frames from a board: whatever comes, every byte is part of a frame or counted, however it was cut."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from cobs import cobs

from firmware_bridge.assembler import Assembler
from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import BadFrame, Frame, seal, unseal
from firmware_bridge.samples import Gap, Mark, SensorStatus
from firmware_bridge.wire import FrameError
from tests.firmware_bridge.wire_streams import block, sensor
from tests.fuzz.spoiling import spoilt
from tests.fuzz.target import Entry, Target

LONGEST = 4096
# The first byte of an input says after how many bytes it is cut.
_CUTS = (1, 2, 3, 7, 16, 61, 255, 1000)


def seeds() -> list[bytes]:
    """Return what boards of several shapes say."""
    said = []
    for number, (channels, ratio) in enumerate(((1, 10), (2, 10), (1, 0), (3, 1))):
        info = sensor(channels, 1000.0, ratio)
        encoder = Encoder(info)
        frames = [encoder.hello(), *encoder.feed(block(info, 0, 40 * (ratio or 1)))]
        frames += encoder.feed(Mark(10, "button short"))
        frames += encoder.feed(SensorStatus(10, 3700, (False,) * channels, 0, 0))
        frames += encoder.feed(Gap(40 * (ratio or 1), 10 * (ratio or 1), "lost frames"))
        frames += encoder.feed(block(info, 50 * (ratio or 1), 20 * (ratio or 1)))
        said.append(
            bytes([number]) + b"".join([*frames, encoder.restart(), *encoder.finish()])[: LONGEST - 1]
        )
    return said


@contextmanager
def opened(_folder: Path) -> Iterator[Entry]:
    """Give what takes an input."""
    yield _feed


def _feed(content: bytes) -> None:
    cut, heard = _CUTS[content[0] % len(_CUTS)] if content else 1, content[1:]
    whole, pieces = Decoder(), Decoder()
    frames = whole.feed(heard)
    cut_frames: list[Frame | BadFrame] = []
    for place in range(0, len(heard), cut):
        cut_frames += pieces.feed(heard[place : place + cut])
    assert frames == cut_frames, "cut otherwise, the bytes are other frames"
    assert whole.counters == pieces.counters, "cut otherwise, other losses are counted"
    _assemble(frames)


def _assemble(frames: Sequence[Frame | BadFrame]) -> None:
    assembler, end_index = Assembler(), 0
    for number in range(0, len(frames), 3):
        for item in assembler.feed(frames[number : number + 3], 100.0 + number / 10):
            end_index = max(end_index, getattr(item, "end_index", 0))
        if number == 6:
            assembler.link_lost()


def reshape(content: bytes, chance: Random) -> bytes:
    """Spoil what is in a frame, and half of the time put a right check sum behind it."""
    frames = content[1:].split(b"\0")
    number = chance.randrange(len(frames))
    try:
        body = unseal(frames[number])
    except FrameError:
        return spoilt(content, chance)
    body = spoilt(body, chance)
    try:
        sealed = seal(body).strip(b"\0") if chance.random() < 0.5 else _unsummed(body, chance)
    except FrameError:
        sealed = cobs.encode(body)
    frames[number : number + chance.choice((0, 1, 1, 1))] = [sealed]
    if chance.random() < 0.2:
        chance.shuffle(frames)
    return bytes([chance.randrange(len(_CUTS))]) + b"\0".join(frames)


def _unsummed(body: bytes, chance: Random) -> bytes:
    summed: bytes = cobs.encode(body + (zlib.crc32(body) ^ 1 << chance.randrange(32)).to_bytes(4, "little"))
    return summed


TARGET = Target(seeds, opened, (), reshape, LONGEST)
