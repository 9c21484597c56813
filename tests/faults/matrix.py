"""All rows that are built, in the order of RELIABILITY.md."""

from __future__ import annotations

from collections.abc import Iterable

from tests.faults import (
    broker_rows,
    cable_rows,
    callback_rows,
    cordless_rows,
    corruption_rows,
    damage_rows,
    disk_rows,
    embedded_row,
    extreme_rows,
    kill_row,
    load_rows,
    loss_rows,
    many_nights_row,
    night_row,
    noise_rows,
    process_rows,
    rival_rows,
    signal_rows,
    stall_rows,
    time_rows,
    way_rows,
    will_rows,
)
from tests.faults.line import Line
from tests.faults.row import ROWS as ENTERED
from tests.faults.row import Row

# Each of these enters its rows when it is imported.
GROUPS = (
    broker_rows,
    cable_rows,
    callback_rows,
    cordless_rows,
    corruption_rows,
    damage_rows,
    disk_rows,
    embedded_row,
    extreme_rows,
    kill_row,
    load_rows,
    loss_rows,
    many_nights_row,
    night_row,
    noise_rows,
    process_rows,
    rival_rows,
    signal_rows,
    stall_rows,
    time_rows,
    way_rows,
    will_rows,
)


def _place(name: str) -> tuple[str, int, str]:
    return name[0], len(name), name


ROWS: dict[str, Row] = {name: ENTERED[name] for name in sorted(ENTERED, key=_place)}


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Return lines in the order of the matrix."""
    return sorted(lines, key=lambda line: _place(line.row))
