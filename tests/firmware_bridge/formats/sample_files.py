"""The same table of numbers written as a file of every format that has a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from firmware_bridge.formats.columns import ReadHints

LABELS = ("EMG calf", "acc x", "acc y", "acc z")
UNITS = ("uV", "g", "g", "g")
RATE_HZ = 500.0
SAMPLES = 1203


@cache
def values(samples: int = SAMPLES) -> npt.NDArray[np.float64]:
    """``[time, column]``: EMG in µV with three decimals, acceleration in g with five."""
    rng = np.random.default_rng(7)
    emg = np.round(rng.normal(0, 12, (samples, 1)), 3)
    acc = np.round(rng.normal((0.02, -0.1, 0.99), 0.01, (samples, 3)), 5)
    table = np.concatenate([emg, acc], axis=1)
    table.flags.writeable = False
    return table


Writer = Callable[[Path, npt.NDArray[np.float64]], Path]


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
        numbers: Their places in the file.
    """

    name: str
    write: Writer
    hints: ReadHints = field(default_factory=ReadHints)
    step: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    labels: tuple[str, ...] = LABELS
    units: tuple[str, ...] = UNITS
    numbers: tuple[int, int, int, int] = (1, 2, 3, 4)


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


def _text(
    delimiter: str = ",", head: str = "", times: str = "", comma: bool = False, name: str = "night.csv"
) -> Writer:
    def write(folder: Path, table: npt.NDArray[np.float64]) -> Path:
        rows = []
        for i, row in enumerate(table):
            fields = [repr(float(value)) for value in row]
            fields = [*([_time(times, i)] if times else []), *fields]
            fields = [field.replace(".", ",") for field in fields] if comma else fields
            rows.append(delimiter.join(fields))
        (folder / name).write_bytes((head + "\n".join(rows) + "\n").encode())
        return folder / name

    return write


def _time(unit: str, i: int) -> str:
    if unit == "iso":
        moment = datetime(2026, 3, 1, 23, 59, 58, tzinfo=UTC) + timedelta(seconds=i / RATE_HZ)
        return moment.isoformat(timespec="milliseconds")
    return f"{i / RATE_HZ:.4f}" if unit == "s" else f"{i * 1000 / RATE_HZ:.1f}"


def _parquet(folder: Path, table: npt.NDArray[np.float64]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [
        pa.field(label, pa.float64(), metadata={"unit": unit})
        for label, unit in zip(LABELS, UNITS, strict=True)
    ]
    columns = [pa.array(column) for column in table.T]
    whole = pa.table(columns, schema=pa.schema(fields, metadata={"rate_hz": str(RATE_HZ)}))
    pq.write_table(whole, folder / "night.parquet", row_group_size=1000)
    return folder / "night.parquet"


_HEADER = "EMG calf (uV),acc x (g),acc y (g),acc z (g)\n"
_TIMED = "Time (s);EMG calf (uV);acc x (g);acc y (g);acc z (g)\n"
_OPENBCI = (
    "%OpenBCI Raw EXG Data\n%Number of channels = 1\n%Sample Rate = 500 Hz\n%Board = OpenBCI_GUI$BoardCytonSerial\n"
    "EXG Channel 0, Accel Channel 0, Accel Channel 1, Accel Channel 2\n"
)
OWN = (
    SampleFile("csv", _text(head=_HEADER), ReadHints(RATE_HZ)),
    SampleFile("csv without header", _text(), ReadHints(RATE_HZ), labels=("", "", "", ""), units=()),
    SampleFile(
        "csv with times",
        _text(";", "\ufeff# a remark\n" + _TIMED, "s", comma=True),
        ReadHints(),
        numbers=(2, 3, 4, 5),
    ),
    SampleFile(
        "tsv with dates",
        _text("\t", "date time\tEMG calf\tacc x\tacc y\tacc z\n\tuV\tg\tg\tg\n", "iso", name="night.tsv"),
        ReadHints(),
        numbers=(2, 3, 4, 5),
    ),
    SampleFile(
        "openbci",
        _text(", ", _OPENBCI, name="OpenBCI-RAW.txt"),
        labels=("EXG Channel 0", "Accel X", "Accel Y", "Accel Z"),
    ),
    SampleFile("parquet", _parquet),
    SampleFile("npy", _npy, ReadHints(RATE_HZ), labels=("1", "2", "3", "4"), units=()),
    SampleFile("npz", _npz),
    SampleFile("npz compressed", _npz_packed),
)
