"""What a process takes, by /proc, and whether that grows: a slope with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

_KB_PER_MB = 1024.0
_S_PER_H = 3600.0
# Neighbouring readings are alike; means of blocks are nearly independent, and their scatter is what counts.
BLOCKS = 16
CONFIDENCE = 0.95


class Footprint(NamedTuple):
    """One reading of a process."""

    pid: int
    rss_mb: float
    descriptors: int
    threads: int


def footprint(pid: int) -> Footprint | None:
    """Return what a process takes now; None where it is gone."""
    folder = Path("/proc") / str(pid)
    try:
        status = (folder / "status").read_text()
        descriptors = sum(1 for _ in (folder / "fd").iterdir())
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in status.splitlines())
    if "VmRSS" not in fields:
        return None
    return Footprint(
        pid, int(fields["VmRSS"].split()[0]) / _KB_PER_MB, descriptors, int(fields["Threads"].strip())
    )


@dataclass(frozen=True, slots=True)
class Slope:
    """How fast something grows, with the bounds of its 95 % interval; per hour of wall time."""

    per_h: float
    low: float
    high: float

    @classmethod
    def of(cls, times_s: Sequence[float], values: Sequence[float]) -> Slope:
        """Return the slope of a straight line through the means of blocks; NaN where there are too few."""
        if len(times_s) < 2 * BLOCKS:
            return cls(math.nan, math.nan, math.nan)
        hours = np.array([block.mean() for block in np.array_split(np.asarray(times_s), BLOCKS)]) / _S_PER_H
        means = np.array([block.mean() for block in np.array_split(np.asarray(values), BLOCKS)])
        line = stats.linregress(hours, means)
        margin = stats.t.ppf(0.5 + CONFIDENCE / 2, BLOCKS - 2) * line.stderr
        return cls(float(line.slope), float(line.slope - margin), float(line.slope + margin))


def wal_mb(folder: Path) -> Mapping[str, float]:
    """Return the sizes of all write-ahead logs below a folder, MB, by name."""
    return {path.name: path.stat().st_size / 1e6 for path in folder.rglob("*-wal")}
