"""The segments of a WFDB record, which signals each of them holds, and how far its files really go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

from firmware_bridge.formats.columns import BrokenFileError

# What the library makes of a header: it has no types.
Header = Any
# Bytes a sample takes in a signal file (WFDB Applications Guide, signal(5)).
_SAMPLE_BYTES = MappingProxyType(
    {
        "80": Fraction(1),
        "16": Fraction(2),
        "61": Fraction(2),
        "160": Fraction(2),
        "24": Fraction(3),
        "32": Fraction(4),
        "212": Fraction(3, 2),
        "310": Fraction(4, 3),
        "311": Fraction(4, 3),
    }
)
# Signal formats that are FLAC inside, and the most samples it packs into a byte: a constant block (RFC 9639).
_PACKED = ("508", "516", "524")
_BEST_PACKING = 8192
_MOST_SEGMENTS = 10_000
# What the header of a multi-segment record calls a segment that nobody recorded.
_LOST = "~"


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal of the record: its name, unit, and samples a frame."""

    label: str
    unit: str
    per_frame: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of frames in files of its own.

    Attributes:
        record: Its header without the suffix; None where nobody recorded.
        first_frame: Its first frame, counted over the whole record.
        frames: How many its files hold.
        places: The place of each of the record's signals in it; None where it lacks one.
        files: Its header and signal files.
    """

    record: Path | None
    first_frame: int
    frames: int
    places: tuple[int | None, ...]
    files: tuple[Path, ...]


def segments_of(
    header: Path, read_header: Callable[[Path], Header]
) -> tuple[tuple[Signal, ...], list[Segment], Header, list[str]]:
    """Return a record's signals, its segments, its header as the library reads it, and warnings.

    Raises:
        BrokenFileError: a file is missing, its segments do not fit each other, or it is hostile.
    """
    warnings: list[str] = []
    record = read_header(header)
    if not hasattr(record, "seg_name"):
        signals = _signals(record)
        return signals, [_segment(header, record, 0, None, (signals, warnings))], record, warnings
    if len(record.seg_name) > _MOST_SEGMENTS or len(record.seg_name) != len(record.seg_len):
        raise BrokenFileError(f"expected at most {_MOST_SEGMENTS} segments, got {len(record.seg_name)}")
    headers = [
        None if name == _LOST else _single(header.with_name(f"{name}.hea"), read_header)
        for name in record.seg_name
    ]
    real = [one for one in headers if one is not None]
    if not real:
        raise BrokenFileError("expected a segment that was recorded, got none")
    # In a variable layout the first segment, of no length, names all signals; in a fixed one all hold the same.
    all_of = _laid_out(headers) if record.seg_len[0] == 0 else _signals(real[0])
    segments: list[Segment] = []
    at = 0
    for name, frames, one in zip(record.seg_name, record.seg_len, headers, strict=True):
        path = header.with_name(f"{name}.hea")
        if frames and one is None:
            segments.append(Segment(None, at, frames, (None,) * len(all_of), ()))
        elif frames:
            segments.append(_segment(path, one, at, frames, (all_of, warnings)))
        at += frames
    return all_of, segments, record, warnings


def _single(path: Path, read_header: Callable[[Path], Header]) -> Header:
    if not path.is_file():
        raise BrokenFileError(f"expected the header of a segment in {path.name}, got no such file")
    record = read_header(path)
    if hasattr(record, "seg_name"):
        raise BrokenFileError(f"{path.name}: expected one segment, got a record of several inside another")
    return record


def _signals(record: Header) -> tuple[Signal, ...]:
    if not record.n_sig or record.sig_name is None or len(record.sig_name) != record.n_sig:
        raise BrokenFileError(f"expected {record.n_sig or 'some'} signals in the header, got fewer")
    if any(each == 0 for each in record.samps_per_frame):
        raise BrokenFileError("expected at least one sample of each signal a frame, got none")
    described = zip(record.sig_name, record.units, record.samps_per_frame, strict=True)
    return tuple(Signal(name or "", unit or "", int(each or 1)) for name, unit, each in described)


def _laid_out(headers: Sequence[Header]) -> tuple[Signal, ...]:
    """Return what the layout names, as the segments that hold it describe it."""
    found: dict[str, Signal] = {}
    for one in headers[1:]:
        for signal in _signals(one) if one is not None else ():
            found.setdefault(signal.label, signal)
    signals = tuple(found[signal.label] for signal in _signals(headers[0]) if signal.label in found)
    if not signals:
        raise BrokenFileError("expected segments that hold the signals of the layout, got none")
    return signals


def _segment(
    path: Path,
    record: Header,
    at: int,
    frames: int | None,
    known: tuple[tuple[Signal, ...], list[str]],
) -> Segment:
    signals, warnings = known
    own = _signals(record)
    if own == signals:
        places: tuple[int | None, ...] = tuple(range(len(own)))
    else:
        places = tuple(_place(path, own, signal) for signal in signals)
    files = [path.with_name(str(name)) for name in dict.fromkeys(record.file_name)]
    said = frames if frames is not None else record.sig_len
    held = min(
        _held_frames(record, path.with_name(name), name, said) for name in dict.fromkeys(record.file_name)
    )
    if said and held < said:
        warnings.append(f"{path.name}: cut off: {said} frames expected, {held} held; those are read")
    length = min(said, held) if said else held
    if length < 1:
        raise BrokenFileError(f"{path.name}: expected samples in {files[0].name}, got none")
    return Segment(path.absolute().with_suffix(""), at, length, places, (path, *files))


def _place(path: Path, own: Sequence[Signal], signal: Signal) -> int | None:
    for place, one in enumerate(own):
        if one.label == signal.label:
            if one != signal:
                raise BrokenFileError(f"{path.name}: expected {signal} in every segment, got {one}")
            return place
    return None


def _held_frames(record: Header, path: Path, name: str, said: int | None) -> int:
    """Return how many frames a signal file really holds."""
    if not name or not path.is_file():
        raise BrokenFileError(
            f"expected the signal file {name or '(no name)'} beside the header, got no such file"
        )
    mine = [i for i, other in enumerate(record.file_name) if other == name]
    storage = str(record.fmt[mine[0]])
    size = path.stat().st_size
    if storage in _PACKED:
        return min(said or 0, size * _BEST_PACKING)
    if storage not in _SAMPLE_BYTES:
        raise BrokenFileError(
            f"{name}: expected a signal format of {', '.join(_SAMPLE_BYTES)}, got {storage}"
        )
    each = sum(int(record.samps_per_frame[i] or 1) for i in mine)
    skewed = max(int(record.skew[i] or 0) for i in mine)
    held = int((size - int(record.byte_offset[mine[0]] or 0)) / (each * _SAMPLE_BYTES[storage]))
    # Signals that a skew shifts end with samples from later frames, which a file that was cut off lacks.
    return held if said and held >= said else held - skewed
