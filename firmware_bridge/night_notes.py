"""The notes of a night on their way into its data records."""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from firmware_bridge.edf_annotations import duration_text, encode_tal, onset_text
from firmware_bridge.recorded_notes import HEARD, spelled

# Room for notes in each record: two of the longest sentences of an event. Adds a tenth to a night at 1 kHz.
NOTE_BYTES = 256
# Longest text of one annotation; the rest is for the record's own time, and for onset, duration and separators.
TEXT_BYTES = NOTE_BYTES - 96
# Times beyond this (three decades) are mistakes; it also bounds the digits of onset and duration.
LONGEST_S = 1e9


@dataclass(frozen=True, slots=True)
class NightNote:
    """Something to note at a sample; ``heard_index`` is the sample that was next when it came, where that matters."""

    index: int
    kind: str
    text: str
    duration_s: float = 0.0
    heard_index: int | None = None


class _Tal(NamedTuple):
    """A piece of a note; ``stays`` where no urgent note may come before it."""

    octets: bytes
    stays: bool
    note: NightNote


class NightNotes:
    """Notes that wait for room in a record.

    They keep their order, but that urgent ones (what tells filler from samples, who records) go before all others.

    Args:
        rate_hz: Of the EMG; indices become seconds by it.
        offset_s: The part of a second by which index 0 lies after the time in the header.
    """

    def __init__(self, rate_hz: float, offset_s: float) -> None:
        self._rate_hz = rate_hz
        self._offset_s = offset_s
        self._waiting: deque[_Tal] = deque()
        self._on_page = 0

    def __bool__(self) -> bool:
        """Tell whether anything waits."""
        return bool(self._waiting)

    def add(self, note: NightNote, *, urgent: bool = False) -> None:
        """Let a note wait; one of several annotations stays together."""
        onset = onset_text(note.index / self._rate_hz + self._offset_s)
        first, *others = spelled(note.kind, note.text, TEXT_BYTES)
        if note.heard_index is not None:
            others += spelled(HEARD, str(note.heard_index), TEXT_BYTES)
        tals = [_Tal(encode_tal(onset, first, duration_text(note.duration_s)), urgent, note)]
        tals += [_Tal(encode_tal(onset, more), stays=True, note=note) for more in others]
        place = self._urgent_end() if urgent else len(self._waiting)
        for i, tal in enumerate(tals):
            self._waiting.insert(place + i, tal)

    def withdraw(self, kind: str, from_index: int) -> None:
        """Forget the notes of a kind that wait, from a sample on: what they tell has to be told anew."""
        waiting = (tal for tal in self._waiting if tal.note.kind != kind or tal.note.index < from_index)
        self._waiting = deque(waiting)

    def page(self, record_s: float) -> bytes:
        """Return the annotation bytes of the record that begins at ``record_s``, with all that fits.

        What is on the page waits on until `turn` says that the page is written.
        """
        page = encode_tal(onset_text(record_s + self._offset_s), "")
        self._on_page = 0
        for tal in self._waiting:
            if len(page) + len(tal.octets) > NOTE_BYTES:
                break
            page += tal.octets
            self._on_page += 1
        return page.ljust(NOTE_BYTES, b"\x00")

    def turn(self) -> None:
        """Forget what was on the page."""
        for _ in range(self._on_page):
            self._waiting.popleft()
        self._on_page = 0

    def _urgent_end(self) -> int:
        """Return the place after the urgent notes, and after the rest of a note whose beginning is written."""
        return next((i for i, tal in enumerate(self._waiting) if not tal.stays), len(self._waiting))
