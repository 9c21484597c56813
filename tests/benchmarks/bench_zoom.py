"""How fast a window of a night is answered, beside taking the same extremes from all of its samples.

Run it: ``.venv/bin/python tests/benchmarks/bench_zoom.py``. It prints figures and judges nothing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from starlette.testclient import TestClient  # noqa: E402 - found by the line above

from dashboard.app import all_doors, build  # noqa: E402
from dashboard.live import Live  # noqa: E402
from dashboard.night_log import NightLog  # noqa: E402
from dashboard.nights import Nights  # noqa: E402
from dashboard.waveforms import TRACES, Overview  # noqa: E402
from firmware_bridge.clock import Clock  # noqa: E402
from firmware_bridge.recorder import NightRecorder  # noqa: E402
from firmware_bridge.samples import Counts, SampleBlock, Scale, SensorInfo  # noqa: E402

HOURS, PIXELS, WINDOWS, PORT = 8, 1400, 300, 8460
NIGHT, START = "2026-05-01_left-calf", datetime(2026, 5, 1, 22, tzinfo=UTC)
INFO = SensorInfo(
    sensor_id="left-calf",
    emg_rate_hz=1000.0,
    acc_rate_hz=100.0,
    sites=("left-calf",),
    emg_scales=(Scale(-32767, 32767, -1638.35, 1638.35, "uV"),),
    acc_scale=Scale(-16000, 16000, -16.0, 16.0, "g"),
)


def write(path: Path) -> None:
    """Write a night of noise."""
    random = np.random.default_rng(1)
    with NightRecorder(path, INFO, recording_id="bench", start=START) as night:
        for first in range(0, HOURS * 3_600_000, 60_000):
            emg = random.integers(-2000, 2000, (60_000, 1)).astype(np.int16)
            acc = random.integers(-1000, 1000, (6000, 3)).astype(np.int16)
            night.write(SampleBlock(INFO, first, emg, acc))


def windows() -> list[tuple[float, float]]:
    """Return windows from a second to the whole night, as many short as long."""
    random = np.random.default_rng(2)
    whole = HOURS * 3600.0
    widths = np.exp(random.uniform(0, np.log(whole), WINDOWS))
    return [
        (float(start), float(start + width))
        for width in widths
        for start in [random.uniform(0, whole - width)]
    ]


def timed(ask: Callable[[float, float], object], asked: Iterable[tuple[float, float]]) -> str:
    """Return the median and the 99th percentile, in ms."""
    times = []
    for start, end in asked:
        before_s = time.perf_counter()
        ask(start, end)
        times.append(1000 * (time.perf_counter() - before_s))
    return f"p50 {np.percentile(times, 50):6.2f} ms   p99 {np.percentile(times, 99):6.2f} ms"


def on_the_fly(counts: Counts, start: float, end: float) -> object:
    """Return extremes of a pixel each, straight from the samples."""
    own = counts[int(start * 1000) : int(end * 1000)]
    width = max(1, len(own) // PIXELS)
    bins = own[: len(own) // width * width].reshape(-1, width)
    return bins.min(axis=1), bins.max(axis=1)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "nights" / NIGHT / "signal.edf"
        path.parent.mkdir(parents=True)
        write(path)
        before_s = time.perf_counter()
        overview = Overview(path, folder / "overviews" / NIGHT / "signal")
        built_s = time.perf_counter() - before_s
        size = sum(file.stat().st_size for file in (folder / "overviews").rglob("*") if file.is_file())
        print(
            f"overview of {HOURS} h made in {built_s:.2f} s, {100 * size / path.stat().st_size:.1f} % of the recording"
        )
        counts = np.concatenate(
            [item.emg_counts[:, 0] for item in overview.recording.items() if isinstance(item, SampleBlock)]
        )
        asked = windows()
        print("EMG, overview       ", timed(lambda a, b: overview.trace("emg", a, b, PIXELS), asked))
        print("EMG, on the fly     ", timed(lambda a, b: on_the_fly(counts, a, b), asked))
        whole = [(0.0, HOURS * 3600.0)] * 20
        print("  whole, overview   ", timed(lambda a, b: overview.trace("emg", a, b, PIXELS), whole))
        print("  whole, on the fly ", timed(lambda a, b: on_the_fly(counts, a, b), whole))
        log = NightLog(folder / "log.sqlite")
        doors = all_doors(Live(Clock()), log, Nights(folder / "nights", folder / "overviews", log))
        with TestClient(build(doors, lambda: PORT), base_url=f"http://127.0.0.1:{PORT}") as client:
            origin, sizes = START.timestamp(), []

            def ask(start: float, end: float) -> None:
                query = f"ch={','.join(TRACES)}&t0={origin + start}&t1={origin + end}&px={PIXELS}"
                sizes.append(len(client.get(f"/api/nights/{NIGHT}/wave?{query}").content))

            print("all curves, in HTTP ", timed(ask, asked))
        print(f"  bytes a curve: at most {max(sizes) / len(TRACES) / 1000:.1f} kB")
        log.close()


if __name__ == "__main__":
    main()
