"""Rows of numbers in a text file: any of them found by a sparse index of byte offsets, none kept.

One pass over the file notes where every `ROWS_A_STEP`-th row begins. Comment lines and empty ones are no rows. A
field that is no number is NaN, and so are the fields that a row lacks; a decimal comma is a decimal point.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.columns import BrokenFileError, Table

# Rows between two offsets of the index: what is read to find one row, and 8 bytes kept for so many.
ROWS_A_STEP = 4096
# Bytes looked at in one go.
_CHUNK_BYTES = 1 << 22
# A longer line is no row of a recording.
LONGEST_LINE_BYTES = 1 << 16
# Rows parsed in one go.
_ROWS_AT_ONCE = 1 << 16
# What begins a line that is no row: comments, and the end of an empty line.
COMMENTS = b"#%"
_NO_ROW = COMMENTS + b"\r\n\x00"
_NEWLINE = 0x0A


@dataclass(frozen=True, slots=True)
class RowForm:
    """How a row is written.

    Attributes:
        delimiter: Between fields; a blank stands for any number of blanks.
        decimal_comma: Whether numbers have a comma for their point.
        fields: How many a row has.
        offset: Byte at which the first row begins.
    """

    delimiter: str
    decimal_comma: bool
    fields: int
    offset: int


@dataclass(frozen=True, slots=True)
class TextRows:
    """The rows of a text file.

    Attributes:
        rows: How many there are.
        torn: Whether the last line had fewer fields and no end, as when a writer was killed; it is left out.
    """

    path: Path
    form: RowForm
    rows: int
    torn: bool
    _offsets: npt.NDArray[np.int64]

    def floats(self, fields: Sequence[int], start: int, stop: int) -> Table:
        """Return ``[stop - start, field]`` numbers; fields count from 0.

        Raises:
            BrokenFileError: the file has become shorter.
            OSError: it cannot be read any more.
        """
        parts = [np.empty((0, len(fields)))]
        for first in range(start, stop, _ROWS_AT_ONCE):
            last = min(first + _ROWS_AT_ONCE, stop)
            parts.append(
                _parsed(self._content(first, last), self.form, fields)[first % ROWS_A_STEP :][: last - first]
            )
            if len(parts[-1]) < last - first:
                raise BrokenFileError(f"cut short while being read: expected {self.rows} rows")
        return np.concatenate(parts)

    def texts(self, field: int, start: int, stop: int) -> list[str]:
        """Return one field of some rows as it is written.

        Raises:
            OSError: the file cannot be read any more.
        """
        lines = _lines(self._content(start, stop))[start % ROWS_A_STEP :][: stop - start]
        rows = (_split(line.decode("utf-8", "replace"), self.form.delimiter) for line in lines)
        return [row[field].strip().strip('"') if field < len(row) else "" for row in rows]

    def _content(self, start: int, stop: int) -> bytes:
        """Bytes of whole steps of rows around a span."""
        first, last = start // ROWS_A_STEP, -(-stop // ROWS_A_STEP)
        begin = int(self._offsets[first])
        end = int(self._offsets[last]) if last < len(self._offsets) else -1
        with self.path.open("rb") as raw:
            raw.seek(begin)
            return raw.read() if end < 0 else raw.read(end - begin)


def index_rows(path: Path, form: RowForm) -> TextRows:
    """Return the rows of a file after one pass over it.

    Raises:
        BrokenFileError: a line is longer than any row.
        OSError: the file cannot be read.
    """
    offsets: list[int] = []
    rows, last_row = 0, form.offset
    for starts in _row_starts(path, form.offset):
        wanted = np.arange(-rows % ROWS_A_STEP, len(starts), ROWS_A_STEP)
        offsets += [int(start) for start in starts[wanted]]
        rows += len(starts)
        last_row = int(starts[-1]) if len(starts) else last_row
    with path.open("rb") as raw:
        raw.seek(last_row)
        last = raw.read(LONGEST_LINE_BYTES)
    torn = bool(rows) and not last.endswith((b"\n", b"\r")) and _is_short(last, form)
    return TextRows(path, form, rows - torn, torn, np.array([*offsets], np.int64))


def _is_short(line: bytes, form: RowForm) -> bool:
    return len(_split(line.decode("utf-8", "replace"), form.delimiter)) < form.fields


def _row_starts(path: Path, offset: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yield the offsets at which rows begin, chunk by chunk."""
    with path.open("rb") as raw:
        raw.seek(offset)
        at, begins_line, line_began = offset, True, offset
        while content := raw.read(_CHUNK_BYTES):
            signs = np.frombuffer(content, np.uint8)
            ends = np.flatnonzero(signs == _NEWLINE)
            starts = np.concatenate([[0] if begins_line else [], ends[ends < len(signs) - 1] + 1]).astype(
                np.int64
            )
            begins_line = bool(signs[-1] == _NEWLINE)
            lengths = np.diff(np.concatenate([[line_began], starts + at, [at + len(signs)]]))
            if lengths.max(initial=0) > LONGEST_LINE_BYTES:
                raise BrokenFileError(
                    f"expected lines of at most {LONGEST_LINE_BYTES} bytes, got one of {lengths.max()} or more"
                )
            line_began = int(starts[-1]) + at if len(starts) else line_began
            is_row = ~np.isin(signs[starts], np.frombuffer(_NO_ROW, np.uint8))
            yield starts[is_row] + at
            at += len(signs)


def _parsed(content: bytes, form: RowForm, fields: Sequence[int]) -> Table:
    """Fields of all rows in some bytes; by numpy's own parser where every field is a number or empty."""
    lines = _lines(content)
    if not lines:
        return np.empty((0, len(fields)))
    text = b"\n".join(lines)
    if form.decimal_comma:
        text = text.replace(b",", b".")
    text = text.replace(b'"', b"")
    if form.delimiter != " ":
        sign = re.escape(form.delimiter.encode())
        text = re.sub(
            rb"(?m)(?<=" + sign + rb")[ ]*(?=" + sign + rb"|\r?$)|^(?=" + sign + rb")", b"nan", text
        )
    delimiter = None if form.delimiter == " " else form.delimiter
    try:
        return np.loadtxt(io.BytesIO(text), delimiter=delimiter, comments=None, usecols=list(fields), ndmin=2)
    except (ValueError, IndexError):
        # A word or a short row among the numbers: rarer, and read field by field.
        return np.array([_numbers(line, form.delimiter, fields) for line in text.split(b"\n")])


def _numbers(line: bytes, delimiter: str, fields: Sequence[int]) -> list[float]:
    row = _split(line.decode("utf-8", "replace"), delimiter)
    return [number_of(row[field]) if field < len(row) else np.nan for field in fields]


def _lines(content: bytes) -> list[bytes]:
    """Lines that are rows, by the same rule as the index."""
    return [line.rstrip(b"\r") for line in content.split(b"\n") if line and line[0] not in _NO_ROW]


def _split(line: str, delimiter: str) -> list[str]:
    return line.split() if delimiter == " " else line.split(delimiter)


def number_of(text: str) -> float:
    """Return the number that a field holds; NaN where it holds none."""
    try:
        # Underscores are Python's, not a recorder's.
        return float("nan" if "_" in text else text)
    except ValueError:
        return float("nan")
