"""What a replay takes as recordings grow: in hours, in rate, in channels; and whether memory stays flat.

Run it: ``.venv/bin/python tests/benchmarks/bench_replay.py [HOURSxRATExCHANNELS …]``, such as ``24x2000x4``. They
are made by repeating a synthetic half-hour (each channel another one), replayed by a process of its own, whose peak
memory the kernel counts, and deleted. It prints figures and judges nothing. `bench_many_nights.py` has nights and
processes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from firmware_bridge.recorder import NightRecorder  # noqa: E402 - found by the line above
from firmware_bridge.samples import SampleBlock, SensorInfo  # noqa: E402
from models.synthesis import SensorModel, simulate_night  # noqa: E402

FOLDER = Path("build/bench")
# On Linux the kernel counts a process's peak memory in KiB.
KIB_PER_MB = 1000 * 1000 / 1024
# Begun by a small process: the kernel begins a process's peak with what its parent had.
COUNTED = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
SIZES = ("1x1000x1", "8x1000x1", "24x1000x1", "8x2000x1", "8x1000x2", "8x1000x4", "24x2000x4")
ACC_RATE_HZ = 100.0
PIECE_H, BLOCK_S = 0.5, 60.0
START = datetime(2026, 1, 1, 22, 0, tzinfo=UTC)


def crampwatch(*arguments: str) -> tuple[float, float, float]:
    """Run the command, and return its wall seconds, CPU seconds and peak memory in MB."""
    before_s = time.perf_counter()
    command = (sys.executable, "-c", COUNTED, sys.executable, "-m", "crampwatch", *arguments)
    counted = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if counted.returncode:
        sys.exit(counted.returncode)
    cpu_s, peak_kib = counted.stdout.split()
    return time.perf_counter() - before_s, float(cpu_s), float(peak_kib) / KIB_PER_MB


class Size(NamedTuple):
    """What is recorded."""

    hours: float
    rate_hz: float
    channels: int

    @classmethod
    def of(cls, text: str) -> Size:
        """Read ``24x2000x4``."""
        hours, rate, channels = text.split("x")
        return cls(float(hours), float(rate), int(channels))


def pieces(size: Size) -> tuple[SensorInfo, list[tuple[np.ndarray, np.ndarray]]]:
    """Return the sensor, and half an hour of all channels in blocks: EMG and acceleration counts."""
    model = SensorModel(emg_rate_hz=size.rate_hz, acc_ratio=round(size.rate_hz / ACC_RATE_HZ))
    nights = [simulate_night(PIECE_H, 1 + n, sensor=model) for n in range(size.channels)]
    streams = [[item for item in night.items(BLOCK_S) if isinstance(item, SampleBlock)] for night in nights]
    blocks = [
        (np.concatenate([block.emg_counts for block in row], axis=1), row[0].acc_counts)
        for row in zip(*streams, strict=True)
    ]
    info = nights[0].info
    sites = tuple(f"site-{n + 1}" for n in range(size.channels))
    return replace(info, sites=sites, emg_scales=info.emg_scales * size.channels), blocks


def record(size: Size, path: Path) -> None:
    """Write the recording, a block at a time."""
    info, blocks = pieces(size)
    path.unlink(missing_ok=True)
    with NightRecorder(path, info, recording_id="bench", start=START) as recorder:
        for block in _repeated(info, blocks, round(size.hours * 3600 * size.rate_hz)):
            recorder.write(block)


def _repeated(
    info: SensorInfo, blocks: list[tuple[np.ndarray, np.ndarray]], samples: int
) -> Iterator[SampleBlock]:
    index = 0
    while True:
        for emg, acc in blocks:
            if index >= samples:
                return
            yield SampleBlock(info, index, emg, acc)
            index += len(emg)


def draw(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw time and memory over the number of samples."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    time_axes, memory_axes = figure.subplots(1, 2)
    for axes, name, label in (
        (time_axes, "cpu_s", "processor time, s"),
        (memory_axes, "peak_mb", "peak memory, MB"),
    ):
        axes.plot([row["samples"] / 1e6 for row in rows], [row[name] for row in rows], "o")
        for row in rows:
            axes.annotate(row["size"], (row["samples"] / 1e6, row[name]), fontsize=7)
        axes.set(xlabel="EMG samples, millions", ylabel=label, ylim=(0, None))
    figure.savefig(path, dpi=110)


def main() -> None:
    """Print a row for each size."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = []
    for text in sys.argv[1:] or SIZES:
        size, path = Size.of(text), FOLDER / f"scaling-{text}.edf"
        record(size, path)
        file_mb = path.stat().st_size / 1e6
        try:
            wall_s, cpu_s, peak_mb = crampwatch("replay", str(path), "--json")
        finally:
            path.unlink()
        samples = size.hours * 3600 * size.rate_hz * size.channels
        print(
            f"{size.hours:g} h, {size.rate_hz:g} Hz, {size.channels} channels ({file_mb:.0f} MB): {wall_s:.1f} s, "
            f"{cpu_s:.1f} s of CPU, {1e9 * cpu_s / samples:.0f} ns a sample, at most {peak_mb:.0f} MB",
            flush=True,
        )
        rows.append(
            {
                "size": text,
                "file_mb": file_mb,
                "cpu_s": cpu_s,
                "wall_s": wall_s,
                "peak_mb": peak_mb,
                "samples": samples,
            }
        )
    draw(rows, FOLDER / "scaling.png")
    (FOLDER / "scaling.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
