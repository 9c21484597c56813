r"""Lines of text, one to four numbers each: ``512\n``, ``512,0.01,-0.02,0.98\n``, ``emg:512 x:0.01\n``.

Columns are parted by commas, semicolons, tabs or blanks; a line of names may come before or between. Text has
no check sum and no counter: a digit lost in the middle of a number cannot be seen. What can be seen is lost
as a `BadRow`, which stands for one row.
"""

import re

from firmware_bridge.dialect_rows import BadRow, DialectCounters, Found, Header, Row

MOST_COLUMNS = 4
# Four numbers with labels take half of this.
MAX_LINE_BYTES = 160
_LINE_END = re.compile(rb"[\r\n]")
# Lists end in a separator on many boards, so one is allowed there.
_SEPARATOR = re.compile(r"[ \t]*[,;][ \t]*|[ \t]+")
_NUMBER = r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})(?:[eE][+-]?[0-9]{1,2})?"
_CELL = re.compile(rf"(?:([^\s,;:]{{1,24}}):)?({_NUMBER})")
_NAME = re.compile(r"[A-Za-z_][^\s,;:]{0,23}:?")


class TextDecoder:
    r"""Cuts text into rows.

    What comes before the first end of a line may be the end of a longer one, and is dropped.

    >>> TextDecoder().feed(b"12\n512,0.98\r\nemg:7 x:0.5\n")
    [Row(values=(512.0, 0.98), skipped=0), Header(labels=('emg', 'x')), Row(values=(7.0, 0.5), skipped=0)]
    """

    cycle = 0

    def __init__(self) -> None:
        self._tail = b""
        # Up to the next end of a line nothing can be believed.
        self._skipping = True
        self._labels: tuple[str, ...] = ()
        self._received = self._rows = self._bad = self._dropped = 0

    @property
    def counters(self) -> DialectCounters:
        """A snapshot."""
        return DialectCounters(self._received, self._rows, self._bad, 0, self._dropped)

    def restart(self) -> None:
        """Forget the line under way."""
        self._dropped += len(self._tail)
        self._tail, self._skipping = b"", True

    def feed(self, data: bytes) -> list[Found]:
        """Return what the lines that ``data`` completes hold, in order."""
        self._received += len(data)
        *lines, tail = _LINE_END.split(self._tail + data)
        found: list[Found] = []
        if self._skipping and lines:
            self._dropped += len(lines.pop(0))
            self._skipping = False
        if self._skipping:
            self._dropped += len(tail)
            self._tail = b""
            return found
        for line in lines:
            self._read(line, found)
        if len(tail) > MAX_LINE_BYTES:
            found.append(self._lose("no end in sight", len(tail)))
            self._skipping, tail = True, b""
        self._tail = tail
        return found

    def _read(self, line: bytes, found: list[Found]) -> None:
        if len(line) > MAX_LINE_BYTES:
            found.append(self._lose("no end in sight", len(line)))
            return
        try:
            text = line.decode("ascii").strip()
        except UnicodeDecodeError:
            found.append(self._lose("not text", len(line)))
            return
        if text:
            self._read_text(text, len(line), found)
        else:
            self._dropped += len(line)

    def _read_text(self, text: str, size: int, found: list[Found]) -> None:
        cells = _cells(text)
        if len(cells) > MOST_COLUMNS:
            found.append(self._lose(f"expected at most {MOST_COLUMNS} columns", size))
            return
        matches = [match for cell in cells if (match := _CELL.fullmatch(cell))]
        if len(matches) == len(cells):
            labels = tuple(match[1] or "" for match in matches)
            if any(labels) and labels != self._labels:
                self._labels = labels
                found.append(Header(labels))
            self._rows += 1
            found.append(Row(tuple(float(match[2]) for match in matches)))
        elif all(_NAME.fullmatch(cell) for cell in cells):
            self._labels = tuple(cell.rstrip(":") for cell in cells)
            found.append(Header(self._labels))
        else:
            found.append(self._lose("neither numbers nor names", size))

    def _lose(self, reason: str, dropped_bytes: int) -> BadRow:
        self._bad += 1
        self._dropped += dropped_bytes
        # Of a line that does not end only the length at which it is given up is the same for all cuttings.
        return BadRow(reason, min(dropped_bytes, MAX_LINE_BYTES + 1), rows=1)


def _cells(text: str) -> list[str]:
    """Return what stands between the separators of a line, labels beside their numbers."""
    cells = _SEPARATOR.split(re.sub(r":[ \t]+", ":", text))
    return cells[:-1] if len(cells) > 1 and not cells[-1] else cells
