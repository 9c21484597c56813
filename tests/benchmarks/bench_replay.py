"""A synthetic 8-h night (1 kHz EMG, 3 x 100 Hz acceleration) from EDF to events, beside one bare band-pass filter.

The floor is one 4th-order `scipy.signal.sosfilt` over the same EMG. Both are taken in one run, in turn. Start-up (the
imports) and the peak memory of the whole command are measured in a process of their own.

Run it: ``.venv/bin/python tests/benchmarks/bench_replay.py [HOURS]``. It prints figures and judges nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from scipy.signal import butter, sosfilt

from detector.pipeline import Pipeline
from detector.settings import DetectorSettings
from firmware_bridge.recordings import Recording, open_recording
from firmware_bridge.samples import SampleBlock

FOLDER = Path("build/bench")
ROUNDS = 3
# On Linux the kernel counts a process's peak memory in KiB.
KIB_PER_MB = 1000 * 1000 / 1024


def crampwatch(*arguments: str) -> tuple[float, float, float]:
    """Run the command, and return its wall seconds, CPU seconds and peak memory in MB."""
    before_s = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "crampwatch", *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(process.returncode)
    return time.perf_counter() - before_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / KIB_PER_MB


def replay_s(recording: Recording) -> float:
    """Return the CPU seconds from recording to events."""
    before_s = time.process_time()
    pipeline = Pipeline(recording.info, DetectorSettings(levels=False), recording_id="bench")
    for item in recording.items():
        pipeline.feed(item)
    pipeline.finish()
    return time.process_time() - before_s


def floor_s(recording: Recording) -> float:
    """Return the CPU seconds of one bare band-pass of the same EMG."""
    blocks = [item.emg_uv[:, 0] for item in recording.items() if isinstance(item, SampleBlock)]
    emg = np.concatenate(blocks).astype(np.float64)
    sos = butter(4, (20, 450), "bandpass", fs=recording.info.emg_rate_hz, output="sos")
    before_s = time.process_time()
    sosfilt(sos, emg)
    return time.process_time() - before_s


def main() -> None:
    """Make the night where it is missing, and print what its replay takes."""
    hours = sys.argv[1] if len(sys.argv) > 1 else "8"
    night = FOLDER / f"night-{hours}h.edf"
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not night.exists():
        crampwatch("simulate", "--hours", hours, "--seed", "1", "--out", str(night))
    recording = open_recording(night)
    rounds = [(replay_s(recording), floor_s(recording)) for _ in range(ROUNDS)]
    replay, floor = (min(column) for column in zip(*rounds, strict=True))
    print(
        f"{hours} h to events: {replay:.2f} s of CPU; bare band-pass {floor:.2f} s; ratio {replay / floor:.1f}"
    )
    wall, cpu, peak_mb = crampwatch("replay", str(night), "--events-dir", str(FOLDER), "--force")
    print(f"the whole command: {wall:.1f} s, {cpu:.1f} s of CPU, at most {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
