"""The replay command on synthetic nights of several lengths (1 kHz EMG, 3 x 100 Hz acceleration): time and memory.

Each night is replayed by a process of its own, whose peak memory the kernel counts; beside it stands the ratio to the
first night: 1.00 is flat. What of the time is the detector's, beside one bare band-pass of the same EMG, is
`bench_detector.py`'s to tell.

Run it: ``.venv/bin/python tests/benchmarks/bench_replay.py [HOURS …]``. It prints figures and judges nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path("build/bench")
# Nights that are replayed unless told otherwise, hours.
LENGTHS_H = ("1", "2", "4", "8")
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


def night_of(hours: str) -> Path:
    """Return the recording of a night, made where it is missing."""
    night = FOLDER / f"night-{hours}h.edf"
    if not night.exists():
        crampwatch("simulate", "--hours", hours, "--seed", "1", "--out", str(night))
    return night


def main() -> None:
    """Make the nights where they are missing, and print what their replay takes."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    nights = {hours: night_of(hours) for hours in sys.argv[1:] or LENGTHS_H}
    help_s, _, help_mb = crampwatch("replay", "--help")
    print(f"--help: {help_s:.2f} s, {help_mb:.0f} MB")
    first_mb: float | None = None
    for hours, night in nights.items():
        wall_s, cpu_s, peak_mb = crampwatch(
            "replay", str(night), "--events-dir", str(FOLDER), "--force", "--json"
        )
        first_mb = first_mb or peak_mb
        print(
            f"{hours} h replayed: {wall_s:.1f} s, {cpu_s:.1f} s of CPU, at most {peak_mb:.0f} MB, "
            f"{peak_mb / first_mb:.2f} times the first"
        )


if __name__ == "__main__":
    main()
