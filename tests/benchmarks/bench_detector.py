"""How fast a night becomes events, beside one bare band-pass of the same EMG; and what a live sensor costs.

Run it: ``.venv/bin/python tests/benchmarks/bench_detector.py``. It prints figures and judges nothing.
Times are those of the processor, so that a busy machine does not show.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from detector.pipeline import Pipeline  # noqa: E402 - found by the line above
from detector.settings import DetectorSettings  # noqa: E402
from detector.types import Contraction  # noqa: E402
from firmware_bridge.recorder import NightRecorder  # noqa: E402
from firmware_bridge.recordings import open_recording  # noqa: E402
from firmware_bridge.samples import SampleBlock  # noqa: E402
from models.synthesis import simulate_night  # noqa: E402

HOURS = 8.0
# A whole file is only being computed on: blocks big enough that calls cost nothing.
REPLAY_BLOCK_S = 1024.0
LIVE_S = 120.0
# Of several turns the least counts: a shared machine's caches and memory make single ones twice as long.
TURNS = 5
# A board's frames, as they come off the wire and are merged.
LIVE_BLOCK_S = 0.05


def write_night(path: Path) -> None:
    """Write a synthetic night with everything in it."""
    night = simulate_night(HOURS, 1, scene="ordinary")
    with NightRecorder(
        path, night.info, recording_id="bench", start=datetime(2026, 5, 2, tzinfo=UTC)
    ) as recorder:
        for item in night.items(60.0):
            recorder.write(item)


def bare(path: Path) -> float:
    """Return the seconds that one 4th-order band-pass of the night's EMG takes, in one call."""
    from scipy import signal

    recording = open_recording(path)
    gain = recording.info.emg_scales[0].gain
    blocks = [item.emg_counts[:, 0] * gain for item in recording.items() if isinstance(item, SampleBlock)]
    emg_uv = np.concatenate(blocks)
    sections = signal.butter(4, [20.0, 450.0], "bandpass", fs=recording.info.emg_rate_hz, output="sos")
    before_s = time.process_time()
    signal.sosfilt(sections, emg_uv)
    return time.process_time() - before_s


def replay(path: Path, *, levels: bool) -> tuple[float, int]:
    """Return the seconds from the file to its events, and how many there were."""
    before_s = time.process_time()
    recording = open_recording(path)
    pipeline = Pipeline(recording.info, DetectorSettings(levels=levels), recording_id=recording.recording_id)
    events = set()
    for item in recording.items(block_s=REPLAY_BLOCK_S):
        events |= {result.id for result in pipeline.feed(item) if isinstance(result, Contraction)}
    events |= {result.id for result in pipeline.finish() if isinstance(result, Contraction)}
    return time.process_time() - before_s, len(events)


def live(path: Path) -> tuple[float, float]:
    """Return the part of a core that a live sensor takes, and the slowest block in ms."""
    recording = open_recording(path)
    pipeline = Pipeline(recording.info, recording_id="live")
    times = []
    for item in recording.items(block_s=LIVE_BLOCK_S):
        if isinstance(item, SampleBlock) and item.first_index >= LIVE_S * recording.info.emg_rate_hz:
            break
        before_s = time.process_time()
        pipeline.feed(item)
        times.append(time.process_time() - before_s)
    return sum(times) / LIVE_S, 1e3 * max(times)


def main() -> None:
    """Print everything."""
    before_s = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(
        [sys.executable, "-c", "from detector.pipeline import load_model; load_model()"],
        cwd=ROOT,
        check=True,
    )
    took_s = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before_s
    print(f"start-up of filter and model: {took_s:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "night.edf"
        write_night(path)
        start_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        for levels in (False, True):
            took_s, events = replay(path, levels=levels)
            print(f"{HOURS:g} h from EDF to {events} events, levels {levels}: {took_s:.2f} s", end="; ")
        end_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory {end_mb:.0f} MB, of which the replay added {end_mb - start_mb:.0f}")
        turns = [(bare(path), replay(path, levels=False)[0]) for _ in range(TURNS)]
        bare_s, took_s = (min(times) for times in zip(*turns, strict=True))
        print(
            f"least of {TURNS} turns in alternation: one bare sosfilt {bare_s:.2f} s, the replay {took_s:.2f} s, "
            f"{took_s / bare_s:.1f} times as long"
        )
        share, slowest_ms = live(path)
        print(f"live at {LIVE_BLOCK_S:g} s a block: {share:.2%} of a core, slowest block {slowest_ms:.1f} ms")


if __name__ == "__main__":
    main()
