"""The nights on disk: which there are, what is in them, and a window of their signals as bytes."""

import hashlib
import logging
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from dashboard import views
from dashboard.night_index import NightIndex, is_night
from dashboard.night_log import NightLog
from dashboard.texts import Texts, texts_in
from dashboard.wave_format import encode
from dashboard.waveforms import Overview, WaveformError
from firmware_bridge.recordings import RecordingError

_log = logging.getLogger(__name__)

# Recordings kept open: a night has one, and one more for each restart of the sensor.
OVERVIEWS_KEPT = 12
# Widest window that a page may ask for, in pixels: two 4K screens.
MOST_PIXELS = 8192
# As long as this between two recordings the night was interrupted; beyond, it was another sleep.
PAUSE_S = 3600.0
# A recording that was written to so lately is under way.
GROWING_S = 30.0
_PART_FILES = "signal*.edf"


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

    @property
    def is_growing(self) -> bool:
        """Whether it is being written."""
        return time.time() - self.overview.path.stat().st_mtime < GROWING_S

    @property
    def recording_id(self) -> str:
        """What its events refer to."""
        return self.overview.recording.recording_id


def longest(parts: Iterable[Part]) -> Part:
    """Return the recording that speaks for a night which was interrupted: labels and tables are of it.

    Raises:
        ValueError: there is none.
    """
    return max(parts, key=lambda part: part.end - part.start)


