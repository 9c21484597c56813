"""Text recordings of the OpenBCI GUI: ``%`` lines, then labels, then rows of a counter, channels and times.

The header says the rate; the times of rows come in bursts, as the radio brought them, so they only tell where
rows were lost. EXG channels are in µV, acceleration is in g (OpenBCI GUI documentation, "Outputted Data").
"""

import re
from dataclasses import replace
from pathlib import Path

from firmware_bridge.formats.columns import BrokenFileError, ReadHints
from firmware_bridge.formats.delimited_text import TextTable, table_of, timed
from firmware_bridge.formats.guard import reading
from firmware_bridge.formats.text_layout import HEAD_BYTES, TextLayout, is_dated, layout_of
from firmware_bridge.formats.text_rows import index_rows
from firmware_bridge.formats.time_column import Timing

_KIND = "OpenBCI text"
_RATE = re.compile(r"%\s*Sample Rate\s*=\s*([0-9.]+)\s*Hz", re.IGNORECASE)
_UNITS = (
    (re.compile(r"^exg channel", re.IGNORECASE), "uV"),
    (re.compile(r"^accel channel", re.IGNORECASE), "g"),
)
_AXES = {f"accel channel {i}": f"Accel {axis}" for i, axis in enumerate("XYZ")}
# Before version 5 there were no labels: a counter, then the channels, then what differs from board to board.
_CHANNELS = re.compile(r"%\s*Number of channels\s*=\s*([0-9]+)", re.IGNORECASE)


def open_columns(path: Path, hints: ReadHints) -> TextTable:
    """Open a text recording of the OpenBCI GUI.

    Raises:
        BrokenFileError: there are no rows of numbers in it.
        OSError: it cannot be opened.
    """
    hints.refuse_others()
    with reading(_KIND):
        with path.open("rb") as raw:
            layout = _labelled(layout_of(raw.read(HEAD_BYTES)))
        rate_hz = hints.rate_hz or _rate(layout)
        rows = index_rows(path, layout.form)
        place = _time_field(layout)
        if place is None:
            return table_of(rows, layout, None, (Timing(rate_hz, ()), None), _KIND)
        return table_of(rows, layout, place, timed(rows, layout, place, hints, rate_hz), _KIND)


def _rate(layout: TextLayout) -> float:
    found = (_RATE.search(line) for line in layout.head)
    rate = next((match[1] for match in found if match), None)
    if rate is None:
        raise BrokenFileError(
            f"{_KIND}: expected a line '%Sample Rate = N Hz', got none; give it with --rate HZ"
        )
    return float(rate)


def _labelled(layout: TextLayout) -> TextLayout:
    """The layout with the units that the program writes, and axes for what it numbers."""
    labels = layout.labels
    if not any(labels):
        found = (_CHANNELS.search(line) for line in layout.head)
        channels = next((int(match[1]) for match in found if match), 0)
        names = ["Sample Index", *(f"EXG Channel {i}" for i in range(channels))]
        labels = tuple(names[: layout.form.fields]) + ("",) * (layout.form.fields - len(names))
    units = tuple(next((unit for known, unit in _UNITS if known.match(label)), "") for label in labels)
    return replace(layout, labels=tuple(_AXES.get(label.lower(), label) for label in labels), units=units)


def _time_field(layout: TextLayout) -> int | None:
    """The field of times since 1970, or of dates."""
    stamps = (i for i, label in enumerate(layout.labels) if label.lower() == "timestamp")
    dates = (i for i, field in enumerate(layout.first_row) if is_dated(field))
    found = next(stamps, None)
    return next(dates, None) if found is None else found
