"""The night on disk: EDF+C, one data record a second, valid whenever the process is killed.

    RecorderError    the file cannot be made or written; the text says which, why, and what to do

Gaps are filled with -32768 and noted, so that they read back as they were even where -32768 is a count of its
own. Notes go into the record being filled; those that do not fit wait for the next, and `close` makes room
for the last.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from firmware_bridge.night_header import NightHeaderError, RecordLayout, night_header
from firmware_bridge.night_notes import LONGEST_S, NOTE_BYTES, NightNote, NightNotes
from firmware_bridge.record_file import RecordFile
from firmware_bridge.recorded_notes import (
    ABOUT_KINDS,
    END,
    GAP,
    IDENTITY,
    LINK,
    OWN_KINDS,
    SENSOR,
    STATUS,
    identity_text,
    is_kind,
    link_text,
    status_text,
)
from firmware_bridge.recording_timeline import NOT_RECORDED
from firmware_bridge.samples import (
    Counts,
    Gap,
    LinkState,
    Mark,
    SampleBlock,
    SensorInfo,
    SensorStatus,
    StreamItem,
)

# Stands for a missing sample (DESIGN.md section 5): the lowest count of 16 bits.
FILLER = -32768
_US_PER_S = 1_000_000
_INT16 = np.iinfo(np.int16)


class RecorderError(Exception):
    """A recording cannot be made or written."""


class NightRecorder:
    """Writes one stream to one file.

    Args:
        path: The file; its folder exists.
        info: The sensor. A stream that changes in rate, site or scale needs a new recorder.
        recording_id: Letters, digits and ``. _ + -``; kept in the header, and the reader gives it back.
        start: Local time of index 0, with its zone.
        overwrite: Replace a file that is there.

    Raises:
        RecorderError: the file is there already or cannot be made, or the sensor does not fit EDF+.
    """

    def __init__(
        self, path: Path, info: SensorInfo, *, recording_id: str, start: datetime, overwrite: bool = False
    ) -> None:
        self.path = path
        self.info = info
        if start.tzinfo is None:
            raise RecorderError(f"{path}: expected a start with its time zone, got {start.isoformat()}")
        try:
            self._layout = RecordLayout.of(info, NOTE_BYTES)
            header = night_header(info, self._layout, recording_id, start)
        except NightHeaderError as error:
            raise RecorderError(f"{path}: cannot be recorded as EDF+: {error}") from error
        self._notes = NightNotes(info.emg_rate_hz, start.microsecond / _US_PER_S)
        self._emg: npt.NDArray[np.int16] = np.empty((self._layout.channels, self._layout.emg_samples), "<i2")
        self._acc: npt.NDArray[np.int16] = np.empty((3, self._layout.acc_samples), "<i2")
        # Samples in the record being filled.
        self._filled = 0
        self._status: SensorStatus | None = None
        self._ends_in_gap = False
        self._notes.add(NightNote(0, IDENTITY, identity_text(info, start)), urgent=True)
        try:
            self._file = RecordFile(path, header, self._layout.bytes, overwrite=overwrite)
        except FileExistsError as error:
            raise RecorderError(f"{path}: is there already, and recordings are not overwritten") from error
        except OSError as error:
            raise RecorderError(
                f"{path}: cannot be made: {error.strerror or error}; look that its folder is there, and writable"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def end_index(self) -> int:
        """Index just after the last sample taken."""
        return self._file.records * self._layout.emg_samples + self._filled

    def write(self, item: StreamItem) -> None:
        """Take the next item of the stream; samples later than expected leave a gap, noted as not recorded.

        Raises:
            RecorderError: the item does not fit the file, or the disk refuses. The recorder can go on; what
                it could not write becomes a gap.
        """
        match item:
            case SampleBlock():
                self._write_block(item)
            case Gap():
                self._write_gap(item)
            case Mark():
                self._write_mark(item)
            case SensorStatus():
                self._write_status(item)
            case LinkState():
                self._note(NightNote(self.end_index, LINK, link_text(item)))
            case SensorInfo():
                self._check_sensor(item)
                self._note(NightNote(self.end_index, SENSOR, identity_text(item)))

    def annotate(self, index: int, kind: str, text: str = "", duration_s: float = 0.0) -> None:
        """Note something at a sample, in the past or to come; it is on disk with the next record.

        Raises:
            RecorderError: the kind is not lower-case words or is the recorder's own, or the times are absurd.
        """
        self._note(NightNote(index, kind, text, duration_s), foreign=True)

    def flush(self) -> None:
        """Wait until the records written so far are on the medium; for a killed process they are safe anyway.

        Raises:
            RecorderError: the disk refuses.
        """
        with self._disk():
            self._file.sync()

    def close(self) -> None:
        """Pad the last record, note where the stream ended, and close the file; again is harmless.

        Raises:
            RecorderError: the disk refuses; the file is closed all the same.
        """
        if self._file.closed:
            return
        with self._disk(), closing(self._file):
            if self._filled or self._notes or self._ends_in_gap:
                self._notes.add(NightNote(self.end_index, END, ""), urgent=True)
                self._pad()
                while self._notes:
                    self._pad()

    def _write_block(self, block: SampleBlock) -> None:
        self._check_sensor(block.info)
        ratio = self.info.acc_ratio
        self._reach(block.first_index, block.samples)
        emg, acc = self._sixteen_bits(block.emg_counts), self._sixteen_bits(block.acc_counts)
        taken = 0
        while taken < block.samples:
            first, stop = self._filled, min(self._filled + block.samples - taken, self._layout.emg_samples)
            upto = taken + stop - first
            self._emg[:, first:stop] = emg[taken:upto].T
            if self._layout.acc_samples:
                self._acc[:, first // ratio : stop // ratio] = acc[taken // ratio : upto // ratio].T
            self._advance(stop)
            taken = upto
        self._ends_in_gap = False

    def _write_gap(self, gap: Gap) -> None:
        self._reach(gap.first_index, gap.missing)
        self._fill(gap.missing, gap.reason)

    def _write_status(self, status: SensorStatus) -> None:
        before, self._status = self._status, status
        if before is None or status_text(before) != status_text(status):
            heard_index = self._heard_index(status.index)
            self._note(NightNote(status.index, STATUS, status_text(status), heard_index=heard_index))

    def _write_mark(self, mark: Mark) -> None:
        heard_index = None if mark.kind in ABOUT_KINDS else self._heard_index(mark.index)
        self._note(NightNote(mark.index, mark.kind, mark.text, mark.duration_s, heard_index), foreign=True)

    def _heard_index(self, index: int) -> int | None:
        """Return which sample is next; None where the notice stands at that sample, as most do."""
        at_its_place = index - index % self.info.acc_ratio == self.end_index
        return None if at_its_place else self.end_index

    def _note(self, note: NightNote, *, foreign: bool = False) -> None:
        if not is_kind(note.kind) or (foreign and note.kind in OWN_KINDS):
            raise RecorderError(f"{self.path}: note: expected a kind of lower-case words, got {note.kind!r}")
        onset_s = note.index / self.info.emg_rate_hz
        if not (abs(onset_s) <= LONGEST_S and 0 <= note.duration_s <= LONGEST_S):
            raise RecorderError(
                f"{self.path}: note {note.kind!r}: expected times within {LONGEST_S:g} s, "
                f"got {note.duration_s} s at {onset_s} s"
            )
        self._notes.add(note)

    def _check_sensor(self, info: SensorInfo) -> None:
        if info is not self.info and not info.same_signal(self.info):
            raise RecorderError(
                f"{self.path}: expected the sensor that this recording began with, got other rates, sites or "
                "scales; begin a new recording"
            )

    def _reach(self, index: int, samples: int) -> None:
        """Fill up to where the next samples begin."""
        if self._file.closed:
            raise RecorderError(f"{self.path}: the recording is closed")
        ratio = self.info.acc_ratio
        if index < self.end_index or index % ratio or samples % ratio:
            raise RecorderError(
                f"{self.path}: expected samples from index {self.end_index} on, in multiples of {ratio}, "
                f"got {samples} from {index}"
            )
        if index > self.end_index:
            self._fill(index - self.end_index, NOT_RECORDED)

    def _fill(self, missing: int, reason: str) -> None:
        # A gap that the disk has refused begins here too, and would be noted with every new try.
        self._notes.withdraw(GAP, self.end_index)
        note = NightNote(self.end_index, GAP, reason, missing / self.info.emg_rate_hz)
        self._notes.add(note, urgent=True)
        end = self.end_index + missing
        while self.end_index < end:
            self._skip_to(min(self._filled + end - self.end_index, self._layout.emg_samples))
        self._ends_in_gap = True

    def _pad(self) -> None:
        """Fill the rest of the record."""
        self._skip_to(self._layout.emg_samples)

    def _skip_to(self, stop: int) -> None:
        ratio = self.info.acc_ratio
        self._emg[:, self._filled : stop] = FILLER
        self._acc[:, self._filled // ratio : stop // ratio] = FILLER
        self._advance(stop)

    def _advance(self, filled: int) -> None:
        self._filled = filled
        if filled == self._layout.emg_samples:
            # Whatever comes of it, this record is over; one that the disk refused is a hole before the next.
            self._filled = 0
            self._append()

    def _append(self) -> None:
        page = self._notes.page(self._file.records * self._layout.seconds)
        with self._disk():
            self._file.append(self._emg.tobytes() + self._acc.tobytes() + page)
        self._notes.turn()

    @contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            seconds = self._file.records * self._layout.seconds
            raise RecorderError(
                f"{self.path}: cannot be written on after {seconds} s: {error.strerror or error}; "
                "what is there stays readable; free some space, or record to another disk"
            ) from error

    def _sixteen_bits(self, counts: Counts) -> npt.NDArray[np.int16]:
        if (
            counts.dtype != np.int16
            and counts.size
            and not _INT16.min <= counts.min() <= counts.max() <= _INT16.max
        ):
            raise RecorderError(f"{self.path}: expected 16-bit counts, got {counts.min()}…{counts.max()}")
        return counts.astype(np.int16, copy=False)