class Nights:
    """The folder of nights. Reading is slow and guarded by a lock: call it from a worker thread.

    Args:
        folder: Of the recordings; only read.
        overviews: Where what is worked out from them is kept.
        log: What was found in them.
        texts: What the pages say.

    Attributes:
        kept_in: Where what is worked out is kept.
        index: What the nights are at a glance.
    """

    def __init__(self, folder: Path, overviews: Path, log: NightLog, texts: Texts | None = None) -> None:
        self._folder = folder
        self.kept_in = overviews
        self.index = NightIndex(overviews, self.files)
        self._event_log = log
        self._texts = texts or texts_in()
        self._lock = threading.Lock()
        self._overviews: OrderedDict[Path, Overview] = OrderedDict()
        # Files whose trouble is in the log file already; a page asks again and again.
        self._told: set[Path] = set()

    def names(self) -> list[str]:
        """Return the nights, newest first."""
        if not self._folder.is_dir():
            return []
        entries = (entry for entry in self._folder.iterdir() if is_night(entry.name))
        return sorted((entry.name for entry in entries if entry.is_dir()), reverse=True)

    def tidy(self) -> None:
        """Throw away what was worked out from nights that are no more."""
        if not self.kept_in.is_dir():
            return
        nights = set(self.names())
        for kept in self.kept_in.iterdir():
            if is_night(kept.name) and kept.name not in nights:
                shutil.rmtree(kept, ignore_errors=True)

    def version(self, name: str) -> str:
        """Return a word that changes when the night's signals do.

        Raises:
            UnknownNightError: there is none of that name.
        """
        files = [(path.name, path.stat()) for path in self.files(name)]
        sizes = [(file, status.st_size, status.st_mtime_ns) for file, status in files]
        return hashlib.sha256(repr(sizes).encode()).hexdigest()[:16]

    def check(self, name: str) -> None:
        """Look whether there is a night.

        Raises:
            UnknownNightError: there is none of that name.
        """
        self._of(name)

    def files(self, name: str) -> list[Path]:
        """Return the recordings of a night.

        Raises:
            UnknownNightError: there is none of that name.
        """
        return sorted(self._of(name).glob(_PART_FILES))

    def recorded(self, name: str) -> list[Part]:
        """Return the recordings of a night that can be read, by start.

        Raises:
            UnknownNightError: there is none of that name.
        """
        with self._lock:
            return self._parts(name)[0]

    def found(self, name: str) -> list[tuple[Part, dict[str, Any]]]:
        """Return the events of a night, each with the recording that it is in.

        Raises:
            UnknownNightError: there is none of that name.
        """
        own = {part.recording_id: part for part in self.recorded(name)}
        return [(own[m["recording_id"]], m) for m in self._event_log.of_recordings(own)]

    def has_event(self, name: str, event_id: object) -> bool:
        """Tell whether an event is one of a night's.

        Raises:
            UnknownNightError: there is no such night.
        """
        return any(message["id"] == event_id for _, message in self.found(name))

    def night(self, name: str) -> dict[str, Any]:
        """Return what the page of a night shows; times in seconds since 1970.

        Raises:
            UnknownNightError: there is none of that name.
        """
        with self._lock:
            parts, troubles = self._parts(name)
            own = {part.recording_id: part for part in parts}
            found = [(own[m["recording_id"]], m) for m in self._event_log.of_recordings(own)]
            shown = [_shown(part) for part in parts]
        pauses = _pauses(parts)
        rows = [
            views.night_row(self._texts, m, part.start, part.end if part.is_growing else None)
            for part, m in found
        ]
        rows.sort(key=lambda row: (row["start"], row["id"]))
        recorded_s = sum(part.overview.recording.duration_s for part in parts)
        night_s = recorded_s + sum(end - start for start, end in pauses)
        seen_s = max(0.0, sum(part.overview.seen_s for part in parts) - views.unusable_s(rows))
        date, _, sensor = name.partition("_")
        return {
            "name": name,
            "date": date,
            "sensor": sensor,
            "headline": views.headline(self._texts, rows, night_s=night_s, seen_s=seen_s),
            "night_s": night_s,
            "seen_s": seen_s,
            "start": min((part.start for part in parts), default=0.0),
            "end": max((part.end for part in parts), default=0.0),
            "parts": shown,
            "pauses": pauses,
            "lanes": self._texts.group("night_lane"),
            "events": rows,
            "troubles": troubles,
            "is_growing": any(part.is_growing for part in parts),
        }

    def wave(
        self, name: str, start: float, end: float, pixels: int, curves: Sequence[str], channel: int = 0
    ) -> bytes:
        """Return the curves of a window, chunk after chunk (see `dashboard.wave_format`).

        Args:
            name: The night.
            start: Seconds since 1970.
            end: Likewise.
            pixels: How wide it is drawn.
            curves: Names of `dashboard.waveforms.TRACES`.
            channel: Which EMG channel; the last one where there are fewer.

        Raises:
            UnknownNightError: there is no such night.
        """
        pixels = min(max(1, pixels), MOST_PIXELS)
        chunks = []
        with self._lock:
            for part in self._parts(name)[0]:
                a, b = max(start, part.start), min(end, part.end)
                if a >= b:
                    continue
                own = max(1, round(pixels * (b - a) / (end - start)))
                for place, curve in enumerate(curves):
                    trace = part.overview.trace(curve, a - part.start, b - part.start, own, channel)
                    chunks.append(encode(trace, place, part.start))
        return b"".join(chunks)

    def _of(self, name: str) -> Path:
        folder = self._folder / name
        if not is_night(name) or not folder.is_dir():
            raise UnknownNightError(name)
        return folder

    def _parts(self, name: str) -> tuple[list[Part], list[str]]:
        """Return the recordings of a night that can be read, and what is wrong with the others."""
        parts, troubles = [], []
        for path in self.files(name):
            try:
                overview = self._overview(path)
            except (RecordingError, WaveformError, OSError) as error:
                # One file that cannot be read must not hide the others.
                if path not in self._told:
                    self._told.add(path)
                    _log.warning("night %s: %s", name, error)
                troubles.append(f"{path.name}: {self._texts('file_unreadable')}")
                continue
            start = overview.recording.start
            if isinstance(start, datetime) and start.tzinfo is not None:
                parts.append(Part(overview, start.timestamp()))
            else:
                troubles.append(f"{path.name}: {self._texts('no_start')}")
        return sorted(parts, key=lambda part: part.start), troubles

    def _overview(self, path: Path) -> Overview:
        overview = self._overviews.pop(path, None)
        if overview is None:
            overview = Overview(path, self.kept_in / path.parent.name / path.stem)
        else:
            overview.refresh()
        self._overviews[path] = overview
        while len(self._overviews) > OVERVIEWS_KEPT:
            self._overviews.popitem(last=False)
        return overview


def _pauses(parts: Sequence[Part]) -> list[tuple[float, float]]:
    """Return the spans between recordings in which nobody watched though somebody should have."""
    between = [(before.end, after.start) for before, after in pairwise(parts)]
    return [(start, end) for start, end in between if 0 < end - start < PAUSE_S]


def _shown(part: Part) -> dict[str, Any]:
    info = part.overview.recording.info
    return {
        "start": part.start,
        "end": part.end,
        "sites": info.sites,
        "rate_hz": info.emg_rate_hz,
        "unit": info.emg_scales[0].unit,
        "has_acc": info.acc_scale is not None,
        "postures": [
            (part.start + kept.start_s, part.start + kept.end_s, kept.number)
            for kept in part.overview.postures()
        ],
        "gaps": [(part.start + a, part.start + b) for a, b in part.overview.missing_s],
    }
