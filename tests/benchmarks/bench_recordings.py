"""How fast a night is written and read, beside reading the same bytes and doing nothing with them.

Run it: ``.venv/bin/python tests/benchmarks/bench_recordings.py``. It prints figures and judges nothing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from firmware_bridge.recorder import NightRecorder  # noqa: E402 - found by the line above
from firmware_bridge.recordings import open_recording  # noqa: E402
from firmware_bridge.samples import Mark, SampleBlock, Scale, SensorInfo  # noqa: E402

HOURS = 8
INFO = SensorInfo(
    sensor_id="left-calf",
    emg_rate_hz=1000.0,
    acc_rate_hz=100.0,
    sites=("left-calf",),
    emg_scales=(Scale(-32767, 32767, -1638.35, 1638.35, "uV"),),
    acc_scale=Scale(-16000, 16000, -16.0, 16.0, "g"),
)
# A live stream comes in blocks of about this.
BLOCK_SAMPLES = 100


def write(path: Path) -> float:
    """Write a night of noise and return the seconds that took."""
    random = np.random.default_rng(1)
    emg = random.integers(-2000, 2000, (BLOCK_SAMPLES, 1)).astype(np.int16)
    acc = random.integers(-1000, 1000, (BLOCK_SAMPLES // 10, 3)).astype(np.int16)
    before_s = time.perf_counter()
    with NightRecorder(path, INFO, recording_id="bench", start=datetime(2026, 5, 2, tzinfo=UTC)) as night:
        for first in range(0, HOURS * 3_600_000, BLOCK_SAMPLES):
            night.write(SampleBlock(INFO, first, emg, acc))
            if first % 60_000 == 0:
                night.write(Mark(first, "clock", "2026-05-02T00:00:00+00:00"))
    return time.perf_counter() - before_s


def read(path: Path) -> tuple[float, float, float]:
    """Return the seconds for opening, for all blocks, and for a minute of one channel out of the middle."""
    times = [time.perf_counter()]
    recording = open_recording(path)
    times.append(time.perf_counter())
    assert (
        sum(item.samples for item in recording.items() if isinstance(item, SampleBlock)) == recording.samples
    )
    times.append(time.perf_counter())
    recording.window(4 * 3600.0, 4 * 3600.0 + 60.0)
    times.append(time.perf_counter())
    opened, iterated, windowed = (float(step) for step in np.diff(times))
    return opened, iterated, windowed


def bare(path: Path) -> float:
    """Return the seconds for reading the file's bytes in the same portions."""
    before_s = time.perf_counter()
    with path.open("rb") as raw:
        while np.fromfile(raw, np.int16, 60 * 1428).size:
            pass
    return time.perf_counter() - before_s


def main() -> None:
    """Print the figures of the best of three runs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "night.edf"
        written_s = write(path)
        megabytes = path.stat().st_size / 1e6
        bare_s = min(bare(path) for _ in range(3))
        opened_s, iterated_s, windowed_s = (
            min(column) for column in zip(*(read(path) for _ in range(3)), strict=True)
        )
    record_us = written_s / (HOURS * 3600) * 1e6
    lines = (
        f"{HOURS} h, {megabytes:.0f} MB: written in {written_s:.2f} s ({record_us:.0f} us a second of signal)",
        f"numpy.fromfile of the same bytes: {bare_s * 1000:.0f} ms",
        f"opened in {opened_s * 1000:.0f} ms, blocks in {iterated_s * 1000:.0f} ms: {iterated_s / bare_s:.1f} times",
        f"a minute of one channel: {windowed_s * 1000:.2f} ms",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
