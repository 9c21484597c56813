"""A stretch of a night as a file of its own: EDF+ with its events, and CSV with units.

ExportError    there is nothing recorded in that stretch, or no room for the file
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import Gap, SampleBlock

# Read and written at a time: bounded memory whatever the stretch.
_BLOCK_S = 60.0
# What a note may say: EDF+ readers show a line of it.
_LONGEST_TEXT = 200
# Left free on the disk that the night is being recorded on.
_SPARE_BYTES = 512 * 1024 * 1024
_BYTES_PER_SAMPLE = 2


class ExportError(RuntimeError):
    """A stretch cannot be exported; the text says why."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that stands in a stretch: when, for how long, and what, in words."""

    start: float
    end: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of one recording.

    Attributes:
        recording: Which.
        first: EMG sample at which it begins, on an acceleration sample.
        stop: EMG sample just after it, likewise.
        start: When it begins; with its zone.
    """

    recording: Recording
    first: int
    stop: int
    start: datetime

    @classmethod
    def of(cls, recording: Recording, begins: float, start: float, end: float) -> "Stretch | None":
        """Return the part of a recording between two times; None where it has none.

        Args:
            recording: Which.
            begins: When it begins, in seconds since 1970.
            start: Seconds since 1970.
            end: Likewise.
        """
        rate_hz, ratio = recording.info.emg_rate_hz, recording.info.acc_ratio
        first = max(0, int((start - begins) * rate_hz)) // ratio * ratio
        stop = min(recording.samples, int(np.ceil((end - begins) * rate_hz))) // ratio * ratio
        if stop <= first:
            return None
        zone = recording.start.tzinfo if recording.start else UTC
        at = datetime.fromtimestamp(begins, UTC) + timedelta(seconds=first / rate_hz)
        return cls(recording, first, stop, at.astimezone(zone))

    @property
    def samples(self) -> int:
        """How long it is, in EMG samples."""
        return self.stop - self.first

    def items(self) -> Iterator[SampleBlock | Gap]:
        """Yield its samples and gaps, counted from its own start."""
        info = self.recording.info
        for item in self.recording.items(_BLOCK_S, self.first / info.emg_rate_hz):
            if not isinstance(item, SampleBlock | Gap) or item.end_index <= self.first:
                continue
            if item.first_index >= self.stop:
                return
            first, stop = max(item.first_index, self.first), min(item.end_index, self.stop)
            if isinstance(item, Gap):
                yield Gap(first - self.first, stop - first, item.reason)
                continue
            a, b, ratio = first - item.first_index, stop - item.first_index, info.acc_ratio
            acc = item.acc_counts[a // ratio : b // ratio] if info.acc_scale else item.acc_counts
            yield SampleBlock(info, first - self.first, item.emg_counts[a:b], acc)


def write_edf(path: Path, stretch: Stretch, notes: Iterable[Note]) -> None:
    """Write a stretch as EDF+C, its notes as annotations.

    Args:
        path: The file; its folder exists.
        stretch: What.
        notes: What stands in it, in seconds since 1970; what begins earlier or ends later is cut.

    Raises:
        ExportError: there is no room for it.
        RecorderError: it cannot be written.
        RecordingError: the recording cannot be read.
    """
    info, began = stretch.recording.info, stretch.start.timestamp()
    needed = stretch.samples * _BYTES_PER_SAMPLE * (len(info.sites) + 3)
    if shutil.disk_usage(path.parent).free < needed + _SPARE_BYTES:
        raise ExportError(
            f"{path.parent}: expected {needed} bytes of room beside the night's own, found less"
        )
    name = f"{stretch.recording.recording_id}.{stretch.first}"
    with NightRecorder(path, info, recording_id=name, start=stretch.start) as recorder:
        for note in notes:
            start, end = max(note.start, began), min(note.end, began + stretch.samples / info.emg_rate_hz)
            if start < end:
                index = round((start - began) * info.emg_rate_hz)
                recorder.annotate(index, note.kind, note.text[:_LONGEST_TEXT], end - start)
        for item in stretch.items():
            recorder.write(item)


def csv_lines(stretches: Sequence[Stretch]) -> Iterator[bytes]:
    """Yield stretches as CSV: a row for each EMG sample, the acceleration where one was taken; gaps have no rows.

    Args:
        stretches: Of one sensor, in the order in which they are written.
    """
    yield (",".join(_names(stretches[0].recording)) + "\r\n").encode()
    for stretch in stretches:
        for item in stretch.items():
            if isinstance(item, SampleBlock):
                yield _rows(stretch, item)


def _names(recording: Recording) -> list[str]:
    info = recording.info
    units = [scale.unit for scale in info.emg_scales]
    emg = [
        f"emg_{site}_{unit}" if info.sites.count(site) == 1 else f"emg_{number}_{site}_{unit}"
        for number, (site, unit) in enumerate(zip(info.sites, units, strict=True), 1)
    ]
    return ["time", *emg, *(f"acc_{axis}_g" for axis in "xyz" if info.acc_scale)]


def _rows(stretch: Stretch, block: SampleBlock) -> bytes:
    info, ratio = block.info, block.info.acc_ratio
    columns = [_times(stretch, block)]
    for scale, counts in zip(info.emg_scales, block.emg_counts.T, strict=True):
        columns.append([f"{value:.7g}" for value in (counts * scale.gain + scale.bias).tolist()])
    if info.acc_scale:
        physical = block.acc_counts * info.acc_scale.gain + info.acc_scale.bias
        for values in physical.T.tolist():
            spread = [""] * block.samples
            spread[::ratio] = [f"{value:.5g}" for value in values]
            columns.append(spread)
    return ("\r\n".join(map(",".join, zip(*columns, strict=True))) + "\r\n").encode()


def _times(stretch: Stretch, block: SampleBlock) -> list[str]:
    """Return the time of each sample, ISO 8601 to the microsecond with its offset from UTC."""
    rate_hz = block.info.emg_rate_hz
    start = stretch.start + timedelta(seconds=block.first_index / rate_hz)
    after_us = np.round(np.arange(block.samples) * (1e6 / rate_hz)).astype("timedelta64[us]")
    local = np.datetime64(start.replace(tzinfo=None), "us") + after_us
    offset = start.isoformat()[-6:]
    return [f"{text}{offset}" for text in np.datetime_as_string(local, "us").tolist()]


def notes_of(events: Iterable[Mapping[str, Any]], labels: Iterable[Mapping[str, Any]]) -> list[Note]:
    """Return what stands in a night as notes: what the detector found, and what people said of it.

    Args:
        events: Rows of `dashboard.views.night_row`.
        labels: Rows of the labels; of an event those with ``event_id``.
    """
    by_id = {event["id"]: event for event in events}
    notes = [
        Note(row["start"], row["end"], "event", f"{row['what']}: {row['reason']}") for row in by_id.values()
    ]
    for label in labels:
        about = by_id.get(label["event_id"], label)
        if about["start"] is not None:
            text = " ".join(filter(None, (f"{label['by']}: {label['word']}", label["note"])))
            notes.append(Note(about["start"], about["end"], "label", text))
    return sorted(notes, key=lambda note: (note.start, note.end))
