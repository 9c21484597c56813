"""EDF and BDF files as other programs write them, field by field, sound or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from firmware_bridge.edf_header import FIXED_FIELDS, SIGNAL_FIELDS
from firmware_bridge.samples import SampleBlock

Numbers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class ForeignSignal:
    """A signal's header fields as text, and its counts; ``samples`` are those in one record."""

    label: str
    counts: Numbers
    samples: int = 1000
    unit: str | bytes = "uV"
    physical_min: str = "-1000"
    physical_max: str = "1000"
    digital_min: str = "-32768"
    digital_max: str = "32767"
    transducer: str = ""
    prefilter: str = ""
    reserved: str = ""


@dataclass(frozen=True)
class ForeignFile:
    """A file of them. ``notes`` holds the annotation bytes of each record; ``fixed`` overrides header fields."""

    signals: Sequence[ForeignSignal]
    notes: Sequence[bytes] = ()
    bits: int = 16
    plus: str = ""
    fixed: dict[str, str | bytes] = field(default_factory=dict)
    note_bytes: int = 120

    @property
    def records(self) -> int:
        return len(self.signals[0].counts) // self.signals[0].samples

    def header(self) -> bytes:
        signals = [*self.signals, *self._note_signals()]
        values: dict[str, str | bytes] = {
            "version": "0" if self.bits == 16 else b"\xffBIOSEMI",
            "patient": "X X X X",
            "recording": "Startdate 02-MAY-2026 X X X",
            "date": "02.05.26",
            "time": "23.04.05",
            "header_bytes": str(256 * (1 + len(signals))),
            "reserved": self.plus,
            "records": str(self.records),
            "record_s": "1",
            "signals": str(len(signals)),
        }
        values |= self.fixed
        fixed = b"".join(_padded(values[name], width) for name, width in FIXED_FIELDS)
        columns = [
            _padded(value if isinstance(value := getattr(s, name), bytes) else str(value), width)
            for name, width in SIGNAL_FIELDS
            for s in signals
        ]
        return fixed + b"".join(columns)

    def encoded(self) -> bytes:
        rows = []
        for record in range(self.records):
            for signal in self.signals:
                part = signal.counts[record * signal.samples : (record + 1) * signal.samples]
                rows.append(_packed(part, self.bits))
            if self.notes:
                rows.append(self.notes[record].ljust(self.note_bytes, b"\x00"))
        return self.header() + b"".join(rows)

    def write(self, path: Path) -> Path:
        path.write_bytes(self.encoded())
        return path

    def but(self, **fixed: str | bytes) -> ForeignFile:
        """The same file with other text in fields of the fixed header."""
        return replace(self, fixed={**self.fixed, **fixed})

    def _note_signals(self) -> list[ForeignSignal]:
        if not self.notes:
            return []
        name = "EDF Annotations" if self.bits == 16 else "BDF Annotations"
        samples = self.note_bytes // (self.bits // 8)
        return [ForeignSignal(name, np.zeros(0, np.int16), samples, "", "-1", "1")]


def record_time(seconds: str, *texts: str) -> bytes:
    """The annotation bytes of a record that begins at ``seconds`` (signed text), then whole TALs."""
    return f"{seconds}\x14\x14\x00{''.join(texts)}".encode()


def tal(onset: str, text: str, duration: str = "") -> str:
    return f"{onset}{chr(21) + duration if duration else ''}\x14{text}\x14\x00"


def emg(
    seconds: int = 3,
    rate: int = 1000,
    label: str = "EMG gastroc",
    unit: str | bytes = "uV",
    **fields: Any,
) -> ForeignSignal:
    """EMG counts that rise by one a sample, so that every misplaced sample shows."""
    counts = (np.arange(seconds * rate) % 30000 - 15000).astype(np.int32)
    return ForeignSignal(label, counts, rate, unit, **fields)


def acceleration(
    seconds: int = 3,
    rate: int = 100,
    unit: str | bytes = "g",
    **fields: Any,
) -> list[ForeignSignal]:
    counts = (np.arange(seconds * rate) % 2000 - 1000).astype(np.int32)
    limits: dict[str, Any] = {"physical_min": "-4", "physical_max": "4"} | fields
    return [ForeignSignal(f"ACC {axis}", counts + i, rate, unit, **limits) for i, axis in enumerate("XYZ")]


def emg_counts(items: Iterable[object]) -> Numbers:
    """All EMG counts of a stream, one row a sample."""
    return np.concatenate([item.emg_counts for item in items if isinstance(item, SampleBlock)])


def _padded(value: str | bytes, width: int) -> bytes:
    raw = value if isinstance(value, bytes) else value.encode("latin-1")
    return raw[:width].ljust(width)


def _packed(counts: Numbers, bits: int) -> bytes:
    if bits == 16:
        return counts.astype("<i2").tobytes()
    return counts.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
