"""The header of an EDF, EDF+ or BDF file, read leniently: bytes in, a frozen value out.

EDF is Kemp et al. 1992, EDF+ Kemp & Olivan 2003; BDF is BioSemi's 24-bit EDF. A header in the wild has
decimal commas, NULs for spaces, a record count of -1 and units in every encoding, so fields of a channel stay
text until somebody asks for that channel: a bad field hurts only whoever needs it.

`EdfError` is the one error here: the bytes cannot be read as EDF. `firmware_bridge.recordings` adds which
file.
"""

import re
from dataclasses import dataclass
from datetime import date as datetime_date
from datetime import datetime
from datetime import time as datetime_time
from decimal import Decimal
from fractions import Fraction
from typing import Literal

FIXED_BYTES = 256
SIGNAL_BYTES = 256
# Field names and widths in bytes, in file order (EDF specification, table of the header record).
FIXED_FIELDS = (
    *(("version", 8), ("patient", 80), ("recording", 80), ("date", 8), ("time", 8)),
    *(("header_bytes", 8), ("reserved", 44), ("records", 8), ("record_s", 8), ("signals", 4)),
)
SIGNAL_FIELDS = (
    *(("label", 16), ("transducer", 80), ("unit", 8), ("physical_min", 8), ("physical_max", 8)),
    *(("digital_min", 8), ("digital_max", 8), ("prefilter", 80), ("samples", 8), ("reserved", 32)),
)
# Where the number of data records stands; a growing file has it patched in place.
RECORDS_OFFSET = 236
RECORDS_WIDTH = 8
ANNOTATIONS_LABEL = "EDF Annotations"
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

# What people hand us instead, by the first bytes.
_LOOKS_LIKE = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x89PNG", "a PNG image"),
    (b"%PDF", "a PDF document"),
    (b"RIFF", "a WAV file"),
    (b"GDF ", "a GDF recording"),
    (b"XDF:", "an XDF recording"),
    (b"MATLAB", "a MATLAB file"),
    (b"Brain Vision", "a BrainVision header"),
    (b"SQLite format 3", "an SQLite database"),
)
# Two-digit years from 85 on are of the last century (EDF specification; it has its own Y2K rule).
_CENTURY_PIVOT = 85
# EDF writers that hide the date write the first day the format can say.
_HIDDEN_DATE = (1985, 1, 1)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_DATE_OR_TIME = re.compile(r"(\d{1,2})\D(\d{1,2})\D(\d{1,2})", re.ASCII)
# Seconds between which any data record's duration lies; what is outside is a damaged field.
_RECORD_S_RANGE = (Decimal("1e-6"), Decimal("1e8"))
_PLUS_DATE = re.compile(r"Startdate\s+(?:(X)|(\d{1,2})-([A-Za-z]{3})-(\d{4}))(?=\s|$)", re.ASCII)


class EdfError(ValueError):
    """The bytes are not EDF, or not enough of it."""


@dataclass(frozen=True, slots=True)
class EdfSignal:
    """One signal of the file, its numbers still the header's text.

    Attributes:
        samples: Samples in one data record.
        first_byte: Where its samples begin inside a data record.
    """

    number: int
    label: str
    transducer: str
    unit: str
    physical_min: str
    physical_max: str
    digital_min: str
    digital_max: str
    prefilter: str
    samples: int
    first_byte: int

    @property
    def is_annotations(self) -> bool:
        """True for the signal that carries text instead of samples."""
        return self.label.replace("BDF", "EDF") == ANNOTATIONS_LABEL


@dataclass(frozen=True, slots=True)
class EdfHeader:
    """What the header says about the file.

    Attributes:
        kind: ``"EDF"``, ``"EDF+C"``, ``"EDF+D"``, ``"BDF"``, ``"BDF+C"`` or ``"BDF+D"``.
        start: Local time of the first sample, without a zone; None where it was hidden or cannot be read.
        records: Data records that the header claims; -1 where it does not know.
        record_s: Duration of one data record, exactly as the decimal in the header.
        warnings: What was wrong and read all the same.
    """

    kind: str
    recording: str
    start: datetime | None
    records: int
    record_s: Fraction
    signals: tuple[EdfSignal, ...]
    warnings: tuple[str, ...]

    @property
    def sample_bytes(self) -> Literal[2, 3]:
        """Bytes of one sample."""
        return 3 if self.kind.startswith("BDF") else 2

    @property
    def size(self) -> int:
        """Bytes of the header itself."""
        return FIXED_BYTES + SIGNAL_BYTES * len(self.signals)

    @property
    def record_bytes(self) -> int:
        """Bytes of one data record."""
        return self.sample_bytes * sum(signal.samples for signal in self.signals)

    @property
    def has_holes(self) -> bool:
        """True where records have times of their own."""
        return self.kind.endswith("+D")


def decimal_of(text: str, what: str) -> Decimal:
    """Return the number in a header field; blanks and a decimal comma are forgiven.

    Raises:
        EdfError: the field holds no finite number.
    """
    plain = text.replace(" ", "").replace("\x00", "").replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        raise EdfError(f"{what}: expected a number, got {text!r}")
    return Decimal(plain)


def integer_of(text: str, what: str) -> int:
    """Return the whole number in a header field.

    Raises:
        EdfError: the field holds none, or one that no header field can mean.
    """
    value = decimal_of(text, what)
    if value.adjusted() > RECORDS_WIDTH or value != value.to_integral_value():
        raise EdfError(f"{what}: expected a whole number, got {text!r}")
    return int(value)


