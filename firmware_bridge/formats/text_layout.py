"""How a text file of numbers is laid out: delimiter, decimal sign, labels, units, and where its rows begin.

The first rows of numbers decide: of all delimiters, the one that cuts them into the most fields of equal number. The
line above them holds labels, if it has as many fields and they are no numbers; between the two there may be
a line of units. What stands before that (a recorder's own header) is left alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from firmware_bridge.channel_units import GRAVITIES, MICROVOLTS, normal_unit
from firmware_bridge.formats.columns import BrokenFileError
from firmware_bridge.formats.text_rows import COMMENTS, RowForm, number_of

# Bytes in which labels and first rows are found; headers of recorders take some kB.
HEAD_BYTES = 1 << 16
# Of two ways that cut a row alike the first is taken: a comma between fields before one inside of them.
_FORMS = (("\t", False), (";", False), (",", False), ("\t", True), (";", True), (" ", False), (" ", True))
# Lines among which the first rows are looked for.
_HEAD_LINES = 500
# Rows that have to agree before they are believed to be the table.
_ROWS = 3
_MARKS = ((b"\xef\xbb\xbf", ""), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
# "EMG (mV)", "acc_x [g]", "emg_uv".
_BRACKETED = re.compile(r"^(.*?)[\s_]*[(\[]\s*([^)\]]+?)\s*[)\]]\s*$")
_SUFFIXED = re.compile(r"^(.*)[_\s](uv|µv|mv|nv|v|g|mg|s|ms|us|ns)$", re.IGNORECASE)
# A time of day on its own says when a row was, but not on which day: it is no time to reckon with.
_CLOCK = re.compile(r"^\d{1,2}:\d{2}:\d{2}([.,:]\d+)?$")
_EMPTY = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})


@dataclass(frozen=True, slots=True)
class TextLayout:
    """The layout of a text file of numbers.

    Attributes:
        form: How its rows are written.
        labels: One per field; empty texts where there are none.
        units: One per field; empty texts where there are none.
        head: Lines before the labels, as they are.
        first_row: The fields of the first row.
    """

    form: RowForm
    labels: tuple[str, ...]
    units: tuple[str, ...]
    head: tuple[str, ...]
    first_row: tuple[str, ...]


def layout_of(content: bytes) -> TextLayout:
    """Return the layout of a file that begins with these bytes.

    Raises:
        BrokenFileError: no rows of numbers begin in them.
    """
    marked = next((known for known in _MARKS if content.startswith(known[0])), (b"", ""))
    if marked[1]:
        raise BrokenFileError(f"expected text in UTF-8, got {marked[1]}; save it as UTF-8")
    if b"\x00" in content:
        raise BrokenFileError("expected rows of numbers as text, got binary data")
    mark = marked[0]
    lines = [_text(line) for line in content[len(mark) :].split(b"\n")]
    # A line that the bytes cut off is no line, unless the file ends there.
    lines = lines[:-1] if len(content) >= HEAD_BYTES and len(lines) > 1 else lines
    found = [
        (count, -place, first, form)
        for place, form in enumerate(_FORMS)
        if _may_be(form, content)
        for count, first in [_table(lines, *form)]
        if count
    ]
    if not found:
        opening = lines[0].strip()[:60] if lines else ""
        raise BrokenFileError(
            f"expected rows of numbers, got none in the first {len(content)} bytes ({opening!r})"
        )
    count, _, first, (delimiter, comma) = max(found)
    offset = len(content) - len(_after(content, mark, first))
    above = [line for line in lines[:first] if line.strip(" \r\t")]
    labels, units, head = _names(above, delimiter, count)
    row = _fields(lines[first], delimiter)
    return TextLayout(RowForm(delimiter, comma, count, offset), labels, units, tuple(head), tuple(row))


def _text(line: bytes) -> str:
    """Return a line as text: what is no UTF-8 is taken for what spreadsheets write in western Europe."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _may_be(form: tuple[str, bool], content: bytes) -> bool:
    """Whether the signs of a form occur at all; a comma is what one column alone is read with."""
    delimiter, comma = form
    return (delimiter == "," or delimiter.encode() in content) and (not comma or b"," in content)


def _after(content: bytes, mark: bytes, line: int) -> bytes:
    rest = content[len(mark) :]
    return rest.split(b"\n", line)[-1] if line else rest


def _table(lines: Sequence[str], delimiter: str, comma: bool) -> tuple[int, int]:  # noqa: FBT001
    """How many fields the first rows of numbers have, and the line that they begin at; (0, 0) without."""
    began, fields, rows = 0, 0, 0
    seen = enumerate(lines[:_HEAD_LINES])
    numbers = [(i, line) for i, line in seen if line.strip(" \r\t") and line[0] not in COMMENTS.decode()]
    for i, line in numbers:
        row = _fields(line, delimiter)
        if not _is_row(row, comma=comma):
            fields = rows = 0
            continue
        if len(row) != fields:
            began, fields, rows = i, len(row), 0
        rows += 1
        if rows == _ROWS:
            break
    return (fields, began) if rows and (rows == _ROWS or len(numbers) <= _ROWS + 1) else (0, 0)


def _is_row(row: Sequence[str], *, comma: bool) -> bool:
    values = [field.replace(",", ".") if comma else field for field in row]
    known = [_is_number(value) or value.lower() in _EMPTY or is_moment(value) for value in values]
    return all(known) and any(_is_number(value) for value in values)


def _is_number(text: str) -> bool:
    return not np.isnan(number_of(text)) if text.strip() else False


def is_moment(text: str) -> bool:
    """Tell whether a text is a date with a time, as ISO 8601 writes it, or a time of day."""
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return bool(_CLOCK.match(text.strip()))
    return ":" in text


def is_dated(text: str) -> bool:
    """Tell whether a text is a date with a time."""
    return is_moment(text) and not _CLOCK.match(text.strip())


def _fields(line: str, delimiter: str) -> list[str]:
    fields = line.split() if delimiter == " " else line.rstrip("\r").split(delimiter)
    return [field.strip().strip('"').strip() for field in fields]


def _names(
    above: list[str], delimiter: str, count: int
) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """Labels and units from the lines above the first row, and the lines above those."""
    empty = ("",) * count
    rows = [_fields(line.lstrip(COMMENTS.decode()), delimiter) for line in above[-2:]]
    if not rows or len(rows[-1]) != count:
        return empty, empty, above
    if len(rows) > 1 and len(rows[0]) == count and _are_units(rows[1]):
        return tuple(rows[0]), tuple(rows[1]), above[:-2]
    named = [name_and_unit(label) for label in rows[-1]]
    return tuple(label for label, _ in named), tuple(unit for _, unit in named), above[:-1]


def _are_units(row: Sequence[str]) -> bool:
    return any(row) and all(
        not word or normal_unit(word) in {*MICROVOLTS, *GRAVITIES, "s", "ms", "us", "sec", "min"}
        for word in row
    )


def name_and_unit(label: str) -> tuple[str, str]:
    """Return a label such as ``EMG (mV)`` or ``emg_mv`` without its unit, and the unit."""
    for pattern in (_BRACKETED, _SUFFIXED):
        found = pattern.match(label)
        if found and found[1].strip():
            return found[1].strip(), found[2].strip()
    return label, ""
