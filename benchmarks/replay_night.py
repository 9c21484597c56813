"""Time the replay of a synthetic 8-h night (1 kHz EMG, 3 x 100 Hz acceleration), and its peak memory.

Run by `make bench`. The night is made once and kept in `build/bench`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path("build/bench")
NIGHT = FOLDER / "night.edf"
HOURS = 8
# On Linux the kernel counts a process's peak memory in KiB.
KIB_PER_MB = 1000 * 1000 / 1024


def crampwatch(*arguments: str) -> None:
    """Run the command of the Python that runs this."""
    subprocess.run([sys.executable, "-m", "crampwatch", *arguments], check=True)


def main() -> None:
    """Make the night where it is missing, replay it, print what that took."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not NIGHT.exists():
        crampwatch("simulate", "--hours", str(HOURS), "--seed", "1", "--out", str(NIGHT))
    before_s = time.perf_counter()
    replay = subprocess.Popen(
        [sys.executable, "-m", "crampwatch", "replay", str(NIGHT), "--events-dir", str(FOLDER), "--force"]
    )
    # Not the peak of all children: making the night may have taken more.
    _, status, usage = os.wait4(replay.pid, 0)
    replay.returncode = os.waitstatus_to_exitcode(status)
    took_s = time.perf_counter() - before_s
    if replay.returncode:
        sys.exit(replay.returncode)
    print(f"replayed {HOURS} h in {took_s:.1f} s, at most {usage.ru_maxrss / KIB_PER_MB:.0f} MB")


if __name__ == "__main__":
    main()
