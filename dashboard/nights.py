"""The nights on disk: which there are, what is in them, and a window of their signals as bytes."""

import logging
import re
import struct
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from dashboard import texts, views
from dashboard.night_log import NightLog
from dashboard.waveforms import Overview, Trace
from firmware_bridge.recordings import RecordingError

_log = logging.getLogger(__name__)

# A night's folder: the date of its evening, and the sensor.
_NIGHT = re.compile(r"\d{4}-\d{2}-\d{2}_[a-z0-9-]{1,32}", re.ASCII)
# Overviews in memory: 12 MB for a night at 1 kHz.
OVERVIEWS_KEPT = 6
# Widest window that a page may ask for, in pixels: two 4K screens.
MOST_PIXELS = 8192
# Header of a trace (UX.md section 2.5): magic, kind, start, step, bins, scale; then int16 values.
_HEADER = struct.Struct("<4sIddIf")
_MAGIC = b"CW01"
_KINDS = {"emg": 0, "envelope": 2, "movement": 3}
# Kind of EMG that comes as minimum and maximum.
_MIN_MAX = 1
MISSING, _FULL_SCALE = -32768, 32767


class UnknownNightError(KeyError):
    """There is no such night."""


@dataclass(frozen=True, slots=True)
class Part:
    """One recording of a night, placed in time."""

    overview: Overview
    start: float

    @property
    def end(self) -> float:
        """When it ends, in seconds since 1970."""
        return self.start + self.overview.recording.duration_s


class Nights:
    """The folder of nights. Reading is slow and guarded by a lock: call it from a worker thread."""

    def __init__(self, folder: Path, log: NightLog) -> None:
        self._folder = folder
        self._event_log = log
        self._lock = threading.Lock()
        self._overviews: OrderedDict[Path, Overview] = OrderedDict()

    def names(self) -> list[str]:
        """Return the nights, newest first."""
        if not self._folder.is_dir():
            return []
        return sorted((e.name for e in self._folder.iterdir() if _NIGHT.fullmatch(e.name)), reverse=True)

    def night(self, name: str) -> dict[str, Any]:
        """Return what the page of a night shows.

        Raises:
            UnknownNightError: there is none of that name.
        """
        with self._lock:
            parts = self._parts(name)
            events = self._event_log.of_recordings(part.overview.recording.recording_id for part in parts)
            recorded_s = sum(part.overview.recording.duration_s for part in parts)
            seen_s = max(0.0, sum(part.overview.seen_s for part in parts) - views.unusable_s(events))
        date, _, sensor = name.partition("_")
        return {
            "name": name,
            "date": date,
            "sensor": sensor,
            "headline": views.headline(events, recorded_s=recorded_s, seen_s=seen_s),
            "start": min((part.start for part in parts), default=0.0),
            "end": max((part.end for part in parts), default=0.0),
            "parts": [{"start": part.start, "end": part.end, "gaps": _gaps(part)} for part in parts],
            "lanes": texts.LANES,
            "events": [views.event_row(message) for message in events],
        }

    def wave(self, name: str, start: float, end: float, pixels: int, wanted: Sequence[str]) -> bytes:
        """Return the traces of a window, one after the other.

        Args:
            name: The night.
            start: Seconds since 1970.
            end: Likewise.
            pixels: How wide it is drawn.
            wanted: Names of traces.

        Raises:
            UnknownNightError: there is no such night.
        """
        with self._lock:
            return b"".join(self._traces(name, start, end, min(max(1, pixels), MOST_PIXELS), wanted))

    def _traces(
        self, name: str, start: float, end: float, pixels: int, wanted: Sequence[str]
    ) -> Iterator[bytes]:
        for part in self._parts(name):
            a, b = max(start, part.start), min(end, part.end)
            if a >= b:
                continue
            own = max(1, round(pixels * (b - a) / (end - start)))
            makers = {
                "emg": part.overview.emg,
                "envelope": part.overview.envelope,
                "movement": part.overview.movement,
            }
            for trace_name in wanted:
                yield encode(makers[trace_name](a - part.start, b - part.start, own), part.start)

    def _parts(self, name: str) -> list[Part]:
        if not _NIGHT.fullmatch(name) or not (self._folder / name).is_dir():
            raise UnknownNightError(name)
        parts = []
        for path in sorted((self._folder / name).glob("signal*.edf")):
            try:
                overview = self._overview(path)
            except (RecordingError, OSError) as error:
                # One file that cannot be read must not hide the others.
                _log.warning("night %s: %s", name, error)
                continue
            if isinstance(overview.recording.start, datetime):
                parts.append(Part(overview, overview.recording.start.timestamp()))
        return sorted(parts, key=lambda part: part.start)

    def _overview(self, path: Path) -> Overview:
        overview = self._overviews.pop(path, None)
        if overview is None:
            overview = Overview.of(path)
        else:
            overview.refresh()
        self._overviews[path] = overview
        while len(self._overviews) > OVERVIEWS_KEPT:
            self._overviews.popitem(last=False)
        return overview


def _gaps(part: Part) -> list[tuple[float, float]]:
    rate = part.overview.rate_hz
    return [
        (part.start + g.first_index / rate, part.start + g.end_index / rate)
        for g in part.overview.recording.gaps
    ]


def encode(trace: Trace, origin: float) -> bytes:
    """Return a trace as bytes, its start in seconds since 1970; values are int16 times ``scale``, -32768 missing."""
    finite = trace.values[np.isfinite(trace.values)]
    scale = float(np.abs(finite).max(initial=0.0)) / _FULL_SCALE or 1.0
    counts = np.where(
        np.isfinite(trace.values), np.round(np.nan_to_num(trace.values) / scale), MISSING
    ).astype("<i2")
    kind = _MIN_MAX if trace.values.ndim > 1 else _KINDS[trace.name]
    return (
        _HEADER.pack(_MAGIC, kind, origin + trace.start_s, trace.step_s, len(counts), scale)
        + counts.tobytes()
    )
