"""A copy of an EDF or BDF file with more annotations: every sample bit for bit, every annotation that was there.

The added ones stand in an annotation signal of their own, the last of each data record (EDF+ allows several; the
first keeps the time). A plain EDF or BDF file becomes EDF+C or BDF+C by it. The file is copied a piece at a time.

    AnnotatingError    no EDF or BDF file, or the copy cannot be written as asked
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from firmware_bridge.edf_annotations import Annotation, duration_text, encode_tal, onset_text
from firmware_bridge.edf_header import (
    ANNOTATIONS_LABEL,
    FIXED_BYTES,
    FIXED_FIELDS,
    MONTHS,
    SIGNAL_BYTES,
    SIGNAL_FIELDS,
    EdfError,
    EdfHeader,
)
from firmware_bridge.edf_samples import EdfFile
from firmware_bridge.recorded_edf import open_file
from firmware_bridge.recorded_log import read_log

# About so many bytes of data records are read at once.
PIECE_BYTES = 1 << 20
# The number of signals has four characters.
MOST_SIGNALS = 9999
# What an annotation signal says where a signal has its ranges, by bytes of a sample.
RANGES = {2: ("-32768", "32767"), 3: ("-8388608", "8388607")}


class AnnotatingError(ValueError):
    """The copy cannot be made; the text says which, why and what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the added annotations go.

    Attributes:
        keeps_time: The added signal is the file's first annotation signal, and says when each record begins.
        note_bytes: Of it in each data record.
        pages: The annotations of each data record that has any.
    """

    keeps_time: bool
    note_bytes: int
    pages: dict[int, bytes]


def write_annotated(
    source: Path, target: Path, annotations: Sequence[Annotation], *, force: bool = False
) -> None:
    """Write a copy of an EDF or BDF file with annotations added.

    Args:
        source: The file; it is only read.
        target: The copy; it is whole or not there at all.
        annotations: Onsets in seconds from the first sample; texts without control characters.
        force: Replace a copy that is there.

    Raises:
        AnnotatingError: the source is no EDF or BDF file, the target is there already or is the source, an annotation
            has an impossible time or text, or the disk refuses.
    """
    if target.exists() and (not force or target.samefile(source)):
        raise AnnotatingError(
            f"{target}: is there already; choose another place, or --force to replace a copy"
        )
    if target.suffix.lower() != source.suffix.lower():
        raise AnnotatingError(
            f"{target}: expected a name that ends in {source.suffix}, as the recording's does"
        )
    try:
        file = open_file(source)
        plan = _plan(file, sorted(annotations), read_log(file).origin_s)
        header = _header(source, file.header, file.records, plan)
    except (EdfError, OSError) as error:
        raise AnnotatingError(f"{source}: cannot be copied with annotations: {error}") from error
    _write(target, _pieces(file, header, plan))


def _plan(file: EdfFile, annotations: Sequence[Annotation], origin_s: float) -> Plan:
    keeps_time = not any(signal.is_annotations for signal in file.header.signals)
    tals = [(one.onset_s, _tal(one, origin_s)) for one in annotations]
    record_s = float(file.header.record_s)
    time_bytes = len(_time(file.records, record_s)) if keeps_time else 0
    room = max([0, *(len(tal) for _, tal in tals), ceil(sum(len(tal) for _, tal in tals) / file.records)])
    while (pages := _paged(tals, record_s, file.records, room)) is None:
        room *= 2
    width = file.header.sample_bytes
    # An annotation signal has at least one byte more than it says, and whole samples.
    return Plan(keeps_time, ceil((time_bytes + room + 1) / width) * width, pages)


def _paged(
    tals: Iterable[tuple[float, bytes]], record_s: float, records: int, room: int
) -> dict[int, bytes] | None:
    """Return the annotations by data record: their own, or the next with room; None where the last ones find none."""
    pages: dict[int, bytes] = {}
    record = 0
    for onset_s, tal in tals:
        record = max(record, min(int(onset_s / record_s), records - 1))
        while len(pages.get(record, b"")) + len(tal) > room:
            record += 1
        pages[record] = pages.get(record, b"") + tal
    return None if record >= records else pages


def _tal(annotation: Annotation, origin_s: float) -> bytes:
    onset_s, duration_s, text = annotation
    if not (0 <= onset_s < float("inf") and 0 <= (duration_s or 0.0) < float("inf")):
        raise AnnotatingError(
            f"annotation {text!r}: expected times of 0 s or more, got {duration_s} s at {onset_s} s"
        )
    if not text or not text.isprintable():
        raise AnnotatingError(
            f"annotation at {onset_s:g} s: expected a text without control characters, got {text!r}"
        )
    return encode_tal(onset_text(onset_s + origin_s), text, duration_text(duration_s or 0.0))


def _time(record: int, record_s: float) -> bytes:
    return encode_tal(onset_text(record * record_s), "")


def _header(source: Path, header: EdfHeader, records: int, plan: Plan) -> bytes:
    """Return the file's own header with one signal more."""
    with source.open("rb") as raw:
        fixed, signals = raw.read(FIXED_BYTES), raw.read(header.size - FIXED_BYTES)
    count = len(header.signals)
    if count == MOST_SIGNALS:
        raise AnnotatingError(f"{source}: expected fewer than {MOST_SIGNALS} signals, for one more")
    family = header.kind[:3]
    low, high = RANGES[header.sample_bytes]
    added = {
        "label": ANNOTATIONS_LABEL.replace("EDF", family),
        "physical_min": "-1",
        "physical_max": "1",
        "digital_min": low,
        "digital_max": high,
        "samples": str(plan.note_bytes // header.sample_bytes),
    }
    columns, offset = [], 0
    for name, width in SIGNAL_FIELDS:
        columns += [signals[offset : offset + count * width], _field(added.get(name, ""), width)]
        offset += count * width
    said = {
        "header_bytes": str(header.size + SIGNAL_BYTES),
        "records": str(records),
        "signals": str(count + 1),
    }
    return _fixed(fixed, header, said) + b"".join(columns)


def _fixed(fixed: bytes, header: EdfHeader, said: dict[str, str]) -> bytes:
    """Return the first part of the header, that of a plain file with what the plus asks for."""
    if not header.kind.endswith(("+C", "+D")):
        said = said | {"reserved": f"{header.kind}+C", **_plus_identity(fixed, header)}
    fields, offset = [], 0
    for name, width in FIXED_FIELDS:
        fields.append(_field(said[name], width) if name in said else fixed[offset : offset + width])
        offset += width
    return b"".join(fields)


def _plus_identity(fixed: bytes, header: EdfHeader) -> dict[str, str]:
    """Return patient and recording as EDF+ orders them: code, sex, birthdate, name; date, and what was recorded."""
    patient = fixed[8:88].decode("ascii", "replace").split()
    recording = fixed[88:168].decode("ascii", "replace").split()
    start = header.start
    date = f"{start.day:02}-{MONTHS[start.month - 1]}-{start.year:04}" if start else "X"
    return {
        "patient": f"X X X {_word(patient, 74)}",
        "recording": f"Startdate {date} X X {_word(recording, 54)}",
    }


def _word(parts: Sequence[str], width: int) -> str:
    printable = ("".join(c if " " < c <= "~" else "?" for c in part) for part in parts)
    return "_".join(printable)[:width] or "X"


def _field(text: str, width: int) -> bytes:
    return text.encode("ascii").ljust(width)


def _pieces(file: EdfFile, header: bytes, plan: Plan) -> Iterator[bytes]:
    """Yield the bytes of the copy, a megabyte or a data record at a time."""
    yield header
    each = file.header.record_bytes
    step = max(1, PIECE_BYTES // each)
    with file.path.open("rb") as raw:
        raw.seek(file.header.size)
        for first in range(0, file.records, step):
            records = min(step, file.records - first)
            read = raw.read(records * each)
            if len(read) < records * each:
                raise AnnotatingError(f"{file.path}: has become shorter while being copied; try again")
            yield b"".join(
                read[number * each : (number + 1) * each] + _page(file, plan, first + number)
                for number in range(records)
            )


def _page(file: EdfFile, plan: Plan, record: int) -> bytes:
    time = _time(record, float(file.header.record_s)) if plan.keeps_time else b""
    return (time + plan.pages.get(record, b"")).ljust(plan.note_bytes, b"\x00")


def _write(target: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that nobody else may read, whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    try:
        with open(part, "wb", opener=_privately) as copy:
            for piece in pieces:
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
        part.replace(target)
    except OSError as error:
        raise AnnotatingError(
            f"{target}: cannot be written: {error.strerror or error}; is its folder there, and its disk not full?"
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
