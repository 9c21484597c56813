r"""Time-stamped annotation lists (TALs): the text in EDF+ data records (EDF+ specification, 2.2.2).

A TAL is ``+onset[\x15duration]\x14text\x14[text\x14…]\x00``; the first of each record has an empty text
and is the record's own time. Reading is lenient: a damaged TAL is left out and counted. Writing is strict:
what `encode_tal` returns is read back the same.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

# Separators that the specification fixes.
_END_OF_TEXT = "\x14"
_BEFORE_DURATION = "\x15"
_TAL = re.compile(
    rb"([+-]\d{1,10}(?:\.\d{0,12})?)(?:\x15(\d{1,10}(?:\.\d{0,24})?)?)?\x14((?:[^\x00\x14]*\x14)+)", re.ASCII
)
# Onsets are written to the microsecond, far inside half a sample of any rate that EMG is taken at.
_ONSET_DIGITS = 6
# A shorter duration is none, so that no TAL grows with a float's exponent.
_SHORTEST_S = 1e-6


class Annotation(NamedTuple):
    """A text at a time in seconds from the header's start; ``duration_s`` is None where none was given."""

    onset_s: float
    duration_s: float | None
    text: str


@dataclass(frozen=True, slots=True)
class RecordNotes:
    """What the annotation signal of one data record holds.

    Attributes:
        time_s: The record's own time; None where it does not say.
        annotations: The texts, in file order.
        damaged: TALs that could not be read.
    """

    time_s: float | None
    annotations: tuple[Annotation, ...]
    damaged: int


def decode_record(raw: bytes) -> RecordNotes:
    """Return the annotations in one data record's annotation bytes; never raises."""
    time_s, found, damaged = None, [], 0
    for position, chunk in enumerate(raw.split(b"\x00")):
        if not chunk:
            continue
        tal = _TAL.fullmatch(chunk)
        if tal is None:
            damaged += 1
            continue
        onset_s, duration = float(tal[1]), tal[2]
        texts = tal[3].decode("utf-8", errors="replace")[:-1].split(_END_OF_TEXT)
        if position == 0 and not texts[0]:
            time_s = onset_s
        duration_s = float(duration) if duration else None
        found += [Annotation(onset_s, duration_s, text) for text in texts if text]
    return RecordNotes(time_s, tuple(found), damaged)


def encode_tal(onset: str, text: str, duration: str = "") -> bytes:
    """Return one TAL; ``onset`` has its sign, and ``text`` is free of control characters."""
    timing = onset + (_BEFORE_DURATION + duration if duration else "")
    return f"{timing}{_END_OF_TEXT}{text}{_END_OF_TEXT}\x00".encode()


def onset_text(seconds: float) -> str:
    """Return an onset as a TAL spells it: signed, to the microsecond, no exponent."""
    return f"{seconds:+.{_ONSET_DIGITS}f}".rstrip("0").rstrip(".")


def duration_text(seconds: float) -> str:
    """Return a duration as a TAL spells it, every digit of the float kept; empty below a microsecond."""
    return format(Decimal(repr(seconds)), "f") if seconds >= _SHORTEST_S else ""
