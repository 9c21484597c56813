"""The notes of a night on their way into its data records."""

from collections import deque
from itertools import chain

from firmware_bridge.edf_annotations import duration_text, encode_tal, onset_text
from firmware_bridge.recorded_notes import spelled

# Room for notes in each record: two of the longest sentences of an event. Adds a tenth to a night at 1 kHz.
NOTE_BYTES = 256
# Longest text of one annotation; the rest is for the record's own time, and for onset, duration and
# separators.
TEXT_BYTES = NOTE_BYTES - 96
# Times beyond this (three decades) are mistakes; it also bounds the digits of onset and duration.
LONGEST_S = 1e9


class NightNotes:
    """Notes that wait for room in a record, in the order they came.

    Args:
        rate_hz: Of the EMG; indices become seconds by it.
        offset_s: The part of a second by which index 0 lies after the time in the header.
    """

    def __init__(self, rate_hz: float, offset_s: float) -> None:
        self._rate_hz = rate_hz
        self._offset_s = offset_s
        # What tells filler from samples goes before all else, into the record with the filler.
        self._urgent: deque[bytes] = deque()
        self._waiting: deque[bytes] = deque()
        # How many of the urgent and the other ones are on the page last made.
        self._on_page = (0, 0)

    def __bool__(self) -> bool:
        """Tell whether anything waits."""
        return bool(self._urgent or self._waiting)

    def add(self, index: int, kind: str, text: str, duration_s: float = 0.0, *, urgent: bool = False) -> None:
        """Let a note wait; a long text becomes several annotations."""
        onset = onset_text(index / self._rate_hz + self._offset_s)
        first, *others = spelled(kind, text, TEXT_BYTES)
        tals = [
            encode_tal(onset, first, duration_text(duration_s)),
            *(encode_tal(onset, more) for more in others),
        ]
        (self._urgent if urgent else self._waiting).extend(tals)

    def page(self, record_s: float) -> bytes:
        """Return the annotation bytes of the record that begins at ``record_s``, with all that fits.

        What is on the page waits on until `turn` says that the page is written.
        """
        page = encode_tal(onset_text(record_s + self._offset_s), "")
        fitting = 0
        for tal in chain(self._urgent, self._waiting):
            if len(page) + len(tal) > NOTE_BYTES:
                break
            page += tal
            fitting += 1
        urgent = min(fitting, len(self._urgent))
        self._on_page = urgent, fitting - urgent
        return page.ljust(NOTE_BYTES, b"\x00")

    def turn(self) -> None:
        """Forget what was on the page."""
        for queue, count in zip((self._urgent, self._waiting), self._on_page, strict=True):
            for _ in range(count):
                queue.popleft()
        self._on_page = (0, 0)