def signal_count(first: bytes) -> int:
    """Return how many signals a file has, given its first 256 bytes.

    Raises:
        EdfError: these are not the first bytes of an EDF or BDF file.
    """
    _check_version(first)
    if len(first) < FIXED_BYTES:
        raise EdfError(f"the header is cut off: expected at least {FIXED_BYTES} bytes, got {len(first)}")
    count = integer_of(_fixed(first)["signals"], "number of channels")
    if count < 1:
        raise EdfError(f"number of channels: expected at least 1, got {count}")
    return count


def parse_header(raw: bytes) -> EdfHeader:
    """Return the header that the file's first bytes hold.

    Raises:
        EdfError: not EDF or BDF, cut off, or without the numbers that place the samples.
    """
    count = signal_count(raw[:FIXED_BYTES])
    expected = FIXED_BYTES + SIGNAL_BYTES * count
    if len(raw) < expected:
        raise EdfError(
            f"the header is cut off: expected {expected} bytes for {count} channels, got {len(raw)}"
        )
    fixed = _fixed(raw)
    warnings: list[str] = []
    if fixed["header_bytes"] != str(expected):
        warnings.append(
            f"the header gives its size as {fixed['header_bytes']!r} bytes; {count} channels take {expected}"
        )
    family = "BDF" if raw[:1] == b"\xff" else "EDF"
    plus = re.match(r"(?:EDF|BDF)(\+[CD])", fixed["reserved"])
    record_s = decimal_of(fixed["record_s"], "duration of a data record")
    signals = _signals(raw[FIXED_BYTES:expected], count, 3 if family == "BDF" else 2)
    # A file of annotations alone has records of 0 s; there is nothing in it to detect in.
    if not _RECORD_S_RANGE[0] <= record_s <= _RECORD_S_RANGE[1]:
        raise EdfError(f"duration of a data record: expected more than 0 s, got {fixed['record_s']!r}")
    return EdfHeader(
        kind=family + (plus.group(1) if plus else ""),
        recording=fixed["recording"],
        start=_start(fixed, warnings),
        records=_records(fixed["records"], warnings),
        record_s=Fraction(record_s),
        signals=signals,
        warnings=tuple(warnings),
    )


def _check_version(first: bytes) -> None:
    if not first:
        raise EdfError("the file is empty: expected an EDF or BDF recording")
    if first[:8].strip(b" \x00") == b"0" or first[:8] == b"\xffBIOSEMI":
        return
    raise EdfError(f"not an EDF or BDF recording: it looks like {_look(first)}")


def _look(first: bytes) -> str:
    known = next((name for magic, name in _LOOKS_LIKE if first.startswith(magic)), None)
    if known:
        return known
    if not any(first):
        return "a file of zeros"
    opening = first[:24]
    if re.fullmatch(rb"[\t\r\n -~]*", opening):
        return f"a text file that begins with {opening.decode('ascii')!r}"
    return f"binary data that begins with {opening[:8].hex(' ')}"


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        # Every byte is a character of Latin-1, which is also what most writers meant.
        text = raw.decode("latin-1")
    return text.strip(" \x00\t\r\n")


def _fixed(raw: bytes) -> dict[str, str]:
    fields, offset = {}, 0
    for name, width in FIXED_FIELDS:
        fields[name] = _text(raw[offset : offset + width])
        offset += width
    return fields


def _signals(raw: bytes, count: int, sample_bytes: int) -> tuple[EdfSignal, ...]:
    columns, offset = {}, 0
    for name, width in SIGNAL_FIELDS:
        columns[name] = [_text(raw[offset + i * width : offset + (i + 1) * width]) for i in range(count)]
        offset += count * width
    signals, first_byte = [], 0
    for i in range(count):
        samples = integer_of(columns["samples"][i], f"samples per record of channel {i + 1}")
        if samples < 0:
            raise EdfError(f"samples per record of channel {i + 1}: expected 0 or more, got {samples}")
        texts = {name: columns[name][i] for name, _ in SIGNAL_FIELDS if name not in {"samples", "reserved"}}
        signals.append(EdfSignal(number=i + 1, samples=samples, first_byte=first_byte, **texts))
        first_byte += samples * sample_bytes
    if not first_byte:
        raise EdfError("samples per record: expected some in at least one channel, got none")
    return tuple(signals)


def _records(text: str, warnings: list[str]) -> int:
    try:
        return max(-1, integer_of(text, "number of data records"))
    except EdfError as error:
        warnings.append(f"{error}; counted from the file's size")
        return -1


def _start(fixed: dict[str, str], warnings: list[str]) -> datetime | None:
    date, time = (_DATE_OR_TIME.fullmatch(fixed[name]) for name in ("date", "time"))
    plus = _PLUS_DATE.match(fixed["recording"])
    if plus and plus.group(1):
        return None
    if not (date and time):
        warnings.append(f"start: expected dd.mm.yy hh.mm.ss, got {fixed['date']!r} {fixed['time']!r}")
        return None
    day, month, year = (int(part) for part in date.groups())
    year += 1900 if year >= _CENTURY_PIVOT else 2000
    if plus and plus.group(3).upper() in MONTHS:
        day, month, year = int(plus.group(2)), MONTHS.index(plus.group(3).upper()) + 1, int(plus.group(4))
    if (year, month, day) == _HIDDEN_DATE:
        return None
    try:
        hour, minute, second = (int(part) for part in time.groups())
        return datetime.combine(datetime_date(year, month, day), datetime_time(hour, minute, second))
    except ValueError:
        warnings.append(f"start: expected a date and time, got {fixed['date']!r} {fixed['time']!r}")
        return None
