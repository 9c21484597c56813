"""What each night is at a glance: when it was recorded, and how much of that came. Read once, then kept.

Opening a recording of a night takes some 50 ms, which 400 of them would make a wait: what was read lies in one
file beside the overviews, and is read again only where the night's files have changed.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from firmware_bridge.recordings import RecordingError, open_recording

_log = logging.getLogger(__name__)
_FILE = "nights.json"
# Another layout of that file means another number.
_LAYOUT = 1
# A night that is being recorded changes every second; its row need not.
_SETTLED_S = 10.0
# A night's folder: the date of its evening, and the sensor.
_NIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})_[a-z0-9-]{1,32}", re.ASCII)


def is_night(name: str) -> bool:
    """Tell whether a folder is called as nights are, by a date that there is."""
    found = _NIGHT.fullmatch(name)
    if found is None:
        return False
    try:
        date.fromisoformat(found[1])
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Span:
    """One recording of a night.

    Attributes:
        recording_id: What its events refer to.
        start: Seconds since 1970.
        end: Likewise.
        seen_s: Seconds in which samples came.
    """

    recording_id: str
    start: float
    end: float
    seen_s: float


@dataclass(frozen=True, slots=True)
class Glance:
    """A night at a glance.

    Attributes:
        spans: Its recordings that say when they began, by start.
        unreadable: How many others there are.
    """

    spans: tuple[Span, ...]
    unreadable: int = 0

    @property
    def seen_s(self) -> float:
        """Seconds in which samples came."""
        return sum(span.seen_s for span in self.spans)

    @property
    def recorded_s(self) -> float:
        """Seconds from each recording's first sample to its last."""
        return sum(span.end - span.start for span in self.spans)


class NightIndex:
    """What is known of the nights, and kept in a file that may be thrown away.

    Args:
        folder: Where the file lies.
        files_of: The recordings of a night.
    """

    def __init__(self, folder: Path, files_of: Callable[[str], Iterable[Path]]) -> None:
        self._path = folder / _FILE
        self._files_of = files_of
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, Glance]] = _kept(self._path)

    def glances(self, names: Iterable[str], within_s: float) -> Mapping[str, Glance | None]:
        """Return nights at a glance; None of those that there was no time to read.

        Args:
            names: The nights.
            within_s: How long the reading may take, all in all.
        """
        until_s = time.monotonic() + within_s
        found: dict[str, Glance | None] = {}
        is_new = False
        for name in names:
            version = self._version(name)
            with self._lock:
                known = self._known.get(name)
            if known is None or known[0] != version:
                if time.monotonic() > until_s:
                    found[name] = known[1] if known else None
                    continue
                known, is_new = (version, _read(self._files_of(name))), True
                with self._lock:
                    self._known[name] = known
            found[name] = known[1]
        if is_new:
            self._keep()
        return found

    def _version(self, name: str) -> str:
        """Return a word that changes when the night's files do; while one grows, only now and then."""
        status = [(path.name, path.stat()) for path in self._files_of(name)]
        return repr([(file, int(one.st_mtime // _SETTLED_S), one.st_ino) for file, one in status])

    def _keep(self) -> None:
        with self._lock:
            nights = {name: [version, asdict(glance)] for name, (version, glance) in self._known.items()}
            beside = self._path.with_suffix(".new")
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                beside.write_text(json.dumps({"layout": _LAYOUT, "nights": nights}))
                beside.replace(self._path)
            except OSError as error:
                # They are read again after the next start, which costs time and nothing else.
                _log.warning("nights: what they are cannot be kept: %s", error)


def _kept(path: Path) -> dict[str, tuple[str, Glance]]:
    try:
        found = json.loads(path.read_text())
        if found["layout"] != _LAYOUT:
            return {}
        return {name: (version, _glance(told)) for name, (version, told) in found["nights"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("nights: %s is read anew: %s", path, error)
        return {}


def _glance(told: Mapping[str, Any]) -> Glance:
    spans = tuple(
        Span(str(span["recording_id"]), *(float(span[key]) for key in ("start", "end", "seen_s")))
        for span in told["spans"]
    )
    return Glance(spans, int(told["unreadable"]))


def _read(paths: Iterable[Path]) -> Glance:
    spans, unreadable = [], 0
    for path in paths:
        try:
            recording = open_recording(path)
        except (RecordingError, OSError) as error:
            # One file that cannot be read must not hide the night; its page says which.
            _log.info("nights: %s", error)
            unreadable += 1
            continue
        if recording.start is None or recording.start.tzinfo is None:
            unreadable += 1
            continue
        start = recording.start.timestamp()
        missing_s = sum(gap.missing for gap in recording.gaps) / recording.info.emg_rate_hz
        end = start + recording.duration_s
        spans.append(Span(recording.recording_id, start, end, recording.duration_s - missing_s))
    return Glance(tuple(sorted(spans, key=lambda span: span.start)), unreadable)
