"""Boards with other firmware: text lines, Chords packets, and telling which of them it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.dialect_rows import Found
from firmware_bridge.dialect_settling import Settling
from firmware_bridge.dialects import Dialect, decoder_of, recognise
from firmware_bridge.source_contract import SourceUrl, SourceUrlError
from tests.firmware_bridge.foreign_board import ROWS
from tests.fuzz.spoiling import spoilt
from tests.fuzz.target import Entry, Target

LONGEST = 4096
# The first byte of an input says what is expected, the second after how many bytes it is cut.
_EXPECTED: Sequence[Dialect | None] = ("text", "chords", None)
_CUTS = (1, 5, 17, 64, 200)
_OPTIONS = (
    "",
    "?rate=500",
    "?channels=emg,x,y,z",
    "?uv_per_count=1e9&full_scale=1e-9",
    "?bits=8&signal=envelope",
)
_TICK_S = 0.1
_ENOUGH_TICKS = 25
TOKENS = (
    *(
        b"\xc7\x7c",
        b"\x01",
        b"\r\n",
        b"emg:",
        b"x:0.5",
        b"999999999999",
        b"1e99",
        b"-1e-99",
        b".",
        b"label:1",
    ),
    *(b"\n" * 30, b"-", b"+.1e+9", b"\xb5V", b"emg,x,y,z\n", b"1,2,3,4,5\n"),
)


class SettlesOnNothingError(Exception):
    """What came settles on nothing; the source says so in words."""


def seeds() -> list[bytes]:
    """Return what each kind of board says in its first seconds."""
    said = []
    for number, row in enumerate(ROWS.values()):
        rows = b"".join(row(index * 37) for index in range(120))
        said += [bytes([expected, cut]) + rows for expected in range(3) for cut in (number, 4)]
    return said


@contextmanager
def opened(_folder: Path) -> Iterator[Entry]:
    """Give what takes an input."""
    yield _feed


def _feed(content: bytes) -> None:
    first, second, heard = content[:1], content[1:2], content[2:]
    expected = _EXPECTED[first[0] % len(_EXPECTED)] if first else None
    cut = _CUTS[second[0] % len(_CUTS)] if second else 1
    dialect = expected or recognise(heard)
    if dialect is None or dialect == "crampwatch":
        raise SettlesOnNothingError("no dialect of other boards")
    _same_however_cut(dialect, heard, cut)
    options = _OPTIONS[(second[0] // len(_CUTS)) % len(_OPTIONS)] if second else ""
    _settle(dialect, heard, len(heard) // _ENOUGH_TICKS + 1, f"serial:/dev/x{options}")


def _same_however_cut(dialect: Dialect, heard: bytes, cut: int) -> None:
    whole, pieces = decoder_of(dialect, heard), decoder_of(dialect, heard)
    if whole is None or pieces is None:
        raise SettlesOnNothingError("no three packets in a row")
    found: list[Found] = []
    for place in range(0, len(heard), cut):
        found += pieces.feed(heard[place : place + cut])
    assert whole.feed(heard) == found, "cut otherwise, the bytes are other rows"
    assert whole.counters == pieces.counters, "cut otherwise, other losses are counted"


def _settle(dialect: Dialect, heard: bytes, cut: int, address: str) -> None:
    settling, now_s = Settling(dialect, DialectOptions.of(SourceUrl.parse(address))), 100.0
    for place in range(0, len(heard), cut):
        now_s += _TICK_S
        settling.feed(heard[place : place + cut], now_s, now_s)
    if not settling.enough:
        raise SettlesOnNothingError("not enough rows")
    try:
        settled = settling.settled("board", 1.0)
    except ValueError as error:
        raise SettlesOnNothingError(str(error)) from error
    for rows, at_s in settled.early:
        settled.assembler.feed(rows, at_s)
    settled.decoder.restart()
    settled.assembler.link_lost()
    for tick in range(8):
        settled.assembler.feed(settled.decoder.feed(heard[:600]), now_s + tick)


def reshape(content: bytes, chance: Random) -> bytes:
    """Spoil bytes, with what lines and packets are made of at hand."""
    changed = bytearray(spoilt(content, chance, TOKENS))
    if len(changed) > 1 and chance.random() < 0.2:
        changed[chance.randrange(2)] = chance.randrange(256)
    return bytes(changed)


TARGET = Target(seeds, opened, (SettlesOnNothingError, SourceUrlError), reshape, LONGEST)
