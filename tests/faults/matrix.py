"""All rows that are built, in the order of RELIABILITY.md."""

from __future__ import annotations

from tests.faults import damage_rows, noise_rows
from tests.faults.row import ROWS as ENTERED
from tests.faults.row import Row

# Each of these enters its rows when it is imported.
GROUPS = (noise_rows, damage_rows)
ROWS: dict[str, Row] = {name: ENTERED[name] for name in sorted(ENTERED, key=lambda n: (n[0], int(n[1:])))}
