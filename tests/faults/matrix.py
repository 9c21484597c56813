"""All rows that are built, in the order of RELIABILITY.md."""

from __future__ import annotations

from tests.faults import (
    broker_rows,
    cable_rows,
    cordless_rows,
    damage_rows,
    kill_row,
    loss_rows,
    night_row,
    noise_rows,
    stall_rows,
    time_rows,
)
from tests.faults.row import ROWS as ENTERED
from tests.faults.row import Row

# Each of these enters its rows when it is imported.
GROUPS = (
    *(noise_rows, damage_rows, loss_rows, cable_rows, cordless_rows, stall_rows),
    *(time_rows, night_row, kill_row, broker_rows),
)
ROWS: dict[str, Row] = {name: ENTERED[name] for name in sorted(ENTERED, key=lambda n: (n[0], len(n), n))}
