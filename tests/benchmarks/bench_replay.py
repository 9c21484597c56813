"""The whole replay command on a synthetic 8-h night (1 kHz EMG, 3 x 100 Hz acceleration): time, start-up, peak memory.

What of it is the detector's, beside one bare band-pass of the same EMG, is `bench_detector.py`'s to tell.

Run it: ``.venv/bin/python tests/benchmarks/bench_replay.py [HOURS]``. It prints figures and judges nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path("build/bench")
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


def main() -> None:
    """Make the night where it is missing, and print what its replay takes."""
    hours = sys.argv[1] if len(sys.argv) > 1 else "8"
    night = FOLDER / f"night-{hours}h.edf"
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not night.exists():
        crampwatch("simulate", "--hours", hours, "--seed", "1", "--out", str(night))
    help_s, _, _ = crampwatch("replay", "--help")
    wall, cpu, peak_mb = crampwatch("replay", str(night), "--events-dir", str(FOLDER), "--force")
    print(
        f"{hours} h replayed: {wall:.1f} s, {cpu:.1f} s of CPU, at most {peak_mb:.0f} MB; --help {help_s:.2f} s"
    )


if __name__ == "__main__":
    main()
