"""The same table of numbers written as a file of every format that has a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.columns import ReadHints

LABELS = ("EMG calf", "acc x", "acc y", "acc z")
UNITS = ("uV", "g", "g", "g")
RATE_HZ = 500.0
SAMPLES = 3011


@cache
def values(samples: int = SAMPLES) -> npt.NDArray[np.float64]:
    """``[time, column]``: EMG in µV with three decimals, acceleration in g with five."""
    rng = np.random.default_rng(7)
    emg = np.round(rng.normal(0, 12, (samples, 1)), 3)
    acc = np.round(rng.normal((0.02, -0.1, 0.99), 0.01, (samples, 3)), 5)
    table = np.concatenate([emg, acc], axis=1)
    table.flags.writeable = False
    return table


@dataclass(frozen=True)
class SampleFile:
    """A format and how the table is written in it.

    Attributes:
        name: Shown by pytest.
        write: Writes a table of four columns at ``RATE_HZ`` into a folder and returns the file to open.
        hints: What has to be said to open it.
        step: By how much a value may differ, per column: the resolution of what was written.
        labels: What the columns are called; empty where the format has no names.
        units: Their units; empty where it has none.
    """

    name: str
    write: Callable[[Path, npt.NDArray[np.float64]], Path]
    hints: ReadHints = field(default_factory=ReadHints)
    step: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    labels: tuple[str, ...] = LABELS
    units: tuple[str, ...] = UNITS


def _npy(folder: Path, table: npt.NDArray[np.float64]) -> Path:
    np.save(folder / "night.npy", table)
    return folder / "night.npy"


def _npz(folder: Path, table: npt.NDArray[np.float64]) -> Path:
    np.savez(folder / "night.npz", night=table, fs=RATE_HZ, labels=np.array(LABELS), units=np.array(UNITS))
    return folder / "night.npz"


def _npz_packed(folder: Path, table: npt.NDArray[np.float64]) -> Path:
    emg, acc = table[:, 0], table[:, 1:]
    labels, units = np.array(LABELS), np.array(UNITS)
    path = folder / "night.npz"
    np.savez_compressed(path, emg=emg, acc=acc.T.copy(), rate_hz=RATE_HZ, labels=labels, units=units)
    return path


OWN = (
    SampleFile("npy", _npy, ReadHints(RATE_HZ), labels=("1", "2", "3", "4"), units=()),
    SampleFile("npz", _npz),
    SampleFile("npz compressed", _npz_packed),
)
