"""Looks at how a MATLAB file of version 5 to 7 is built before a library in compiled code believes it.

scipy trusts that an array holds what its sides say, and reads beyond its memory where it does not. Every number here is
of the MAT-File Format (MathWorks, "Level 5 MAT-File Format").
"""

import math
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from firmware_bridge.formats.columns import BrokenFileError

HEADER_BYTES, TAG_BYTES = 128, 8
COMPRESSED = 15
_MATRIX, _FLAGS, _SIDES = 14, 6, 5
_CELL, _CHAR, _NUMBERS = 1, 4, range(6, 16)
_COMPLEX = 0x0800
# Bytes of a number by the type of its element.
_BYTES: Mapping[int, int] = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}
# How characters are written, by the type of their element.
_WRITTEN = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
# What fits into a tag beside its type and length.
_SMALL_BYTES = 4
# Texts end before this, and so does what stands before the numbers of an array.
_LOOKED_AT_BYTES = 1 << 20
# A cell of cells of texts is the deepest that anybody names columns by.
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class _Element:
    kind: int
    start: int
    length: int
    after: int


def check_elements(file: BinaryIO, order: str, size: int) -> None:
    """Refuse a file with an array that does not hold what its sides say.

    Args:
        file: The file.
        order: Byte order, as `struct` writes it.
        size: Its bytes.

    Raises:
        BrokenFileError: there is one.
    """
    at = HEADER_BYTES
    while at + TAG_BYTES <= size:
        file.seek(at)
        tag = file.read(TAG_BYTES)
        kind, length = struct.unpack(f"{order}II", tag)
        opening = file.read(min(length, _LOOKED_AT_BYTES))
        try:
            whole = (
                zlib.decompressobj().decompress(opening, _LOOKED_AT_BYTES)
                if kind == COMPRESSED
                else tag + opening
            )
            _check_array(order, whole, _element(order, whole, 0))
        except (zlib.error, struct.error, UnicodeDecodeError) as error:
            raise BrokenFileError(f"MATLAB: damaged at {at}: {error}") from error
        at += TAG_BYTES + length


def _element(order: str, raw: bytes, at: int) -> _Element:
    word, length = struct.unpack_from(f"{order}II", raw, at)
    small = word >> 16
    if small > _SMALL_BYTES:
        raise BrokenFileError(f"MATLAB: damaged: expected at most {_SMALL_BYTES} bytes in a tag, got {small}")
    if small:
        return _Element(word & 0xFFFF, at + _SMALL_BYTES, small, at + TAG_BYTES)
    start = at + TAG_BYTES
    return _Element(word, start, length, start + length + -length % TAG_BYTES)


def _check_array(order: str, raw: bytes, array: _Element, depth: int = 0) -> None:
    """Look at an array; what is no numbers, texts or cells of them nobody asks for."""
    if array.kind != _MATRIX or depth > _DEEPEST:
        raise BrokenFileError(f"MATLAB: damaged: expected an array, got an element of type {array.kind}")
    if not array.length:
        return
    word, count, content = _opening(order, raw, array)
    kind = word & 0xFF
    if kind in _NUMBERS:
        _check_numbers(order, raw, content, count, parts=2 if word & _COMPLEX else 1)
    elif kind == _CHAR:
        _check_text(order, raw, _element(order, raw, content), count)
    elif kind == _CELL:
        for _ in range(count):
            inside = _element(order, raw, content)
            _check_array(order, raw, inside, depth + 1)
            content = inside.after
    elif depth:
        raise BrokenFileError(f"MATLAB: expected cells of texts or numbers, got an array of class {kind}")


def _opening(order: str, raw: bytes, array: _Element) -> tuple[int, int, int]:
    """Return an array's flags, how many values it has, and where they begin."""
    flags = _element(order, raw, array.start)
    if (flags.kind, flags.length) != (_FLAGS, 8):
        raise BrokenFileError("MATLAB: damaged: expected an array to begin with its flags")
    (word,) = struct.unpack_from(f"{order}I", raw, flags.start)
    sides = _element(order, raw, flags.after)
    return word, _count(order, raw, sides), _element(order, raw, sides.after).after


def _check_numbers(order: str, raw: bytes, at: int, count: int, parts: int) -> None:
    numbers = _element(order, raw, at)
    if numbers.kind not in _BYTES or numbers.length != count * _BYTES[numbers.kind]:
        raise BrokenFileError(f"MATLAB: damaged: expected {count} numbers, got {numbers.length} bytes")
    # The imaginary part stands behind the real one, beyond what is looked at where that is long.
    if parts > 1 and numbers.after < len(raw):
        _check_numbers(order, raw, numbers.after, count, parts - 1)


def _count(order: str, raw: bytes, sides: _Element) -> int:
    if sides.kind != _SIDES or sides.length % 4 or sides.length > _LOOKED_AT_BYTES:
        raise BrokenFileError("MATLAB: damaged: expected the sides of an array")
    lengths = struct.unpack_from(f"{order}{sides.length // 4}i", raw, sides.start)
    if min(lengths, default=-1) < 0:
        raise BrokenFileError(f"MATLAB: damaged: expected the sides of an array, got {lengths!s:.40}")
    return math.prod(lengths)


def _check_text(order: str, raw: bytes, text: _Element, count: int) -> None:
    written = _WRITTEN.get(text.kind)
    content = raw[text.start : text.start + text.length]
    if written is None or len(content) < text.length:
        raise BrokenFileError(f"MATLAB: damaged: expected a text, got an element of type {text.kind}")
    if written not in {"latin-1", "utf-8"}:
        written += "-le" if order == "<" else "-be"
    if len(content.decode(written)) != count:
        raise BrokenFileError(
            f"MATLAB: damaged: expected a text of {count} characters, got {len(content)} bytes"
        )
